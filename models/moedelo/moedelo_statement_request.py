# SPDX-License-Identifier: LGPL-3.0-only
"""Statements that a service asks for: answered from the books by themselves, fetched where missing.

A request waits (pending) for the bank or for a person's log-in there, and then is ready or failed.
Users do not see these documents; administrators can.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol.moedelo import problem_words as words
from ...protocol.moedelo import statement_requests
from ...protocol.moedelo.problems import FieldError, Problem
from ...protocol.vocabulary import STATEMENT_KINDS
from ..connection.words import in_language
from ..fetching.bank_feed_unattended import CONFIRM

STATES = [("pending", "Pending"), ("ready", "Ready"), ("failed", "Failed")]
REASONS = [
    ("fetching", "Being fetched from the bank"),
    ("bank_login_needed", "A person has to log in to the bank"),
    ("not_imported", "Not imported, and not fetched for a service"),
    ("bank_error", "The bank gave no statement"),
]
FETCHES_AN_HOUR = 6  # for one account, whoever asks
KEEP = timedelta(days=90)
FRESH = timedelta(minutes=15)  # so old may be what changes during the day


class MoedeloStatementRequest(models.Model):
    _name = "moedelo.statement.request"
    _description = "Statement asked for by a service"
    _order = "id desc"
    _rec_name = "external_id"

    external_id = fields.Char("Id at the service", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    client_id = fields.Many2one(
        "moedelo.client", "Service", required=True, readonly=True, ondelete="cascade"
    )
    journal_id = fields.Many2one(
        "account.journal", required=True, readonly=True, index=True, ondelete="cascade"
    )
    account_number = fields.Char(required=True, readonly=True)
    kind = fields.Selection([*STATEMENT_KINDS.items()], required=True, readonly=True)
    since = fields.Date("From", required=True, readonly=True)
    until = fields.Date("To", required=True, readonly=True)
    format = fields.Selection([("json", "JSON"), ("1c", "1CClientBankExchange")], readonly=True)
    automatic = fields.Boolean(readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="pending", index=True)
    reason = fields.Selection(REASONS, readonly=True)
    problem = fields.Char("The bank's words", readonly=True)
    asked_of_bank_at = fields.Datetime("Asked of the bank", readonly=True)
    ready_at = fields.Datetime("Ready", readonly=True)
    served_at = fields.Datetime("Last handed over", readonly=True)

    _external_unique = models.Constraint(
        "unique (company_id, client_id, external_id)", "This request of the service is here."
    )

    # -------------------------------------------------------------------------
    # FROM THE SERVICE
    # -------------------------------------------------------------------------

    @api.model
    def _take(self, access, value):
        """The request behind a JSON value: a new one, or the one that came under this id."""
        today = self.env["bank.order"]._moscow_now().date()
        asked = statement_requests.understand(value, today, automatic=access.kind == "service")
        known = self._find(access, asked.external_id)
        if known:
            if known.digest != asked.digest:
                raise Problem("conflict", words.OTHER_CONTENT, id=asked.external_id)
            known._settle()
            return known
        journal = self._journal_of(access, asked.account)
        request = self.sudo().create(self._prepare_vals(access, asked, journal))
        request._settle(first=True)
        return request

    @api.model
    def _find(self, access, external_id):
        domain = [
            ("company_id", "=", access.company_id),
            ("client_id", "=", access.client_id),
            ("external_id", "=", external_id),
        ]
        return self.sudo().search(domain, limit=1)

    @api.model
    def _journal_of(self, access, number):
        """The journal of an account that the token may read; `Problem` (422) otherwise."""
        grant = self.env["moedelo.grant"].sudo().browse(access.grant_id)
        accounts = grant.account_ids.filtered(
            lambda one: one.active and one.sanitized_acc_number == number
        )
        domain = [
            ("bank_account_id", "in", accounts.ids),
            ("company_id", "=", access.company_id),
        ]
        journal = self.env["account.journal"].sudo().search(domain, limit=1)
        if not journal:
            error = FieldError("/account", "not_yours", words.NOT_YOURS)
            raise Problem("invalid", errors=[error])
        return journal

    def _refuse_other_accounts(self, access):
        """The consent may have become narrower since the request."""
        self._journal_of(access, self.account_number)

    @api.model
    def _prepare_vals(self, access, asked, journal):
        return {
            "external_id": asked.external_id,
            "digest": asked.digest,
            "company_id": access.company_id,
            "client_id": access.client_id,
            "journal_id": journal.id,
            "account_number": asked.account,
            "kind": asked.kind,
            "since": asked.since,
            "until": asked.until,
            "format": asked.format,
            "automatic": access.kind == "service",
        }

    def _said(self):
        return {
            "external_id": self.external_id,
            "account": self.account_number,
            "kind": self.kind,
            "from": fields.Date.to_string(self.since),
            "to": fields.Date.to_string(self.until),
            "format": self.format,
            "state": self.state,
            "reason": self.reason or "",
        }

    # -------------------------------------------------------------------------
    # STATES
    # -------------------------------------------------------------------------

    def _settle(self, first=False):
        """Ready where the books have it; else the bank is asked, where that is allowed.

        `Problem` (429) at the `first` time where it was asked too often; later it just waits.
        """
        for request in self.filtered(lambda one: one.state == "pending"):
            if request._is_in_the_books():
                request._become_ready()
            elif not request.asked_of_bank_at:
                request._ask_bank(first)

    def _become_ready(self):
        self.write({"state": "ready", "reason": False, "ready_at": fields.Datetime.now()})

    def _fail(self, reason, problem=False):
        self.write({"state": "failed", "reason": reason, "problem": problem})

    @api.model
    def _waiting(self, journal):
        """What of this journal waits for the bank."""
        return self.sudo().search(
            [
                ("journal_id", "=", journal.id),
                ("state", "=", "pending"),
                ("asked_of_bank_at", "!=", False),
            ]
        )

    # -------------------------------------------------------------------------
    # ADMINISTRATION
    # -------------------------------------------------------------------------

    @api.autovacuum
    def _gc_requests(self):
        self.search([("create_date", "<", fields.Datetime.now() - KEEP)]).unlink()

    # -------------------------------------------------------------------------
    # THE BOOKS
    # -------------------------------------------------------------------------

    def _is_in_the_books(self):
        self.ensure_one()
        if self.kind == "balance":
            read_at = self.journal_id._bank_feed().balance_at
            return bool(read_at and read_at > self.create_date - FRESH)
        today = self.env["bank.order"]._moscow_now().date()  # the bank's day
        last = min(self.until, today - timedelta(days=1))
        if self.until >= today and not self._today_is_known():
            return False
        return last < self.since or self._is_imported(last)

    def _today_is_known(self):
        """Another request had today's operations fetched a moment ago."""
        domain = [
            ("journal_id", "=", self.journal_id.id),
            ("kind", "=", "interim"),
            ("until", ">=", self.until),
            ("state", "=", "ready"),
            ("asked_of_bank_at", ">", fields.Datetime.now() - FRESH),
        ]
        return bool(self.search_count(domain, limit=1))

    def _is_imported(self, last):
        """Whether every day until `last` was fetched, without a gap between the statements."""
        journal = self.journal_id
        statements = self.env["account.bank.statement"].sudo()
        first = statements.search(
            [("bank_journal_id", "=", journal.id), ("bank_opened_on", "<=", self.since)], limit=1
        )
        until = journal._bank_feed().fetched_until
        if not first or not until or until < last:
            return False
        gaps = journal.sudo()._statement_gaps()
        return not any(gap.since <= last and gap.until >= self.since for gap in gaps)

    # -------------------------------------------------------------------------
    # FETCHING: by the workers that fetch for the schedule
    # -------------------------------------------------------------------------

    def _ask_bank(self, first):
        """Queues the fetch, where the bank was not asked too often for this account."""
        self.ensure_one()
        subscriptions = self.env["moedelo.subscription"].sudo()
        domain = [("company_id", "=", self.company_id.id)]
        if not subscriptions.search(domain, limit=1).fetch_missing:
            self._fail("not_imported")
            return
        if self._too_many():
            if first:
                headers = {"Retry-After": "600"}
                raise Problem("too-many", words.FETCH_LIMIT, headers=headers, limit=FETCHES_AN_HOUR)
            return
        feed = self.journal_id._bank_feed().sudo()
        try:
            feed._ask_for_run(self.since, self.until)
        except UserError:  # a person fetches at this moment: asked again later
            self.reason = "fetching"
            return
        # Nobody's screen waits for this run, and what goes wrong is an operator's business.
        feed.run_user_id = False
        self.write({"asked_of_bank_at": fields.Datetime.now(), "reason": "fetching"})
        session = feed._session_to_open()
        if session is not None:
            feed._wait_for_login(session)

    def _too_many(self):
        since = fields.Datetime.now() - timedelta(hours=1)
        domain = [("journal_id", "=", self.journal_id.id), ("asked_of_bank_at", ">", since)]
        return self.search_count(domain) >= FETCHES_AN_HOUR

    def _run_is_over(self, problem):
        """Everything that waited was in the run: it is ready, or `problem` says why not."""
        if problem:
            self._fail("bank_error", problem)
        else:
            self._become_ready()


