# SPDX-License-Identifier: LGPL-3.0-only
"""The issuers of certificates: whom the Administrator trusts, and what they say of one today."""

from datetime import timedelta, timezone

from odoo import api, fields, models

from ...protocol import errors
from ...protocol.signatures import certificates, issuers
from ...protocol.wire import revocation
from .operation import commit_step
from .words import user_error

ASK_ISSUERS = "bank_webservice.ask_issuers"  # system parameter: "True" where issuers are asked
#: How old an answer may be. The schedule asks each day; one missed run changes nothing.
HOLDS = timedelta(hours=36)


class BankCertificate(models.Model):
    _inherit = "bank.certificate"

    issuers_pem = fields.Text(
        "Certificates of the issuers",
        readonly=True,
        copy=False,
        help="As they came with the card or the file. They are not trusted by themselves: they "
        "are links between the certificate and a trusted authority.",
    )
    chain = fields.Selection(
        [
            ("trusted", "Issued by a trusted authority"),
            ("untrusted", "Not issued by a trusted authority"),
            ("unchecked", "Not checked: no trusted authority is entered"),
        ],
        "Issuer check",
        compute="_compute_chain",
    )
    usage_words = fields.Char("Key usage", compute="_compute_usage_words")
    asks_issuer = fields.Boolean(compute="_compute_asks_issuer")
    standing = fields.Selection(
        [("good", "Not revoked"), ("unknown", "Not known"), ("revoked", "Revoked")],
        "Says the issuer",
        readonly=True,
        copy=False,
    )
    standing_at = fields.Datetime("Asked on", readonly=True, copy=False)
    standing_source = fields.Char("Answered by", readonly=True, copy=False)
    standing_reason = fields.Char("No answer", readonly=True, copy=False)

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    def _compute_chain(self):
        trusted = self.env["bank.certificate.authority"]._trusted()
        for record in self:
            record.chain = record._chain(trusted)

    @api.depends("usage")
    @api.depends_context("lang")
    def _compute_usage_words(self):
        words = {
            "digital signature": self.env._("digital signature"),
            "content commitment": self.env._("content commitment (non-repudiation)"),
            "key encipherment": self.env._("encrypting keys"),
            "data encipherment": self.env._("encrypting data"),
            "key agreement": self.env._("key agreement"),
            "key cert sign": self.env._("signing certificates"),
            "crl sign": self.env._("signing revocation lists"),
        }
        for record in self:
            names = record.usage.split(", ") if record.usage else []
            record.usage_words = ", ".join(words.get(name, name) for name in names)

    def _compute_asks_issuer(self):
        self.asks_issuer = asks_issuers(self.env)

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_ask_issuer(self):
        """Button: ask now whether the certificate was revoked."""
        for record in self:
            record._ask_issuer()

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _chain(self, trusted):
        """A value of `chain`; `trusted`: the authorities, as protocol objects."""
        if not trusted:
            return "unchecked"
        own = self._certificate()
        try:
            # Its dates have words of their own: here only the issuer is asked about.
            at = certificates.describe(own).not_before
            issuers.check_chain(own, trusted, self._issuers(), at)
        except errors.BankError:
            return "untrusted"
        return "trusted"

    def _certificate(self):
        return certificates.load(self.sudo().certificate_pem.encode())

    def _issuers(self):
        pem = self.sudo().issuers_pem
        return certificates.load_many(pem.encode()) if pem else []

    def _is_fresh(self):
        own = self.sudo()
        answered = own.standing == "good" and own.standing_at
        return bool(answered) and fields.Datetime.now() - answered < HOLDS

    def _standing_problem(self):
        """Why the issuer's word does not let it be used, in words; empty where it does."""
        if not asks_issuers(self.env) or self._is_fresh():
            return ""
        own = self.sudo()
        return self.env._(
            "Whether the certificate %(name)s was revoked is not known: %(reason)s. Ask the issuer "
            "again on the certificate's form.",
            name=own.name,
            reason=own.standing_reason or self.env._("its issuer was not asked lately"),
        )

    def _renew_standing(self):
        """Before it is used: asks the issuer where his last answer is too old."""
        if asks_issuers(self.env):
            for record in self.filtered(lambda one: not one.revoked_at and not one._is_fresh()):
                record._ask_issuer()

    def _ask_issuer(self):
        """Keeps what the issuer says; a certificate that he took back is revoked here, too."""
        self.ensure_one()
        own = self.sudo()
        trusted = self.env["bank.certificate.authority"]._trusted()
        certificate, now = own._certificate(), fields.Datetime.now()
        issuer = issuers.issuer_of(certificate, trusted, own._issuers())
        if issuer is None:
            own.standing = "unknown"
            own.standing_reason = self.env._("the issuer is not among the trusted authorities")
            return
        told = revocation.ask(certificate, issuer, now.replace(tzinfo=timezone.utc))
        own.write(
            {
                "standing": told.state,
                "standing_at": now,
                "standing_source": f"{told.source} {told.address}".strip(),
                "standing_reason": told.reason,
            }
        )
        if told.state == "revoked":
            own._with_their_keys()._revoke(min(told.revoked_at.replace(tzinfo=None), now))

    # -------------------------------------------------------------------------
    # CRON
    # -------------------------------------------------------------------------

    @api.model
    def _cron_ask_issuers(self):
        """Each day, one certificate after the other."""
        if not asks_issuers(self.env):
            return
        now = fields.Datetime.now()
        for record in self.search([("revoked_at", "=", False), ("not_after", ">", now)]):
            record._ask_issuer()
            commit_step(self.env, 1)


def asks_issuers(env):
    """Whether the Administrator wants issuers to be asked."""
    return bool(env["ir.config_parameter"].sudo().get_param(ASK_ISSUERS))


class BankCertificateAuthority(models.Model):
    _name = "bank.certificate.authority"
    _description = "Trusted certificate authority"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char("Subject", compute="_compute_facts", store=True)
    certificate_pem = fields.Text(
        "Certificate (PEM)",
        required=True,
        tracking=True,
        help="One certificate, from “-----BEGIN CERTIFICATE-----” on. Root authorities, or those "
        "that issue the persons' certificates directly.",
    )
    not_after = fields.Datetime("Valid until", compute="_compute_facts", store=True)
    fingerprint = fields.Char("SHA-256", compute="_compute_facts", store=True)
    active = fields.Boolean(default=True, tracking=True)

    _fingerprint_unique = models.Constraint(
        "unique (fingerprint)", "This authority is in the list already."
    )

    @api.depends("certificate_pem")
    def _compute_facts(self):
        for authority in self:
            try:
                info = certificates.describe(authority.certificate_pem.encode())
            except errors.BankError as error:
                raise user_error(self.env, error) from None
            authority.name = info.subject
            authority.not_after = info.not_after.replace(tzinfo=None)
            authority.fingerprint = info.fingerprint

    @api.model
    def _trusted(self):
        """The trusted certificates as protocol objects; empty where nothing is entered."""
        rows = self.sudo().search([("certificate_pem", "!=", False)])
        return [certificates.load(row.certificate_pem.encode()) for row in rows]
