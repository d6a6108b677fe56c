# SPDX-License-Identifier: LGPL-3.0-only
"""A person's certificate: on a card in his computer, or as PKCS#12 kept encrypted here."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol.signatures import certificates
from ...protocol.signatures import signers as signing
from .rights import CHATTER, require_right
from .words import way_out

# Everything else of a certificate is what its file or card says, or what became of it.
WRITABLE = {"user_id", "active", "may_sign_payments"}


# Days before its end at which people are reminded, the nearest one first.
WARNINGS = (3, 14, 30)
TODO = "mail.mail_activity_data_todo"


class BankCertificateEnding(models.AbstractModel):
    """What is said of any certificate that is kept here, and the warnings before it ends."""

    _name = "bank.certificate.ending"
    _description = "Certificate that ends"
    _inherit = ["mail.thread", "mail.activity.mixin"]

    name = fields.Char("Subject", readonly=True, copy=False)
    issuer = fields.Char(readonly=True, copy=False)
    serial = fields.Char(readonly=True, copy=False)
    not_before = fields.Datetime("Valid from", readonly=True, copy=False)
    not_after = fields.Datetime("Valid until", readonly=True, copy=False)
    warned_days = fields.Integer(readonly=True, copy=False)

    @api.model
    def _facts_of(self, certificate):
        """The values of these fields, of an X.509 certificate."""
        info = certificates.describe(certificate)
        return {
            "name": info.subject,
            "issuer": info.issuer,
            "serial": info.serial,
            "not_before": info.not_before.replace(tzinfo=None),
            "not_after": info.not_after.replace(tzinfo=None),
        }

    def _warn(self):
        """An activity 30, 14 and 3 days before the end, each once."""
        days = (self.not_after - fields.Datetime.now()).days
        reached = [limit for limit in WARNINGS if days < limit]
        if not reached or 0 < self.warned_days <= reached[0]:
            return
        self.warned_days = reached[0]
        self.activity_unlink([TODO])
        if days < 0:
            return
        for user in self._warned_users():
            summary, note = self._ending_words(days)
            self.activity_schedule(
                TODO,
                date_deadline=self.not_after.date(),
                summary=summary,
                note=note,
                user_id=user.id,
            )


class BankCertificate(models.Model):
    _name = "bank.certificate"
    _description = "Certificate of a bank operator"
    _inherit = ["bank.certificate.ending"]
    _order = "not_after desc, id"

    user_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, index=True
    )
    active = fields.Boolean(default=True)
    source = fields.Selection(
        [("card", "Card in the user's computer"), ("pkcs12", "Kept encrypted on the server")],
        required=True,
        default="pkcs12",
        readonly=True,
    )
    certificate_pem = fields.Text("Certificate", readonly=True, copy=False)
    may_sign_payments = fields.Boolean(
        "May sign payments",
        copy=False,
        tracking=True,
        help="A key that lies on a server is not in its owner's hand: it logs in and reads. "
        "Only an administrator can allow it to sign payments as well.",
    )
    fingerprint = fields.Char("SHA-256", compute="_compute_facts", store=True, index=True)
    key_fingerprint = fields.Char(
        "SHA-256 of the public key", compute="_compute_facts", store=True, index=True
    )
    person_number = fields.Char(
        "Number of the person",
        compute="_compute_facts",
        store=True,
        help="PESEL, tax number or the like, as the certificate names its holder.",
    )
    is_seal = fields.Boolean("Seal of a company", compute="_compute_facts", store=True)
    statements = fields.Char("Declared by the issuer", compute="_compute_statements")
    usage = fields.Char("Key usage of the certificate", compute="_compute_facts", store=True)
    key_type = fields.Char("Key", compute="_compute_facts", store=True)
    revoked_at = fields.Datetime("Revoked", readonly=True, copy=False, tracking=True)
    status = fields.Char(compute="_compute_status")
    pkcs12_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    password_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)

    # Over all users, archived and revoked ones included: one card is one person.
    _fingerprint_unique = models.UniqueIndex(
        "(fingerprint)", "This certificate is registered already."
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("certificate_pem")
    def _compute_facts(self):
        for record in self:
            info = record.certificate_pem and certificates.describe(record.certificate_pem.encode())
            record.fingerprint = info.fingerprint if info else False
            record.key_fingerprint = info.key_fingerprint if info else False
            record.person_number = info.person_number if info else False
            record.is_seal = bool(info) and "seal" in info.statements
            record.usage = ", ".join(info.usage).replace("_", " ") if info else False
            record.key_type = info.key_type if info else False

    @api.depends("certificate_pem")
    @api.depends_context("lang")
    def _compute_statements(self):
        words = {
            "qualified": self.env._("qualified"),
            "on_card": self.env._("key on a card"),
            "signature": self.env._("for a person's signature"),
            "seal": self.env._("for a company's seal"),
            "web": self.env._("for web servers"),
        }
        for record in self:
            info = record.certificate_pem and certificates.describe(record.certificate_pem.encode())
            record.statements = ", ".join(words[item] for item in info.statements) if info else ""

    @api.depends("not_before", "not_after", "revoked_at", "active")
    def _compute_status(self):
        for record in self:
            record.status = record._problem() or self.env._("Valid")

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_rights(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_rights(vals)
        return super().write(vals)

    def _check_rights(self, vals):
        """Who the certificate belongs to and what it may sign is the Administrator's alone."""
        if self.env.su:
            return
        if vals.get("may_sign_payments") or vals.get("user_id", self.env.uid) != self.env.uid:
            require_right(self.env, "administrator")
        # A list of what may be written: whoever revokes, warns or describes does it in sudo.
        if vals.keys() - WRITABLE - CHATTER:
            raise UserError(self.env._("A certificate is registered from its file or card only."))

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_revoke(self):
        """Button: the card was lost, or the authority revoked it. It is never used again."""
        for record in self:
            if record.user_id != self.env.user:
                require_right(self.env, "administrator")
        fresh = self.filtered(lambda record: not record.revoked_at)
        fresh._with_their_keys()._revoke(fields.Datetime.now())

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _with_their_keys(self):
        """These, and the others that were issued for their keys: lost is the key, not its paper."""
        every = self.sudo().with_context(active_test=False)
        keys = self.sudo().mapped("key_fingerprint")
        domain = [("key_fingerprint", "in", keys), ("revoked_at", "=", False)]
        return self | every.search(domain).with_env(self.env)

    def _revoke(self, since):
        """From now on it neither logs in nor signs; `since`: for how long it was not to."""
        self.sudo().revoked_at = since
        operators = self.env["bank.operator"].sudo().search([("certificate_id", "in", self.ids)])
        operators._end_sessions(self.env._("The certificate was revoked."))

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
        # Not what a form has read earlier: an authority may be gone since.
        if own._chain(self.env["bank.certificate.authority"]._trusted()) == "untrusted":
            return self.env._(
                "The certificate %(name)s was issued by %(issuer)s, which is not among the "
                "authorities that the Administrator trusts.",
                name=own.name,
                issuer=own.issuer,
            )
        return own._standing_problem()

    def _is_valid(self):
        return bool(self) and not self._problem()

    def _require_valid(self):
        """UserError that says why the certificate cannot be used now."""
        self._renew_standing()
        if problem := self._problem():
            raise way_out(problem, self)

    def _signer(self):
        """The signer that uses the key here or, where it is on a card, waits for its answer."""
        self.ensure_one()
        if self.source == "card":
            return signing.RemoteSigner(self.certificate_pem.encode())
        vault = self.env["bank.vault"]
        password = vault._open(self, "password_sealed").decode()
        return signing.Pkcs12Signer(vault._open(self, "pkcs12_sealed"), password)

    # -------------------------------------------------------------------------
    # CRON
    # -------------------------------------------------------------------------

    @api.model
    def _cron_warn(self):
        """Before the certificates of persons end, and those of companies."""
        for record in self.search([("revoked_at", "=", False), ("not_after", "!=", False)]):
            record._warn()
        for identity in self.env["bank.identity"].search([("not_after", "!=", False)]):
            identity._warn()

    def _warned_users(self):
        return self.user_id

    def _ending_words(self, days):
        """(summary, note) of the warning."""
        note = self.env._(
            "The certificate %(name)s ends on %(day)s. After that it neither logs in nor "
            "signs: order a new one now, register it, and have it entered at the bank.",
            name=self.name,
            day=fields.Date.to_string(self.not_after),
        )
        return self.env._("Days until your certificate ends: %s", days), note
