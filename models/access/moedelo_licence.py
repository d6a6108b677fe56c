# SPDX-License-Identifier: LGPL-3.0-only
"""The licence of the Moe Delo part, as uploaded, and what it allows today.

Services are told of cards: what a licence is bound to, and they are told, is asked again when it
changes.
"""

import base64
import binascii
import logging
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import config, ormcache

from ...protocol.access import licence as licences
from ...protocol.access import signing_keys, tokens

_logger = logging.getLogger(__name__)
KEYS_OPTION = "bank_webservice_licence_keys"
SHIPPED_KEYS = Path(__file__).parents[2] / "data" / "licence_keys.json"
MAX_DOCUMENT = 20_000  # bytes


class MoedeloLicence(models.Model):
    _name = "moedelo.licence"
    _description = "Moe Delo licence"
    _inherit = ["moedelo.audited", "mail.thread", "mail.activity.mixin"]
    _audited = ("number", "packages", "valid_from", "valid_until", "active")
    _order = "valid_until desc, id desc"
    _rec_name = "number"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    document = fields.Text(required=True, readonly=True, copy=False)
    number = fields.Char(required=True, readonly=True)
    licensee = fields.Char(required=True, readonly=True)
    tax_id = fields.Char("Tax number", required=True, readonly=True)
    packages = fields.Char(
        "Package codes", required=True, readonly=True, help="Names of the packages it contains."
    )
    package_words = fields.Char("Service packages", compute="_compute_package_words")
    valid_from = fields.Date(required=True, readonly=True)
    valid_until = fields.Date(required=True, readonly=True)
    active = fields.Boolean(default=True, tracking=True)
    problem = fields.Selection(
        selection="_select_problem", compute="_compute_problem", string="What is wrong"
    )
    state = fields.Selection(
        [("valid", "Valid"), ("problem", "Not usable")], compute="_compute_problem"
    )
    days_left = fields.Integer(compute="_compute_problem")
    warned_days = fields.Integer(readonly=True, copy=False)

    _number_unique = models.Constraint("unique (number)", "This licence is here already.")

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.model
    def _select_problem(self):
        return [(name, self._problem_words(name)) for name in licences.PROBLEMS]

    @api.model
    def _problem_words(self, problem):
        return {
            "malformed": self.env._("This is not a licence."),
            "foreign_key": self.env._(
                "The licence is not signed by a vendor that this server knows."
            ),
            "tampered": self.env._("The licence has been changed after it was signed."),
            "foreign_database": self.env._("The licence was issued for another database."),
            "foreign_company": self.env._(
                "The licence was issued for a company with another tax number."
            ),
            "not_yet": self.env._("The licence is not valid yet."),
            "ended": self.env._("The licence has ended."),
        }[problem]

    @api.depends("packages")
    @api.depends_context("lang")
    def _compute_package_words(self):
        package = self.env["moedelo.subscription"]._fields["package"]
        words = dict(package._description_selection(self.env))
        for licence in self:
            names = (licence.packages or "").split(",")
            licence.package_words = ", ".join(words.get(name, name) for name in names)

    @api.depends("document", "company_id.vat", "active")
    def _compute_problem(self):
        today = fields.Date.today()
        for licence in self:
            licence.problem = licence._find_problem(today) or False
            licence.state = "problem" if licence.problem else "valid"
            left = (licence.valid_until - today).days if licence.valid_until else 0
            licence.days_left = max(0, left)

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever creates one: its content is what the signed document says, nothing else."""
        read = [self._read_vals(vals) for vals in vals_list]
        created = super().create(read)
        created._tell_subscription(self.env._("A licence was uploaded:"))
        self.env.registry.clear_cache()
        return created

    def write(self, vals):
        fixed = {"company_id", "document", "number", "licensee", "tax_id", "packages"}
        if (fixed | {"valid_from", "valid_until"}) & set(vals):
            raise UserError(self.env._("A licence cannot be edited. Upload another one."))
        result = super().write(vals)
        if "active" in vals:
            words = self.env._("A licence is in use again:")
            if not vals["active"]:
                words = self.env._("A licence was taken away:")
            self._tell_subscription(words)
            self._licence_gone()
        return result

    def unlink(self):
        self._tell_subscription(self.env._("A licence was deleted:"))
        companies = self.company_id
        result = super().unlink()
        self._licence_gone(companies)
        return result

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _upload(self, content, company):
        """A licence from an uploaded file (base64), or `UserError` with what is wrong."""
        try:
            document = base64.b64decode(content)[: MAX_DOCUMENT + 1].decode("ascii")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UserError(self._problem_words("malformed")) from error
        return self.sudo().create({"company_id": company.id, "document": document})

    @api.model
    def _read_vals(self, vals):
        document = (vals.get("document") or "").strip()
        company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
        try:
            licence = licences.parse(document, self._vendor_keys())
        except licences.LicenceRefused as error:
            raise UserError(self._problem_words(error.problem)) from error
        wrong = self._problem_of(licence, company, fields.Date.today())
        if wrong and wrong != "not_yet":  # the next one may be uploaded before the old one ends
            raise UserError(self._problem_words(wrong))
        return {
            "company_id": company.id,
            "document": document,
            "number": licence.number,
            "licensee": licence.licensee,
            "tax_id": licence.tax_id,
            "packages": ",".join(licence.packages),
            "valid_from": licence.valid_from,
            "valid_until": licence.valid_until,
        }

    @api.model
    def _problem_of(self, licence, company, today):
        database = self.env["moedelo.settings"]._database_uuid()
        return licences.problem(licence, database, company.sudo().vat or "", today)

    def _find_problem(self, today):
        """Judged by the signed document each time: columns can be written past the ORM."""
        self.ensure_one()
        try:
            licence = licences.parse(self.document or "", self._vendor_keys())
        except licences.LicenceRefused as error:
            return error.problem
        return self._problem_of(licence, self.company_id, today)

    @api.model
    @ormcache("company_id", "today")
    def _licensed_packages(self, company_id, today):
        """The packages that this company may use on this day."""
        allowed = set()
        for licence in self.sudo().search([("company_id", "=", company_id)]):
            if not licence._find_problem(today):
                allowed.update(licences.parse(licence.document, self._vendor_keys()).packages)
        return frozenset(allowed)

    @api.model
    def _vendor_keys(self):
        """The vendor's public keys: those that odoo.conf names beside those that we ship."""
        keys = {}
        for path in filter(None, [SHIPPED_KEYS, config.get(KEYS_OPTION)]):
            try:
                keys.update(signing_keys.read_jwks(Path(path).read_bytes()))
            except (OSError, tokens.TokenRefused):
                _logger.warning("The licence keys cannot be read. Check %s.", KEYS_OPTION)
        return keys

    def _licence_gone(self, companies=None):
        """A licence taken away ends what was given under it, unless another one covers it."""
        self.env.registry.clear_cache()
        subscriptions = (
            self.env["moedelo.subscription"]
            .sudo()
            .search([("company_id", "in", (companies or self.company_id).ids)])
        )
        uncovered = subscriptions.filtered(
            lambda one: (
                one.package not in self._licensed_packages(one.company_id.id, fields.Date.today())
            )
        )
        uncovered._end_grants("licence")

    def _tell_subscription(self, words):
        """The company's package has the history of its licences, too."""
        for licence in self.sudo():
            package = self.env["moedelo.subscription"]._of_company(licence.company_id)
            if package:
                said = f"{words} {licence.number}, {licence.package_words}"
                package.message_post(body=said)

    @api.model
    def _cron_warn(self):
        """30, 14 and 3 days before the end, once each; the day's answer is computed anew."""
        self.env.registry.clear_cache()
        today = fields.Date.today()
        for licence in self.search([("valid_until", ">=", today)]):
            days = licences.warning_day(licence.valid_until, today)
            if days and days != licence.warned_days and not licence._has_successor():
                licence._warn(days)

    def _has_successor(self):
        later = [("company_id", "=", self.company_id.id), ("valid_until", ">", self.valid_until)]
        return bool(self.search_count(later, limit=1))

    def _warn(self, days):
        self.warned_days = days
        text = self.env._("The Moe Delo licence ends on %(day)s.", day=self.valid_until)
        self.message_post(body=text)
        group = self.env.ref("bank_webservice.group_administrator")
        for user in group.all_user_ids.filtered(lambda one: self.company_id in one.company_ids):
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=self.valid_until,
                summary=text,
                user_id=user.id,
            )


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if {"vat", "name", "bank_kpp"} & set(vals) and self.sudo().ref_company_ids:
            # a licence is for one tax number, and the service is told of both
            self.env.registry.clear_cache()
        return result


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def write(self, vals):
        result = super().write(vals)
        told = {"acc_number", "active", "bank_id", "clearing_number", "currency_id", "company_id"}
        if told & set(vals) and self.sudo().partner_id.ref_company_ids:
            self.env.registry.clear_cache()
        return result


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        if created.bank_account_id:
            self.env.registry.clear_cache()
        return created

    def write(self, vals):
        result = super().write(vals)
        if {"currency_id", "bank_account_id"} & set(vals):  # the currency of an account
            self.env.registry.clear_cache()
        return result


class ResBank(models.Model):
    _inherit = "res.bank"

    def write(self, vals):
        result = super().write(vals)
        if {"name", "bic", "bank_bik"} & set(vals):
            self.env.registry.clear_cache()
        return result
