# SPDX-License-Identifier: LGPL-3.0-only
"""An invoice number in the title of an entry: proposed to a person, never reconciled by itself.

Exactly one open invoice or bill must fit: by its number in the title, or by the virtual account, by
the direction of the money, by currency, and by the partner where the entry has one. Two that fit
propose nothing.

The invoices are looked up by the digits of the numbers in the titles: an index of the open ones
alone, so that neither a page of entries nor the filter grows with the number of bills.
"""

import re
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..connection.tables import rows_with
from .bank_operation_rule import BARE_DIGITS, IN_ONE_PIECE

# Letters or digits, so that "FV1/2026" and "FV 1/2026" are the same, and "FV 11/2026" is not.
RUNS = re.compile(r"\d+|[^\W\d_]+")
NUMBERS = ("name", "ref", "payment_reference", "bank_ksef_number")
TYPES = {True: ("out_invoice", "in_refund"), False: ("in_invoice", "out_refund")}
_DIGITS = "btrim(regexp_replace({}, '[^0-9]+', ' ', 'g'))"
# The digits of an open invoice's numbers, and those of its name in one piece, as a virtual account
# has them: the same words in the index and in the question. One expression for all of it, so that
# PostgreSQL has no other way than that index.
DIGITS = (
    "(CASE WHEN state = 'posted' AND payment_state IN ('not_paid', 'partial') AND move_type IN"
    " ('out_invoice', 'out_refund', 'in_invoice', 'in_refund')"
    f" THEN ARRAY[{', '.join(map(_DIGITS.format, NUMBERS))},"
    f" '{IN_ONE_PIECE}' || {BARE_DIGITS.format('name')}] END)"
)
MOST_RUNS = 12  # runs of digits in a number; a KSeF number may have ten
# What the filter looks at. As they are settled, older ones take their places.
LOOKED_AT = 2000


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
        named = waiting._named_invoices()
        for line in self:
            found = line._proposed_invoice(named.get(line, self.env["account.move"]))
            line.bank_proposal_id = found
            line.bank_proposal_residual = found.amount_residual

    @api.model
    def web_search_read(self, domain, *args, **options):
        """What has a proposal is looked for once: a full page is searched again to be counted."""
        domain = Domain(domain)
        if any(one.field_expr == "bank_proposal_id" for one in domain.iter_conditions()):
            domain = domain.optimize_full(self)
        return super().web_search_read(domain, *args, **options)

    def _search_bank_proposal_id(self, operator, value):
        """Of the newest entries that nobody has settled."""
        if operator not in ("in", "not in") or any(value):
            return NotImplemented
        unsettled = Domain("is_reconciled", "=", False) & Domain("payment_ref", "!=", False)
        names = ["payment_ref", "amount", "company_id", "journal_id"]
        lines = self.search_fetch(unsettled, names, order="internal_index desc", limit=LOOKED_AT)
        named = lines._named_invoices()
        # What is read of a line is read for those that name an invoice, not for all.
        lines = self.browse(line.id for line in named)
        lines = lines.filtered(lambda line: line._proposed_invoice(named[line]))
        proposed = self.browse(lines.ids).filtered(lambda line: line._waits_for_invoice()).ids
        return [("id", "not in" if operator == "in" else "in", proposed)]

    def _waits_for_invoice(self):
        """Only what nobody has settled: neither a person, nor an order of ours, nor a rule."""
        _liquidity, suspense, other = self._seek_for_lines()
        return not self.is_reconciled and len(suspense) == 1 and not other

    # -------------------------------------------------------------------------
    # FINDING
    # -------------------------------------------------------------------------

    def _named_invoices(self):
        """{line: open invoices whose number stands in its title}, of the lines that name any."""
        found = {}
        groups = self.grouped(lambda line: (line.company_id, line.amount > 0))
        for (company, incoming), lines in groups.items():
            invoices = lines._open_invoices(company, incoming)
            numbers = defaultdict(set)
            for invoice in invoices:
                for name in NUMBERS:
                    runs = _runs(invoice[name])
                    if _is_telling(runs):
                        numbers[runs].add(invoice.id)
            longest = max(map(len, numbers), default=0)
            for line in lines:
                ids = _named_in(_runs(line.payment_ref), numbers, longest)
                if ids:
                    found[line] = invoices.browse(ids).with_prefetch(invoices.ids)
        for line, invoices in self._collected_invoices().items():
            found[line] = found.get(line, invoices) | invoices
        return found

    def _open_invoices(self, company, incoming):
        """Those that have the digits of a number in the titles."""
        spans = {span for line in self for span in _digit_spans(line.payment_ref)}
        moves = self.env["account.move"]
        return moves.search_fetch(
            Domain("id", "in", [*set().union(*moves._with_digits(spans).values())])
            & Domain("company_id", "=", company.id)
            & Domain("move_type", "in", TYPES[incoming]),
            [*NUMBERS, "currency_id", "commercial_partner_id", "amount_residual"],
        )

    def _proposed_invoice(self, named):
        """The one of the named invoices that fits, or none where none does, or several."""
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

    _bank_digits = models.Index(
        f"USING gin ({DIGITS})"
        # What waits for a clean-up would be read by every question.
        f" WITH (fastupdate = off) WHERE {DIGITS} IS NOT NULL"
    )

    @api.model
    def _with_digits(self, numbers):
        """{digits: ids of the open invoices of any company and kind that have them}."""
        self.flush_model([*NUMBERS, "state", "payment_state", "move_type"])
        return rows_with(self.env, self._table, f"{DIGITS} && ARRAY[sought]", numbers)

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


def _digit_spans(title):
    """The digits of every number that may stand in the title: of “FV 1/2026” “1”, “1 2026” and
    “2026”."""
    runs = re.findall(r"[0-9]+", title or "")
    for start in range(len(runs)):
        for end in range(start + 1, min(start + MOST_RUNS, len(runs)) + 1):
            yield " ".join(runs[start:end])


def _is_telling(runs):
    """False for a number such as “7” that stands in many titles by chance."""
    digits = [run for run in runs if run.isdecimal()]
    if not digits:
        return False
    return len("".join(runs)) >= (3 if len(runs) > 1 else 5)


def _named_in(title, invoices, longest):
    """Ids of the invoices whose number stands in `title`; not of a number inside a longer one."""
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
