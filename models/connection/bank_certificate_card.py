"""Certificates on cards: registered through the signer, which also gives the card's answers."""

import base64
import binascii

from odoo import api, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.signatures import certificates, xades
from ...protocol.signatures import signers as signing
from .operation import bank_operation
from .words import user_error

SIGNER = "/bank_webservice/signer.pyz"


class BankCertificate(models.Model):
    _inherit = "bank.certificate"

    def action_register_card(self):
        """Button: the dialog that reads the certificates from the card in the user's computer."""
        return {
            "type": "ir.actions.client",
            "tag": "bank_webservice.register_card",
            "target": "new",
            "name": self.env._("Register the certificate of your card"),
        }

    def action_download_signer(self):
        """Button: the program for the user's computer."""
        return {"type": "ir.actions.act_url", "url": SIGNER, "target": "download"}

    @api.model
    @bank_operation
    def register_card(self, certificate, issuers=()):
        """Called by the dialog: base64 of the DER of what the card holds; `issuers`: authorities.

        A certificate is no secret, so anybody may register one; what counts is that each signature
        is verified against it, and that an Administrator gives it to an operator.
        """
        try:
            der, *others = (
                base64.b64decode(one or "", validate=True) for one in (certificate, *issuers)
            )
        except (binascii.Error, ValueError, TypeError):
            raise UserError(self.env._("This is not a certificate.")) from None
        own = certificates.load(der)
        record = self._register_certificate(self.env.user, "card", own, others)
        record._require_valid()
        return record.with_env(self.env)._get_records_action()

    def _take_answer(self, purpose, content, answer, form="cms"):
        """The signature that the card gave, as bytes, once it holds. UserError when it does not.

        purpose: "document" or "challenge"; form: "cms", or "xades" for documents. The certificate
        is asked again: days may have passed.
        """
        self.ensure_one()
        self._require_valid()
        pem = self.certificate_pem.encode()
        signer = signing.RemoteSigner(pem)
        try:
            signature = base64.b64decode(answer or "", validate=True)
            if form == "xades":
                xades.verify(content, signature, certificates.load(pem))
                return signature
            return signer.assemble(signer.prepare(purpose, content), signature)
        except (binascii.Error, ValueError, TypeError):
            raise UserError(self.env._("The card's answer cannot be understood.")) from None
        except errors.BankError as error:
            raise user_error(self.env, error) from None
