# SPDX-License-Identifier: LGPL-3.0-only
"""Sending: at most once, whatever dies. Rules 1 to 3 of the design.

The button marks the package *to send*. The cron locks it, writes *sending*, COMMITS, calls the
bank, writes what came, COMMITS. A worker that dies in between leaves *sending*, which becomes
*unknown* when it is older than a call can be; unknown is settled by asking, never by sending.
"""

import base64
import hashlib
import logging
from datetime import timedelta, timezone

import psycopg2
from odoo import api, fields, models, modules
from odoo.exceptions import ConcurrencyError, UserError

from ...protocol import errors, records
from ...protocol.states import READY
from ..connection.operation import (
    RELOAD,
    LoginNeeded,
    bank_operation,
    commit_step,
    notify,
    refuse_when_neutralized,
    tell_changed,
)
from ..connection.rights import require_right
from ..connection.words import explain, in_language, way_out
from .account_journal import SERVICE_CHARSET
from .bank_white_list import ask_again, remind_of_notice

_logger = logging.getLogger(__name__)

# A call lasts at most the bank's time-out (60 s, see res.bank), and a log-in in two steps may come
# before it; a worker that is silent for longer than that is certainly dead.
STALE_SENDING = timedelta(minutes=5)


class BankPackage(models.Model):
    _inherit = "bank.package"

    @bank_operation
    def action_send(self):
        """Button: hand the packages over to the bank. The cron does it, at once."""
        require_right(self.env, "sender")
        if failed := self._drop_failed_signatures():
            # Not by an error: the removal has to stay. Nothing is sent until somebody looks again.
            return notify("\n".join(failed), "danger", sticky=True, next=RELOAD)
        for package in self:
            package._mark_to_send()
        self.env.ref("bank_webservice.cron_send")._trigger()
        words = self.env._("Given to the queue. You are told what the bank says.")
        return notify(words, next=RELOAD)

    def _mark_to_send(self):
        if self.by_hand_at:
            raise UserError(self.env._("Package %s was handed over by hand already.", self.name))
        ask_again(self)
        # A second user or worker that presses at once is refused here, or finds another state.
        self._lock_or_refuse()
        self._require_state(*READY)
        self._approve_as_sender()
        self._refuse_unsendable()
        session = self.env["bank.session"]._require(self.journal_id.bank_account_id)
        self._set_state("to_send", session_id=session.id)
        remind_of_notice(self)

    def _refuse_unsendable(self):
        charset = self.journal_id.elixir_charset or SERVICE_CHARSET
        if self.format == "elixir" and charset != SERVICE_CHARSET:
            words = self.env._(
                "Package %(package)s is written in %(charset)s, for a file that a person hands "
                "over. The web service reads CP1250: choose it on the journal, cancel this "
                "package and prepare it again.",
                package=self.name,
                charset=charset.upper(),
            )
            raise way_out(words, self.journal_id)
        journals = self.sudo().order_ids.journal_id | self.journal_id
        for account in journals.bank_account_id:
            if not account._is_tested():
                words = self.env._(
                    "The connection of the account %(account)s was not tested since its "
                    "settings or those of the bank were changed. Run “Test connection” first.",
                    account=account.acc_number,
                )
                raise way_out(words, account.with_env(self.env))
        if len({journal._client_key() for journal in journals}) > 1:
            raise UserError(
                self.env._(
                    "The accounts of package %(package)s do not belong to one client at one bank "
                    "any more. Cancel it and prepare its payments again.",
                    package=self.name,
                )
            )
        self._refuse_problems(self.order_ids.sudo()._problems_before_sending())
        self._refuse_unapproved()

    # -------------------------------------------------------------------------
    # CRON
    # -------------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        refuse_when_neutralized(self.env)
        self._find_stale_sending()
        failed = self.browse()
        while package := self._next_to_send(failed):
            try:
                package._in_senders_language()._send()
                left = self._commit_step(1)
            except (psycopg2.OperationalError, ConcurrencyError) as error:
                # Somebody wrote the same rows. Before the call: the next run takes it. After it:
                # it stays in *sending*, which becomes unknown and is settled by asking.
                failed |= self._step_failed(package, error)
                continue
            except Exception as error:
                failed |= self._step_failed(package, error)
                self._give_back_after_error(package)
                continue
            if not left:
                break
        if failed or self._next_to_send(failed):
            self.env.ref("bank_webservice.cron_send")._trigger(
                fields.Datetime.now() + timedelta(minutes=1) if failed else None
            )

    @api.model
    def _next_to_send(self, without=()):
        domain = [("state", "=", "to_send")]
        if without:
            domain.append(("id", "not in", without.ids))
        waiting = self.search(domain, order="id", limit=100)
        return waiting.try_lock_for_update(allow_referencing=True, limit=1)

    def _in_senders_language(self):
        """What the cron tells and keeps in words is read by the person who sent."""
        return in_language(self, self.sender_id)

    @api.model
    def _step_failed(self, package, error):
        """One package's failure must not stop the others: it is logged and left as committed."""
        if modules.module.current_test:
            raise error
        self.env.cr.rollback()
        _logger.error("Sending package %s failed: %r", package.id, error, exc_info=error)
        return package

    @api.model
    def _give_back_after_error(self, package):
        """A mistake of ours before the call: the sender gets the package back, nothing was sent."""
        if package.state == "to_send" and package.try_lock_for_update(allow_referencing=True):
            words = self.env._("It could not be sent: an error in Odoo. The server's log has it.")
            package._set_state(package._ready_state(), bank_reason=words)
            package._tell_sender()
            self._commit_step()

    @api.model
    def _find_stale_sending(self):
        """Its worker died between the two commits: nobody knows what the bank got."""
        limit = fields.Datetime.now() - STALE_SENDING
        stale = self.search([("state", "=", "sending"), ("handed_over_at", "<", limit)])
        for package in stale.try_lock_for_update(allow_referencing=True):
            package._become_unknown(self.env._("The server stopped while it was sending."))
        if stale:
            self._commit_step()

    def _commit_step(self, processed=0):
        return commit_step(self.env, processed)

    def _send(self):
        """One package, whose row is locked here, to the bank."""
        self.ensure_one()
        try:
            message = self._to_protocol()
            account = self.journal_id.bank_account_id
            if failed := self._drop_failed_signatures():
                raise UserError("\n".join(failed))
            self._refuse_unsendable()
            # The sender's own session: the running one, or a new one that needs no person.
            session = self.env["bank.session"]._require(account, self.sender_id)
        except (UserError, LoginNeeded, errors.BankError) as error:
            self._back_to_ready(error)
            return
        self._set_state("sending", session_id=session.id, handed_over_at=fields.Datetime.now())
        self._commit_step()
        self._hand_over(session.with_user(self.sender_id).sudo(), message)
        self._commit_step()
        # After the result is safe: another request may have touched the session meanwhile.
        session._touch()
        self._tell_sender()

    def _hand_over(self, session, message):
        """The one call. Whatever comes back, and be it nothing, decides the state."""
        try:
            receipt = session._call(
                "send", lambda bank, s: bank.send(s, message), self.message_id, person=False
            )
        except LoginNeeded as error:
            self._back_to_ready(error)
        except errors.BankError as error:
            self._take_send_error(error)
        else:
            self._take_receipt(receipt)

    def _back_to_ready(self, error):
        """Nothing left the house: the package waits for its sender again."""
        if isinstance(error, LoginNeeded):
            words = self.env._("The session at the bank has ended. Press “Send” again.")
        elif isinstance(error, errors.BankError):
            words = explain(self.env, error)
        else:
            words = str(error)
        self._set_state(self._ready_state(), bank_reason=words)
        self._tell_sender()

    def _take_send_error(self, error):
        """What an error proves: refused, not sent, or nothing - then it is unknown."""
        words = explain(self.env, error)
        if isinstance(error, errors.LoginRefused | errors.ConfirmationExpired):
            self._set_state(self._ready_state(), bank_reason=words)
        elif isinstance(error, errors.Refused) and error.settles_sending:
            self._reject(words)
        elif error.settles_sending:
            self._set_state(self._ready_state(), bank_reason=words)
        else:
            self._become_unknown(words)

    def _become_unknown(self, words):
        self._set_state("unknown", bank_reason=words)
        self._ask_soon()

    # -------------------------------------------------------------------------
    # PROTOCOL
    # -------------------------------------------------------------------------

    def _to_protocol(self):
        """The package as protocol record, after holding each signature against the bytes again."""
        content = self._raw_content()
        problems = self._signature_problems(content)
        if problems:
            raise UserError("\n".join(problems))
        most = self.bank_id._kind().signatures_per_package
        # Who must sign is decided here; a bank that has a place for one gets the first.
        signatures = self.signature_ids[:most]
        return records.Package(
            message_id=self.message_id,
            format=self.format,
            content=content,
            created_at=self.create_date.replace(tzinfo=timezone.utc),
            signatures=tuple(
                base64.b64decode(signature.sudo().content) for signature in signatures
            ),
        )

    def _raw_content(self):
        """The bytes, after holding them against the digest. What was signed is what is sent."""
        self.ensure_one()
        content = base64.b64decode(self.sudo().content or b"")
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise UserError(
                self.env._("Package %s: its content was changed after it was made.", self.name)
            )
        return content

    def _tell_sender(self):
        """The sender sees it live, wherever he is in Odoo."""
        label = dict(self._fields["state"]._description_selection(self.env))[self.state]
        good = self.state not in ("rejected", "unknown", *READY)
        title, words = self.env._("Package %s", self.name), f"{label}. {self.bank_reason or ''}"
        tell_changed(self.sender_id, self, title, words.strip(), "success" if good else "warning")
