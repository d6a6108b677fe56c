# SPDX-License-Identifier: LGPL-3.0-only
"""*Upload a certificate*: the file and its password are sealed as soon as they arrive.

A dialog is a row in the database from the click on, also when the upload is then refused.
"""

from odoo import fields, models
from odoo.exceptions import UserError


class BankCertificateUpload(models.TransientModel):
    _name = "bank.certificate.upload"
    _description = "Upload a certificate with its key"

    user_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user)
    content = fields.Binary(
        "PKCS#12 file (.p12, .pfx)", compute="_compute_nothing", inverse="_inverse_content"
    )
    password = fields.Char(compute="_compute_nothing", inverse="_inverse_password")
    content_sealed = fields.Char(groups=fields.NO_ACCESS)
    password_sealed = fields.Char(groups=fields.NO_ACCESS)

    def _compute_nothing(self):
        """What was sealed is never shown again."""
        self.content = self.password = False

    def _inverse_content(self):
        for dialog in self.filtered("content"):
            dialog.env["bank.vault"]._seal_typed(dialog, "content_sealed", dialog.content)

    def _inverse_password(self):
        for dialog in self.filtered("password"):
            dialog.env["bank.vault"]._seal_typed(dialog, "password_sealed", dialog.password)

    def action_upload(self):
        """Registers the certificate; the file and its password do not stay in this dialog."""
        self.ensure_one()
        if self.user_id != self.env.user:
            certificates = self.env["bank.certificate"]
            certificates._check_rights({"user_id": self.user_id.id})
        vault = self.env["bank.vault"]
        content = vault._open(self, "content_sealed")
        if not content:
            raise UserError(self.env._("Choose the file first."))
        password = vault._open(self, "password_sealed").decode()
        certificate = self.env["bank.certificate"]._register_pkcs12(self.user_id, content, password)
        self.unlink()
        return certificate.with_env(self.env)._get_records_action()
