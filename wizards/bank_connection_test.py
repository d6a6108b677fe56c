# SPDX-License-Identifier: LGPL-3.0-only
"""The result of *Test connection*, step by step."""

from odoo import fields, models


class BankConnectionTest(models.TransientModel):
    _name = "bank.connection.test"
    _description = "Result of a connection test"

    account_id = fields.Many2one("res.partner.bank", readonly=True)
    good = fields.Boolean(readonly=True)
    result = fields.Html(readonly=True)
