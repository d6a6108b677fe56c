# SPDX-License-Identifier: LGPL-3.0-only
"""Signing a package: with a key on the server, or with the card in the user's computer.

For a card the page gets the whole documents and hands them to the signer there; what comes back is
verified against the registered certificate and the stored bytes before it counts.
"""

import base64
import hashlib
from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.banks import BANKS
from ...protocol.signatures import signers as signing
from ...protocol.states import SIGNED
from ..connection.operation import bank_operation, notify, refuse_when_neutralized
from ..connection.rights import require_right
from ..connection.words import explain, way_out
from .bank_package_approval import identity_checked


class BankSignature(models.Model):
    _name = "bank.signature"
    _description = "Signature on a package"
    _order = "signed_at, id"

    package_id = fields.Many2one(
        "bank.package", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="package_id.company_id", store=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True)
    certificate_id = fields.Many2one("bank.certificate", readonly=True)
    signed_at = fields.Datetime(readonly=True)
    digest = fields.Char("SHA-256 of what was signed", required=True, readonly=True)
    content = fields.Binary("Signature", attachment=True, readonly=True)

    _once = models.Constraint("unique (package_id, user_id)", "One's own signature counts once.")

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("A signature cannot be changed."))
        return super().write(vals)

    def _problem(self):
        """Why the certificate may not sign payments today, in words; empty where it may."""
        return self.certificate_id._problem_of_signing()

    def _other_person(self, other):
        """True where the other signature is another person's: user, key, and his own number."""
        own, others = self.certificate_id, other.certificate_id
        numbers = own.person_number, others.person_number
        return (
            self.user_id != other.user_id
            and own.key_fingerprint != others.key_fingerprint
            and not (all(numbers) and numbers[0] == numbers[1])
        )


class BankCertificate(models.Model):
    _inherit = "bank.certificate"

    def _revoke(self, since):
        """What it has signed, and was not sent, waits for another signature."""
        result = super()._revoke(since)
        packages = self.env["bank.package"].sudo()
        packages = packages.search(
            [("signature_ids.certificate_id", "in", self.ids), ("state", "in", SIGNED)]
        )
        packages._drop_failed_signatures()
        return result

    def _problem_of_signing(self):
        """Why it may not sign payments now, in words; empty where it may."""
        if not self:
            return self.env._("There is no certificate.")
        if problem := self._problem():
            return problem
        own = self.sudo()
        if own.may_sign_payments:
            return ""
        if own.source != "card":
            return self.env._(
                "The certificate %(name)s lies on the server and may not sign payments. An "
                "administrator can allow it on the certificate's form.",
                name=own.name,
            )
        if own.is_seal:
            return self.env._(
                "The certificate %(name)s is a company's seal and may not sign payments. An "
                "administrator can allow it on the certificate's form.",
                name=own.name,
            )
        return ""


