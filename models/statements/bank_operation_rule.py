# SPDX-License-Identifier: LGPL-3.0-only
"""What a bank's own operation code means, and which account such an entry goes to."""

from odoo import api, fields, models

from ..connection.res_bank import CHANNELS

KINDS = [
    ("own", "Own transfer"),
    ("fee", "Bank fee"),
    ("interest", "Interest"),
    ("tax", "Tax"),
    ("zus", "Social insurance"),
    ("mpp", "Split payment: VAT leg"),
    ("other", "Other"),
]
# What the standards themselves say, where nobody has made a rule: MT940's type of an entry, and
# the sub-family of ISO 20022's bank transaction code.
STANDARD = {
    "swift_code": {"NCHG": "fee", "NCOM": "fee", "NINT": "interest"},
    "code_sub_family": {"CHRG": "fee", "FEES": "fee", "COMM": "fee", "INTR": "interest"},
}


class BankOperationRule(models.Model):
    _name = "bank.operation.rule"
    _description = "Meaning of a bank's operation code"
    _order = "journal_id, sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char("Description", required=True, translate=True)
    bank_channel = fields.Selection(CHANNELS, "Web service", help="Empty: any bank.")
    journal_id = fields.Many2one(
        "account.journal",
        domain=[("type", "=", "bank")],
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: the meaning of the code in every journal of this bank.",
    )
    company_id = fields.Many2one(related="journal_id.company_id", store=True)
    bank_code = fields.Char("Code at the bank", required=True)
    kind = fields.Selection(KINDS, required=True, default="other")
    account_id = fields.Many2one(
        "account.account",
        "Counterpart account",
        check_company=True,
        ondelete="restrict",
        help="Entries with this code are booked against this account at once. Empty: they wait "
        "on the suspense account. An own transfer goes to the company's transfer account.",
    )
    active = fields.Boolean(default=True)

    _check_company_auto = True

    @api.depends("bank_code", "name")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = f"{rule.bank_code} {rule.name}"

    def _prepare_line_vals(self, journal, entry, own_accounts):
        """Values of the statement line that the rules of `journal` give for this entry.

        The journal's own rules come before those of the bank. `own_accounts`: see
        `account.journal._own_account_keys`.
        """
        rules = [rule for rule in self if rule.bank_code == entry.bank_code]
        rule = next((one for one in rules if one.journal_id), None) or next(iter(rules), None)
        number = journal.bank_account_id._number_key(entry.counterparty_account)
        own = number in own_accounts
        kind = rule.kind if rule else ("own" if own else _standard_kind(entry))
        if own and "vat_amount" in entry.details and not (rule and rule.journal_id):
            kind = "mpp"
        account = rule.account_id if rule else self.env["account.account"]
        if kind == "own" and own and not account:
            account = journal.company_id.transfer_account_id
        values = {"bank_operation_kind": kind}
        return {**values, "counterpart_account_id": account.id} if account else values


def _standard_kind(entry):
    found = (kinds.get(entry.details.get(name)) for name, kinds in STANDARD.items())
    return next(filter(None, found), False)


class AccountJournal(models.Model):
    _inherit = "account.journal"

    bank_operation_rule_ids = fields.One2many("bank.operation.rule", "journal_id")

    def _operation_rules(self):
        """The rules that hold in this journal; codes mean what this bank says."""
        channel = self.bank_account_id.bank_id.sudo().bank_channel
        rules = (
            self.env["bank.operation.rule"]
            .sudo()
            .search(
                [
                    ("journal_id", "in", (False, self.id)),
                    ("bank_channel", "in", (False, channel)),
                ]
            )
        )
        rules.fetch(["bank_code", "kind", "account_id", "journal_id"])
        return rules

    def _own_account_keys(self):
        """The numbers of the company's own bank accounts."""
        journals = self.sudo().search(
            [("company_id", "=", self.company_id.id), ("bank_account_id", "!=", False)]
        )
        accounts = journals.bank_account_id
        return {account._number_key(account.sanitized_acc_number) for account in accounts} - {""}

    def action_copy_operation_rules(self):
        """Button: the bank's usual codes as rules of this journal, to give them accounts."""
        self.ensure_one()
        known = set(self.bank_operation_rule_ids.mapped("bank_code"))
        for rule in self._operation_rules().filtered(lambda one: not one.journal_id):
            if rule.bank_code not in known:
                rule.copy({"journal_id": self.id})


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_operation_kind = fields.Selection(
        KINDS, "Operation", readonly=True, copy=False, help="From the bank's operation code."
    )
