"""Who signed a package, when, with which certificate, over which digest."""

from odoo import fields, models
from odoo.exceptions import UserError


class BankSignature(models.Model):
    _name = "bank.signature"
    _description = "Signature on a package"
    _order = "signed_at, id"

    package_id = fields.Many2one(
        "bank.package", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="package_id.company_id", store=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True)
    certificate_id = fields.Many2one("bank.certificate", readonly=True)
    signed_at = fields.Datetime(readonly=True)
    digest = fields.Char("SHA-256 of what was signed", required=True, readonly=True)
    content = fields.Binary("Signature", attachment=True, readonly=True)

    _once = models.Constraint("unique (package_id, user_id)", "One's own signature counts once.")

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("A signature cannot be changed."))
        return super().write(vals)
