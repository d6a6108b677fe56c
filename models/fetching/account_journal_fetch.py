# SPDX-License-Identifier: LGPL-3.0-only
"""Fetching a period: in pieces that the bank allows, raw documents first, then the books."""

from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from ...protocol import banks, errors
from ..connection.account_journal import FEED
from ..connection.operation import RELOAD, LoginNeeded, bank_operation, notify
from ..connection.rights import require_right
from ..connection.words import GUIDE, WayOut, link_of, way_out_by_action

AT_ONCE = 20  # confirmations, or balances, after one fetch
LONGEST_PIECE = 31  # days, where a bank names no limit of its own


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @bank_operation
    def action_fetch_all(self):
        """Button: everything new of these journals, of all that are connected where none is named.

        One log-in a bank, before anything begins; the workers fetch in those sessions.
        """
        require_right(self.env, "operator")
        journals = self or self.search(
            [("bank_statements_source", "=", FEED), ("company_id", "in", self.env.companies.ids)]
        )
        ready, problems = self.browse(), {}
        for journal in journals:
            try:
                journal._bank_session()
                ready |= journal
            except UserError as error:
                problems[journal] = error
        for journal in ready:
            feed = journal._bank_feed().sudo()
            if not (feed.run_user_id and feed.next_fetch_at):
                feed._plan_run()
                feed._ask_for_run(feed.run_since, feed.run_until)
        if not ready:
            if len(problems) == 1:
                raise problems.popitem()[1]
            if problems:
                raise _together(problems)
            none = self.env._("No journal is connected to a bank's web service.")
            raise way_out_by_action(self.env, none, GUIDE)
        words = self.env._("Statements are being fetched. You can go on working.")
        kind = "warning" if problems else "info"
        # Where a link stands in the words, the web client wants “%s”.
        links = {journal: link_of(error) for journal, error in problems.items()}
        said = [
            f"{line} %s" if links[journal] else line
            for journal, line in zip(problems, _said(problems), strict=True)
        ]
        more = {"links": [link for link in links.values() if link], "next": RELOAD}
        return notify("\n".join([words, *said]), kind, sticky=bool(problems), **more)

    def _refresh_balances(self, session=None, person=True):
        """Of these journals, as far as the bank answers: what was fetched stays in any case."""
        for journal in self:
            try:
                journal._bank_feed()._refresh_balance(session or journal._bank_session(), person)
            except (errors.Unreachable, errors.Timeout):
                return  # nobody waits for each account in turn
            except (UserError, LoginNeeded, errors.BankError):
                continue

    def _journals_of_session(self):
        """Those that one log-in reads, this one first; not so many that a person would wait."""
        self.ensure_one()
        account = self.bank_account_id
        others = self.search(
            [
                ("id", "!=", self.id),
                ("bank_statements_source", "=", FEED),
                ("company_id", "=", self.company_id.id),
                ("bank_account_id.bank_id", "=", account.bank_id.id),
            ]
        )
        client = account.sudo().client_identifier
        others = others.filtered(lambda one: one.bank_account_id.sudo().client_identifier == client)
        return (self | others)[:AT_ONCE]

    def _fetch_statements(self, since, until, person=True, session=None):
        """(documents, import results) of a period, both days included.

        It stops at the first piece that does not go in: later days would hide the gap.
        """
        self.ensure_one()
        session = session or self._bank_session()
        documents, results = self.env["bank.document"], []
        for first, last in self._pieces(since, until):
            received, imported, good = self._fetch_piece(first, last, session, person)
            documents |= received
            results += imported
            if not good:
                break
        return documents, results

    def _pieces(self, since, until):
        """[(first, last day)] of at most as many days as the bank gives at once."""
        step = timedelta(days=self._days_at_once())
        pieces = []
        while since <= until:
            last = min(since + step - timedelta(days=1), until)
            pieces.append((since, last))
            since = last + timedelta(days=1)
        return pieces

    def _days_at_once(self):
        channel = self.bank_account_id.bank_id.sudo().bank_channel
        return max(1, getattr(banks.BANKS.get(channel), "days_at_once", LONGEST_PIECE))

    def _fetch_piece(self, since, until, session, person=True):
        """(documents, import results, whether everything went in)."""
        feed, account = self._bank_feed(), self._bank_feed()._account()
        chosen = self.statement_format or ""
        received = feed._ask(
            session,
            "statements",
            f"statements {since} {until} {chosen}",
            lambda bank, s, resume: list(
                bank.statements(s, account, since, until, chosen, resume=resume)
            ),
            person,
        )
        if received is None:
            words = self.env._("The bank is preparing the statement. Fetch again in a minute.")
            feed.sudo().write({"last_error": words})
            return self.env["bank.document"], [], False
        documents = self.env["bank.document"]._keep(self, received)
        # Known documents are held against the books again: an entry that went missing comes back.
        results = feed._process_telling(documents)
        queued = documents.filtered(lambda document: document.state == "queued")
        if queued:
            feed.sudo().write({"last_error": queued._large_words()})
            return documents, results, False
        failed = documents._wrong()
        final = [document.final_until for document in received if document.final_until]
        feed._fetched(since, until, failed, min(final, default=None))
        if not failed:
            self._archive_pdf(since, until, session, person)
        return documents, results, not failed

    def _fetch_history(self, session=None, person=True, since=None, until=None):
        """(documents, import results) of the operations that no final statement has yet."""
        self.ensure_one()
        session, today = session or self._bank_session(), self._bank_today()
        bank = banks.BANKS[session.bank_id.sudo().bank_channel]
        if not bank.history_formats:
            return self.env["bank.document"], []
        if bank.has_increments and not since and not until:
            return self._fetch_increment(session, person)
        since, until = since or today, until or today
        feed, account = self._bank_feed(), self._bank_feed()._account()
        received = feed._ask(
            session,
            "history",
            f"history {since} {until}",
            lambda bank, s, resume: list(bank.history(s, account, since, until, resume=resume)),
            person,
        )
        documents = self.env["bank.document"]._keep(self, received or [])
        return documents, feed._process_telling(documents)

    def _fetch_increment(self, session, person):
        """(documents, import results) of what is new since the last time; see `history_since`."""
        feed, account = self._bank_feed(), self._bank_feed()._account()
        cursor, received = session._read(
            "history",
            lambda bank, s: bank.history_since(s, account, feed.history_cursor or ""),
            person,
        )
        documents = self.env["bank.document"]._keep(self, received)
        results = feed._process_telling(documents)
        if not documents._wrong():
            feed.sudo().history_cursor = cursor
        return documents, results

    def _fetch_since_number(self, number, year=None, person=True):
        """(documents, import results) of the statements with a number above `number`."""
        self.ensure_one()
        session, feed = self._bank_session(), self._bank_feed()
        account, chosen = feed._account(), self.statement_format or ""
        received = session._read(
            "statements",
            lambda bank, s: list(bank.statements_since(s, account, number, year, chosen)),
            person,
        )
        documents = self.env["bank.document"]._keep(self, received)
        return documents, feed._process_telling(documents)

    def _archive_pdf(self, since, until, session, person):
        """Statements and confirmations as PDF, where the bank gives and the journal wants them."""
        if not self.fetch_pdf:
            return
        bank = banks.BANKS.get(session.bank_id.sudo().bank_channel)
        if "pdf" in bank.statement_formats:
            account = self._bank_feed()._account()
            papers = session._read(
                "statements",
                lambda bank, s: list(bank.statements(s, account, since, until, "pdf")),
                person,
            )
            self.env["bank.document"]._keep(self, papers)._process()
        self._archive_confirmations(session, person)

    def _archive_confirmations(self, session, person):
        """Confirmations of executed orders that have none yet."""
        orders = self.env["bank.order"].sudo().search(
            [
                ("journal_id", "=", self.id),
                ("bank_state", "=", "executed"),
                ("confirmation_ids", "=", False),
            ],
            order="executed_on desc, id desc",
            limit=AT_ONCE,
        )  # fmt: skip
        for order in orders.filtered("has_confirmation"):
            try:
                order._keep_confirmation(session, person)
            except errors.Refused:
                continue  # not made yet, or not for this kind of order

    def _who_is_told(self):
        """What the scheduled job finds is for whoever asked for the run, or fetches here."""
        responsible = self.sudo().bank_feed_ids._responsible()
        told = super()._who_is_told()
        return responsible if responsible and self.env.user._is_superuser() else told


def _said(problems):
    """{journal: error} as lines."""
    return [f"{journal.display_name}: {error}" for journal, error in problems.items()]


def _together(problems):
    """One error of {journal: error}, with the button of the first that has one."""
    words = "\n".join(_said(problems))
    ways = [error.context for error in problems.values() if isinstance(error, WayOut)]
    return WayOut(words, **ways[0]) if ways else UserError(words)