class MoedeloSubscription(models.Model):
    _inherit = "moedelo.subscription"

    fetch_missing = fields.Boolean(
        "Fetch missing statements",
        default=True,
        tracking=True,
        help="Where a statement that the service asks for is not imported yet, the bank is asked "
        "for it, at most six times an hour for an account.",
    )


class BankFeed(models.Model):
    _inherit = "bank.feed"

    def _moedelo_waiting(self):
        return self.env["moedelo.statement.request"]._waiting(self.journal_id)

    def _session_to_open(self):
        """The session that a person has to open before anything can be fetched; None: nobody."""
        self.ensure_one()
        account = self.journal_id.bank_account_id
        if any(session._is_live() for session in self._open_sessions()):
            return None
        operators = self._operators()
        for operator in operators:
            if operator._needs_nobody():
                return None
        if not operators:
            return None
        try:
            return self.env["bank.session"]._of_account(account, operators[0].user_id)
        except UserError:  # the worker says what is missing
            return None

    def _fetch_due(self, session):
        """Balance and today's operations first, where a service waits for them."""
        kinds = set(self._moedelo_waiting().mapped("kind"))
        if "balance" in kinds and not self._refresh_balance(session, person=False):
            return None
        if "interim" in kinds:
            self.journal_id._fetch_history(session, person=False)
            if any(key.startswith("history ") for key in self.awaited or {}):
                return None
        return super()._fetch_due(session)

    def _ask_for_run(self, since, until):
        """A run that replaces another one still fetches what services wait for."""
        waiting = self._moedelo_waiting()
        since = min([since, *waiting.mapped("since")])
        return super()._ask_for_run(since, max([until, *waiting.mapped("until")]))

    def _end_run(self, next_fetch_at, **values):
        finished = not self.run_since or self.run_since > self.run_until
        result = super()._end_run(next_fetch_at, **values)
        problem = values.get("last_error") if values.get("failures") else False
        if not finished and not problem:
            problem = self.env._("Somebody stopped the fetch.")
        waiting = self._moedelo_waiting()
        if not problem and self.last_error:  # the bank left days out
            short = waiting.filtered(lambda one: one.kind == "final" and not one._is_in_the_books())
            short._run_is_over(self.last_error)
            waiting -= short
        waiting._run_is_over(problem)
        return result

    def _wait_for_login(self, session):
        result = super()._wait_for_login(session)
        waiting = self._moedelo_waiting()
        if waiting:
            waiting.write({"reason": "bank_login_needed"})
            user = session.user_id or self._responsible()
            # Whose question it is stays between programs: users do not see these requests.
            env = in_language(self, user).env
            words = env._("The bank wants a log-in. What is missing is fetched after it.")
            self._leave_activity(user, CONFIRM, words)
        return result

    def _login_done(self):
        for feed in self.filtered("waits_for_login"):
            feed._moedelo_waiting().write({"reason": "fetching"})
        return super()._login_done()
