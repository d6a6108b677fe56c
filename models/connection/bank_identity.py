# SPDX-License-Identifier: LGPL-3.0-only
"""How a company itself appears at a bank: its communication certificate, and the values that the
bank gave it. What of these a bank wants, its class says (`shows_certificate`, `settings`)."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...protocol import errors
from ...protocol.records import KeyFile
from ...protocol.signatures import certificate_request, certificates
from .bank_certificate import TODO
from .rights import ADMINISTRATOR, CHATTER
from .words import explain, translated, user_error

# Whose it is: the certificate and its secrets belong to one company at one bank for good.
PLACE = {"bank_id", "company_id"}
WRITABLE = {*PLACE, "value_ids"}


class BankIdentity(models.Model):
    _name = "bank.identity"
    _description = "Company as its bank knows it"
    _inherit = ["bank.certificate.ending"]
    _order = "bank_id, company_id"

    bank_id = fields.Many2one("res.bank", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    value_ids = fields.One2many("bank.identity.value", "identity_id", "What the bank gave")
    shows_certificate = fields.Boolean(compute="_compute_shows_certificate")
    fingerprint = fields.Char("SHA-256", readonly=True, copy=False)
    status = fields.Char(compute="_compute_status")
    request_pem = fields.Text("Certificate request", readonly=True, copy=False)
    pkcs12_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    password_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    request_key_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)

    _once = models.Constraint(
        "unique (bank_id, company_id)", "This company is entered at this bank already."
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("bank_id", "company_id")
    def _compute_display_name(self):
        for identity in self:
            identity.display_name = f"{identity.company_id.name} – {identity.bank_id.name}"

    @api.depends("bank_id.bank_channel")
    def _compute_shows_certificate(self):
        for identity in self:
            kind = identity.bank_id._kind()
            identity.shows_certificate = bool(kind) and kind.shows_certificate

    @api.depends("fingerprint", "not_before", "not_after", "value_ids.value", "bank_id")
    @api.depends_context("lang")
    def _compute_status(self):
        for identity in self:
            identity.status = identity._problem(identity.bank_id) or self.env._("Complete")

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_written(vals)
        identities = super().create(vals_list)
        identities._add_values()
        return identities

    def write(self, vals):
        self._check_written(vals)
        _refuse_moving(self, vals, PLACE)
        return super().write(vals)

    def _check_written(self, vals):
        if not self.env.su and vals.keys() - WRITABLE - CHATTER:
            words = self.env._("A certificate is registered from its file or request only.")
            raise UserError(words)

    def _add_values(self):
        """A row for each value that the bank's channel wants, for somebody to fill in."""
        for identity in self:
            names = {setting.name for setting in identity._settings()}
            names -= set(identity.value_ids.mapped("name"))
            self.env["bank.identity.value"].sudo().create(
                [{"identity_id": identity.id, "name": name} for name in sorted(names)]
            )

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _of(self, bank, company):
        """The company at this bank, in sudo; empty where nothing of it was entered, or wanted."""
        if not bank.wants_identity:
            return self.sudo().browse()
        domain = [("bank_id", "=", bank.id), ("company_id", "=", company.id)]
        return self.sudo().search(domain)

    def _settings(self):
        kind = self.bank_id._kind()
        return kind.settings if kind else ()

    def _key_file(self):
        """The certificate with its key, as protocol record; None without one."""
        if not self.sudo().pkcs12_sealed:
            return None
        vault = self.env["bank.vault"]
        password = vault._open(self, "password_sealed").decode()
        return KeyFile(vault._open(self, "pkcs12_sealed"), password)

    def _values(self):
        """{name: value} of what was entered."""
        return {row.name: row.value for row in self.sudo().value_ids if row.value}

    def _problem(self, bank):
        """What is missing before `bank` can be asked, in words; empty where it can. `self` may be
        empty: nothing was entered yet."""
        kind, now = bank._kind(), fields.Datetime.now()
        if kind and kind.shows_certificate:
            if not self.sudo().pkcs12_sealed:
                return self.env._(
                    "The company's communication certificate is missing. An administrator adds it "
                    "on the card of the bank %(bank)s, tab Web service.",
                    bank=bank.name,
                )
            if not self.not_before <= now <= self.not_after:
                return self.env._(
                    "The company's communication certificate is valid from %(since)s until "
                    "%(until)s. An administrator adds a new one on the card of %(bank)s, tab Web "
                    "service.",
                    since=fields.Date.to_string(self.not_before),
                    until=fields.Date.to_string(self.not_after),
                    bank=bank.name,
                )
        values = self._values()
        for setting in kind.settings if kind else ():
            try:
                setting.of(values)
            except errors.BankError as error:
                return explain(self.env, error)
        return ""

    def _forget_test(self):
        """What the bank is told has changed: nothing is sent before it was tested again."""
        for identity in self:
            domain = [("bank_id", "=", identity.bank_id.id)]
            accounts = self.env["res.partner.bank"].sudo().search(domain)
            accounts.filtered(
                lambda one, company=identity.company_id: one._webservice_company() == company
            ).webservice_tested_at = False

    # -------------------------------------------------------------------------
    # THE COMMUNICATION CERTIFICATE
    # -------------------------------------------------------------------------

    def _take_key_file(self, data, password):
        """Keeps a PKCS#12 file (bytes), once it opens, in place of the one before."""
        self.ensure_one()
        try:
            _key, certificate, _issuers = certificates.open_key_file(data, password)
            certificates.check_time(certificate)
        except errors.BankError as error:
            raise user_error(self.env, error) from None
        fingerprint = certificates.describe(certificate).fingerprint
        self.sudo().write(
            {
                **self._facts_of(certificate),
                "fingerprint": fingerprint,
                "warned_days": 0,
                "request_pem": False,
                "request_key_sealed": False,
            }
        )
        vault = self.env["bank.vault"]
        vault._seal(self, "pkcs12_sealed", data)
        vault._seal(self, "password_sealed", password)
        self._forget_test()
        self.activity_unlink([TODO])
        words = self.env._("New communication certificate, SHA-256 %s", fingerprint)
        self.message_post(body=words)

    def _make_request(self, common_name):
        """A new key, which stays here, and the request for the bank's portal. The certificate in
        use stays until the answer is here."""
        self.ensure_one()
        try:
            key, request = certificate_request.make(common_name, self.company_id.name)
        except errors.BankError as error:
            raise user_error(self.env, error) from None
        self.env["bank.vault"]._seal_typed(self, "request_key_sealed", key)
        self.sudo().request_pem = request

    def _take_answer(self, answer):
        """The certificate (bytes, DER or PEM) that the portal gave for the request."""
        self.ensure_one()
        key = self.env["bank.vault"]._open(self, "request_key_sealed")
        if not key:
            raise UserError(self.env._("No certificate request waits for an answer."))
        password = secrets.token_urlsafe(32)
        try:
            data = certificate_request.key_file(key, answer, password)
        except errors.BankError as error:
            raise user_error(self.env, error) from None
        self._take_key_file(data, password)

    # -------------------------------------------------------------------------
    # THE WARNING BEFORE ITS END
    # -------------------------------------------------------------------------

    def _warned_users(self):
        return self.env.ref(ADMINISTRATOR).all_user_ids.filtered(
            lambda user: self.company_id in user.company_ids
        )

    def _ending_words(self, days):
        """(summary, note) of the warning."""
        note = self.env._(
            "The communication certificate of %(company)s at %(bank)s ends on %(day)s. After that "
            "nothing is read or sent there: make a request now, and hand it to the bank's portal.",
            company=self.company_id.name,
            bank=self.bank_id.name,
            day=fields.Date.to_string(self.not_after),
        )
        return self.env._("Days until the communication certificate ends: %s", days), note


