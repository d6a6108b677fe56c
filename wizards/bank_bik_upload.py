# SPDX-License-Identifier: LGPL-3.0-only
"""*Upload the directory*: the Bank of Russia's file of banks by BIK takes the place of the last."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.connection.operation import RELOAD, notify
from ..models.connection.rights import require_right


class BankBikUpload(models.TransientModel):
    _name = "bank.bik.upload"
    _description = "Upload the directory of banks by BIK"

    content = fields.Binary("File ED807 (.zip, .xml)", attachment=False)

    def action_upload(self):
        self.ensure_one()
        require_right(self.env, "administrator")
        if not self.content:
            raise UserError(self.env._("Choose the file first."))
        found = self.env["bank.bik"]._take_file(self.content)
        words = self.env._(
            "Directory of %(day)s: %(count)s banks were read.",
            day=found.day,
            count=len(found.participants),
        )
        return notify(words, "success", next=RELOAD)
