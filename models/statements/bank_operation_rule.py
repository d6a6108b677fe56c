# SPDX-License-Identifier: LGPL-3.0-only
"""What a bank's own operation code means, and which account such an entry goes to.

A fee inside a converted entry goes there, too. And whose a virtual account is, by the rule of the
journal (see protocol/collect.py).
"""

import re
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...protocol import collect
from ...protocol.errors import Invalid
from ..connection.res_bank import CHANNELS
from ..connection.tables import rows_with
from ..connection.words import explain

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

# The digits of a column, without zeros before them: the same words in the index and the question.
BARE_DIGITS = "ltrim(regexp_replace({}, '[^0-9]+', '', 'g'), '0')"
IN_ONE_PIECE = "="  # before an invoice's digits in the index of open ones


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


def _number(text):
    """The number in what a bank says of money: “20,00 PLN”; 0 where there is none."""
    found = re.search(r"[0-9]+(?:[.,][0-9]+)?", text or "")
    return float(found[0].replace(",", ".")) if found else 0.0


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

    # -------------------------------------------------------------------------
    # VIRTUAL ACCOUNTS
    # -------------------------------------------------------------------------

    bank_collect_rule = fields.Char(
        "Virtual accounts",
        help="How the ids of your customers' virtual accounts (mBank Collect) are made: XX{ref:12} "
        "is XX and twelve digits of the customer's reference. Beside ref there are nip (tax id), "
        "id (number of the contact in Odoo) and invoice (digits of the invoice number). A ? is "
        "any character. An entry on such an account belongs to that customer.",
    )

    @api.constrains("bank_collect_rule")
    def _check_bank_collect_rule(self):
        for journal in self.filtered("bank_collect_rule"):
            try:
                collect.pattern(journal.bank_collect_rule)
            except Invalid as error:
                raise ValidationError(explain(self.env, error)) from None

    def _collected(self, details):
        """{part: digits} of the virtual account that the entry with these details came to."""
        details = details or {}
        said = details.get("collect_id") or details.get("payee_account")
        rule = self.bank_collect_rule
        return collect.read(rule, said) if rule and said else {}

    def _collect_marks(self, entry):
        return tuple(self._collected(entry.details).items()) if entry.amount > 0 else ()

    def _partners_by_collect(self, marks):
        """{mark: ids of the companies, or single persons, that all its parts name}."""
        wanted = defaultdict(set)
        for mark in marks:
            for part, digits in mark:
                wanted[part].add(digits)
        ways = {
            "ref": self._partners_by_reference,
            "id": self._partners_by_id,
            "nip": self._partners_by_tax_id,
            "invoice": self._partners_by_invoice,
        }
        known = {part: ways[part](digits) for part, digits in wanted.items()}
        partners = self.env["res.partner"]

        def meant_by(part, digits):
            ids = known[part].get(digits, ())
            return set(partners.browse(ids).commercial_partner_id.ids)

        return {mark: set.intersection(*(meant_by(*part) for part in mark)) for mark in marks}

    def _partners_by_reference(self, numbers):
        partners = self.env["res.partner"]
        partners.flush_model(["ref"])
        condition = f"ref IS NOT NULL AND {BARE_DIGITS.format('ref')} = sought"
        found = rows_with(self.env, partners._table, condition, numbers)
        known = self._partners_known(set().union(*found.values()))
        return {digits: ids & known for digits, ids in found.items()}

    def _partners_by_id(self, numbers):
        known = self._partners_known(int(digits) for digits in numbers if len(digits) < 10)
        return {str(partner): {partner} for partner in known}

    def _partners_known(self, ids):
        """Of these ids those of partners in use that this company may see."""
        domain = Domain("id", "in", list(ids)) & self._of_company()
        return set(self.env["res.partner"].search(domain, order="id").ids)

    def _partners_by_invoice(self, numbers):
        invoices = self._invoices_with(numbers)
        return {digits: set(found.commercial_partner_id.ids) for digits, found in invoices.items()}

    def _invoices_with(self, numbers):
        """{digits: our open invoices whose numbers have them}."""
        if not numbers:
            return {}
        moves = self.env["account.move"]
        marks = {digits: f"{IN_ONE_PIECE}{digits}" for digits in numbers}
        found = moves._with_digits(marks.values())
        every = moves.search(
            [
                ("id", "in", [*set().union(*found.values())]),
                ("company_id", "=", self.company_id.id),
                ("move_type", "=", "out_invoice"),
            ]
        )
        return {
            digits: every.filtered(lambda move, ids=found[mark]: move.id in ids)
            for digits, mark in marks.items()
        }


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_operation_kind = fields.Selection(
        KINDS, "Operation", readonly=True, copy=False, help="From the bank's operation code."
    )

    def _book_fee_inside(self, original):
        """What the bank took in the entry beside `original` at its rate goes to the account of the
        journal's rules for fees: else Odoo would take it for a difference of rates.

        Only where rate and fee make the amount to the grosz, and the account is in the company's
        currency.
        """
        said = self.transaction_details or {}
        fee, rate = (_number(said.get(name)) for name in ("fee_amount", "exchange_rate"))
        company = self.company_currency_id
        rules = self.journal_id._operation_rules().filtered("account_id")
        account = rules.filtered(lambda rule: rule.kind == "fee")[:1].account_id
        if not (fee and account and self.amount < 0 and self.currency_id == company) or (
            company.compare_amounts(company.round(original * rate) + fee, -self.amount)
        ):
            return
        suspense = self._open_suspense()
        vals = {
            "account_id": account.id,
            "name": self.env._("Bank fee"),
            "currency_id": company.id,
            "amount_currency": fee,
            "balance": fee,
        }
        entry = self.move_id.with_context(force_delete=True, skip_readonly_check=True)
        rest = {"balance": suspense.balance - fee}
        entry.write({"line_ids": [(1, suspense.id, rest), (0, 0, vals)]})

    def _collected_invoices(self):
        """{line: open invoices that its virtual account means}: those that the id names, else those
        over this very amount; of the one customer that the id names, as the rule is now."""
        collecting = self.filtered(
            lambda line: line.amount > 0 and line.journal_id.bank_collect_rule
        )
        found = {}
        for journal, lines in collecting.grouped("journal_id").items():
            parts = {line: journal._collected(line.transaction_details) for line in lines}
            named = journal._invoices_with(
                {said["invoice"] for said in parts.values() if "invoice" in said}
            )
            marks = {line: tuple(said.items()) for line, said in parts.items() if said}
            meant = journal._partners_by_collect(set(marks.values()))
            whole = self.browse([line.id for line in marks])
            of_partner = whole._open_invoices_of_partners()
            for line in whole:
                number, partner = parts[line].get("invoice"), line.partner_id.commercial_partner_id
                if partner and meant[marks[line]] == {partner.id}:
                    theirs = of_partner.get(partner)
                    found[line] = named.get(number) if number else line._over_its_amount(theirs)
        return {line: invoices for line, invoices in found.items() if invoices}

    def _open_invoices_of_partners(self):
        invoices = self.env["account.move"].search(
            [
                ("commercial_partner_id", "in", self.partner_id.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
            ]
        )
        return invoices.grouped("commercial_partner_id")

    def _over_its_amount(self, invoices):
        return invoices and invoices.filtered(
            lambda invoice: (
                invoice.company_id == self.company_id
                and not self.currency_id.compare_amounts(invoice.amount_residual, self.amount)
            )
        )
