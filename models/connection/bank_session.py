# SPDX-License-Identifier: LGPL-3.0-only
"""The running session of operator x company x client identifier, shared by all workers.

THE BORDER to protocol: a session builds the pure `Bank` object and makes every call through it.
"""

import contextlib
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...protocol import banks, errors, records
from ...protocol.bank import Connection
from .bank_operator import METHODS
from .operation import LoginNeeded, create_once, refuse_when_neutralized
from .tables import drop_old
from .words import explain

STATES = [("asked", "Waiting for confirmation"), ("open", "Open"), ("ended", "Ended")]
# Writing "last used" at every call would make parallel requests collide on one row.
ACTIVITY_STEP = timedelta(seconds=20)


class BankSession(models.Model):
    _name = "bank.session"
    _description = "Session at a bank"
    _order = "id desc"

    operator_id = fields.Many2one("bank.operator", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one(related="operator_id.user_id", store=True, index=True)
    bank_id = fields.Many2one(related="operator_id.bank_id", store=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    client_identifier = fields.Char(required=True, readonly=True)
    state = fields.Selection(STATES, required=True, default="asked", readonly=True)
    method = fields.Selection(METHODS, readonly=True)
    opened_at = fields.Datetime(readonly=True)
    last_activity_at = fields.Datetime(readonly=True)
    ends_at = fields.Datetime("Ends at the bank", readonly=True)
    idle_seconds = fields.Integer("Idle limit of the bank", readonly=True)
    end_reason = fields.Char(readonly=True)
    must_log_out = fields.Boolean(
        readonly=True, help="The bank has not been told yet that this session is over."
    )
    token_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    challenge_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)

    _live_unique = models.UniqueIndex(
        "(operator_id, company_id, client_identifier) WHERE state IN ('asked', 'open')",
        "There is a session for this operator and client identifier already.",
    )

    @api.depends("operator_id", "client_identifier")
    def _compute_display_name(self):
        for session in self:
            session.display_name = (
                f"{session.operator_id.display_name} / {session.client_identifier}"
            )

    # -------------------------------------------------------------------------
    # FINDING
    # -------------------------------------------------------------------------

    @api.model
    def _of_account(self, account, user=None):
        """The session of `user` for this account; a new, not yet open one where there is none.

        UserError where the settings do not allow one: it names what is missing.
        """
        account._check_webservice_ready()
        account._refuse_other_company(user or self.env.user)
        operator = self.env["bank.operator"]._of_user_or_new(account.bank_id, user)
        values = {
            "operator_id": operator.id,
            "company_id": account._webservice_company().id,
            "client_identifier": account.sudo().client_identifier,
        }
        session = self.sudo()._living(values)
        if session.state == "open" and not session._is_live():
            session._end(self.env._("Idle for too long."))
        return self._living_or_new(values)

    @api.model
    def _living(self, values):
        """The one session of `values` (operator, company, client identifier) that has not ended."""
        domain = [(name, "=", value) for name, value in values.items()]
        return self.search([*domain, ("state", "in", ("asked", "open"))], limit=1)

    @api.model
    def _living_or_new(self, values):
        return self.sudo()._living(values) or create_once(self.sudo(), values)

    def _of_whom(self):
        """What a session in place of this one is made from."""
        return {
            "operator_id": self.operator_id.id,
            "company_id": self.company_id.id,
            "client_identifier": self.client_identifier,
        }

    @api.model
    def _require(self, account, user=None):
        """An open session for the account: the running one, or a new one where no person is needed.

        Raises LoginNeeded where a person has to confirm.
        """
        session = self._of_account(account, user)
        session._ensure_open()
        return session

    def _ensure_open(self):
        """Opens the session where the key for it is on this server, else raises LoginNeeded."""
        self.ensure_one()
        if self.state == "open" and self._is_live():
            return
        if self.state == "ended":
            raise errors.SessionEnded()
        if self.operator_id._needs_nobody():
            self._log_in("certificate")
        if self.state != "open":
            raise LoginNeeded(self)

    def _is_live(self):
        """Our own clock and a maximum age, beside the bank's."""
        self.ensure_one()
        if not self.bank_id.has_session:
            return self.state == "open"
        until = self._live_until()
        return bool(until) and fields.Datetime.now() < until

    def _live_until(self):
        """When it ends if nobody uses it; None where no session is open, or the bank has none."""
        if self.state != "open" or not self.bank_id.has_session:
            return None
        bank = self.bank_id.sudo()
        idle = min(filter(None, (bank.session_idle_minutes * 60, self.idle_seconds)))
        ends = [
            self.last_activity_at + timedelta(seconds=idle),
            self.opened_at + timedelta(hours=bank.session_max_hours),
        ]
        return min(ends + ([self.ends_at] if self.ends_at else []))

    # -------------------------------------------------------------------------
    # CALLING
    # -------------------------------------------------------------------------

    def _bank(self):
        """The pure object that talks to this bank. Nobody else makes one."""
        refuse_when_neutralized(self.env)
        bank = self.bank_id.sudo()
        identity = self.env["bank.identity"]._of(bank, self.company_id)
        connection = Connection(
            address=bank.webservice_address,
            ca_file=bank._webservice_ca_file(),
            timeout=bank.webservice_timeout,
            identity=identity._key_file(),
            values=identity._values(),
            **self._agreed_connection(),
        )
        return banks.BANKS[bank.bank_channel](connection)

    def _to_protocol(self):
        """The session as protocol record; its token leaves the vault only here."""
        token = self.env["bank.vault"]._open(self, "token_sealed").decode()
        return records.Session(token=token, idle_seconds=self.idle_seconds or None)

    def _call(self, operation, call, message_id="", person=True):
        """`call(bank, session)` with a row in the log. Raises LoginNeeded or BankError.

        person: False where no person acted; then the session is used and not prolonged.
        """
        self.ensure_one()
        self._ensure_open()
        try:
            answer = self._logged(
                operation, lambda: call(self._bank(), self._to_protocol()), message_id
            )
        except errors.SessionEnded:
            self._end(self.env._("Ended by the bank."), tell_bank=False)
            raise
        if person:
            self._touch()
        return answer

    def _read(self, operation, call, person=True, message_id=""):
        """`_call` for what may simply be repeated: logs in again once when the bank ended it.

        A caller may hold an ended session: what was opened in its place is used, for all that
        follows. Money is never sent through here.
        """
        self.ensure_one()
        try:
            return self._call_as_agreed(operation, call, message_id, person)
        except errors.SessionEnded:
            again = self._living_or_new(self._of_whom())
            return again._call_as_agreed(operation, call, message_id, person)

    def _logged(self, operation, call, message_id=""):
        """Runs `call` and keeps who, which, how long, and what came of it - never what was said."""
        started, clock, outcome, words = fields.Datetime.now(), time.monotonic(), "ok", ""
        try:
            return call()
        except errors.BankError as error:
            outcome = f"{type(error).__name__} {error.code}".strip()
            words = explain(self.env, error)
            error.bank = self.bank_id
            raise
        finally:
            self.env["bank.call"]._keep(
                {
                    "company_id": self.company_id.id,
                    "bank_id": self.bank_id.id,
                    "user_id": self.env.uid,
                    "login": self.operator_id.login,
                    "client_identifier": self.client_identifier,
                    "operation": operation,
                    "message_id": message_id,
                    "started_at": started,
                    "seconds": time.monotonic() - clock,
                    "outcome": outcome,
                    "words": words,
                }
            )

    def _touch(self):
        """Only a person's action counts as activity."""
        now = fields.Datetime.now()
        if not self.last_activity_at or now - self.last_activity_at > ACTIVITY_STEP:
            self.try_lock_for_update().sudo().write({"last_activity_at": now})

    # -------------------------------------------------------------------------
    # ENDING
    # -------------------------------------------------------------------------

    def _end(self, reason, tell_bank=True):
        """Ends the sessions here at once; the bank is told by the cron, never inside a request."""
        live = self.sudo().filtered(lambda session: session.state != "ended")
        opened = live.filtered(
            lambda one: one.state == "open" and tell_bank and one.bank_id.has_session
        )
        ended = {"state": "ended", "end_reason": reason, "challenge_sealed": False}
        # The token is still needed to log out at the bank.
        opened.write({**ended, "must_log_out": True})
        (live - opened).write({**ended, "token_sealed": False})
        # A new session may be made right after: the unique index must see this first.
        live.flush_recordset()
        if opened:
            self.env.ref("bank_webservice.cron_log_out")._trigger()

    def action_end(self):
        """Button: end this session now."""
        self.check_access("read")
        self._end(self.env._("Ended by %(user)s.", user=self.env.user.name))

    @api.model
    def _cron_log_out(self):
        """Ends idle sessions, and tells the banks of those that have ended."""
        for session in self.search([("state", "=", "open")]):
            if not session._is_live():
                session._end(self.env._("Idle for too long."))
        old = fields.Datetime.now() - timedelta(hours=1)
        self.search([("state", "=", "asked"), ("create_date", "<", old)])._end(
            self.env._("Nobody confirmed."), tell_bank=False
        )
        waiting = self.search([("must_log_out", "=", True)]).try_lock_for_update()
        for session in waiting:
            # If it fails, the bank ends it by idleness; the log has the words.
            with contextlib.suppress(errors.BankError):
                session._logged("log_out", lambda s=session: s._bank().log_out(s._to_protocol()))
            session.write({"must_log_out": False, "token_sealed": False})

    @api.autovacuum
    def _gc_sessions(self):
        return drop_old(self, "sessions", SQL("state = 'ended' AND must_log_out IS NOT TRUE"))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not self.env.su:
            raise UserError(self.env._("Sessions are ended, not deleted."))
