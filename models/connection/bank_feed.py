# SPDX-License-Identifier: LGPL-3.0-only
"""A journal's running state at the bank: the row that is locked, never the journal itself."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

from ...protocol import errors
from .operation import create_once

# A question that the bank has not answered by then is asked anew.
LONGEST_WAIT = timedelta(hours=12)


class BankFeed(models.Model):
    _name = "bank.feed"
    _description = "Bank feed of a journal"
    _rec_name = "journal_id"

    journal_id = fields.Many2one(
        "account.journal", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="journal_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    fetched_until = fields.Date(readonly=True)
    last_fetch_at = fields.Datetime(readonly=True)
    last_error = fields.Text(readonly=True)
    awaited = fields.Json(
        readonly=True, help="Questions that the bank answers later, with what is needed to go on."
    )
    history_cursor = fields.Char(
        readonly=True, help="From where the bank is asked for what is new of today."
    )
    balance_booked = fields.Monetary("Booked", readonly=True)
    balance_available = fields.Monetary("Available", readonly=True)
    balance_at = fields.Datetime("Balance of", readonly=True)

    _journal_unique = models.Constraint("unique (journal_id)", "A journal has one feed.")

    @api.depends("journal_id")
    def _compute_currency_id(self):
        for feed in self:
            journal = feed.journal_id
            feed.currency_id = journal.currency_id or journal.company_id.currency_id

    @api.model
    def _of_journal(self, journal):
        """The feed row of a journal, made on first use."""
        feed = self.sudo().search([("journal_id", "=", journal.id)])
        return feed or create_once(self.sudo(), {"journal_id": journal.id})

    def _hold(self):
        """Locks the row until the end of the request: one fetch into a journal at a time."""
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._(
                    "Somebody else, or Odoo itself, is fetching into %(journal)s at this moment. "
                    "Look again in some seconds.",
                    journal=self.journal_id.display_name,
                )
            ) from None

    # -------------------------------------------------------------------------
    # ANSWERS THAT COME LATER
    # -------------------------------------------------------------------------

    def _ask(self, session, operation, key, call, person=True):
        """The answer of `call(bank, session, resume)`, or None when it comes later.

        Then the state of the question waits here, and the next call with the same key goes on with
        it. Nothing is raised for that: it would undo what was written.
        """
        self.ensure_one()
        awaited = dict(self.sudo().awaited or {})
        kept = awaited.pop(key, None)
        now = fields.Datetime.now()
        fresh = kept and now - fields.Datetime.to_datetime(kept["asked_at"]) < LONGEST_WAIT
        resume = kept["state"] if fresh else None
        try:
            answer = self._answer(session, operation, call, resume, person)
        except errors.Later as later:
            asked_at = kept["asked_at"] if fresh else fields.Datetime.to_string(now)
            awaited[key] = {"asked_at": asked_at, "state": later.state}
            self.sudo().write({"awaited": awaited})
            return None
        if kept:
            self.sudo().write({"awaited": awaited})
        return answer

    def _answer(self, session, operation, call, resume, person):
        """A question that was refused meanwhile is asked anew, once."""
        try:
            return session._read(operation, lambda bank, s: call(bank, s, resume), person)
        except errors.Refused:
            if resume is None:
                raise
            return session._read(operation, lambda bank, s: call(bank, s, None), person)

    # -------------------------------------------------------------------------
    # BALANCE
    # -------------------------------------------------------------------------

    def _refresh_balance(self, session, person=True):
        """Reads and keeps booked and available balance with the time that the bank names.

        False when the bank answers later.
        """
        self.ensure_one()
        account = self._account()
        balance = self._ask(
            session,
            "balance",
            "balance",
            lambda bank, s, resume: bank.balance(s, account, resume=resume),
            person,
        )
        if balance is None:
            return False
        self.sudo().write(
            {
                "balance_booked": balance.booked,
                "balance_available": balance.booked
                if balance.available is None
                else balance.available,
                "balance_at": balance.at.replace(tzinfo=None),
            }
        )
        return True

    def _account(self):
        """The journal's account as protocol record."""
        return self.journal_id.bank_account_id._webservice_account()
