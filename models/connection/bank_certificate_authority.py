"""The certificate authorities that the Administrator trusts to name the persons who sign."""

from odoo import api, fields, models

from ...protocol import errors
from ...protocol.signatures import certificates
from .words import user_error


class BankCertificateAuthority(models.Model):
    _name = "bank.certificate.authority"
    _description = "Trusted certificate authority"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char("Subject", compute="_compute_facts", store=True)
    certificate_pem = fields.Text(
        "Certificate (PEM)",
        required=True,
        tracking=True,
        help="One certificate, from “-----BEGIN CERTIFICATE-----” on. Root authorities, or those "
        "that issue the persons' certificates directly.",
    )
    not_after = fields.Datetime("Valid until", compute="_compute_facts", store=True)
    fingerprint = fields.Char("SHA-256", compute="_compute_facts", store=True)
    active = fields.Boolean(default=True, tracking=True)

    _fingerprint_unique = models.Constraint(
        "unique (fingerprint)", "This authority is in the list already."
    )

    @api.depends("certificate_pem")
    def _compute_facts(self):
        for authority in self:
            try:
                info = certificates.describe(authority.certificate_pem.encode())
            except errors.BankError as error:
                raise user_error(self.env, error) from None
            authority.name = info.subject
            authority.not_after = info.not_after.replace(tzinfo=None)
            authority.fingerprint = info.fingerprint

    @api.model
    def _trusted(self):
        """The trusted certificates as protocol objects; empty where nothing is entered."""
        rows = self.sudo().search([("certificate_pem", "!=", False)])
        return [certificates.load(row.certificate_pem.encode()) for row in rows]
