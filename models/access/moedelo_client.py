# SPDX-License-Identifier: LGPL-3.0-only
"""An outside service that may ask for tokens: who it is, where it lives, what it looks like."""

import uuid
from urllib.parse import urlencode, urlsplit

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError, ValidationError

from ...protocol.access import authorize, signing_keys, tokens
from ...protocol.errors import Invalid


class MoedeloClient(models.Model):
    _name = "moedelo.client"
    _description = "Service that asks for tokens"
    _inherit = ["moedelo.audited", "mail.thread", "mail.activity.mixin"]
    _audited = (
        *("name", "active", "kind", "auth_method", "jwks", "redirect_uris", "initiate_login_uri"),
        *("cabinet_address", "api_address", "company_id", "account_ids", "secret_made_at"),
        *("previous_until", "overlap_hours", "only_bound", "only_pushed"),
    )
    _order = "name, id"

    # -------------------------------------------------------------------------
    # FIELDS
    # -------------------------------------------------------------------------

    name = fields.Char(required=True, default="Moe Delo", tracking=True)
    logo = fields.Image(max_width=512, max_height=512)
    active = fields.Boolean(default=True, tracking=True)
    identifier = fields.Char(
        "Client ID",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
    )
    kind = fields.Selection(
        [("code", "Accounting service"), ("service", "Automatic statements only")],
        required=True,
        default="code",
        tracking=True,
    )
    auth_method = fields.Selection(
        [("secret", "Secret"), ("private_key_jwt", "Key of the service")],
        "Authentication",
        required=True,
        default="secret",
        tracking=True,
    )
    secret_hash = fields.Char(copy=False, groups=fields.NO_ACCESS)
    secret_made_at = fields.Datetime("Secret made", readonly=True, copy=False)
    overlap_hours = fields.Integer(
        "Old secret stays good (hours)",
        default=24,
        tracking=True,
        help="So long the service may use the secret before a new one, too. 0: it is void at once.",
    )
    previous_hash = fields.Char(copy=False, groups=fields.NO_ACCESS)
    previous_until = fields.Datetime("Old secret good until", readonly=True, copy=False)
    jwks = fields.Text("Public keys (JWKS)", copy=False)
    only_bound = fields.Boolean(
        "Tokens bound to a key only (DPoP)",
        tracking=True,
        help="The service shows with each call that it holds the key of its token, so that a "
        "copied token is worth nothing. Tokens without a key are refused at once. A service may "
        "do so without this, too.",
    )
    only_pushed = fields.Boolean(
        "Pushed requests only (PAR)",
        tracking=True,
        help="What the service asks an administrator for, it hands over itself beforehand, so that "
        "nobody can change it in the browser.",
    )
    redirect_uris = fields.Text(
        "Redirect addresses", tracking=True, help="One a line. They are compared to the letter."
    )
    initiate_login_uri = fields.Char("Address for a jump", tracking=True)
    cabinet_address = fields.Char("Address of the cabinet", tracking=True)
    api_address = fields.Char("Address for our messages", tracking=True)
    company_id = fields.Many2one(
        "res.company",
        "Only for",
        index="btree_not_null",
        tracking=True,
        help="Empty: any company of this database can connect.",
    )
    account_ids = fields.Many2many(
        "res.partner.bank",
        string="Accounts of the automatic statements",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    grant_ids = fields.One2many("moedelo.grant", "client_id", "Connections")
    live_grants = fields.Integer("Live connections", compute="_compute_live_grants")

    _identifier_unique = models.Constraint("unique (identifier)", "This client ID exists already.")
    _overlap_range = models.Constraint(
        "check (overlap_hours between 0 and 720)", "An old secret stays good for 30 days at most."
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("grant_ids.state")
    def _compute_live_grants(self):
        counted = self.env["moedelo.grant"]._read_group(
            [("client_id", "in", self.ids), ("state", "=", "live")], ["client_id"], ["__count"]
        )
        numbers = {client.id: number for client, number in counted}
        for client in self:
            client.live_grants = numbers.get(client.id, 0)

    # -------------------------------------------------------------------------
    # CONSTRAINTS
    # -------------------------------------------------------------------------

    @api.constrains("redirect_uris")
    def _check_redirect_uris(self):
        for client in self:
            for uri in client._redirect_list():
                try:
                    authorize.check_redirect_uri(uri)
                except Invalid as error:
                    raise ValidationError(
                        self.env._(
                            "%(address)s: a redirect address must be https (http only to this "
                            "machine), without a fragment.",
                            address=uri,
                        )
                    ) from error

    @api.constrains("initiate_login_uri", "cabinet_address", "api_address")
    def _check_addresses(self):
        for client in self:
            for address in (
                client.initiate_login_uri,
                client.cabinet_address,
                client.api_address,
            ):
                try:
                    authorize.check_redirect_uri(address or "https://empty.invalid")
                except Invalid as error:
                    raise ValidationError(
                        self.env._(
                            "%(address)s: an address must be https (http only to this machine).",
                            address=address,
                        )
                    ) from error

    @api.constrains("jwks", "auth_method")
    def _check_jwks(self):
        for client in self.filtered(lambda one: one.jwks or one.auth_method != "secret"):
            try:
                usable = signing_keys.read_jwks(client.jwks or "")
            except tokens.TokenRefused:
                usable = {}
            if not usable:
                raise ValidationError(
                    self.env._(
                        "The public keys must be a JWKS with keys for ES256, EdDSA or RS256, "
                        "without private parts."
                    )
                )

    @api.constrains("kind", "company_id")
    def _check_service_company(self):
        for client in self:
            if client.kind == "service" and not client.company_id:
                raise ValidationError(
                    self.env._("A service for automatic statements belongs to one company.")
                )

    @api.constrains("account_ids", "company_id")
    def _check_accounts(self):
        for client in self.filtered("account_ids"):
            own = self.env["moedelo.grant"]._company_accounts(client.company_id)
            if client.account_ids - own:
                raise ValidationError(self.env._("These accounts are not the company's own."))

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # the identifier is ours to give, whoever calls
        kept = [
            {name: value for name, value in vals.items() if name not in ("identifier",)}
            for vals in vals_list
        ]
        created = super().create(kept)
        self.env.registry.clear_cache()
        return created

    def write(self, vals):
        if "identifier" in vals:
            raise UserError(self.env._("A client ID cannot be changed. Register another service."))
        fixed = {"kind", "company_id"} & set(vals)
        if fixed and self.sudo().grant_ids.filtered(lambda grant: grant.state != "ended"):
            raise UserError(self.env._("Revoke its connections first."))
        result = super().write(vals)
        if vals.get("active") is False:
            self._end_grants("client")
        if "account_ids" in vals:
            self._update_service_grants()
        if "jwks" in vals:
            for client in self:
                names = client._audited_text("jwks")
                client.message_post(body=self.env._("Public keys: %(keys)s", keys=names or "–"))
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_revoke_everything(self):
        """Every connection and every token of this service is void from now on."""
        self.check_access("write")
        self._end_grants("administrator")
        return True

    def action_connect_service(self):
        """Consent of an administrator: this service may fetch statements of the chosen accounts."""
        self.ensure_one()
        self.check_access("write")
        if self.kind != "service" or not self.account_ids:
            raise UserError(self.env._("Choose the accounts whose statements may be fetched."))
        return self._connect_service_now() if self.env.su else self._connect_service()

    @check_identity
    def _connect_service(self):
        """After the person has proved who he is."""
        self.check_access("write")
        return self._connect_service_now()

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _redirect_list(self):
        return [line.strip() for line in (self.redirect_uris or "").splitlines() if line.strip()]

    def _end_grants(self, reason):
        live = [("client_id", "in", self.ids), ("state", "!=", "ended")]
        self.env["moedelo.grant"].sudo().search(live)._end(reason)

    def _connect_service_now(self):
        self._end_grants("replaced")
        self.env["moedelo.grant"]._give_service(self)
        return True

    def _audited_text(self, name):
        if name != "jwks" or not self.jwks:
            return super()._audited_text(name)
        try:
            return ", ".join(signing_keys.read_jwks(self.jwks))
        except tokens.TokenRefused:
            return "?"

    def _audited_client(self):
        return self.identifier

    @api.model
    def _tell_all(self, words):
        """What concerns every service stands in the history of each."""
        for client in self.sudo().search([("active", "=", True)]):
            client.message_post(body=words)

    def _update_service_grants(self):
        for client in self.sudo().filtered(lambda one: one.kind == "service"):
            live = client.grant_ids.filtered(lambda grant: grant.state == "live")
            live.account_ids = client.account_ids

    def _jump_address(self):
        """OpenID Connect, "initiating login from a third party": our name, nothing of the user."""
        address = self.initiate_login_uri
        said = urlencode({"iss": self.env["moedelo.settings"]._issuer()})
        return f"{address}{'&' if urlsplit(address).query else '?'}{said}"

    def _is_their_page(self, address):
        """True when the address lies where the service has said to live: scheme, host and port."""
        own = {self.initiate_login_uri, self.cabinet_address} - {False}
        return _place(address) in {_place(one) for one in own}


def _place(address):
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()
