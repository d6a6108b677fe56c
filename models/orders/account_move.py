# SPDX-License-Identifier: LGPL-3.0-only
"""Guards on the entry behind an ordered payment, and what a bill says of its payment."""

from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, clean_context
from odoo.tools.mail import html_to_inner_content

from ...protocol.checks import ksef, mpp
from ...protocol.states import BEFORE, GONE, OPEN, UNDER_WAY
from ..connection.rights import require_right
from . import bank_order_books as books

# What the law wants on an invoice that has to be paid so (article 106e (1)(18a) of the VAT act).
MPP_NOTE = "mechanizm podzielonej płatności"
NOT_EXECUTED = tuple(state for state in GONE if state != "executed")
# Of an item: what the payment moved, and from where to where.
BOOKED = {
    "account_id", "amount_currency", "balance", "credit", "currency_id", "date", "debit",
    "move_id", "partner_id",
}  # fmt: skip
# Of an item: what is open of it. Odoo computes it; stored fields can be written over RPC.
MATCHED = {
    "amount_residual", "amount_residual_currency", "full_reconcile_id", "matched_credit_ids",
    "matched_debit_ids", "matching_number", "reconciled",
}  # fmt: skip
# Of the entry behind a payment.
ENTERED = {"state", "line_ids", "date", "journal_id", "partner_id", "currency_id"}
# Of a bill: what is owed, to whom, and whether it is.
OWED = {
    "amount_residual", "amount_residual_signed", "amount_total", "amount_total_signed",
    "currency_id", "journal_id", "partner_id", "payment_state", "state",
}  # fmt: skip


