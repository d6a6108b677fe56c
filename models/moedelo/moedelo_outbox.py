# SPDX-License-Identifier: LGPL-3.0-only
"""The line to each service: its address, our key, and how long it rests while it is down."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.moedelo import notices
from ...protocol.moedelo.outbound import Outbound
from ..connection.operation import commit_step
from ..connection.words import SETTINGS, way_out, way_out_by_action


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
