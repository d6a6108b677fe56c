"""Logging in with the card in the user's computer.

There the bank's challenge is signed, or the id of the session is opened, which the bank encrypted
for the card.
"""

import base64

from odoo import models
from odoo.exceptions import UserError


class BankSession(models.Model):
    _inherit = "bank.session"

    def dialog_start(self, method=None):
        """What the bank encrypted is for one try of one dialog: a new start asks for a new one."""
        session = self._own()
        challenge = session._challenge()
        if challenge and challenge.method == "envelope":
            session._hold()
            session.challenge_sealed = False
            method = method or session.method
        return super().dialog_start(method)

    def dialog_answer(self, answer):
        """A card's signature is verified here before the bank gets it; what it opened, there."""
        session = self._own()
        challenge = session._challenge()
        if challenge and challenge.method == "envelope":
            certificate = session._card_certificate()
            if certificate._problem():
                raise UserError(certificate._problem())
        if challenge and challenge.method == "certificate":
            certificate = session._card_certificate()
            signature = certificate._take_answer("challenge", challenge.payload, answer)
            answer = base64.b64encode(signature).decode()
        return super().dialog_answer(answer)

    def _card_certificate(self):
        certificate = self.operator_id.sudo().certificate_id
        if certificate.source != "card":
            raise UserError(
                self.env._("Your certificate at %s is not on a card.", self.bank_id.name)
            )
        return certificate

    def _dialog_state(self):
        """The fingerprint tells the signer which of the card's certificates is meant."""
        certificate = self.operator_id.sudo().certificate_id
        challenge = self._challenge()
        return {
            **super()._dialog_state(),
            "encrypted": base64.b64encode(challenge.encrypted if challenge else b"").decode(),
            "certificate": certificate.fingerprint if certificate.source == "card" else "",
        }


class BankOperator(models.Model):
    _inherit = "bank.operator"

    def _check_certificate(self, certificate):
        """Revoked, expired, of an authority that nobody trusts: each has its own words."""
        if certificate and certificate._problem():
            raise UserError(certificate._problem())
        return super()._check_certificate(certificate)
