# SPDX-License-Identifier: LGPL-3.0-only
"""A package as a file, and the bank's answer from a file."""

import base64

from odoo import fields, models

from ..models.connection.rights import require_right


class BankPackageFile(models.TransientModel):
    _name = "bank.package.file"
    _description = "A package as a file"

    name = fields.Char(readonly=True)
    content = fields.Binary("File", readonly=True, attachment=False)

    def _open(self, name, content):
        """The dialog from which the file is saved."""
        record = self.sudo().create({"name": name, "content": base64.b64encode(content)})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Package as a file"),
            "res_model": self._name,
            "res_id": record.id,
            "view_mode": "form",
            "target": "new",
        }


class BankReceiptUpload(models.TransientModel):
    _name = "bank.receipt.upload"
    _description = "Upload the bank's answer to a package"

    content = fields.Binary("pain.002 file", required=True, attachment=False)
    name = fields.Char()

    def action_upload(self):
        self.ensure_one()
        packages = self.env["bank.package"]
        # A refusal opens the bill: who says what the bank said is who may hand over.
        require_right(self.env, "sender")
        package = packages._take_receipt_file(base64.b64decode(self.content))
        return package._get_records_action()
