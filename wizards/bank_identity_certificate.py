# SPDX-License-Identifier: LGPL-3.0-only
"""The company's communication certificate: a request for the bank's portal and its answer, or a
file that the bank gave. The file and its password are sealed as soon as they arrive."""

import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

WAYS = [
    ("request", "Make a request for the bank's portal"),
    ("answer", "Enter the portal's answer"),
    ("file", "Upload a file with the key"),
]


class BankIdentityCertificate(models.TransientModel):
    _name = "bank.identity.certificate"
    _description = "Communication certificate of a company"
    _inherit = ["bank.certificate.upload"]

    identity_id = fields.Many2one("bank.identity", required=True, ondelete="cascade")
    way = fields.Selection(WAYS, "How", required=True, default="request")
    common_name = fields.Char("Name in the certificate")
    request_file = fields.Binary("Request for the portal", compute="_compute_request_file")
    request_name = fields.Char(compute="_compute_request_file")
    answer = fields.Binary("Answer of the portal (.pem, .cer, .crt)", attachment=False)

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        identity = self.env["bank.identity"].browse(values.get("identity_id"))
        return {
            **values,
            "common_name": identity.company_id.name,
            "way": "answer" if identity.request_pem else "request",
        }

    @api.depends("identity_id.request_pem")
    def _compute_request_file(self):
        for dialog in self:
            text = dialog.identity_id.request_pem
            dialog.request_file = text and base64.b64encode(text.encode())
            dialog.request_name = "request.csr"

    def action_apply(self):
        """Button: the chosen way."""
        self.ensure_one()
        self.identity_id.check_access("write")
        if self.way == "request":
            self.identity_id._make_request(self.common_name or "")
            self.way = "answer"
            return self._open()
        if self.way == "answer":
            self.identity_id._take_answer(_decoded(self, self.answer))
        else:
            vault = self.env["bank.vault"]
            data = _decoded(self, vault._open(self, "content_sealed"))
            password = vault._open(self, "password_sealed").decode()
            self.identity_id._take_key_file(data, password)
        identity = self.identity_id
        self.unlink()
        return identity._get_records_action()

    @api.model
    def _open_for(self, identity):
        """The dialog as a stored row: of an unsaved one nobody could download the request."""
        return self.with_context(default_identity_id=identity.id).create({})._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Communication certificate"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


def _decoded(dialog, content):
    if not content:
        raise UserError(dialog.env._("Choose the file first."))
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise UserError(dialog.env._("The file cannot be read.")) from None
