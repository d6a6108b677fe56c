"""The line to each service: how long it rests while the service is down."""

from odoo import api, fields, models

from ...protocol.moedelo import notices


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

    def _failed(self):
        failures = self.failures + 1
        until = fields.Datetime.now() + notices.pause_after(failures)
        self.write({"failures": failures, "paused_until": until})
