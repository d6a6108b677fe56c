"""An invoice number in the title of an entry: proposed to a person, never reconciled by itself.

Exactly one open invoice or bill must fit: by its number in the title, by the direction of the
money, by currency, and by the partner where the entry has one. Two that fit propose nothing.
"""

import re
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

# Letters or digits, so that "FV1/2026" and "FV 1/2026" are the same, and "FV 11/2026" is not.
RUNS = re.compile(r"\d+|[^\W\d_]+")
NUMBERS = ("name", "ref", "payment_reference", "bank_ksef_number")
TYPES = {True: ("out_invoice", "in_refund"), False: ("in_invoice", "out_refund")}
OPEN_STATES = ("not_paid", "partial")


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_proposal_id = fields.Many2one(
        "account.move",
        "Proposed invoice",
        compute="_compute_bank_proposal_id",
        search="_search_bank_proposal_id",
        help="The only open invoice whose number stands in the title. Nothing happens before you "
        "accept it.",
    )
    bank_proposal_residual = fields.Monetary(
        "Open amount", compute="_compute_bank_proposal_id", currency_field="currency_id"
    )

    @api.depends("payment_ref", "is_reconciled", "partner_id", "amount")
    def _compute_bank_proposal_id(self):
        waiting = self.filtered(lambda line: line._waits_for_invoice())
        invoices = {
            (company, incoming): self._open_invoices(company, incoming)
            for company in waiting.company_id
            for incoming in (True, False)
        }
        for line in self:
            found = self.env["account.move"]
            if line in waiting:
                found = line._proposed_invoice(invoices[line.company_id, line.amount > 0])
            line.bank_proposal_id = found
            line.bank_proposal_residual = found.amount_residual

    def _search_bank_proposal_id(self, operator, value):
        if operator not in ("in", "not in") or any(value):
            return NotImplemented
        lines = self.search([("is_reconciled", "=", False), ("payment_ref", "!=", False)])
        proposed = lines.filtered("bank_proposal_id").ids
        return [("id", "not in" if operator == "in" else "in", proposed)]

    def _waits_for_invoice(self):
        """Only what nobody has settled: neither a person, nor an order of ours, nor a rule."""
        _liquidity, suspense, other = self._seek_for_lines()
        return not self.is_reconciled and len(suspense) == 1 and not other

    # -------------------------------------------------------------------------
    # FINDING
    # -------------------------------------------------------------------------

    @api.model
    def _open_invoices(self, company, incoming):
        """{runs of a number: ids of the open invoices that have it}: one query."""
        invoices = self.env["account.move"].search_fetch(
            [
                ("company_id", "=", company.id),
                ("move_type", "in", TYPES[incoming]),
                ("state", "=", "posted"),
                ("payment_state", "in", OPEN_STATES),
            ],
            NUMBERS,
        )
        found = defaultdict(set)
        for invoice in invoices:
            for name in NUMBERS:
                runs = _runs(invoice[name])
                if _is_telling(runs):
                    found[runs].add(invoice.id)
        return found

    def _proposed_invoice(self, invoices):
        """The invoice, or none where the title names none or several."""
        named = self.env["account.move"].browse(_named_in(_runs(self.payment_ref), invoices))
        fitting = named.filtered(
            lambda invoice: (
                invoice.currency_id == (self.foreign_currency_id or self.currency_id)
                and self.partner_id.commercial_partner_id
                in (invoice.commercial_partner_id, self.env["res.partner"])
            )
        )
        return fitting if len(fitting) == 1 else fitting.browse()

    # -------------------------------------------------------------------------
    # ACCEPTING
    # -------------------------------------------------------------------------

    def action_accept_proposal(self):
        """Button: reconcile the entry with the invoice that was proposed."""
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["bank_proposal_id"])
        for line in self:
            invoice = line.bank_proposal_id
            if not invoice:
                raise UserError(
                    self.env._(
                        "Entry “%s”: nothing is proposed (any more). Look at it again.",
                        line.payment_ref,
                    )
                )
            if line.partner_id != invoice.commercial_partner_id:
                line.partner_id = invoice.commercial_partner_id
            line._reconcile_with(invoice._bank_open_items())
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _reconcile_with(self, items):
        """Against open items of one account; can be undone as any reconciliation."""
        self._reconcile_pairs([(self, items)])

    @api.model
    def _reconcile_pairs(self, pairs):
        """[(line, open items of one account)]: each line against its items, all in one go, so
        that Odoo computes what hangs on them once and not for each of a thousand entries."""
        moved, plan = {}, []
        for line, items in pairs:
            _liquidity, suspense, _other = line._seek_for_lines()
            if len(suspense) == 1 and items:
                moved.setdefault(items.account_id, []).append(suspense.id)
                plan.append(items + suspense)
        # Not told line by line in the chatter: what they are reconciled with stands beside them.
        entries = self.env["account.move.line"].with_context(tracking_disable=True)
        for account, suspense_ids in moved.items():
            entries.browse(suspense_ids).account_id = account
        self.env["account.move.line"]._reconcile_plan(plan)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _bank_open_items(self):
        """The unpaid receivable or payable items, the oldest due first."""
        items = self.line_ids.filtered(
            lambda item: (
                item.account_type in ("asset_receivable", "liability_payable")
                and not item.reconciled
            )
        )
        items = items.filtered(lambda item: item.account_id == items[:1].account_id)
        return items.sorted(lambda item: (item.date_maturity or item.date, item.id))


def _runs(text):
    return tuple(RUNS.findall((text or "").casefold()))


def _is_telling(runs):
    """False for a number such as “7” that stands in many titles by chance."""
    digits = [run for run in runs if run.isdecimal()]
    if not digits:
        return False
    return len("".join(runs)) >= (3 if len(runs) > 1 else 5)


def _named_in(title, invoices):
    """Ids of the invoices whose number stands in `title`; not of a number inside a longer one."""
    longest = max(map(len, invoices), default=0)
    spans = {}
    for start in range(len(title)):
        for end in range(start + 1, min(start + longest, len(title)) + 1):
            ids = invoices.get(title[start:end])
            if ids:
                spans[start, end] = ids
    return sorted(
        {
            found
            for (start, end), ids in spans.items()
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in spans)
            for found in ids
        }
    )
