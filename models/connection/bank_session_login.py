# SPDX-License-Identifier: LGPL-3.0-only
"""Logging in: what the dialog *Confirm* calls. A worker is never held while a person looks for
the phone: each call asks the bank once and returns.

With a card in the user's computer, there the bank's challenge is signed, or the id of the session
is opened, which the bank encrypted for the card.
"""

import base64
import contextlib
import json
from dataclasses import replace
from datetime import datetime, timezone

from odoo import fields, models
from odoo.exceptions import LockError, UserError

from ...protocol import banks, challenges, errors, records
from .bank_operator import METHODS
from .operation import bank_operation
from .words import explain, translated, way_out


class BankSession(models.Model):
    _inherit = "bank.session"

    def _log_in(self, method):
        """Starts a log-in. Afterwards the session is open, or a challenge waits."""
        self.ensure_one()
        self._hold()
        operator = self.operator_id
        if not self.bank_id.has_session:  # nobody is asked, so there is nothing for the log
            answer = self._bank().log_in(operator._to_protocol(""), self.client_identifier)
            self._keep_answer(answer)
            return
        answer = self._logged(
            "log_in",
            lambda: self._bank().log_in(operator._to_protocol(method), self.client_identifier),
        )
        self.sudo().write({"method": method})
        self._keep_answer(answer)

    def _hold(self):
        """Locks the row until the end of the request: one log-in at a time, in one window."""
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._("You are logging in already, in another window. Try again in a moment.")
            ) from None

    def _action_confirm(self, resume):
        """The dialog that logs in and then calls `resume` again."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "bank_webservice.confirm",
            "target": "new",
            "name": self.env._("Log in to %(bank)s", bank=self.bank_id.name),
            "params": {"session_id": self.id, "resume": resume},
        }

    def _own(self):
        """This session, when it is the user's own; nobody logs in for somebody else."""
        self.ensure_one()
        if self.sudo().user_id != self.env.user:
            raise UserError(self.env._("This is another user's log-in."))
        return self.sudo()

    # -------------------------------------------------------------------------
    # CALLED BY THE DIALOG
    # -------------------------------------------------------------------------

    def dialog_start(self, method=None):
        """Starts the log-in, or shows the one that waits. Returns what the dialog shows.

        After a refusal, or too late, it starts anew: `session_id` says where to go on.
        """
        session = self._own()
        challenge = session._challenge()
        if challenge and challenge.method == "envelope":
            # What the bank encrypted is for one try of one dialog: a new start asks for a new one.
            session._hold()
            session.challenge_sealed = False
            method = method or session.method
        if session.state == "ended":
            session = session._anew()
        if session.state == "asked" and not session._waits_for(method):
            session._start(method or session.operator_id.default_method)
        return session._dialog_state()

    def _anew(self):
        """The user's session in place of this one that has ended."""
        operator = self.env["bank.operator"]._of_user(self.bank_id)  # as he may work with it today
        values = {**self._of_whom(), "operator_id": operator.id}
        return self._living_or_new(values)

    def _waits_for(self, method):
        """A challenge waits that can still be confirmed in this way (False: in any)."""
        challenge = self._challenge()
        if not challenge or (method and method != self.method):
            return False
        return not challenge.expires_at or challenge.expires_at > datetime.now(timezone.utc)

    @bank_operation
    def _start(self, method):
        self._log_in(method)

    def dialog_poll(self):
        """Asks the bank once whether the challenge was confirmed."""
        session = self._own()
        # Two tabs may ask at once: the second one just reports what is known.
        if session.state != "asked" or not session.try_lock_for_update(allow_referencing=True):
            return session._dialog_state()
        return session._confirm(None)

    def dialog_answer(self, answer):
        """A typed code, or what the card's program gave: base64 of a signature, or JSON text with
        the session id that it opened (`nonce`, `session_id`).

        A card's signature is verified here before the bank gets it; what it opened, there.
        """
        session = self._own()
        challenge = session._challenge()
        if challenge and challenge.method == "envelope":
            session._card_certificate()._require_valid()
        if challenge and challenge.method == "certificate":
            certificate = session._card_certificate()
            answer = certificate._take_answer("challenge", challenge.payload, answer)
        session._hold()
        return session._confirm(answer)

    def _card_certificate(self):
        certificate = self.operator_id.sudo().certificate_id
        if certificate.source != "card":
            words = self.env._("Your certificate at %s is not on a card.", self.bank_id.name)
            raise way_out(words, certificate or self.operator_id)
        return certificate

    def _confirm(self, answer):
        challenge = self._challenge()
        if not challenge:
            return self._dialog_state()
        try:
            result = self._logged("confirm", lambda: self._bank().confirm(challenge, answer))
        except errors.BankError as error:
            if isinstance(error, errors.Refused):
                # The challenge is used up: the next start asks for a new one.
                self._end(explain(self.env, error), tell_bank=False)
            return {"state": "failed", "message": explain(self.env, error), "retry": error.retry}
        self._keep_answer(result)
        return self._dialog_state()

    def dialog_cancel(self):
        """The user gave up: the challenge is dropped, and the phone asks no more."""
        session = self._own()
        if session.state == "asked":
            session._withdraw()
            session._end(self.env._("Cancelled."), tell_bank=False)
        return True

    def _withdraw(self):
        """Tells the bank, once; where it does not hear it, the challenge ends by its time."""
        challenge = self._challenge()
        if challenge:
            with contextlib.suppress(errors.BankError):
                self._logged("withdraw", lambda: self._bank().withdraw(challenge))

    def _dialog_state(self):
        """JSON for the dialog: never the token, never the challenge's inner state.

        `certificate`: the fingerprint tells the signer which of the card's certificates is meant.
        """
        certificate = self.operator_id.sudo().certificate_id
        challenge = self._challenge() or records.Challenge(id="", method="")
        now = fields.Datetime.now()
        expires = challenge.expires_at and challenge.expires_at.replace(tzinfo=None)
        state = {"asked": "waiting", "open": "open", "ended": "failed"}[self.state]
        left = {"seconds_left": max(int((expires - now).total_seconds()), 0)} if expires else {}
        return {
            **left,
            "session_id": self.id,
            "state": state,
            "message": self.end_reason or "",
            "method": challenge.method,
            "code": challenge.code,
            "text": challenge.text,
            "payload": base64.b64encode(challenge.payload).decode(),
            "bank": self.bank_id.name,
            "login": self.operator_id.login,
            "client_identifier": self.client_identifier,
            "methods": self._dialog_methods(),
            "chosen": self.method or self.operator_id.default_method,
            "encrypted": base64.b64encode(challenge.encrypted).decode(),
            "certificate": certificate.fingerprint if certificate.source == "card" else "",
        }

    def _dialog_methods(self):
        """[[method, label]] of what this bank offers and this operator can use."""
        labels = dict(self._fields["method"]._description_selection(self.env))
        offered = banks.BANKS[self.bank_id.sudo().bank_channel].methods
        certificate = self.operator_id.sudo().certificate_id
        if not certificate._is_valid():
            offered = [method for method in offered if method != "certificate"]
        return [[method, labels[method]] for method, _label in METHODS if method in offered]

    # -------------------------------------------------------------------------
    # CHALLENGE AT REST
    # -------------------------------------------------------------------------

    def _challenge(self):
        """The pending challenge, or None."""
        text = self.env["bank.vault"]._open(self, "challenge_sealed")
        return challenges.from_dict(json.loads(text)) if text else None

    def _keep_answer(self, answer):
        """Keeps what a log-in or confirmation gave: a Session opens, a Challenge waits."""
        vault = self.env["bank.vault"]
        if isinstance(answer, records.Challenge):
            answer = replace(answer, text=translated(self.env, answer.text))
            vault._seal(self, "challenge_sealed", json.dumps(challenges.as_dict(answer)))
            return
        now = fields.Datetime.now()
        vault._seal(self, "token_sealed", answer.token)
        self.sudo().write(
            {
                "state": "open",
                "opened_at": now,
                "last_activity_at": now,
                "ends_at": answer.expires_at and answer.expires_at.replace(tzinfo=None),
                "idle_seconds": answer.idle_seconds,
                "challenge_sealed": False,
            }
        )
        self._refresh_agreement()


class ResUsers(models.Model):
    """A user who goes, or whose password changes, leaves no open session at a bank."""

    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "password" in vals or vals.get("active") is False:
            self._end_bank_sessions(self.env._("The user's password or account was changed."))
        return result

    def _set_password(self):
        # The password wizards come this way.
        result = super()._set_password()
        self._end_bank_sessions(self.env._("The user's password was changed."))
        return result

    def _end_bank_sessions(self, reason):
        domain = [("user_id", "in", self.ids), ("state", "!=", "ended")]
        self.env["bank.session"].sudo().search(domain)._end(reason)


class ResDevice(models.Model):
    _inherit = "res.device"

    def _revoke(self):
        """A revoked device may have been the last one of its user."""
        users = self.user_id
        result = super()._revoke()
        users._end_bank_sessions(self.env._("A device was logged out."))
        return result
