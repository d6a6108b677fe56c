"""Signing a package with a key on the server; for cards see `bank_package_card`."""

import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..connection.operation import bank_operation


class BankPackage(models.Model):
    _inherit = "bank.package"

    @bank_operation
    def action_sign(self):
        """Button: sign with the own certificate."""
        self._check_right("signer")
        for package in self:
            package._sign()

    def _sign(self):
        self._lock_or_refuse()
        self._require_state("prepared", "partly_signed")
        self._refuse_problems(self.order_ids.sudo()._problems_before_sending())
        certificate = self.env["bank.operator"]._of_user(self.bank_id).certificate_id.sudo()
        self._check_may_sign(certificate)
        signer = certificate._signer()
        signature = signer.sign_document(self._raw_content(), self._signature_form())
        self._add_signature(certificate, signature)

    def _check_may_sign(self, certificate):
        if not certificate or not certificate._is_valid():
            raise UserError(self.env._("You have no valid certificate at %s.", self.bank_id.name))
        if certificate.source != "pkcs12" or not certificate.may_sign_payments:
            raise UserError(
                self.env._(
                    "The certificate %(name)s lies on the server and may not sign payments. An "
                    "administrator can allow it on the certificate's form.",
                    name=certificate.name,
                )
            )

    def _add_signature(self, certificate, content):
        self.env["bank.signature"].sudo().create(
            {
                "package_id": self.id,
                "user_id": self.env.uid,
                "certificate_id": certificate.id,
                "signed_at": fields.Datetime.now(),
                "digest": self.digest,
                "content": base64.b64encode(content),
            }
        )
        self._set_state("signed")
