# SPDX-License-Identifier: LGPL-3.0-only
"""What was granted to a service: a company's connection, a jump, or automatic statements."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import ormcache

from ...protocol.access import grants, scopes
from ...protocol.access.licence import normal_tax_id
from ..connection.rights import require_right
from .moedelo_subscription import scope_words

KINDS = [
    ("connection", "Connection of a company"),
    ("jump", "Jump of a user"),
    ("service", "Automatic statements"),
]
REASONS = [
    ("administrator", "Revoked by an administrator"),
    ("service", "Revoked by the service"),
    ("replay", "A used token came back: somebody may have copied it"),
    ("replaced", "Replaced by a newer connection"),
    ("subscription", "The package was ended"),
    ("licence", "The licence was taken away"),
    ("client", "The service was archived"),
    ("connection", "The company's connection ended"),
]
TOUCH = timedelta(seconds=60)  # "last use" of a connection need not be more exact


def is_other_use(last_used_at, last_address, address):
    """Has "last use" to be written anew? Not for each of many calls from one place."""
    stale = not last_used_at or fields.Datetime.now() - last_used_at > TOUCH
    return stale or last_address != address


@dataclass(frozen=True)
class Given:
    """What an answer of the token endpoint says of a grant: read under its lock, once."""

    id: int
    family: str
    kind: str
    company_id: int
    user_id: int | None
    noted: bool = False  # the audit has the line of this answer already

    @property
    def subject(self):
        """`sub`: the company that is connected, or the user who jumps; meaningless elsewhere."""
        company = f"company:{self.company_id}"
        return f"user:{self.user_id}:{company}" if self.kind == "jump" else company


class MoedeloGrant(models.Model):
    _name = "moedelo.grant"
    _description = "Connection of a service"
    _order = "id desc"
    _rec_name = "family"

    client_id = fields.Many2one(
        "moedelo.client", "Service", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    family = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: str(uuid.uuid4())
    )
    scope = fields.Char(required=True, readonly=True)
    scope_words = fields.Char("Rights", compute="_compute_scope_words")
    account_ids = fields.Many2many("res.partner.bank", string="Accounts", readonly=True)
    state = fields.Selection(
        [("pending", "Not fetched yet"), ("live", "Live"), ("ended", "Ended")],
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    reason = fields.Selection(REASONS, "Why it ended", readonly=True)
    expires_at = fields.Datetime("Ends at the latest", required=True, readonly=True)
    last_used_at = fields.Datetime("Last use", readonly=True)
    last_address = fields.Char("Address of the last use", readonly=True)
    bound_to = fields.Char(
        "Bound to the key",
        readonly=True,
        help="Only who holds this key of the service can use the tokens, copied ones are worth "
        "nothing (DPoP). Empty: the tokens are enough.",
    )

    token_ids = fields.One2many("moedelo.token", "grant_id", "Refresh tokens")

    # until when one of its access tokens is still known that was revoked alone
    revoked_until = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)

    # the authorization code that this grant is fetched with: one for each grant
    code_hash = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    code_expires_at = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    code_used = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    redirect_uri = fields.Char(readonly=True)
    challenge = fields.Char(readonly=True, groups=fields.NO_ACCESS)

    _family_unique = models.UniqueIndex("(family)")
    _code_unique = models.UniqueIndex("(code_hash) WHERE code_hash IS NOT NULL")

    @api.depends("scope")
    @api.depends_context("lang")
    def _compute_scope_words(self):
        for grant in self:
            grant.scope_words = scope_words(self.env, (grant.scope or "").split())

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_end(self):
        """Nobody may write a connection, its rights least of all; an administrator may end it."""
        self.check_access("read")
        if not self.env.su:
            require_right(self.env, "administrator")
        self._end("administrator")
        return True

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _given(self):
        return Given(self.id, self.family, self.kind, self.company_id.id, self.user_id.id or None)

    def _end(self, reason):
        """All tokens of these grants are void from now on."""
        running = self.sudo().filtered(lambda grant: grant.state != "ended")
        running.write({"state": "ended", "reason": reason})
        for grant in running:
            self.env["moedelo.audit"]._note(
                "ended",
                given=grant._given(),
                client_text=grant.client_id.identifier,
                detail=reason,
            )
        for grant in running.filtered(lambda one: one.kind == "connection"):
            grant._end_jumps()

    def _end_jumps(self):
        """A jump leads to the service of a company: without the connection to nowhere."""
        if self.company_id not in self._connected(self.client_id):
            jumps = [
                ("client_id", "=", self.client_id.id),
                ("company_id", "=", self.company_id.id),
                ("kind", "=", "jump"),
                ("state", "!=", "ended"),
            ]
            self.sudo().search(jumps)._end("connection")

    @api.model
    def _give_code(self, asked, client, company, accounts=None, until=None):
        """A code for what the user has just allowed, `until` the end of a day.

        `asked`: `authorize.AuthorizationRequest`; `client`: `Registered`; the rights given are
        those asked that the company's package contains.
        """
        allowed = self.env["moedelo.subscription"]._allowed_scopes(company.id)
        given = asked.scope & allowed
        if not given:
            raise UserError(self.env._("Licence or package do not allow this."))
        code = grants.new_secret()
        now = fields.Datetime.now()
        grant = self.sudo().create(
            {
                "client_id": client.id,
                "company_id": company.id,
                "user_id": self.env.user.id,
                "kind": "jump" if asked.is_jump else "connection",
                "scope": scopes.render(given),
                "account_ids": [(6, 0, accounts.ids if accounts else [])],
                "expires_at": self._end_of(until),
                "code_hash": grants.hashed(code),
                "code_expires_at": now + grants.CODE_LIFE,
                "redirect_uri": asked.redirect_uri,
                "challenge": asked.challenge,
                "bound_to": asked.key,
            }
        )
        if grant.kind == "connection":
            grant._note_consent()
        return code

    @api.model
    def _check_may_jump(self, company, client_id=None):
        """AccessError or UserError unless this user may be sent to the company's service."""
        rights = ("bank_webservice.group_reader", "bank_webservice.group_administrator")
        if company not in self.env.user.company_ids or not any(
            self.env.user.has_group(group) for group in rights
        ):
            raise AccessError(self.env._("You have no right to work with this company's service."))
        subscriptions = self.env["moedelo.subscription"].sudo()
        if not subscriptions._can_jump(company):
            raise UserError(self.env._("Licence or package do not allow this."))
        client = subscriptions.search([("company_id", "=", company.id)], limit=1).client_id
        if client_id and client.id != client_id:
            raise AccessError(self.env._("This is not the company's service."))
        if not client or company not in self._connected(client):
            raise UserError(self.env._("The company is not connected to the service yet."))

    @api.model
    def _company_accounts(self, company):
        """The company's own accounts."""
        owned = [("partner_id", "=", company.partner_id.id)]
        return self.env["res.partner.bank"].sudo().search(owned)

    @api.autovacuum
    def _gc_grants(self):
        """Jumps and consents that nobody fetched leave after a week, ended ones after a year."""
        now = fields.Datetime.now()
        short = [("create_date", "<", now - timedelta(days=7))]
        passing = ["|", ("kind", "=", "jump"), ("state", "=", "pending")]
        self.search([*short, *passing]).unlink()
        self.search(
            [("state", "=", "ended"), ("write_date", "<", now - timedelta(days=366))]
        ).unlink()

    # -------------------------------------------------------------------------
    # WHAT THE SERVICE READS: its company alone, and the accounts consented to
    # -------------------------------------------------------------------------

    @api.model
    def _client_info(self, access):
        """The organisation behind an `Access`, and the user where one has jumped."""
        name, tax_id, kpp = self._organisation(access.company_id)
        said = {"name": name, "inn": tax_id, "kpp": kpp}
        if "accounts" in access.scopes:
            said["accounts"] = self._account_info(access)
        if access.kind == "jump":
            user = self.env["res.users"].sudo().browse(access.user_id)
            said["user"] = {"id": str(user.id), "name": user.name}
        return said

    @api.model
    @ormcache("company_id")
    def _organisation(self, company_id):
        """Name, INN and KPP: asked at every connection, changed once in years."""
        company = self.env["res.company"].sudo().browse(company_id)
        kpp = company.partner_id.bank_kpp or ""
        return company.name, normal_tax_id(company.vat or ""), kpp

    @api.model
    def _account_info(self, access):
        return [dict(account) for account in self._accounts_of(access.grant_id)]

    @api.model
    @ormcache("grant_id")
    def _accounts_of(self, grant_id):
        """The accounts of a consent; what they depend on clears this (see moedelo_licence)."""
        grant = self.sudo().browse(grant_id)
        return tuple(
            {
                "number": account.sanitized_acc_number,
                "currency": grant._currency_of(account).name,
                "bank": account.bank_id.name or "",
                "bic": account.bank_bic or "",
                "bik": account._bank_bik(),
            }
            for account in grant.account_ids.filtered("active")
        )

    def _currency_of(self, account):
        """That of the account's journal, as its payments and statements have it."""
        journals = account.journal_id.filtered(lambda one: one.company_id == self.company_id)
        return journals[:1].currency_id or account.currency_id or self.company_id.currency_id

    def write(self, vals):
        result = super().write(vals)
        if "account_ids" in vals:
            self.env.registry.clear_cache()
        return result
