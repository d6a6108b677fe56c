"""Whether the service has registered the organisation: its own word, for the administrator."""

from odoo import api, fields, models

STATUSES = [
    ("registered", "Registered"),
    ("in_progress", "Being registered"),
    ("refused", "Refused"),
]


class MoedeloSubscription(models.Model):
    _inherit = "moedelo.subscription"

    registration_status = fields.Selection(STATUSES, "Registration", readonly=True, tracking=True)
    registration_reference = fields.Char("Id at the service", readonly=True)
    registration_message = fields.Char("The service's words", readonly=True)
    registered_at = fields.Datetime("Said at", readonly=True)

    @api.model
    def _take_registration(self, access, said):
        """`said`: `protocol.moedelo.registration.Registration`."""
        subscription = self.sudo().search([("company_id", "=", access.company_id)], limit=1)
        subscription.write(
            {
                "registration_status": said.status,
                "registration_reference": said.reference or False,
                "registration_message": said.message or False,
                "registered_at": fields.Datetime.now(),
            }
        )
