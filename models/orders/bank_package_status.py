# SPDX-License-Identifier: LGPL-3.0-only
"""Asking what became of a package, and taking what the bank says."""

from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors, records
from ...protocol.banks import BANKS
from ...protocol.states import ASK, OVER, SETTLED, goes_back
from ..connection.operation import (
    RELOAD,
    LoginNeeded,
    bank_operation,
    refuse_when_neutralized,
    tell_changed,
)
from ..connection.rights import require_right
from ..connection.words import translated

# Growing pauses between status questions, in minutes; the last one is a day.
PAUSES = (1, 2, 5, 15, 30, 60, 120, 120, 120, 240, 480, 1440)
# After the last day on which it should be executed: then a person is asked to look.
ASK_FOR = timedelta(days=28)
# A person who holds the phone is told at once; an unanswered question of a phone ends by then.
ASK_QUICKLY_FOR, QUICK_PAUSE = timedelta(minutes=10), timedelta(seconds=2)
# So long a package may be unknown before a person is asked to look.
UNKNOWN_FOR_LONG = timedelta(days=1)


class BankPackage(models.Model):
    _inherit = "bank.package"

    @bank_operation
    def action_refresh_status(self):
        """Button: ask the bank now."""
        for package in self:
            package._require_state(*ASK)
            session = self.env["bank.session"]._require(package.journal_id.bank_account_id)
            package.sudo()._ask_status(session)
        return dict(RELOAD)

    @api.model
    def _cron_status(self):
        """Asks for every package that is due, in sessions that are open or need no person."""
        refuse_when_neutralized(self.env)
        self._find_stale_sending()
        due = self.search(
            [
                ("state", "in", ASK),
                ("asking_ended", "=", False),
                "|",
                ("ask_next_at", "=", False),
                ("ask_next_at", "<=", fields.Datetime.now()),
            ],
            order="ask_next_at, id",
        )
        for number, package_id in enumerate(due.ids, 1):
            self.browse(package_id)._in_senders_language()._ask_when_free()
            # Each answer is kept before the next question: a slow bank must not undo the others.
            if not self._commit_step(1):
                self.env.ref("bank_webservice.cron_status")._trigger()
                break
            if number % 50 == 0:
                self.env.invalidate_all()

    @api.model
    def ask_waiting(self):
        """Called by the sender's window while packages wait for his phone: true as long as any of
        them does. What comes of it is told as what the cron finds; the cron's plan stays."""
        now = fields.Datetime.now()
        waiting = [
            ("sender_id", "=", self.env.uid),
            ("state", "in", ("sent", "waiting")),
            ("confirmation_code", "!=", False),
            ("handed_over_at", ">", now - ASK_QUICKLY_FOR),
        ]
        if self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"):
            return False
        for package in self.sudo().search(waiting):
            # Several windows of one person ask no more often than one.
            if not package.asked_at or now - package.asked_at >= QUICK_PAUSE:
                plan = {name: package[name] for name in ("ask_next_at", "ask_count")}
                package._ask_when_free()
                package.write(plan)
        return bool(self.sudo().search_count(waiting, limit=1))

    def _ask_when_free(self):
        """One question of the cron; whatever goes wrong, the next one comes later."""
        try:
            if not self.try_lock_for_update(allow_referencing=True) or self.state not in ASK:
                return
            self._remind_of_unknown()
            if self._give_up_asking():
                return
            # Reading in a session that the sender has open, without prolonging it.
            session = self.env["bank.session"]._require(
                self.journal_id.bank_account_id, self.sender_id
            )
            self._ask_status(session, person=False)
        except (LoginNeeded, UserError, errors.BankError):
            self._ask_soon()
        except Exception as error:
            # Somebody wrote the same rows, or a mistake of ours: it must not stop the others.
            self._step_failed(self, error)

    def _ask_status(self, session, person=True):
        """One question. LoginNeeded and BankError go through; nothing has changed then."""
        self.ensure_one()
        try:
            receipt = session._read("status", self._status_question(), person, self.message_id)
        except errors.Later:
            # Some banks take the question and answer later: then the cron asks again soon.
            self._ask_soon(asked_at=fields.Datetime.now())
            if person:
                self._tell_later()
            return
        before = self.state
        self._take_receipt(receipt)
        if self.state != before:
            self._tell_sender()

    def _tell_later(self):
        words = self.env._("The bank is preparing its answer. It is asked again soon.")
        tell_changed(self.env.user, self, self.env._("Package %s", self.name), words)

    def _status_question(self):
        """The call. Some banks know the message, others its orders, and where to look for them."""
        if self.is_rouble and self.by_hand_at:
            raise UserError(
                self.env._(
                    "Package %s was given as a file: the bank's web service does not know it. The "
                    "statement shows what became of it.",
                    self.name,
                )
            )
        since = self.handed_over_at or self.create_date
        question = {
            "end_to_end_ids": self.sudo().order_ids.mapped("end_to_end_id"),
            "since": since.replace(tzinfo=timezone.utc),
            "account": self.journal_id._bank_feed()._account(),
        }
        return lambda bank, s: bank.status(s, self.message_id, **question)

    def _remind_of_unknown(self):
        """After a day of not knowing, the sender is asked to look at the bank himself."""
        since = self.handed_over_at or self.write_date
        if self.state != "unknown" or fields.Datetime.now() - since < UNKNOWN_FOR_LONG:
            return
        if not self.activity_ids:
            note = self.env._(
                "For a day nobody has known whether the bank has the package %(package)s. "
                "Look in the bank's own web pages for the message %(message)s, and fetch the "
                "statements. Do not pay again before it is clear.",
                package=self.name,
                message=self.message_id,
            )
            self._ask_to_look(self.env._("Does the bank have this package?"), note)

    def _ask_to_look(self, summary, note):
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=note,
            user_id=self.sender_id.id or self.create_uid.id,
        )

    def _give_up_asking(self):
        """True, with an activity, for what the bank has not made up its mind about in weeks. The
        statement settles it all the same, and a person may ask at any time."""
        days = self.sudo().order_ids.mapped("execute_on")
        since = max([(self.handed_over_at or self.create_date).date(), *days])
        if self.state == "unknown" or fields.Date.today() - since < ASK_FOR:
            return False
        self.sudo().write({"asking_ended": True})
        note = self.env._(
            "The bank has not said for %(days)s days what became of the package %(package)s, "
            "and it is not asked any more. Look in the bank's own web pages, and fetch the "
            "statements.",
            days=ASK_FOR.days,
            package=self.name,
        )
        self._ask_to_look(self.env._("What became of this package?"), note)
        return True

    def _ask_soon(self, **values):
        """The next question of the cron, with a growing pause; `values` in the same write."""
        pause = PAUSES[min(self.ask_count, len(PAUSES) - 1)]
        self.sudo().write(
            {
                **values,
                "ask_next_at": fields.Datetime.now() + timedelta(minutes=pause),
                "ask_count": self.ask_count + 1,
            }
        )

    # -------------------------------------------------------------------------
    # TAKING A RECEIPT
    # -------------------------------------------------------------------------

    def _take_receipt(self, receipt):
        """The bank's word on the package and on each order. Its raw receipt is kept."""
        self.ensure_one()
        now = fields.Datetime.now()
        if receipt.state == "unknown_to_bank":
            self.sudo().write({"asked_at": now})
            self._take_not_known(now)
            return
        self._keep_receipt(receipt)
        values = {
            "bank_status": receipt.bank_status,
            "bank_reason": translated(self.env, receipt.reason),
            "release_by": ", ".join(receipt.release_by),
            "confirmation_code": receipt.challenge.code if receipt.challenge else False,
            "not_known_since": False,
            "not_known_confirmed": False,
        }
        state = "accepted" if receipt.state == "executed" else receipt.state
        if self.state not in (*OVER, "executed") and not goes_back(self.state, state):
            values["state"] = state
        if values.get("state", self.state) != self.state:
            values["asking_ended"] = False
        # The same answer again is no news: nothing is written but when it was asked.
        news = {
            name: value for name, value in values.items() if (self[name] or "") != (value or "")
        }
        self._ask_soon(asked_at=now, **news)
        self._take_order_receipts(receipt)

    def _take_order_receipts(self, receipt):
        """Orders that the receipt does not name get the state of the whole message, except those
        that are over: of them it has said everything before."""
        told = {item.end_to_end_id: item for item in receipt.orders}
        whole = records.OrderReceipt(
            end_to_end_id="",
            state=receipt.state,
            bank_status=receipt.bank_status,
            code=receipt.code,
            reason=receipt.reason,
        )
        orders = self.sudo().order_ids
        orders._take_receipts(
            {
                order: told.get(order.end_to_end_id, whole)
                for order in orders
                if order.end_to_end_id in told or order.bank_state not in SETTLED
            }
        )
        self._follow_orders()

    def _follow_orders(self):
        """The package is over when all of its orders are, and unknown when they are."""
        states = set(self.sudo().order_ids.mapped("bank_state"))
        if self.state == "rejected" and "unknown" in states:
            self.sudo().write({"state": "unknown"})
        if states and states <= set(SETTLED):
            paid = states & {"executed", "partly_executed"}
            mixed = "partly_executed" if paid else "rejected"
            self.sudo().write({"state": states.pop() if len(states) == 1 else mixed})
        elif states and self.state in ("executed", "returned"):
            # The statement entry that had proved it was deleted.
            self.sudo().write({"state": (states - set(SETTLED)).pop()})

    def _take_not_known(self, now):
        """“Not known” counts only after two such answers further apart than the longest delay."""
        if self.by_hand_at or self.bank_status:
            # It need not know what went by file; and what it has had and forgot undoes nothing.
            self._ask_soon()
            return
        delay = timedelta(minutes=BANKS[self.bank_id.sudo().bank_channel].longest_delay_minutes)
        if self.state != "unknown":
            self._set_state("unknown")
        if not self.not_known_since:
            self.sudo().write({"not_known_since": now})
        elif now - self.not_known_since > delay:
            self.sudo().write({"not_known_confirmed": True})
        self._ask_soon()

    # -------------------------------------------------------------------------
    # WHAT A PERSON MAY DO WITH AN UNKNOWN PACKAGE
    # -------------------------------------------------------------------------

    def action_hand_over_again(self):
        """Button: the SAME bytes with the SAME message id, once the bank surely has nothing."""
        require_right(self.env, "sender")
        self._lock_or_refuse()
        self._require_not_known()
        self._set_state(
            self._ready_state(), not_known_since=False, not_known_confirmed=False, ask_count=0
        )
        return self.action_send()

    def action_declare_dead(self):
        """Button: the package is given up; its payments are free for another one."""
        require_right(self.env, "sender")
        self._lock_or_refuse()
        self._require_not_known()
        self._set_state("cancelled")

    def _require_not_known(self):
        if self.by_hand_at:
            raise UserError(
                self.env._("Package %s was handed over by hand: look for it there.", self.name)
            )
        self._require_state("unknown")
        moved = set(self.sudo().order_ids.mapped("bank_state")) & set(SETTLED)
        if not self.not_known_confirmed or moved:
            raise UserError(
                self.env._(
                    "Package %(package)s may still arrive at the bank. Ask for its status; when "
                    "the bank has said twice, far enough apart, that it does not know it, it can "
                    "be handed over again or given up.",
                    package=self.name,
                )
            )
