# SPDX-License-Identifier: LGPL-3.0-only
"""Delivering the outbox: at least once, each document in its order, with growing pauses.

Several identical cron records may work at the same time. Each takes the oldest waiting notice of
documents that no other worker holds (SKIP LOCKED), hands them over in one call and commits. A
worker that dies leaves its rows unlocked and waiting: they go again, under the same ids.
"""

import logging

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from ...protocol import errors
from ...protocol.moedelo import notices
from ..connection.operation import commit_step

_logger = logging.getLogger(__name__)

COLLISIONS = 20  # of two workers at one row, in one run


class MoedeloNotice(models.Model):
    _inherit = "moedelo.notice"

    # -------------------------------------------------------------------------
    # CRON
    # -------------------------------------------------------------------------

    @api.model
    def _cron_deliver(self):
        """One of several identical workers."""
        if self.env["moedelo.settings"]._is_neutralized():
            return
        self._give_up_old()
        if self._drop_unconnected():
            commit_step(self.env)
        clients = self._clients_to_serve()
        if not clients or not self._has_key():
            return
        for client in clients:
            if not self._serve(client):
                self._ask_for_more_time(clients)
                break

    @api.model
    def _has_key(self):
        """False when another worker has made our key at this very moment: next time, then."""
        try:
            self.env["moedelo.client"]._published_key()
        except ConcurrencyError:
            self.env.cr.rollback()
            self._wake_cron()
            return False
        return True

    @api.model
    def _ask_for_more_time(self, clients):
        """A job has ten seconds at a time; what it says to be left is gone on with at once."""
        waiting = [("delivery", "=", "waiting"), ("client_id", "in", clients.ids)]
        commit_step(self.env, remaining=self.search_count(waiting))

    @api.model
    def _clients_to_serve(self):
        """Services that have waiting notices and are not in a pause."""
        waiting = self._read_group([("delivery", "=", "waiting")], ["client_id"])
        paused = [("paused_until", ">", fields.Datetime.now())]
        resting = self.env["moedelo.outbox"].search(paused).client_id
        clients = self.env["moedelo.client"].union(*(client for (client,) in waiting)) - resting
        return clients.filtered("active")

    @api.model
    def _serve(self, client):
        """Batch after batch until nothing is left or the service fails; False: no time is left."""
        companies = self.env["moedelo.grant"]._open_to(client, "payments")
        if not companies:
            return True
        try:
            outbound = client._outbound("payments", companies)
        except UserError as error:
            return bool(self._note_failure(client, self._claim(client), error.args[0]))
        collisions = 0
        while collisions < COLLISIONS:
            try:
                batch = self._claim(client)
                if not batch:
                    return True
                go_on = self._hand_over(client, outbound, batch)
                left = commit_step(self.env, len(batch))
            except SerializationFailure:
                # Another worker was there a moment earlier: look again with fresh eyes.
                self.env.cr.rollback()
                collisions += 1
                continue
            if not left or not go_on:
                return bool(left)
        return True

    @api.model
    def _claim(self, client):
        """The first waiting notice of each document, up to a batch; locked until the commit."""
        self.flush_model()
        companies = self.env["moedelo.grant"]._open_to(client, "payments")
        if not companies:
            return self.browse()
        query = SQL(
            """
            SELECT n.id FROM moedelo_notice n
             WHERE n.delivery = 'waiting' AND n.client_id = %s AND n.company_id IN %s
               AND NOT EXISTS (SELECT FROM moedelo_notice earlier
                                WHERE earlier.order_id = n.order_id
                                  AND earlier.delivery = 'waiting' AND earlier.id < n.id)
             ORDER BY n.id LIMIT %s FOR NO KEY UPDATE OF n SKIP LOCKED
            """,
            client.id,
            tuple(companies.ids),
            notices.BATCH,
        )
        return self.browse(row[0] for row in self.env.execute_query(query)).sorted("id")

    # -------------------------------------------------------------------------
    # ONE BATCH
    # -------------------------------------------------------------------------

    def _hand_over(self, client, outbound, batch):
        """True when the service has said something of each of them."""
        try:
            taken = outbound.deliver(batch.mapped("content"), batch.mapped("uid"))
        except errors.BankError as error:
            _logger.info("%s: %s", client.name, error.detail or type(error).__name__)
            words = self.env["moedelo.client"]._outbound_words(error)
            self._note_failure(client, batch, words, getattr(error, "retry_after", 0))
            return False
        delivered = batch.filtered(lambda one: one.uid in taken.ids)
        delivered._note_delivered()
        refused = batch.filtered(lambda one: one.uid in taken.refused)
        for notice in refused:
            notice._note_refused(taken.refused[notice.uid])
        refused._tell_administrators()
        unsaid = batch - delivered - refused
        if unsaid:
            self._note_failure(client, unsaid, self.env._("The service passed it over."))
            return False
        self.env["moedelo.outbox"]._resume(client)
        return True

    def _note_delivered(self):
        self._count_attempt(
            {"delivery": "delivered", "delivered_at": fields.Datetime.now(), "last_error": False}
        )

    def _note_refused(self, reason):
        words = reason or self.env._("Without a reason.")
        self._count_attempt({"delivery": "refused", "last_error": words})

    @api.model
    def _note_failure(self, client, batch, words, asked=0):
        """The whole line rests for a while: the other notices would fare no better."""
        batch._count_attempt({"last_error": words})
        self.env["moedelo.outbox"]._of(client)._failed(asked)
        return commit_step(self.env)

    def _count_attempt(self, vals):
        by_attempts = self.grouped("attempts")
        for attempts, batch in by_attempts.items():
            batch.write({**vals, "attempts": attempts + 1})

    # -------------------------------------------------------------------------
    # GIVING UP
    # -------------------------------------------------------------------------

    @api.model
    def _drop_unconnected(self):
        """What waits for a service that the company is no longer connected to is never sent."""
        waiting = self.sudo()._read_group(
            [("delivery", "=", "waiting")], ["client_id", "company_id"], ["id:recordset"]
        )
        dropped = self.browse()
        for client, company, queued in waiting:
            if company not in self.env["moedelo.grant"]._connected(client, "payments"):
                queued.write({"delivery": "dropped"})
                self.env["moedelo.audit"]._note(
                    "dropped",
                    company=company,
                    client_text=client.identifier,
                    detail=f"notices: {len(queued)}",
                )
                dropped |= queued
        return dropped

    @api.model
    def _give_up_old(self):
        """After a week a person has to know."""
        over = [("delivery", "=", "waiting"), ("give_up_at", "<=", fields.Datetime.now())]
        old = self.search(over, order="id").try_lock_for_update(allow_referencing=True)
        if old:
            old.write({"delivery": "given_up"})
            old._tell_administrators()
            commit_step(self.env)
