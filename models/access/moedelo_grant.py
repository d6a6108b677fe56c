"""What was granted to a service: a company's connection, a jump, or automatic statements."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...protocol.access import grants, lifetimes, scopes

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
]


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
    scope = fields.Char("Rights", required=True, readonly=True)
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

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_end(self):
        """Nobody may write a connection, its rights least of all; an administrator may end it."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("bank_webservice.group_administrator")):
            raise AccessError(self.env._("Only an administrator may end a connection."))
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

    @api.model
    def _give_code(self, asked, client, company, accounts=None):
        """A code for what the user has just allowed.

        `asked`: `authorize.AuthorizationRequest`; `client`: `Registered`; the rights given are
        those asked that the company's package contains.
        """
        allowed = self.env["moedelo.subscription"]._allowed_scopes(company.id)
        given = asked.scope & allowed
        if not given:
            raise UserError(self.env._("Licence or package do not allow this."))
        code = grants.new_secret()
        now = fields.Datetime.now()
        self.sudo().create(
            {
                "client_id": client.id,
                "company_id": company.id,
                "user_id": self.env.user.id,
                "kind": "jump" if asked.is_jump else "connection",
                "scope": scopes.render(given),
                "account_ids": [(6, 0, accounts.ids if accounts else [])],
                "expires_at": now + timedelta(days=lifetimes.GRANT_DAYS),
                "code_hash": grants.hashed(code),
                "code_expires_at": now + grants.CODE_LIFE,
                "redirect_uri": asked.redirect_uri,
                "challenge": asked.challenge,
            }
        )
        return code

    @api.model
    def _give_service(self, client):
        """The statement-only service has no code: the administrator's click is the consent."""
        return self.sudo().create(
            {
                "client_id": client.id,
                "company_id": client.company_id.id,
                "user_id": self.env.user.id,
                "kind": "service",
                "scope": scopes.render(scopes.SERVICE),
                "account_ids": [(6, 0, client.account_ids.ids)],
                "expires_at": fields.Datetime.now() + timedelta(days=lifetimes.GRANT_DAYS),
                "state": "live",
            }
        )

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
        live = [
            ("client_id", "=", client.id),
            ("company_id", "=", company.id),
            ("kind", "=", "connection"),
            ("state", "=", "live"),
        ]
        if client_id and client.id != client_id:
            raise AccessError(self.env._("This is not the company's service."))
        if not client or not self.sudo().search_count(live, limit=1):
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
