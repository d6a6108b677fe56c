"""Certificates on cards: registered through the signer, checked, and ended with words."""

import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.signatures import certificates, xades
from ...protocol.signatures import signers as signing
from .operation import ADMINISTRATOR, bank_operation, require_group, user_error

SIGNER = "/bank_webservice/signer.pyz"
# Days before its end at which the person is reminded, the nearest one first.
WARNINGS = (3, 14, 30)


class BankCertificate(models.Model):
    _inherit = "bank.certificate"

    fingerprint = fields.Char("SHA-256", compute="_compute_facts", store=True, index=True)
    usage = fields.Char("Key usage", compute="_compute_facts", store=True)
    key_type = fields.Char("Key", compute="_compute_facts", store=True)
    chain = fields.Selection(
        [
            ("trusted", "Issued by a trusted authority"),
            ("untrusted", "Not issued by a trusted authority"),
            ("unchecked", "Not checked: no trusted authority is entered"),
        ],
        "Issuer check",
        compute="_compute_chain",
    )
    revoked_at = fields.Datetime("Revoked", readonly=True, copy=False, tracking=True)
    warned_days = fields.Integer(readonly=True, copy=False)
    status = fields.Char(compute="_compute_status")

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("certificate_pem")
    def _compute_facts(self):
        for record in self:
            info = record.certificate_pem and certificates.describe(record.certificate_pem.encode())
            record.fingerprint = info.fingerprint if info else False
            record.usage = ", ".join(info.usage).replace("_", " ") if info else False
            record.key_type = info.key_type if info else False

    def _compute_chain(self):
        trusted = self.env["bank.certificate.authority"]._trusted()
        for record in self:
            record.chain = record._chain(trusted)

    def _chain(self, trusted):
        if not trusted:
            return "unchecked"
        own = certificates.load(self.sudo().certificate_pem.encode())
        try:
            # Its dates have words of their own: here only the issuer is asked about.
            certificates.check_chain(own, trusted, at=certificates.describe(own).not_before)
        except errors.BankError:
            return "untrusted"
        return "trusted"

    @api.depends("not_before", "not_after", "revoked_at", "active")
    def _compute_status(self):
        for record in self:
            record.status = record._problem() or self.env._("Valid")

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

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

    def action_revoke(self):
        """Button: the card was lost, or the authority revoked it. It is never used again."""
        for record in self:
            if record.user_id != self.env.user:
                require_group(self.env, ADMINISTRATOR, self.env._("Bank administration"))
        self.sudo().filtered(
            lambda record: not record.revoked_at
        ).revoked_at = fields.Datetime.now()
        operators = self.env["bank.operator"].sudo().search([("certificate_id", "in", self.ids)])
        operators._end_sessions(self.env._("The certificate was revoked."))

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    @bank_operation
    def register_card(self, certificate):
        """Called by the dialog: `certificate` is base64 of the DER that the card gave.

        A certificate is no secret, so anybody may register one; what counts is that each signature
        is verified against it, and that an Administrator gives it to an operator.
        """
        try:
            der = base64.b64decode(certificate or "", validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise UserError(self.env._("This is not a certificate.")) from None
        own = certificates.load(der)
        self._refuse_others(own)
        record = self._register_certificate(self.env.user, "card", own)
        if record._problem():
            raise UserError(record._problem())
        return record.with_env(self.env)._get_records_action()

    def _refuse_others(self, own):
        fingerprint = certificates.describe(own).fingerprint
        others = self.sudo().search(
            [("fingerprint", "=", fingerprint), ("user_id", "!=", self.env.uid)], limit=1
        )
        if others:
            raise UserError(self.env._("This certificate is registered for another user."))

    def _problem(self):
        """Why the certificate cannot be used now, in words; empty when it can."""
        self.ensure_one()
        own, now = self.sudo(), fields.Datetime.now()
        if own.revoked_at:
            day = fields.Date.to_string(own.revoked_at)
            return self.env._(
                "The certificate %(name)s was revoked on %(day)s.", name=own.name, day=day
            )
        if not own.active:
            return self.env._("The certificate %(name)s is archived.", name=own.name)
        if now >= own.not_after:
            day = fields.Date.to_string(own.not_after)
            return self.env._(
                "The certificate %(name)s ended on %(day)s. Register a new one.",
                name=own.name,
                day=day,
            )
        if now < own.not_before:
            day = fields.Date.to_string(own.not_before)
            return self.env._(
                "The certificate %(name)s is valid from %(day)s.", name=own.name, day=day
            )
        if own.chain == "untrusted":
            return self.env._(
                "The certificate %(name)s was issued by %(issuer)s, which is not among the "
                "authorities that the Administrator trusts.",
                name=own.name,
                issuer=own.issuer,
            )
        return ""

    def _is_valid(self):
        return bool(self) and not self._problem()

    def _signer(self):
        """Where the key is on a card, the signer that waits for the card's answer."""
        if self.source == "card":
            return signing.RemoteSigner(self.certificate_pem.encode())
        return super()._signer()

    def _take_answer(self, purpose, content, answer, form="cms"):
        """The signature that the card gave, as bytes, once it holds. UserError when it does not.

        purpose: "document" or "challenge"; form: "cms", or "xades" for documents. The certificate
        is asked again: days may have passed.
        """
        self.ensure_one()
        if self._problem():
            raise UserError(self._problem())
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

    # -------------------------------------------------------------------------
    # CRON
    # -------------------------------------------------------------------------

    @api.model
    def _cron_warn(self):
        """An activity for the person 30, 14 and 3 days before the certificate ends, each once."""
        for record in self.search([("revoked_at", "=", False), ("not_after", "!=", False)]):
            record._warn()

    def _warn(self):
        days = (self.not_after - fields.Datetime.now()).days
        reached = [limit for limit in WARNINGS if days < limit]
        if not reached or 0 < self.warned_days <= reached[0]:
            return
        self.warned_days = reached[0]
        kind = "mail.mail_activity_data_todo"
        self.activity_unlink([kind])
        if days < 0:
            return
        self.activity_schedule(
            kind,
            date_deadline=self.not_after.date(),
            summary=self.env._("Your certificate ends in %s days", days),
            note=self.env._(
                "The certificate %(name)s ends on %(day)s. After that it neither logs in nor "
                "signs: order a new one now, register it, and have it entered at the bank.",
                name=self.name,
                day=fields.Date.to_string(self.not_after),
            ),
            user_id=self.user_id.id,
        )