class AccountMove(models.Model):
    _inherit = "account.move"

    bank_ordered = fields.Boolean(
        "Ordered, not executed",
        compute="_compute_bank_ordered",
        search="_search_bank_ordered",
        help="The payment was given to the bank; no statement has proved yet that it was executed.",
    )
    status_in_payment = fields.Selection(
        selection_add=[("to_send", "To send"), ("ordered", "Ordered")]
    )
    bank_order_count = fields.Integer(compute="_compute_bank_order_count")
    bank_split_payment = fields.Boolean(
        "Split payment",
        compute="_compute_bank_split_payment",
        store=True,
        readonly=False,
        help="This bill is to be paid by split payment (MPP). Proposed from the supplier's card, "
        "and from a note on the bill that says so.",
    )
    bank_ksef_number = fields.Char(
        "KSeF number", copy=False, help="Written into the title of the transfer."
    )
    bank_ksef_reason = fields.Char(
        "Why no KSeF number",
        copy=False,
        help="For example: issued while KSeF was out of order.",
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("partner_id", "narration")
    def _compute_bank_split_payment(self):
        for move in self:
            # However the editor broke, joined or dressed the words.
            note = " ".join(html_to_inner_content(move.narration or "").casefold().split())
            cards = move.partner_id | move.commercial_partner_id
            move.bank_split_payment = move.is_purchase_document(include_receipts=True) and (
                any(cards.mapped("bank_split_payment")) or MPP_NOTE in note
            )

    def _compute_bank_ordered(self):
        ordered = self._bank_ordered_states(NOT_EXECUTED)
        for move in self:
            move.bank_ordered = bool(ordered.get(move.id))

    def _bank_ordered_states(self, among):
        """{bill id: the states of its orders that are in one of these}, one question for all."""
        states = {}
        for order in books.orders_of_bills(self, among):
            for key in order.bills:
                states.setdefault(int(key), set()).add(order.bank_state)
        return states

    def _search_bank_ordered(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        self.env["bank.order"].flush_model(["bank_state", "bills"])
        query = SQL(
            "SELECT jsonb_object_keys(bills)::int FROM bank_order WHERE bank_state IN %s",
            NOT_EXECUTED,
        )
        ordered = [row[0] for row in self.env.execute_query(query)]
        return [("id", "in" if (operator == "in") == (True in value) else "not in", ordered)]

    @api.depends("payment_state", "state", "is_move_sent")
    def _compute_status_in_payment(self):
        """Not paid in green before the statement has shown that the money left."""
        result = super()._compute_status_in_payment()
        paid = self.filtered(lambda move: move.status_in_payment in ("paid", "in_payment"))
        for move_id, states in paid._bank_ordered_states(UNDER_WAY).items():
            move = self.browse(move_id)
            if move not in paid:
                continue
            if states & {*OPEN}:
                move.status_in_payment = "to_send"
            else:
                accepted = states <= {"accepted", "paused"}
                move.status_in_payment = "in_payment" if accepted else "ordered"
        paid._bank_not_sent().status_in_payment = "to_send"
        return result

    def _bank_not_sent(self):
        """Those of which a payment was registered to be sent, and is in no order yet."""
        if not self.ids:
            return self
        payments = self.env["account.payment"].sudo()
        waiting = payments._search(payments._to_send_domain())
        self.env["account.partial.reconcile"].flush_model()
        query = SQL(
            """
            SELECT DISTINCT theirs.move_id
              FROM account_move_line theirs
              JOIN account_partial_reconcile part ON part.credit_move_id = theirs.id
              JOIN account_move_line ours ON ours.id = part.debit_move_id
             WHERE theirs.move_id IN %s AND ours.move_id IN %s
            """,
            tuple(self.ids),
            waiting.subselect("account_payment.move_id"),
        )
        return self.browse(row[0] for row in self.env.execute_query(query))

    def _compute_bank_order_count(self):
        for move in self:
            move.bank_order_count = len(move._bank_orders())

    # -------------------------------------------------------------------------
    # GUARDS
    # -------------------------------------------------------------------------

    def button_draft(self):
        self._refuse_when_ordered()
        return super().button_draft()

    def button_cancel(self):
        self._refuse_when_ordered()
        return super().button_cancel()

    def write(self, vals):
        if ENTERED & vals.keys():
            self._refuse_when_payment_ordered(None)
        if OWED & vals.keys():
            self._refuse_when_bill_ordered(UNDER_WAY)
        return super().write(vals)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A credit note takes back what an order is about to pay; later it stands for itself."""
        self._refuse_when_payment_ordered(UNDER_WAY)
        self._refuse_when_bill_ordered(UNDER_WAY if cancel else BEFORE)
        return super()._reverse_moves(default_values_list, cancel)

    def _post(self, soft=True):
        self.reversed_entry_id._refuse_when_payment_ordered(UNDER_WAY)
        self.reversed_entry_id._refuse_when_bill_ordered(BEFORE)
        return super()._post(soft)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_ordered(self):
        self._refuse_when_ordered()

    def _refuse_when_ordered(self):
        self._refuse_when_payment_ordered(None)
        self._refuse_when_bill_ordered(UNDER_WAY)

    def _refuse_when_payment_ordered(self, states):
        """Of entries. In sudo only our own undoing comes here: see `bank.order._undo_books`."""
        if not self.env.su:
            self.sudo().origin_payment_id._refuse_when_ordered(states)

    def _refuse_when_bill_ordered(self, states):
        order = not self.env.su and books.orders_of_bills(self, states)[:1]
        if order:
            bill = self.sudo() & books.bill_moves(order)
            books.refuse_parting(order, self.env._("Bill %s", bill[:1].name))

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _bank_take_back(self):
        """As if this entry had not been: cancelled or, in a closed period, reversed."""
        self.line_ids.remove_move_reconcile()
        if self.state != "posted":
            return
        day = self._bank_first_open_day()
        if day == self.date and not self.inalterable_hash:
            self.button_cancel()
            return
        # The day is chosen here: Odoo would move an entry of a closed period without a word.
        words = self.env._("Reversal of: %s", self.name)
        self._reverse_moves([{"date": day, "ref": words}], cancel=True)
        if any(item.account_id.reconcile and not item.reconciled for item in self.line_ids):
            raise UserError(self.env._("The reversal of %s was not reconciled with it.", self.name))

    def _bank_first_open_day(self):
        """The entry's own day, or the first one after it on which the books are open."""
        day, taxed = self.date, self._affect_tax_report()
        while locks := self._get_violated_lock_dates(day, taxed):
            day = locks[-1][0] + timedelta(days=1)
        return day

    def _bank_payments(self):
        """The payments of these bills, whoever may see them."""
        bills = self.sudo()
        return bills.matched_payment_ids | bills._get_reconciled_payments()

    def _bank_orders(self):
        """The orders of this bill's payments, as far as the user may see them."""
        orders = self._bank_payments().bank_order_ids.with_env(self.env)
        return orders if self.env.su else orders._filtered_access("read")

    def action_bank_orders(self):
        self.ensure_one()
        return self._bank_orders()._get_records_action(name=self.env._("Payment orders"))

    def action_pay_and_send(self):
        """Button: the look-over of what these bills owe, and from there to the bank."""
        require_right(self.env, "operator")
        bills = self.filtered(lambda move: move.state == "posted" and move.is_outbound())
        items = bills.line_ids.filtered(
            lambda item: item.account_type == "liability_payable" and not item.reconciled
        )
        if not items:
            raise UserError(self.env._("Nothing is open of these bills."))
        # Without the list's own defaults, such as the journal of its bills.
        wizards = self.env["bank.send"].with_context(clean_context(self.env.context))
        return wizards.create({"item_ids": [(6, 0, items.ids)]})._open()

    def action_send_registered(self):
        """Button: what was registered goes on to the bank, from where it stands."""
        payments = self._bank_payments().with_env(self.env)
        waiting = payments.filtered_domain(payments._to_send_domain())
        if waiting:
            return waiting.action_send_to_bank()
        return payments.bank_order_id.package_id._get_records_action()

    def _bank_credit_notes(self):
        """The credit notes that were matched with these bills."""
        moves = self.line_ids.matched_debit_ids.debit_move_id.move_id
        return moves.filtered(lambda move: move.move_type == "in_refund")

    def _bank_ksef(self):
        """Its KSeF number, as KSeF writes it, or empty."""
        number = self.bank_ksef_number
        if not number and "l10n_pl_edi_number" in self._fields:
            number = self.l10n_pl_edi_number
        return ksef.tidy(number or "")

    def _mpp_number(self):
        """A number of KSeF 1.0 is too long by a letter, and any other text is none: such a bill
        goes by its own."""
        number = self._bank_ksef()
        is_long = ksef.is_valid(number) and len(number) > mpp.LIMITS["vat_invoice"]
        if is_long or not (ksef.is_number(number) or ksef.mistake_in(number)):
            number = ""
        return number or self.ref or self.name

    def _mpp_invoice(self, payment, together, currency):
        """This bill as a split payment needs it, in `currency`: its own, or PLN at its own rate; a
        credit note's amounts are below zero.

        `together`: the bills and credit notes of the payment. What they took of each other, and
        what `payment` and later ones have paid already, counts as if it were still open.
        """
        others, own = together | payment.move_id, payment._origin.id
        by_debit = self.line_ids.matched_debit_ids.filtered(
            lambda part: (
                (move := part.debit_move_id.move_id) in others
                or (own and move.sudo().origin_payment_id.id > own)
            )
        )
        by_credit = self.line_ids.matched_credit_ids.filtered(
            lambda part: part.credit_move_id.move_id in others
        )
        matched = sum(by_debit.mapped("credit_amount_currency"))
        matched -= sum(by_credit.mapped("debit_amount_currency"))
        owed = Decimal(f"{matched + self.amount_residual * self.direction_sign:.3f}")
        in_pln = Decimal(f"{-self.amount_total_signed:.2f}")
        total = Decimal(f"{self.amount_total * self.direction_sign:.3f}")
        gross = total if self.currency_id == currency else in_pln
        return mpp.Invoice(
            record=self.name,
            vat_tax_id=mpp.plain_tax_id(self.commercial_partner_id.vat or ""),
            number=self._mpp_number(),
            issued_on=self.invoice_date,
            gross=gross,
            vat=Decimal(f"{-self.amount_tax_signed:.2f}"),
            owed=gross * owed / total if total else Decimal(),
            corrects=self.reversed_entry_id.name or "",
            rate=in_pln / gross if gross else Decimal(1),
        )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if not self.env.su and (BOOKED | MATCHED) & vals.keys():
            moves = self.sudo().filtered(lambda item: item.parent_state == "posted").move_id
            moves.with_env(self.env)._refuse_when_payment_ordered(None)
            self._owed_items().move_id._refuse_when_bill_ordered(UNDER_WAY)
        return super().write(vals)

    def _owed_items(self):
        """Posted ones of which something is owed; the others of a bill may be put elsewhere."""
        owed = self.sudo().filtered(
            lambda item: (
                item.parent_state == "posted"
                and item.account_type in ("liability_payable", "asset_receivable")
            )
        )
        return owed.with_env(self.env)
