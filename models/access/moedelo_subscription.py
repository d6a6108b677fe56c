# SPDX-License-Identifier: LGPL-3.0-only
"""Which package a company uses, and what follows from that at once."""

from urllib.parse import urlencode, urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.tools import ormcache

from ...protocol.access import scopes
from ..connection.words import SETTINGS, way_out_by_action

PACKAGES = [("moedelo", "Moe Delo"), ("integration", "Moe Delo – payment integration")]


def scope_words(env, names):
    """These rights as an administrator reads them, separated by commas."""
    words = {
        "payments": env._("payment orders"),
        "statements": env._("statements"),
        "accounts": env._("list of accounts"),
        "calendar": env._("tax calendar"),
        "client": env._("name and tax number"),
    }
    return ", ".join(words[name] for name in scopes.SCOPES if name in names)


STATUSES = [
    ("registered", "Registered"),
    ("in_progress", "Being registered"),
    ("refused", "Refused"),
]


class MoedeloSubscription(models.Model):
    _name = "moedelo.subscription"
    _description = "Moe Delo package of a company"
    _inherit = ["moedelo.audited", "mail.thread"]
    _audited = ("package", "client_id", "active")
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    package = fields.Selection(PACKAGES, required=True, tracking=True)
    client_id = fields.Many2one(
        "moedelo.client",
        "Service",
        domain="[('kind', '=', 'code')]",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        help="The service that this company works with.",
    )
    active = fields.Boolean(default=True, tracking=True)
    is_usable = fields.Boolean("Covered by a licence", compute="_compute_is_usable")
    scopes = fields.Char("Rights that the package allows", compute="_compute_is_usable")
    grant_ids = fields.One2many(related="company_id.moedelo_grant_ids", string="Connections")

    _company_unique = models.Constraint(
        "unique (company_id)", "This company has a Moe Delo package already."
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("package", "company_id", "active")
    @api.depends_context("lang")
    def _compute_is_usable(self):
        for subscription in self:
            allowed = subscription._allowed_scopes(subscription.company_id.id)
            subscription.is_usable = bool(allowed)
            subscription.scopes = scope_words(self.env, allowed)

    # -------------------------------------------------------------------------
    # CONSTRAINTS
    # -------------------------------------------------------------------------

    @api.constrains("package", "company_id", "active")
    def _check_licence(self):
        licences = self.env["moedelo.licence"]
        for subscription in self.filtered("active"):
            licensed = licences._licensed_packages(subscription.company_id.id, fields.Date.today())
            if subscription.package not in licensed:
                words = self.env._(
                    "No valid licence of %(company)s contains this package. "
                    "Upload the licence in Settings first.",
                    company=subscription.company_id.name,
                )
                raise way_out_by_action(self.env, words, SETTINGS)

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        self.env.registry.clear_cache()
        return created

    def write(self, vals):
        if "company_id" in vals and any(one.company_id.id != vals["company_id"] for one in self):
            raise UserError(self.env._("A package stays with its company. Make another one."))
        result = super().write(vals)
        if vals.get("active") is False:
            self._end_grants("subscription")
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self._end_grants("subscription")
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_jump(self):
        """Open the service, which then asks us who is there (a log-in started by a third party)."""
        self.ensure_one()
        self.env["moedelo.grant"]._check_may_jump(self.company_id)
        client = self.sudo().client_id
        if not client.initiate_login_uri:
            raise UserError(self.env._("The service has no address for a jump."))
        if request:
            request.session["moedelo_jump"] = self._jump_note(client)
        return {"type": "ir.actions.act_url", "url": client._jump_address(), "target": "new"}

    def _jump_note(self, client):
        """What the session remembers of a click, so that no other page can start a jump."""
        until = fields.Datetime.now().timestamp() + 300
        return {"company_id": self.company_id.id, "client_id": client.id, "until": until}

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _allowed_scopes(self, company_id):
        """The scopes that licence and package of a company allow now; none = it is shut."""
        if self.env["moedelo.settings"]._is_neutralized():
            return frozenset()
        return scopes.of_package(self._package_on(company_id, fields.Date.today()))

    @api.model
    def _of_company(self, company):
        return self.sudo().search([("company_id", "=", company.id)], limit=1)

    @api.model
    def _package(self, company):
        """The company's usable package, or an empty string."""
        return self._package_on(company.id, fields.Date.today())

    @api.model
    def _can_jump(self, company):
        """The company's package contains the quick jump."""
        return self._package(company) in scopes.JUMP_PACKAGES

    @api.model
    @ormcache("company_id", "today")
    def _package_on(self, company_id, today):
        package = self.sudo().search([("company_id", "=", company_id)], limit=1).package
        licensed = self.env["moedelo.licence"]._licensed_packages(company_id, today)
        return package if package in licensed else ""

    def _audited_client(self):
        return self.client_id.identifier or ""

    def _end_grants(self, reason):
        live = [("company_id", "in", self.company_id.ids), ("state", "!=", "ended")]
        self.env["moedelo.grant"].sudo().search(live)._end(reason)

    # -------------------------------------------------------------------------
    # REGISTRATION
    # -------------------------------------------------------------------------

    registration_status = fields.Selection(STATUSES, "Registration", readonly=True, tracking=True)
    registration_reference = fields.Char("Id at the service", readonly=True)
    registration_message = fields.Char("The service's words", readonly=True)
    registered_at = fields.Datetime("Said at", readonly=True)

    @api.model
    def _take_registration(self, access, said):
        """`said`: `protocol.moedelo.registration.Registration`."""
        subscription = self.sudo().search([("company_id", "=", access.company_id)], limit=1)
        subscription.write(
            {
                "registration_status": said.status,
                "registration_reference": said.reference or False,
                "registration_message": said.message or False,
                "registered_at": fields.Datetime.now(),
            }
        )

    # -------------------------------------------------------------------------
    # THE JUMP FROM THE MENU, FROM THE USER MENU AND FROM AN EVENT OF THE TAX CALENDAR
    # -------------------------------------------------------------------------

    @api.model
    def action_jump_now(self):
        """Menu and user menu: into the cabinet of the company that the user works in."""
        return self._action_jump_to(self.env.company)

    @api.model
    def _action_jump_to(self, company, target=""):
        """`target`: a page of the cabinet. Refused without right, licence, package, connection."""
        self.env["moedelo.grant"]._check_may_jump(company)
        subscription = self._of_company(company)
        action = subscription.action_jump()
        if target and subscription.client_id._is_their_page(target):
            separator = "&" if urlsplit(action["url"]).query else "?"
            action["url"] += separator + urlencode({"target_link_uri": target})
        return action

    @api.model
    def _jump_companies(self):
        """`{company id: name of its service}`: where the user may jump now."""
        found = {}
        for company in self.env.user.company_ids:
            try:
                self.env["moedelo.grant"]._check_may_jump(company)
            except (AccessError, UserError):
                continue
            found[company.id] = self._of_company(company).client_id.name
        return found


class ResCompany(models.Model):
    _inherit = "res.company"

    moedelo_grant_ids = fields.One2many(
        "moedelo.grant", "company_id", groups="bank_webservice.group_administrator"
    )
