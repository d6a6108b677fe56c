"""What is said of any certificate that is kept here, and the warnings before it ends."""

from odoo import api, fields, models

from ...protocol.signatures import certificates

# Days before its end at which people are reminded, the nearest one first.
WARNINGS = (3, 14, 30)
TODO = "mail.mail_activity_data_todo"


class BankCertificateEnding(models.AbstractModel):
    _name = "bank.certificate.ending"
    _description = "Certificate that ends"
    _inherit = ["mail.thread", "mail.activity.mixin"]

    name = fields.Char("Subject", readonly=True, copy=False)
    issuer = fields.Char(readonly=True, copy=False)
    serial = fields.Char(readonly=True, copy=False)
    not_before = fields.Datetime("Valid from", readonly=True, copy=False)
    not_after = fields.Datetime("Valid until", readonly=True, copy=False)
    warned_days = fields.Integer(readonly=True, copy=False)

    @api.model
    def _facts_of(self, certificate):
        """The values of these fields, of an X.509 certificate."""
        info = certificates.describe(certificate)
        return {
            "name": info.subject,
            "issuer": info.issuer,
            "serial": info.serial,
            "not_before": info.not_before.replace(tzinfo=None),
            "not_after": info.not_after.replace(tzinfo=None),
        }

    def _warn(self):
        """An activity 30, 14 and 3 days before the end, each once."""
        days = (self.not_after - fields.Datetime.now()).days
        reached = [limit for limit in WARNINGS if days < limit]
        if not reached or 0 < self.warned_days <= reached[0]:
            return
        self.warned_days = reached[0]
        self.activity_unlink([TODO])
        if days < 0:
            return
        for user in self._warned_users():
            summary, note = self._ending_words(days)
            self.activity_schedule(
                TODO,
                date_deadline=self.not_after.date(),
                summary=summary,
                note=note,
                user_id=user.id,
            )
