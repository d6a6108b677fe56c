# SPDX-License-Identifier: LGPL-3.0-only
"""What the bank says of an order, and what follows from it in the books.

What the bank has said stays said, whatever the books do: where they cannot follow, the state is
kept alone, the order says why, and a person is asked.
"""

import logging

import psycopg2
from markupsafe import escape
from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import html2plaintext

from ...protocol.banks import BANKS
from ...protocol.states import OVER, SETTLED, USED_UP, goes_back
from ...protocol.vocabulary import DUPLICATE_CODES
from ..connection.rights import require_right
from ..connection.words import in_words, translated
from .bank_white_list import forget_notice

_logger = logging.getLogger(__name__)

# States that an order's own chatter tells, beside its package's.
TOLD = ("unknown", "executed", "partly_executed", "returned", "paused", "rejected", "recalled")
# What a receipt says of an order beside its state.
SAID = ("bank_status", "bank_code", "bank_reason", "bank_reference")
# The bank has the order, and has not said that it is over.
RECALLABLE = ("sent", "waiting", "accepted", "paused")


class BankOrder(models.Model):
    _inherit = "bank.order"

    can_recall = fields.Boolean(compute="_compute_can_recall")
    recall_asked_at = fields.Datetime("Recall asked", readonly=True, copy=False)
    books_problem = fields.Char(
        "The books did not follow",
        readonly=True,
        copy=False,
        tracking=True,
        help="Why payment, entry and bills could not follow what the bank has said.",
    )

    @api.depends("bank_state", "journal_id")
    def _compute_can_recall(self):
        for order in self:
            bank = BANKS.get(order.journal_id.bank_account_id.sudo().bank_id.bank_channel)
            order.can_recall = bool(bank and bank.has_recall and order.bank_state in RECALLABLE)

    # -------------------------------------------------------------------------
    # WHAT THE BANK SAYS
    # -------------------------------------------------------------------------

    def _set_state(self, state, **values):
        """The only way to a new state. What its package goes through with it stands there only."""
        orders = self.sudo()
        if state not in TOLD:
            orders = orders.with_context(tracking_disable=True)
        changed = orders.filtered(lambda order: order.bank_state != state)
        orders.write({"bank_state": state, **values})
        if state in TOLD:
            changed._tell_payments()
        if state in OVER:
            forget_notice(changed)

    def _tell_payments(self):
        """In each payment's chatter; what is only a step on the way stands on the order."""
        bodies = {
            order.payment_id.id: f"{order.name}: {order._state_label()}. {order.bank_reason or ''}"
            for order in self
            if order.payment_id
        }
        if bodies:
            self.env["account.payment"].sudo().browse(bodies)._message_log_batch(bodies=bodies)

    def _take_receipt(self, receipt):
        """What the bank says of this order. Never backwards from what a statement has proved."""
        self.ensure_one()
        self._take_receipts({self: receipt})

    def _take_receipts(self, receipts):
        """{order: what the bank says of it}; orders of which it says the same go together."""
        alike = {}
        for order, receipt in receipts.items():
            said = order._said_by(receipt)
            if said:
                alike.setdefault(said, []).append(order.id)
        for (state, *values), order_ids in alike.items():
            orders, values = self.browse(order_ids), dict(zip(SAID, values, strict=True))
            if state in ("rejected", "recalled"):
                orders._settle(state, lambda order: order._undo_books(), **values)
            else:
                orders._set_state(state, **values)

    def _said_by(self, receipt):
        """(state, *values of SAID), or None where the receipt changes nothing."""
        if receipt.state == "unknown_to_bank":
            return None
        # Accepted is not executed: only the statement entry proves that money moved.
        state = "accepted" if receipt.state == "executed" else receipt.state
        if state == "rejected" and receipt.code in DUPLICATE_CODES:
            # The bank HAS an order under this id, perhaps from before this database was restored.
            state = "unknown"
        if self.bank_state in SETTLED:
            # Nothing but the statement reaches an order that is over: its payment may be in
            # another order by now, and its bill paid.
            if _contradict(self.bank_state, state):
                self._tell_of_contradiction(state, receipt)
            return None
        if goes_back(self.bank_state, state):
            return None
        reference = receipt.bank_reference or self.bank_reference
        reason = translated(self.env, receipt.reason)
        said = (state, receipt.bank_status, receipt.code, reason, reference)
        known = (self.bank_state, *(self[name] for name in SAID))
        # The same answer again is no news.
        same = all((one or "") == (other or "") for one, other in zip(said, known, strict=True))
        return None if same else said

    def _payment_taken(self):
        """True when this order was given up and its payment went into another one."""
        return self.bank_state in OVER and bool(self.payment_id.bank_order_id)

    def _tell_of_contradiction(self, state, receipt):
        """The bank says something else of an order that is over: a person looks, nothing moves."""
        said = dict(self._fields["bank_state"]._description_selection(self.env))[state]
        self._ask_person(
            self.env._("The bank contradicts itself"),
            self.env._(
                "Payment order %(order)s is over: %(state)s. Now the bank says of it: %(said)s. "
                "%(words)s Nothing was changed. Look at the bank's own pages; the statement "
                "decides.",
                order=self.name,
                state=self._state_label(),
                said=said,
                words=in_words(
                    self.env,
                    receipt.bank_status,
                    receipt.code,
                    translated(self.env, receipt.reason),
                ),
            ),
        )

    # -------------------------------------------------------------------------
    # SETTLING: STATE, PAYMENT, ENTRY AND BILLS TOGETHER, OR NOTHING OF IT
    # -------------------------------------------------------------------------

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

    def _ask_person(self, summary, note, deadline=None):
        """An activity for whoever sent the order, and the same words in the chatter, once."""
        order = self.sudo()
        user = order.package_id.sender_id or order.package_id.create_uid or order.create_uid
        waiting = order.activity_ids.filtered(lambda one: one.summary == summary)
        if note.split() in [html2plaintext(one.note).split() for one in waiting]:
            return
        words = f"{summary}: {note}"
        order.message_post(body=words)
        order.activity_schedule(
            "mail.mail_activity_data_todo",
            deadline,
            summary=summary,
            note=escape(note),
            user_id=user.id,
        )

    def _undo_books(self):
        """A refusal opens the bill again: the entry is unreconciled and cancelled first."""
        # In sudo: the guards of payment and entry stop everybody else.
        for payment in self.payment_id.sudo().filtered(lambda p: p.state in ("in_process", "paid")):
            if entry := payment.reconciled_statement_line_ids[:1]:
                # A person has seen the money leave: the bill stays paid until a person looks.
                raise UserError(
                    self.env._(
                        "%(payment)s is matched with the statement entry “%(entry)s” of %(day)s. "
                        "If that is another payment, undo this match.",
                        payment=payment.name,
                        entry=entry.payment_ref,
                        day=entry.date,
                    )
                )
            payment.move_id._bank_take_back()
            payment.action_reject()

    def _follow_in_books(self):
        """The books of an order that is over are undone; of another one nothing is to be done."""
        if self.bank_state in USED_UP:
            self._undo_books()

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_not_paid(self):
        """Button: the bank has something else under this order's id; a person has looked there.

        Only for an order that the bank refused as a duplicate and that no statement has shown.
        """
        require_right(self.env, "sender")
        self.check_access("read")
        for order in self.sudo():
            if order.bank_state != "unknown" or order.bank_code not in DUPLICATE_CODES:
                raise UserError(
                    self.env._(
                        "Payment order %s: only what the bank refused as a duplicate can be "
                        "settled by hand.",
                        order.name,
                    )
                )
            order._reject()
            order.message_post(
                body=self.env._("%s looked at the bank: this was not paid.", self.env.user.name)
            )
            order.package_id._follow_orders()

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

    def action_recall(self):
        """Button: the dialog that asks for the reason."""
        self.ensure_one()
        self._refuse_recall()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Recall %s", self.name),
            "res_model": "bank.recall",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _refuse_recall(self):
        require_right(self.env, "sender")
        if not self.can_recall:
            raise UserError(
                self.env._(
                    "Payment order %(order)s is %(state)s: it cannot be recalled through the web "
                    "service.",
                    order=self.name,
                    state=self._state_label(),
                )
            )


def _contradict(state, said):
    """Whether what the bank says cannot be true of an order that is over in this state."""
    if state in OVER:
        return state != "returned" and said not in (*OVER, "unknown")
    return said in OVER
