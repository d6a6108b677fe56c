"""Settling an order: its state, its payment, the entry and the bills together, or nothing of it.

What the bank has said stays said, whatever the books do: where they cannot follow, the state is
kept alone, the order says why, and a person is asked.
"""

import logging
from datetime import timedelta

import psycopg2
from markupsafe import escape
from odoo import fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import html2plaintext

from ..connection.rights import require_right
from .states import USED_UP

_logger = logging.getLogger(__name__)


class BankOrder(models.Model):
    _inherit = "bank.order"

    books_problem = fields.Char(
        "The books did not follow",
        readonly=True,
        copy=False,
        tracking=True,
        help="Why payment, entry and bills could not follow what the bank has said.",
    )

    def _settle(self, state, books, **values):
        """`state` and `values` of these orders, and `books(order)`: all of an order or nothing.

        Where only the books fail, the state is written without them. Two who write the same rows
        are no failure of the books: that error goes through, and it is done again.
        """
        try:
            # One for all of them: a bank that refuses a package refuses five hundred orders.
            with self.env.cr.savepoint():
                self._set_state(state, **values)
                for order in self:
                    books(order)
                self.filtered("books_problem").sudo().write({"books_problem": False})
        except (psycopg2.OperationalError, ConcurrencyError):
            raise
        except Exception as error:
            if len(self) > 1:
                for order in self:
                    order._settle(state, books, **values)
                return
            _logger.error("The books of payment order %s: %r", self.id, error, exc_info=error)
            words = str(error) if isinstance(error, UserError) else repr(error)
            self._set_state(state, books_problem=words, **values)
            self._ask_person(
                self.env._("The books do not follow the bank"),
                self.env._(
                    "The bank says of payment order %(order)s: %(state)s. Payment, entry and "
                    "bills could not follow: %(words)s Put that right, then press “Try the books "
                    "again” on the order.",
                    order=self.name,
                    state=self._state_label(),
                    words=words,
                ),
            )

    def _reject(self, reason=""):
        """The bank will not execute these orders. `reason`: why; empty: what it has said stays."""
        values = {"bank_reason": reason} if reason else {}
        self._settle("rejected", lambda order: order._undo_books(), **values)

    def _ask_person(self, summary, note):
        """An activity for whoever sent the order, and the same words in the chatter, once."""
        order = self.sudo()
        user = order.package_id.sender_id or order.package_id.create_uid or order.create_uid
        waiting = order.activity_ids.filtered(lambda one: one.summary == summary)
        if note.split() in [html2plaintext(one.note).split() for one in waiting]:
            return
        words = f"{summary}: {note}"
        order.message_post(body=words)
        order.activity_schedule(
            "mail.mail_activity_data_todo", summary=summary, note=escape(note), user_id=user.id
        )

    # -------------------------------------------------------------------------
    # THE BOOKS
    # -------------------------------------------------------------------------

    def _undo_books(self):
        """A refusal opens the bill again: the entry is unreconciled and cancelled first."""
        # In sudo: the guards of payment and entry stop everybody else.
        for payment in self.payment_id.sudo().filtered(lambda p: p.state in ("in_process", "paid")):
            self._take_back(payment.move_id)
            payment.action_reject()

    def _take_back(self, move):
        """As if this entry had not been: cancelled or, in a closed period, reversed."""
        move.line_ids.remove_move_reconcile()
        if move.state != "posted":
            return
        day = self._first_open_day(move)
        if day == move.date and not move.inalterable_hash:
            move.button_cancel()
            return
        # The day is chosen here: Odoo would move an entry of a closed period without a word.
        words = self.env._("Reversal of: %s", move.name)
        move._reverse_moves([{"date": day, "ref": words}], cancel=True)
        if any(item.account_id.reconcile and not item.reconciled for item in move.line_ids):
            raise UserError(self.env._("The reversal of %s was not reconciled with it.", move.name))

    def _first_open_day(self, move):
        """The entry's own day, or the first one after it on which the books are open."""
        day, taxed = move.date, move._affect_tax_report()
        while locks := move._get_violated_lock_dates(day, taxed):
            day = locks[-1][0] + timedelta(days=1)
        return day

    def action_books_again(self):
        """Button: the books could not follow the bank before; now they may."""
        self.check_access("read")
        require_right(self.env, "sender")
        for order in self.sudo():
            if not order.books_problem:
                raise UserError(self.env._("Payment order %s: its books are right.", order.name))
            order._follow_in_books()
            order.books_problem = False
            order.message_post(
                body=self.env._("%s had the books follow the bank.", self.env.user.name)
            )

    def _follow_in_books(self):
        """The books of an order that is over are undone; of another one nothing is to be done."""
        if self.bank_state in USED_UP:
            self._undo_books()
