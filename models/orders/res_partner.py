"""How a supplier's bills are paid."""

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    bank_split_payment = fields.Boolean(
        "Split payment", help="New bills of this supplier are to be paid by split payment (MPP)."
    )
