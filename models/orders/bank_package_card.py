"""Signing packages with the card in the user's computer.

The page gets the whole documents and hands them to the signer there; what comes back is verified
against the registered certificate and the stored bytes before it counts.
"""

import base64

from odoo import models
from odoo.exceptions import UserError

from ...protocol.banks import BANKS
from ..connection.operation import bank_operation, refuse_when_neutralized


class BankPackage(models.Model):
    _inherit = "bank.package"

    @bank_operation
    def action_sign(self):
        """Button: sign with the own certificate; on a card, through the dialog."""
        self._check_right("signer")
        on_card = self.filtered(lambda package: package._signs_by_card())
        if self - on_card:
            super(BankPackage, self - on_card).action_sign()
        return on_card._action_card_sign() if on_card else None

    def _signs_by_card(self):
        """True when this user signs at the package's bank with a card."""
        if not self.env.user.has_group("bank_webservice.group_signer"):
            return False
        return self._own_certificate().source == "card"

    def _own_certificate(self):
        return self.env["bank.operator"]._of_user(self.bank_id).certificate_id.sudo()

    def _action_card_sign(self, resume=None):
        """The dialog *Sign with your card*. `resume`: what is called afterwards."""
        return {
            "type": "ir.actions.client",
            "tag": "bank_webservice.card_sign",
            "target": "new",
            "name": self.env._("Sign with your card"),
            "params": {"ids": self.ids, "resume": resume or {}},
        }

    def _resume(self, method):
        return {"model": self._name, "ids": self.ids, "method": method}

    @bank_operation
    def action_send_signed(self):
        """What the card's dialog calls once the packages are signed: send them, and show them."""
        # What still needs a second person's signature stays, and is shown as that.
        self.filtered(lambda package: package._enough_signatures()).action_send()
        return self._get_records_action(name=self.env._("Packages"))

    # -------------------------------------------------------------------------
    # CALLED BY THE DIALOG
    # -------------------------------------------------------------------------

    def card_request(self):
        """What the card is to sign: one entry for each bank, confirmed there with one PIN.

        [{"ids", "bank", "certificate" (fingerprint), "form", "documents" (base64), "count",
        "names"}]
        """
        refuse_when_neutralized(self.env)
        self._check_right("signer")
        requests = []
        for bank, packages in self.grouped("bank_id").items():
            for package in packages:
                package._check_card_signing()
            requests.append(
                {
                    "ids": packages.ids,
                    "bank": bank.name,
                    "certificate": packages[:1]._own_certificate().fingerprint,
                    "form": packages[:1]._signature_form(),
                    "documents": [base64.b64encode(p._raw_content()).decode() for p in packages],
                    "count": sum(packages.mapped("order_count")),
                    "names": packages.mapped("name"),
                }
            )
        return requests

    def card_answer(self, signatures):
        """The card's signatures, base64, in the order of the packages. All count, or none."""
        refuse_when_neutralized(self.env)
        self._check_right("signer")
        if not isinstance(signatures, list) or len(signatures) != len(self):
            raise UserError(self.env._("The card's answer cannot be understood."))
        for package, signature in zip(self, signatures, strict=True):
            package._lock_or_refuse()
            package._check_card_signing()
            certificate = package._own_certificate()
            content = package._raw_content()
            form = package._signature_form()
            taken = certificate._take_answer("document", content, signature, form)
            package._add_signature(certificate, taken)
        return True

    def _signature_form(self):
        return BANKS[self.bank_id.sudo().bank_channel].signature_form

    def _check_card_signing(self):
        self.ensure_one()
        self._require_state("prepared", "partly_signed")
        self._refuse_problems(self.order_ids.sudo()._problems_before_sending())
        self._check_may_sign(self._own_certificate())

    def _check_may_sign(self, certificate):
        """A valid card in its owner's hand may sign; a key on the server only when allowed."""
        if certificate.source != "card":
            return super()._check_may_sign(certificate)
        if certificate.user_id != self.env.user:
            raise UserError(self.env._("This certificate belongs to another person."))
        if certificate._problem():
            raise UserError(certificate._problem())
        return None
