# SPDX-License-Identifier: LGPL-3.0-only
"""How certificates come here: from a file with its key, or from a card by way of the signer, which
also gives the card's answers."""

import base64
import binascii
import re
import unicodedata

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.signatures import certificates, xades
from ...protocol.signatures import signers as signing
from .operation import bank_operation
from .rights import ADMINISTRATOR
from .words import user_error

SIGNER = "/bank_webservice/signer.pyz"


def _words(name):
    """The words of a person's name, however it is written and in whatever order."""
    plain = unicodedata.normalize("NFKD", name or "").replace("ł", "l").replace("Ł", "L")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return {word for word in re.split(r"\W+", plain.casefold()) if len(word) > 1}


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

    @api.model
    def _register_pkcs12(self, user, content, password):
        """Keeps a PKCS#12 (base64 text or bytes) of `user`, encrypted, after opening it once."""
        try:
            data = base64.b64decode(content, validate=True)
            signer = signing.Pkcs12Signer(data, password or "")
        except (binascii.Error, ValueError):
            raise UserError(self.env._("The file is not a PKCS#12 file (.p12, .pfx).")) from None
        except errors.BankError as error:
            raise user_error(self.env, error) from None
        certificate = self._register_certificate(user, "pkcs12", signer.certificate, signer.issuers)
        vault = self.env["bank.vault"]
        vault._seal(certificate, "pkcs12_sealed", data)
        vault._seal(certificate, "password_sealed", password)
        return certificate

    @api.model
    def _register_certificate(self, user, source, certificate, issuers=()):
        """A certificate record from an X.509 certificate, of a person who has it alone.

        issuers: DER of the authorities' certificates that came with it.
        """
        info = certificates.describe(certificate)
        try:
            certificates.check_signing(certificate)
        except errors.BankError as error:
            raise user_error(self.env, error) from None
        self._refuse_twins(user, info)
        if info.not_after <= fields.Datetime.now().replace(tzinfo=info.not_after.tzinfo):
            raise UserError(
                self.env._(
                    "The certificate %(name)s has expired. Use a new one.", name=info.subject
                )
            )
        record = self.sudo().create(
            {
                "user_id": user.id,
                "source": source,
                **self._facts_of(certificate),
                "certificate_pem": certificates.pem(certificate),
                "issuers_pem": _issuers_pem(self.env, issuers),
            }
        )
        record._tell_other_name(info.common_name)
        return record

    @api.model
    def _refuse_twins(self, user, info):
        """One card is one person, and what was revoked stays so: whatever was archived since."""
        known = self.sudo().with_context(active_test=False)
        known = known.search(
            [
                "|",
                ("fingerprint", "=", info.fingerprint),
                ("key_fingerprint", "=", info.key_fingerprint),
            ]
        )
        if known.user_id - user:
            raise UserError(self.env._("This certificate is registered for another user."))
        if known.filtered("revoked_at"):
            raise UserError(
                self.env._("This certificate, or another one of the same key, was revoked.")
            )
        if info.fingerprint in known.mapped("fingerprint"):
            raise UserError(
                self.env._("This certificate is registered already. It may be archived.")
            )

    def _tell_other_name(self, name):
        """The Administrators look at a certificate in which another person is named."""
        if _words(name) & _words(self.user_id.name):
            return
        text = self.env._(
            "%(user)s registered a certificate of “%(name)s”. Is it the same person?",
            user=self.user_id.name,
            name=name,
        )
        self.message_post(body=text)
        for user in self.env.ref(ADMINISTRATOR).all_user_ids:
            self.activity_schedule("mail.mail_activity_data_warning", summary=text, user_id=user.id)


def _issuers_pem(env, ders):
    """PEM text of the authorities among these certificates (DER); UserError for what is none."""
    try:
        loaded = [certificates.load(der) for der in ders]
    except errors.BankError:
        raise UserError(env._("This is not a certificate.")) from None
    return "".join(map(certificates.pem, loaded)) or False
