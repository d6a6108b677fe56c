# SPDX-License-Identifier: LGPL-3.0-only
"""Which order of ours an entry answers: by our end-to-end id, or as a file's order is known.

What is deleted is not proved any more: the orders follow. Where an order was given up, and the bank
executed it all the same, its payment and entry stand again and settle the bill. A second payment of
the bill is stopped while it is still here; when it is gone, a person is told.
"""

import logging
import re
from collections import defaultdict

import psycopg2
from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError

from ...protocol.states import GONE, OPEN
from ..connection.account_journal import METHOD
from ..orders.bank_order_books import bill_moves, open_amount, open_items
from ..orders.bank_order_restored import look_for_restore

_logger = logging.getLogger(__name__)

# Of an entry: what it proves of an order.
PROVES = {"amount", "journal_id"}


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_proof(any(vals.get("bank_order_id") for vals in vals_list))
        return super().create(vals_list)

    def write(self, vals):
        """The import alone says what answers an order: it opens bills, and closes them."""
        proves = PROVES & vals.keys()
        self._refuse_proof(
            "bank_order_id" in vals or (proves and any(line._has_orders() for line in self.sudo()))
        )
        return super().write(vals)

    def _refuse_proof(self, refused):
        if refused and not self.env.su:
            raise UserError(
                self.env._(
                    "What a statement entry says of a payment order cannot be edited. Delete the "
                    "entry, and fetch the statement again."
                )
            )

    def unlink(self):
        """What the deleted entries had proved is not proved any more."""
        orders = self.sudo().bank_order_id | self.sudo().bank_batch_order_ids
        result = super().unlink()
        for order in orders:
            order._settle_by_entries()
        return result

    def _settle_orders(self):
        """Links each line to the order of ours that it answers; the orders follow."""
        found = defaultdict(list)
        for order, line in (*self._by_reference(), *self._given_by_file()):
            found[order].append(line.id)
        pairs = []
        for order, ids in found.items():
            order._take_entries(self.browse(ids), pairs)
        known = self.browse(line_id for ids in found.values() for line_id in ids)
        for orders, line in (self - known)._given_as_one():
            line._take_batch(orders, pairs)
        self._reconcile_executed(pairs)

    def _reconcile_executed(self, pairs):
        """All in one go; where the books of one order fail, the statement comes in all the same."""
        try:
            with self.env.cr.savepoint():
                self._reconcile_pairs(pairs)
        except (psycopg2.OperationalError, ConcurrencyError):
            raise
        except Exception:
            # One by one: an order whose books fail says so, and the others are reconciled.
            for line, items in pairs:
                order = line.bank_order_id or line.bank_batch_order_ids[:1]
                order._settle(
                    order.bank_state,
                    lambda _order, line=line, items=items: line._reconcile_with(items),
                )

    def _by_reference(self):
        """[(order, line)]: the bank gives our own end-to-end id back."""
        references = {line: (line.transaction_details or {}).get("our_reference") for line in self}
        wanted = list(filter(None, references.values()))
        if not wanted:
            return []
        # By the account: an order of a branch has another company than the journal it pays from.
        orders = (
            self.env["bank.order"]
            .sudo()
            .search([("end_to_end_id", "in", wanted), ("journal_id", "in", self.journal_id.ids)])
        )
        # A cancelled order may share its id with the one that came after it: that one counts.
        orders = orders.sorted(
            lambda order: (order.bank_state != "cancelled", bool(order.package_id.handed_over_at))
        )
        order_of = {order.end_to_end_id: order for order in orders}
        look_for_restore(self.env, wanted, order_of)
        return [
            (order_of[reference], line)
            for line, reference in references.items()
            if reference in order_of and order_of[reference].journal_id == line.journal_id
        ]

    def _given_by_file(self):
        """[(order, line)]: a file of rouble orders carries no id of ours; they are known by number,
        date, amount, payee."""
        found = []
        for line in self.filtered(lambda item: item.amount < 0):
            details = line.transaction_details or {}
            number = details.get("document_number")
            if number and not details.get("our_reference"):
                order = line._order_given_by_file(number, _iso(details.get("document_date")))
                if order:
                    found.append((order, line))
        return found

    def _order_given_by_file(self, number, day):
        """The one order of this account, given as a file, that the entry can be about.

        One that is under way, else one that was given up or is executed already.
        """
        orders = (
            self.env["bank.order"]
            .sudo()
            .search(
                [
                    ("journal_id", "=", self.journal_id.id),
                    ("package_id.by_hand_at", "!=", False),
                    ("payee_account", "=", self.account_number),
                ]
            )
        )
        orders = orders.filtered(
            lambda order: (
                _bare(order.details.get("document_number")) == _bare(number)
                and order.details.get("document_date") == day
                and not order.currency_id.compare_amounts(order.amount, -self.amount)
            )
        )
        under_way = orders.filtered(
            lambda order: order.bank_state in GONE and not order.statement_line_ids
        )
        orders = under_way or orders
        return orders if len(orders) == 1 else orders.browse()


def _iso(day):
    """The day of a 1C file (10.03.2026) as DirectBank and our orders have it (2026-03-10)."""
    return re.sub(r"^(\d\d)\.(\d\d)\.(\d{4})$", r"\3-\2-\1", day or "")


def _bare(number):
    """A number without the zeros with which some banks fill it up."""
    return (number or "").strip().lstrip("0")


class AccountMove(models.Model):
    _inherit = "account.move"

    def unlink(self):
        """The database deletes a statement line with its entry, and asks nobody."""
        lines = self.sudo().statement_line_id
        orders = lines.bank_order_id | lines.bank_batch_order_ids
        result = super().unlink()
        names = ["statement_line_id", "statement_line_ids", "batch_line_id"]
        orders.invalidate_recordset(names)
        for order in orders:
            order._settle_by_entries()
        return result


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
    """Gives an order up with its package; False where the bank may have it, or where it fails."""
    package = order.package_id
    if order.bank_state not in (*OPEN, "to_send"):
        return False
    if package and not package.try_lock_for_update(allow_referencing=True):
        return False
    try:
        with order.env.cr.savepoint():
            (package or order)._set_state("cancelled", bank_reason=words)
            if package:
                package.message_post(body=words)
    except (psycopg2.OperationalError, ConcurrencyError):
        raise
    except Exception as error:
        # The statement comes in all the same.
        _logger.error("Payment order %s is not stopped: %r", order.id, error, exc_info=error)
        order._ask_person(order.env._("Cancel this order yourself"), f"{words} {error}")
        return False
    order._ask_person(order.env._("A package was stopped"), words)
    return True
