# SPDX-License-Identifier: LGPL-3.0-only
"""What a service waits for is fetched by the workers that fetch for the schedule."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...protocol.moedelo import problem_words as words
from ...protocol.moedelo.problems import Problem
from ..connection.words import in_language
from ..fetching.bank_feed_unattended import CONFIRM
from .moedelo_statement_request import FETCHES_AN_HOUR


class MoedeloStatementRequest(models.Model):
    _inherit = "moedelo.statement.request"

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
