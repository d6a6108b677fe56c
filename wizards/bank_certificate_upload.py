from odoo import fields, models


class BankCertificateUpload(models.TransientModel):
    _name = "bank.certificate.upload"
    _description = "Upload a certificate with its key"

    user_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user)
    content = fields.Binary("PKCS#12 file (.p12, .pfx)", required=True, attachment=False)
    password = fields.Char()

    def action_upload(self):
        """Registers the certificate; the file and its password do not stay in this dialog."""
        self.ensure_one()
        if self.user_id != self.env.user:
            certificates = self.env["bank.certificate"]
            certificates._check_rights({"user_id": self.user_id.id})
        content, password = self.content, self.password
        self.write({"content": b"0", "password": False})
        certificate = self.env["bank.certificate"]._register_pkcs12(self.user_id, content, password)
        self.unlink()
        return certificate.with_env(self.env)._get_records_action()
