# SPDX-License-Identifier: LGPL-3.0-only
"""The outbox: the line to each service, and how what waits is delivered over it.

At least once, each document in its order, with growing pauses. Several identical cron records may
work at the same time. Each takes the oldest waiting notice of documents that no other worker holds
(SKIP LOCKED), hands them over in one call and commits. A worker that dies leaves its rows unlocked
and waiting: they go again, under the same ids.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from ...protocol import errors
from ...protocol.moedelo import notices
from ...protocol.moedelo.outbound import Outbound
from ..connection.operation import commit_step
from ..connection.words import SETTINGS, way_out, way_out_by_action

_logger = logging.getLogger(__name__)

COLLISIONS = 20  # of two workers at one row, in one run


class MoedeloOutbox(models.Model):
    """How it stands between us and one service: pauses while it is down."""

    _name = "moedelo.outbox"
    _description = "State of the line to a service"

    client_id = fields.Many2one(
        "moedelo.client", required=True, readonly=True, ondelete="cascade", index=True
    )
    failures = fields.Integer("Failures in a row", readonly=True)
    paused_until = fields.Datetime(readonly=True)

    _client_unique = models.Constraint("unique (client_id)", "One line for each service.")

    @api.model
    def _of(self, client):
        line = self.sudo().search([("client_id", "=", client.id)])
        return line or self.sudo().create({"client_id": client.id})

    @api.model
    def _resume(self, clients):
        lines = self.sudo().search([("client_id", "in", clients.ids), ("failures", ">", 0)])
        lines.write({"failures": 0, "paused_until": False})

    def _failed(self, asked=0):
        """asked: seconds for which the service itself wants to be left alone."""
        failures = self.failures + 1
        pause = max(notices.pause_after(failures), timedelta(seconds=asked))
        self.write({"failures": failures, "paused_until": fields.Datetime.now() + pause})


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


class MoedeloGrant(models.Model):
    _inherit = "moedelo.grant"

    def _end(self, reason):
        result = super()._end(reason)
        self.env["moedelo.notice"]._drop_unconnected()
        return result

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "live":
            self._catch_up()
        return result

    def _catch_up(self):
        """What happened while the company was not connected is told now."""
        for grant in self.sudo().filtered(lambda one: one.kind == "connection"):
            theirs = [
                ("company_id", "=", grant.company_id.id),
                ("moedelo_client_id", "=", grant.client_id.id),
                ("moedelo_external_id", "!=", False),
            ]
            self.env["moedelo.notice"]._write_facts(self.env["bank.order"].sudo().search(theirs))


class MoedeloClient(models.Model):
    _inherit = "moedelo.client"

    def _outbound(self, scope, companies):
        """The way to this service, to say something of `companies`; for one run.

        UserError where something is not set yet, or a company has not consented to this.
        """
        self.ensure_one()
        if companies - self.env["moedelo.grant"]._open_to(self, scope):
            raise UserError(self._not_consented())
        settings = self.env["moedelo.settings"]
        if settings._is_neutralized():
            raise UserError(self.env._("A copy of a database does not talk to services."))
        issuer, address = settings._issuer(), self.sudo().api_address
        if not issuer:
            words = self.env._("Set the issuer in the settings of Moe Delo first.")
            raise way_out_by_action(self.env, words, SETTINGS)
        if not address:
            words = self.env._(
                "The service %(name)s has no address for our messages.", name=self.name
            )
            raise way_out(words, self)
        try:
            return Outbound(address, issuer, self._published_key())
        except errors.BankError as error:
            raise UserError(self._outbound_words(error)) from error

    def _not_consented(self):
        return self.env._(
            "The company is not connected to %(service)s with this right.",
            service=self.name,
        )

    @api.model
    def _published_key(self):
        """Our key, which the service can look up by now: a new one is committed before the call."""
        keys = self.env["moedelo.key"].sudo()
        is_new = not keys.search_count([("use", "=", "notice")], limit=1)
        key = keys._signing_key("notice")
        if is_new:
            commit_step(self.env)
        return key

    @api.model
    def _outbound_words(self, error):
        """What went wrong between us and the service; `protocol` speaks of banks."""
        words = {
            errors.Unreachable: self.env._("The service cannot be reached."),
            errors.CertificateRefused: self.env._(
                "No secure connection: the service's certificate is not trusted."
            ),
            errors.Timeout: self.env._("The service did not answer in time."),
            errors.Busy: self.env._("The service is busy."),
            errors.NotSent: self.env._("The service did not let us in."),
            errors.Invalid: self.env._("The service's address may not be called."),
            errors.InvalidDocument: self.env._("The service's answer cannot be read."),
            errors.BankError: self.env._("The service gave no usable answer."),
        }
        text = next(words[kind] for kind in type(error).__mro__ if kind in words)
        return f"{text} [{error.code}]" if error.code else text