class BankPackage(models.Model):
    _inherit = "bank.package"

    # Who has only a phone at this bank signs nothing here: the bank asks after *Send*.
    may_sign = fields.Boolean(compute="_compute_may_sign")
    asks_phone = fields.Boolean(compute="_compute_may_sign")

    @bank_operation
    def action_sign(self):
        """Button: sign with the own certificate; on a card, through the dialog."""
        require_right(self.env, "signer")
        # The PIN of a card is asked for each time; a key on the server asks for the password.
        if self != self._signed_by_card():
            return self._sign_identified()
        return self._action_card_sign() if self else None

    @identity_checked
    @bank_operation
    def _sign_identified(self):
        require_right(self.env, "signer")
        on_card = self._signed_by_card()
        for package in self - on_card:
            package._sign()
        return on_card._action_card_sign() if on_card else None

    def _signed_by_card(self):
        return self.filtered(lambda package: package._signs_by_card())

    def _sign(self):
        self._lock_or_refuse()
        self._require_state("prepared", "partly_signed")
        self._refuse_problems(self.order_ids.sudo()._problems_before_sending())
        certificate = self._own_certificate()
        self._check_may_sign(certificate)
        signer = certificate._signer()
        signature = signer.sign_document(self._raw_content(), self._signature_form())
        self._add_signature(certificate, signature)

    def _check_may_sign(self, certificate):
        """A valid card in its owner's hand may sign; a key on the server only when allowed."""
        certificate._renew_standing()
        if certificate.source != "card" and not certificate._is_valid():
            words = self.env._("At %s you have no valid certificate.", self.bank_id.name)
            raise way_out(words, (certificate or self.bank_id).with_env(self.env))
        if certificate.user_id != self.env.user:
            raise UserError(self.env._("This certificate belongs to another person."))
        if problem := certificate._problem_of_signing():
            raise way_out(problem, certificate.with_env(self.env))

    def _add_signature(self, certificate, content):
        self._drop_failed_signatures()
        if self.env.user in self.sudo().signature_ids.user_id:
            raise UserError(
                self.env._("You have signed %s already: your signature counts once.", self.name)
            )
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
        self._set_state(self._ready_state())

    def _own_certificate(self):
        return self.env["bank.operator"]._of_user(self.bank_id).certificate_id.sudo()

    @api.depends("bank_id", "signature_ids")
    @api.depends_context("uid")
    def _compute_may_sign(self):
        own = self.env["bank.operator"].sudo().search([("user_id", "=", self.env.uid)])
        signed_at = own.filtered("certificate_id").bank_id
        for package in self:
            bank, channel = package.bank_id, package.bank_id._kind()
            phones = bank in own.bank_id - signed_at and "mobile" in getattr(channel, "methods", ())
            package.may_sign = not phones
            package.asks_phone = phones and not package.signature_ids

    def _can_sign_here(self):
        """True when this user's certificate lies on the server and may sign payments."""
        if not self.env.user.has_group("bank_webservice.group_signer"):
            return False
        certificate = self._own_certificate()
        return certificate.source == "pkcs12" and not certificate._problem_of_signing()

    def _signs_by_card(self):
        """True when this user signs at the package's bank with a card."""
        if not self.env.user.has_group("bank_webservice.group_signer"):
            return False
        return self._own_certificate().source == "card"

    # -------------------------------------------------------------------------
    # WITH A CARD
    # -------------------------------------------------------------------------

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
    # CALLED BY THE CARD'S DIALOG
    # -------------------------------------------------------------------------

    def card_request(self):
        """What the card is to sign: one entry for each bank, confirmed there with one PIN.

        [{"ids", "bank", "certificate" (fingerprint), "form", "documents" (base64), "count",
        "names"}]
        """
        refuse_when_neutralized(self.env)
        require_right(self.env, "signer")
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
        require_right(self.env, "signer")
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

    # -------------------------------------------------------------------------
    # DO THE SIGNATURES STILL HOLD OVER THE BYTES THAT ARE KEPT HERE?
    # -------------------------------------------------------------------------

    def _signature_problems(self, content):
        """[sentence] of every signature that does not hold over `content`."""
        problems, digest = [], hashlib.sha256(content).hexdigest()
        for signature in self.sudo().signature_ids:
            words = ""
            if signature.digest != digest:
                words = self.env._("it is over other content.")
            else:
                try:
                    signing.verify_document(
                        content,
                        base64.b64decode(signature.content or b""),
                        signature.certificate_id.certificate_pem.encode(),
                        at=signature.signed_at.replace(tzinfo=timezone.utc),
                    )
                except errors.BankError as error:
                    words = explain(self.env, error)
            if words:
                problems.append(
                    self.env._(
                        "Package %(package)s, signature of %(user)s: %(problem)s",
                        package=self.name,
                        user=signature.user_id.name,
                        problem=words,
                    )
                )
        return problems

    def action_verify_signatures(self):
        """Button: are the signatures still those over the bytes that are kept here?"""
        self.ensure_one()
        self.check_access("read")
        problems = self._signature_problems(self._raw_content())
        good = self.env._(
            "Signatures that hold over the content of this package: %s", len(self.signature_ids)
        )
        words = "\n".join(problems) or good
        return notify(words, "danger" if problems else "success", sticky=bool(problems))
