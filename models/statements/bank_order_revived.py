"""An order that was given up, and that the bank executed all the same.

Its payment and entry stand again and settle the bill. Where the bill has a second payment by now,
that one is stopped while it is still here; when it is gone, a person is told.
"""

from ..connection.account_journal import METHOD
from ..orders.bank_order_books import bill_moves, open_amount, open_items
from ..orders.states import OPEN


class Revival:
    """Brings back what a refusal had undone of an order's payment."""

    def __init__(self, order):
        self.order, self.env = order, order.env

    def payment(self):
        """Payment, entry and bills as before they were undone."""
        if self.order.payment_id.sudo().state not in ("in_process", "paid"):
            self.stand_entry()
            self.pay_bills()

    def stand_entry(self):
        """The payment's entry is posted again, without its bills; one that stands is left."""
        payment = self.order.payment_id.sudo()
        move = payment.move_id
        # What a closed period had reversed instead of cancelled.
        for reversal in move.reversal_move_ids.filtered(lambda one: one.state == "posted"):
            if _matches(move, reversal):
                reversal._bank_take_back()
        if move.state == "cancel":
            move.button_draft()
        if move.state == "draft":
            day = move._bank_first_open_day()
            if day != move.date:
                move.date = day
            move._post(soft=False)
        if payment.state not in ("in_process", "paid"):
            payment.state = "in_process"

    def pay_bills(self):
        """The payment settles its bills again, each that is open by what it paid of it."""
        _outstanding, item = self.order._own_items()
        if not item or item.reconciled:
            return
        items = item.browse()
        self._stop_copies()
        for bill in bill_moves(self.order).exists() or self.order.payment_id.sudo().invoice_ids:
            if not self._is_open_for(bill):
                self._stop_other_payments(bill)
            if self._is_open_for(bill):
                items |= open_items(self.order, bill)
            else:
                self._ask_of(bill.name)
        (item | items.filtered(lambda one: one.account_id == item.account_id)).reconcile()

    def _is_open_for(self, bill):
        """Whether the bill is open by what this order paid of it."""
        owed = float((self.order.bills or {}).get(str(bill.id)) or 0)
        if bill.currency_id != self.order.currency_id or not owed:
            owed = bill.currency_id.rounding
        return bill.state == "posted" and (
            bill.currency_id.compare_amounts(open_amount(self.order, bill), owed) >= 0
        )

    def _stop_other_payments(self, bill):
        """Payments of the bill that were begun since, and that the bank has not got."""
        payments = bill._bank_payments() - self.order.payment_id
        if not bill.is_invoice(include_receipts=True):
            # The payroll pays others, too.
            payee = self.order.partner_id.commercial_partner_id
            payments = payments.filtered(
                lambda payment: payment.partner_id.commercial_partner_id == payee
            )
        for payment in payments.filtered(lambda one: one.state == "in_process"):
            self._stop_payment(payment, bill.name)

    def _stop_copies(self):
        """Copies of a payment without a bill: nothing else says that they pay the same."""
        payment = self.order.payment_id.sudo()
        while payment := payment.bank_corrected_by_ids:
            for copy in payment.filtered(lambda one: one.state in ("draft", "in_process", "paid")):
                if not self._stop_payment(copy, self.order.payment_id.name):
                    self._ask_of(copy.name)

    def _stop_payment(self, payment, what):
        """Gives up a payment that the bank has not got; False where it may have it."""
        words = self.env._(
            "Stopped: %(bill)s was paid by the payment order %(order)s, which the bank "
            "executed after it had been given up.",
            bill=what,
            order=self.order.name,
        )
        other = payment.bank_order_id
        if payment.payment_method_code != METHOD or payment.state == "paid":
            return False
        if other and not stop_order(other, words):
            return False
        if payment.state == "draft":
            payment.action_cancel()
        elif payment.state != "canceled":
            payment.move_id._bank_take_back()
            payment.state = "canceled"
        payment.message_post(body=words)
        return True

    def _ask_of(self, name):
        self.order._ask_person(
            self.env._("Paid twice?"),
            self.env._(
                "Payment order %(order)s was executed after it was given up, and its bill "
                "%(bill)s is paid by something else already.",
                order=self.order.name,
                bill=name,
            ),
        )


def _matches(move, other):
    partials = move.line_ids.matched_debit_ids | move.line_ids.matched_credit_ids
    return other in (partials.debit_move_id | partials.credit_move_id).move_id


def stop_order(order, words):
    """Gives an order up with its package; False where the bank may have it."""
    package = order.package_id
    if order.bank_state not in (*OPEN, "to_send"):
        return False
    if not package:
        order._set_state("cancelled", bank_reason=words)
    elif package.try_lock_for_update(allow_referencing=True):
        package._set_state("cancelled", bank_reason=words)
        package.message_post(body=words)
    else:
        return False
    order._ask_person(order.env._("A package was stopped"), words)
    return True