class BankIdentityValue(models.Model):
    _name = "bank.identity.value"
    _description = "Value that a bank gave a company"
    _order = "id"

    identity_id = fields.Many2one(
        "bank.identity", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="identity_id.company_id", store=True)
    name = fields.Char("Technical name", required=True, readonly=True)
    label = fields.Char("What the bank calls it", compute="_compute_label")
    value = fields.Char()
    default = fields.Char("If empty", compute="_compute_label")

    _once = models.Constraint("unique (identity_id, name)", "This value is entered already.")

    @api.depends("name", "identity_id.bank_id.bank_channel")
    @api.depends_context("lang")
    def _compute_label(self):
        for row in self:
            setting = row._setting()
            row.label = translated(self.env, setting.label) if setting else row.name
            row.default = setting.default if setting else False

    def _setting(self):
        return next((one for one in self.identity_id._settings() if one.name == self.name), None)

    @api.constrains("value")
    def _check_value(self):
        for row in self.filtered("value"):
            setting = row._setting()
            try:
                _read = setting and setting.of({row.name: row.value})
            except errors.BankError as error:
                raise ValidationError(explain(self.env, error)) from None

    def write(self, vals):
        _refuse_moving(self, vals, {"identity_id", "name"})
        changed = self.filtered(lambda row: "value" in vals and row.value != vals["value"])
        before = {row: row.value or "-" for row in changed}
        result = super().write(vals)
        changed.identity_id._forget_test()
        for row, old in before.items():
            words = self.env._(
                "%(name)s: %(old)s → %(new)s", name=row.label, old=old, new=row.value or "-"
            )
            row.identity_id.message_post(body=words)
        return result


def _refuse_moving(records, vals, names):
    """Record rules look at what a row was, not at what it becomes: it could go to a company in
    which its writer does not work."""
    if not records.env.su and names & vals.keys():
        words = records.env._("This stays where it is. Delete it, and enter the company anew.")
        raise UserError(words)
