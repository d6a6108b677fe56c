"""In whose name the schedule reads, and what happens when a person has to confirm first."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..connection.operation import LoginNeeded
from ..connection.words import in_language

CONFIRM = "bank_webservice.activity_confirm"
TROUBLE = "bank_webservice.activity_trouble"


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
            raise UserError(
                self.env._(
                    "Nobody can read journal %(journal)s: its bank has no operator.",
                    journal=self.journal_id.display_name,
                )
            )
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
