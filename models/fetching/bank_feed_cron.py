# SPDX-License-Identifier: LGPL-3.0-only
"""Fetching with nobody at the screen: several identical cron records share the due journals.

Each takes a due row with SKIP LOCKED, works on it and commits; a row is a journal's piece of days,
so a long range is many short transactions, and a killed worker loses one piece, which comes again.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure, UniqueViolation

from ...protocol import errors
from ..connection.operation import LoginNeeded, commit_step, refuse_when_neutralized
from ..connection.words import explain, in_language
from .bank_feed_unattended import TROUBLE

_logger = logging.getLogger(__name__)

MOST = 16  # workers
FIRST_FETCH = 7  # days back, for a journal that never fetched
FAILURES_TO_TELL = 3
LATER = timedelta(minutes=2)  # a bank prepares its answer, or a large document is imported
COLLISION = (SerializationFailure, ConcurrencyError)
COLLISIONS = 20  # of two workers at one row, in one run


class BankFeed(models.Model):
    _inherit = "bank.feed"

    next_fetch_at = fields.Datetime("Next fetch", readonly=True, index="btree_not_null")
    failures = fields.Integer("Failures in a row", readonly=True)
    waits_for_login = fields.Boolean(readonly=True)
    # What is being fetched: by the schedule, or asked for by a person.
    run_since = fields.Date("Still to fetch from", readonly=True)
    run_until = fields.Date("Still to fetch to", readonly=True)
    run_user_id = fields.Many2one("res.users", "Asked for by", readonly=True)

    @api.model
    def _cron_fetch(self):
        """One of several identical workers. Fetches what is due until its time is over."""
        refuse_when_neutralized(self.env)
        collisions = 0
        while collisions < COLLISIONS:
            try:
                feed = self._next_due()
                if not feed:
                    break
                # What goes wrong is read by a person, not by the cron's user.
                in_language(feed, feed._responsible())._run_due()
                left = commit_step(self.env, 1)
            except COLLISION:
                # Another worker was there a moment earlier: look again with fresh eyes.
                self.env.cr.rollback()
                collisions += 1
                continue
            if not left:
                self._trigger_workers()  # what is still due is gone on with at once
                break

    @api.model
    def _next_due(self):
        """The row that is due for longest and that no other worker holds; locked."""
        self.flush_model(["next_fetch_at"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM bank_feed WHERE next_fetch_at <= %s"
                " ORDER BY next_fetch_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
                fields.Datetime.now(),
            )
        )
        return self.browse(row[0] for row in rows)

    # -------------------------------------------------------------------------
    # ONE PIECE
    # -------------------------------------------------------------------------

    def _run_due(self):
        """One piece of one journal; whatever goes wrong stays with this journal."""
        self.ensure_one()
        try:
            # Outside: the session that waits for a confirmation has to stay.
            session = self._unattended_session()
            with self.env.cr.savepoint():
                good = self._fetch_due(session)
        except COLLISION:
            raise
        except UniqueViolation:
            # A person imported the same days at this moment: look again when he is through.
            self.write({"next_fetch_at": fields.Datetime.now() + LATER})
        except LoginNeeded as need:
            self._wait_for_login(need.session.exists())
        except errors.BankError as error:
            self._count_failure(explain(self.env, error))
        except UserError as error:
            self._count_failure(str(error))
        except Exception:
            _logger.exception("fetching statements of journal %s", self.journal_id.id)
            self._count_failure(self.env._("An unexpected error; the server's log has it."))
        else:
            self._piece_done(good)

    def _fetch_due(self, session):
        """Fetches the next piece. True: it went in; False: not; None: later, see `LATER`."""
        journal = self.journal_id
        self._plan_run()
        _first, last = journal._pieces(self.run_since, self.run_until)[0]
        self._tell(day=str(self.run_since))
        documents, _results, good = journal._fetch_piece(
            self.run_since, last, session, person=False
        )
        if not good and (not documents or "queued" in documents.mapped("state")):
            return None
        if not good:
            return False  # the documents are kept, with what is wrong with them
        if last == self.run_until and journal.fetch_intraday:
            journal._fetch_history(session, person=False)
        if last == self.run_until:
            asked = journal._journals_of_session() if self.run_user_id else journal
            fetching = asked.filtered(lambda one: one.bank_feed_ids.run_until) - journal
            (asked - fetching)._refresh_balances(session, person=False)  # those read their own
        self.write({"run_since": last + timedelta(days=1)})
        return True

    def _plan_run(self):
        """What the schedule fetches: from before the last fetched day, until today."""
        if self.run_since and self.run_until:
            return
        self._stop_wanted()  # an old wish is not about this run
        today = self.journal_id._bank_today()
        lookback = timedelta(days=self.journal_id.fetch_lookback)
        known = self.fetched_until
        since = known + timedelta(days=1) - lookback if known else today - timedelta(FIRST_FETCH)
        self.write({"run_since": min(since, today), "run_until": today, "run_user_id": False})

    def _piece_done(self, good):
        now = fields.Datetime.now()
        if good is None:
            self.write({"next_fetch_at": now + LATER})
            return
        if not good:
            self._count_failure(self.last_error)
            return
        values = {"failures": 0, "waits_for_login": False}
        if self.run_since <= self.run_until and not self._stop_wanted():
            self.write({**values, "next_fetch_at": now})
            return
        user = self.run_user_id
        left = self.run_since if self.run_since <= self.run_until else None
        self._end_run(self.journal_id._next_fetch(now), **values)
        self._tell_end(user, left=left)

    def _end_run(self, next_fetch_at, **values):
        nothing = {"run_since": False, "run_until": False, "run_user_id": False}
        self.write({**values, **nothing, "next_fetch_at": next_fetch_at})

    def _count_failure(self, words):
        """Growing pauses; the third failure in a row is told to a person, in the bank's words."""
        failures, user = self.failures + 1, self.run_user_id
        now = fields.Datetime.now()
        journal = self.journal_id
        self._end_run(journal._next_fetch(now, failures), failures=failures, last_error=words)
        if user:
            self._tell_end(user, words)
        if failures == FAILURES_TO_TELL:
            self._leave_activity(self._responsible(), TROUBLE, words)

    # -------------------------------------------------------------------------
    # WORKERS
    # -------------------------------------------------------------------------

    @api.model
    def _workers(self):
        """The identical cron records that fetch."""
        return (
            self.env["ir.cron"]
            .sudo()
            .with_context(active_test=False)
            .search([("model_id.model", "=", self._name), ("code", "=", "model._cron_fetch()")])
        )

    @api.model
    def _trigger_workers(self):
        for worker in self._workers().filtered("active"):
            worker._trigger()

    @api.model
    def _set_workers(self, count):
        """Exactly `count` active cron records; one cron record never runs twice at a time."""
        workers = self._workers().sorted("id")
        if len(workers.filtered("active")) == count:
            return
        first = self.env.ref("bank_webservice.cron_fetch", raise_if_not_found=False)
        workers = first.sudo() | workers if first else workers
        if not workers:
            return
        first = workers[0]
        for number in range(len(workers) + 1, count + 1):
            workers |= first.copy({"name": f"{first.name} ({number})"})
        for number, worker in enumerate(workers):
            if worker.active != (number < count):
                worker.active = number < count


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bank_fetch_workers = fields.Integer(
        "Workers that fetch statements",
        default=lambda self: len(self.env["bank.feed"]._workers().filtered("active")),
        help="So many journals are fetched at the same time, as far as this server has cron "
        "workers (--max-cron-threads) or other hosts share its database.",
    )

    @api.constrains("bank_fetch_workers")
    def _check_bank_fetch_workers(self):
        for settings in self:
            if not 1 <= settings.bank_fetch_workers <= MOST:
                raise ValidationError(
                    self.env._("Between 1 and %(most)s workers can fetch statements.", most=MOST)
                )

    def set_values(self):
        result = super().set_values()
        self.env["bank.feed"]._set_workers(self.bank_fetch_workers)
        return result
