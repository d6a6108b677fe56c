# SPDX-License-Identifier: LGPL-3.0-only
"""Fetching in the background: in whose name, what happens when a person has to confirm first, how
far it is, and how it is stopped."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..connection.operation import LoginNeeded
from ..connection.rights import require_right
from ..connection.words import in_language, way_out

CONFIRM = "bank_webservice.activity_confirm"
TROUBLE = "bank_webservice.activity_trouble"
PROGRESS = "bank_webservice.fetch_progress"


class BankFeed(models.Model):
    _inherit = "bank.feed"

    def _unattended_session(self):
        """A session to read in with nobody there; LoginNeeded where a person has to confirm.

        First a session that a person has open - it is used and not prolonged -, then an operator
        whose certificate is on this server.
        """
        account = self.journal_id.bank_account_id
        account._check_webservice_ready()
        for session in self._open_sessions():
            if session._is_live():
                return session.with_user(session.user_id).sudo()
        operators = self._operators()
        if not operators:
            words = self.env._(
                "Nobody can read journal %(journal)s: its bank has no operator.",
                journal=self.journal_id.display_name,
            )
            raise way_out(words, account.bank_id)
        for operator in operators:
            if operator._needs_nobody():
                session = self.env["bank.session"]._require(account, operator.user_id)
                return session.with_user(operator.user_id).sudo()
        raise LoginNeeded(self.env["bank.session"]._of_account(account, operators[0].user_id))

    def _open_sessions(self):
        account = self.journal_id.bank_account_id
        sessions = self.env["bank.session"].search(
            [
                ("state", "=", "open"),
                ("bank_id", "=", account.bank_id.id),
                ("company_id", "=", self.company_id.id),
                ("client_identifier", "=", account.sudo().client_identifier),
            ]
        )
        chosen = self.journal_id.sudo().unattended_operator_id
        return sessions.sorted(lambda session: session.operator_id != chosen)

    def _operators(self):
        """Who may read: the journal's unattended operator, else those of the bank."""
        journal = self.journal_id.sudo()
        if journal.unattended_operator_id:
            return journal.unattended_operator_id
        operators = self.env["bank.operator"].search(
            [("bank_id", "=", journal.bank_account_id.bank_id.id)]
        )
        return operators.filtered(lambda one: journal.company_id in one.user_id.company_ids)

    def _responsible(self):
        return (self.run_user_id or self._operators().user_id)[:1]

    # -------------------------------------------------------------------------
    # A PERSON IS NEEDED
    # -------------------------------------------------------------------------

    def _wait_for_login(self, session):
        """An activity for the operator; the fetch goes on as soon as he has logged in."""
        self._leave_activity(session.user_id or self._responsible(), CONFIRM)
        now = fields.Datetime.now()
        # The run is kept: it is what is fetched after the log-in.
        self.write(
            {
                "waits_for_login": True,
                "next_fetch_at": self.journal_id._next_fetch(now),
                "last_error": self.env._("Waits until an operator logs in to the bank."),
            }
        )

    def _leave_activity(self, user, kind, words=""):
        """One open activity of a kind at a journal is enough."""
        journal, activity_type = self.journal_id, self.env.ref(kind, raise_if_not_found=False)
        if not user or not activity_type:
            return
        open_ones = journal.activity_ids.filtered(
            lambda one: one.activity_type_id == activity_type and one.user_id == user
        )
        if open_ones:
            open_ones.write({"note": words or open_ones[:1].note})
            return
        journal.activity_schedule(
            kind, summary=in_language(activity_type, user).summary,
            note=words, user_id=user.id,
        )  # fmt: skip

    def _login_done(self):
        """Somebody logged in: what waited for it is fetched right now."""
        waiting = self.filtered("waits_for_login")
        if not waiting:
            return
        waiting.journal_id.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref(CONFIRM, raise_if_not_found=False)
        ).action_done()
        now = fields.Datetime.now()
        waiting.write({"waits_for_login": False, "last_error": False, "next_fetch_at": now})
        self._trigger_workers()

    # -------------------------------------------------------------------------
    # PROGRESS
    # -------------------------------------------------------------------------

    def _ask_for_run(self, since, until):
        """Queues a period for the workers, at once."""
        self.ensure_one()
        feed = self.sudo()
        if feed.run_user_id and feed.next_fetch_at:
            raise UserError(
                self.env._(
                    "%(user)s is fetching into this journal already.", user=feed.run_user_id.name
                )
            )
        self.env["bank.feed.stop"].sudo().search([("feed_id", "=", feed.id)]).unlink()
        feed.write(
            {
                "run_since": since,
                "run_until": until,
                "run_user_id": self.env.uid,
                "next_fetch_at": fields.Datetime.now(),
            }
        )
        self._trigger_workers()

    def action_stop(self):
        """Button, also in the notification: the worker stops after the piece it works on."""
        self.check_access("read")
        require_right(self.env, "operator")
        self.env["bank.feed.stop"].sudo().create([{"feed_id": feed.id} for feed in self])
        return True

    def _stop_wanted(self):
        wishes = self.env["bank.feed.stop"].sudo().search([("feed_id", "=", self.id)])
        wanted = bool(wishes)
        wishes.unlink()
        return wanted

    def _fetched(self, since, until, failed, final_until=None):
        """Moves “fetched until” - after a success, and never over days that were not fetched.

        `final_until`: the last final day of what the bank gave, where it says so.
        """
        values = {"last_fetch_at": fields.Datetime.now(), "last_error": False}
        if failed:
            values["last_error"] = failed[0].problem
        else:
            # Today is not over: its statement comes tomorrow.
            last = min(until, self.journal_id._bank_today() - timedelta(days=1))
            reached, known = min(last, final_until or last), self.fetched_until
            if reached < last:
                values["last_error"] = self.env._(
                    "The bank gave no final statement yet for the days after %(day)s.",
                    day=format_date(self.env, reached),
                )
            joins = not known or since <= known + timedelta(days=1)
            if reached >= since and joins and (not known or reached > known):
                values["fetched_until"] = reached
        self.sudo().write(values)

    # -------------------------------------------------------------------------
    # TELLING
    # -------------------------------------------------------------------------

    def _process_telling(self, documents):
        """Processes documents one by one; who asked sees each day and each thousand lines."""
        results = []
        for document in documents:
            self._tell(day=str(document.day or ""), name=document.name)
            results += document._process(again=False)
        return results

    def _tell(self, **what):
        """A message that leaves at once: the transaction of the fetch goes on meanwhile."""
        user = self.sudo().run_user_id
        if not user:
            return
        message = {
            "feed_id": self.id,
            "journal": self.journal_id.display_name,
            "until": str(self.sudo().run_until or ""),
            **what,
        }
        with self.env.registry.cursor() as cr:
            user.with_env(self.env(cr=cr, su=True))._bus_send(PROGRESS, message)

    def _tell_end(self, user, words="", left=None):
        """The last message of a run, with what came of it. It leaves with the commit.

        `left`: the first day that was not fetched, when somebody stopped it.
        """
        if user:
            user._bus_send(
                PROGRESS,
                {
                    "feed_id": self.id,
                    "journal": self.journal_id.display_name,
                    "done": True,
                    "problem": words,
                    "left": str(left or ""),
                },
            )


class BankSession(models.Model):
    _inherit = "bank.session"

    def _keep_answer(self, answer):
        result = super()._keep_answer(answer)
        if self.state == "open":
            self._tell_feeds()
        return result

    def _tell_feeds(self):
        """The feeds of this client identifier may go on in this session."""
        account = [
            ("journal_id.bank_account_id.bank_id", "=", self.bank_id.id),
            ("journal_id.bank_account_id.client_identifier", "=", self.client_identifier),
        ]
        self.env["bank.feed"].sudo().search(
            [("waits_for_login", "=", True), ("company_id", "=", self.company_id.id), *account]
        )._login_done()


class BankFeedStop(models.Model):
    """A wish to stop: a row of its own, since the feed's row is locked by its worker."""

    _name = "bank.feed.stop"
    _description = "Wish to stop a fetch"

    feed_id = fields.Many2one("bank.feed", required=True, readonly=True, ondelete="cascade")


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _tell_made(self, count):
        """While a fetch runs nobody else makes lines of its journal; while it waits, a file may."""
        for feed in self.sudo().journal_id.bank_feed_ids:
            if not feed.waits_for_login:
                feed._tell(made=len(self), count=count)
        return super()._tell_made(count)
