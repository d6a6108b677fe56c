# SPDX-License-Identifier: LGPL-3.0-only
"""Match an entry with open items, or book it against an account."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..models.connection.tables import amount_in
from ..models.statements.bank_operation_rule import KINDS

SHOWN = 40  # candidates at a time; the search narrows them
# How charts of accounts call them.
NAMES = {"fee": ("bank", "prowizj", "комисси"), "interest": ("interest", "odset", "процент")}
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


class BankMatch(models.TransientModel):
    _name = "bank.match"
    _description = "Match an entry"

    line_id = fields.Many2one("account.bank.statement.line", required=True, readonly=True)
    company_id = fields.Many2one(related="line_id.company_id")
    currency_id = fields.Many2one("res.currency", readonly=True)
    payment_ref = fields.Char(related="line_id.payment_ref")
    amount = fields.Monetary(readonly=True)
    partner_id = fields.Many2one("res.partner")
    search_text = fields.Char("Search", help="A number, a name, or a sum.")
    row_ids = fields.One2many("bank.match.row", "wizard_id")
    rest = fields.Monetary("Left over", compute="_compute_rest")
    rest_account_id = fields.Many2one(
        "account.account", "The rest to", check_company=True, help="Empty: the rest waits on."
    )
    rest_label = fields.Char("Label of the rest")
    lacking = fields.Monetary("Stays open", compute="_compute_rest")

    @api.model
    def _open_for(self, line):
        suspense = line._open_suspense()
        wizard = self.create(
            {
                "line_id": line.id,
                "currency_id": suspense.currency_id.id,
                "amount": -suspense.amount_currency,
                "partner_id": line.partner_id.id,
            }
        )
        wizard.row_ids = wizard._rows()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Match"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    @api.onchange("search_text", "partner_id")
    def _onchange_search(self):
        self.row_ids = self._rows()

    def _rows(self):
        """Commands: what is ticked stays, the others are what the search finds."""
        ticked = self.row_ids.filtered("chosen").item_id._origin
        items = ticked | self._candidates()
        return [
            Command.clear(),
            *(
                Command.create({"item_id": item.id, "chosen": item in ticked})
                for item in items[: SHOWN + len(ticked)]
            ),
        ]

    def _candidates(self):
        """Open items in the entry's currency: those of the invoice that its title names, those of
        its very sum, then the oldest due."""
        domain = Domain(
            [
                ("company_id", "=", self.line_id.company_id.id),
                ("parent_state", "=", "posted"),
                ("account_type", "in", ("asset_receivable", "liability_payable")),
                ("reconciled", "=", False),
                ("currency_id", "=", self.currency_id.id),
            ]
        )
        if self.partner_id:
            domain &= Domain("partner_id", "child_of", self.partner_id.commercial_partner_id.id)
        text = (self.search_text or "").strip()
        if text:
            found = Domain.OR(
                [(name, "ilike", text)]
                for name in ("move_id.name", "move_id.ref", "partner_id.name", "name")
            )
            if (amount := amount_in(text)) is not None:
                found |= Domain("amount_residual_currency", "in", (amount, -amount))
            domain &= found
        named = self.line_id.bank_proposal_id._bank_open_items().filtered_domain(domain)
        items = self.env["account.move.line"].search(domain, order="date_maturity, id", limit=500)
        return (named | items).sorted(
            lambda item: (
                item not in named,
                item.amount_residual_currency * self.amount < 0,
                self.currency_id.compare_amounts(item.amount_residual_currency, self.amount) != 0,
            )
        )

    @api.depends("row_ids.chosen", "amount")
    def _compute_rest(self):
        for wizard in self:
            chosen = wizard.row_ids.filtered("chosen")
            rest = wizard.amount - sum(chosen.mapped("residual"))
            # More is chosen than was paid: the last of it is paid in part.
            wizard.rest = rest if rest * wizard.amount > 0 else 0
            wizard.lacking = abs(rest) if rest * wizard.amount < 0 else 0

    def action_match(self):
        """Button: matched with what is ticked."""
        self.ensure_one()
        items = self.row_ids.filtered("chosen").item_id
        if not items:
            raise UserError(self.env._("Choose what this entry pays."))
        self.line_id._match_items(items, self.rest_account_id, self.rest_label)
        return RELOAD


class BankMatchRow(models.TransientModel):
    _name = "bank.match.row"
    _description = "An open item that an entry may pay"

    wizard_id = fields.Many2one("bank.match", ondelete="cascade", index=True)
    item_id = fields.Many2one("account.move.line", required=True)
    chosen = fields.Boolean("Pays this")
    move_id = fields.Many2one(related="item_id.move_id", string="Document")
    ref = fields.Char(related="item_id.move_id.ref", string="Their number")
    partner_id = fields.Many2one(related="item_id.partner_id")
    date_maturity = fields.Date(related="item_id.date_maturity", string="Due date")
    residual = fields.Monetary(related="item_id.amount_residual_currency", string="Still open")
    currency_id = fields.Many2one(related="item_id.currency_id")


class BankBook(models.TransientModel):
    _name = "bank.book"
    _description = "Book entries against an account"

    line_ids = fields.Many2many("account.bank.statement.line", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    about = fields.Char("Entries", compute="_compute_about")
    kind = fields.Selection(KINDS, "Book as", required=True, default="other")
    account_id = fields.Many2one(
        "account.account",
        "Counterpart account",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        check_company=True,
    )
    bank_code = fields.Char(readonly=True)
    may_make_rule = fields.Boolean(compute="_compute_may_make_rule")
    make_rule = fields.Boolean("Always, for this operation code")

    @api.model
    def _open_for(self, lines):
        codes = set(lines.mapped("transaction_type"))
        wizard = self.create(
            {
                "line_ids": [(6, 0, lines.ids)],
                "company_id": lines.company_id[:1].id,
                "kind": lines[:1].bank_operation_kind or "fee",
                "bank_code": codes.pop() if len(codes) == 1 else False,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Book as"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.depends("line_ids")
    def _compute_about(self):
        """What is booked: on a phone the dialog covers the list."""
        for wizard in self:
            lines = wizard.line_ids
            what = lines.payment_ref if len(lines) == 1 else self.env._("Entries: %s", len(lines))
            sums = [
                currency.format(sum(group.mapped("amount")))
                for currency, group in lines.grouped("currency_id").items()
            ]
            wizard.about = " · ".join([what or "", *sums])

    @api.depends("kind", "line_ids")
    def _compute_account_id(self):
        """Where such an entry went the last time; before that, the chart's account of that name."""
        for wizard in self:
            company = wizard.line_ids.company_id[:1]
            if wizard.kind == "own":
                wizard.account_id = company.transfer_account_id
            else:
                before = wizard._booked_before()[:1].account_id
                wizard.account_id = before or wizard._account_by_name()

    def _account_by_name(self):
        accounts = self.env["account.account"]
        types = {"fee": ("expense",), "interest": ("income_other", "expense")}.get(self.kind)
        if not types:
            return accounts
        named = Domain.OR([("name", "ilike", word)] for word in NAMES[self.kind])
        own = Domain("company_ids", "in", self.company_id.id) & Domain("account_type", "in", types)
        return accounts.search(own & named, limit=1)

    def _booked_before(self):
        """The counterparts of earlier entries that were booked in this way, the latest first."""
        lines = self.env["account.bank.statement.line"].search(
            [
                ("journal_id", "in", self.line_ids.journal_id.ids),
                ("bank_booked_as", "=", self.kind),
                ("is_reconciled", "=", True),
            ],
            order="id desc",
            limit=20,
        )
        return lines.move_id.line_ids.filtered(
            lambda item: item.account_id != item.journal_id.default_account_id
        ).sorted("id", reverse=True)

    @api.depends("account_id", "kind")
    def _compute_may_make_rule(self):
        """Offered from the second time on, to those who may make rules."""
        allowed = self.env["bank.operation.rule"].has_access("create")
        for wizard in self:
            before = wizard._booked_before().filtered(
                lambda item, own=wizard.account_id: item.account_id == own
            )
            wizard.may_make_rule = bool(allowed and wizard.bank_code and before)

    def action_book(self):
        """Button: all of them against the account."""
        self.ensure_one()
        if not self.account_id:
            raise UserError(self.env._("Choose an account."))
        self.line_ids._book_as(self.account_id)
        self.line_ids.bank_booked_as = self.kind
        if self.make_rule and self.may_make_rule:
            kinds = dict(self._fields["kind"]._description_selection(self.env))
            for journal in self.line_ids.journal_id:
                self.env["bank.operation.rule"].create(
                    {
                        "name": kinds[self.kind],
                        "journal_id": journal.id,
                        "bank_code": self.bank_code,
                        "kind": self.kind,
                        "account_id": self.account_id.id,
                    }
                )
        return RELOAD
