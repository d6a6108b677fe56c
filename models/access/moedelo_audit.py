# SPDX-License-Identifier: LGPL-3.0-only
"""Who asked for tokens and what came of it; who changed what security rests on."""

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import SQL

from ...protocol.access import tokens

MOST_REFUSED = 360  # lines a minute about what was turned away, once it is noted seldom
SHOWN = 300  # characters of a value


class MoedeloAudit(models.Model):
    """One attempt. Appended to, never changed; no secrets."""

    _name = "moedelo.audit"
    _description = "Audit of the token endpoints"
    _order = "id desc"
    _log_access = False

    at = fields.Datetime("When", required=True, readonly=True, index=True)
    event = fields.Selection(
        [
            ("consented", "Connected by a person"),
            ("issued", "Token issued"),
            ("refused", "Refused"),
            ("revoked", "Token revoked"),
            ("ended", "Connection ended"),
            ("dropped", "Dropped unsent"),
            ("changed", "Changed by a person"),
            ("alert", "Looks like misuse"),
        ],
        required=True,
        readonly=True,
    )
    grant_type = fields.Char(readonly=True)
    detail = fields.Char(readonly=True)
    how = fields.Char(compute="_compute_words")
    words = fields.Char("What happened", compute="_compute_words")
    client_text = fields.Char("Client as named", readonly=True)
    # Plain ids: with foreign keys each token would lock the rows of its company and its user, and
    # a line would forget whom it is about when they leave.
    grant_res_id = fields.Integer("Number of the connection", readonly=True)
    company_res_id = fields.Integer("Number of the company", readonly=True)
    user_res_id = fields.Integer("Number of the user", readonly=True)
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", search="_search_company_id"
    )
    user_id = fields.Many2one("res.users", compute="_compute_user_id", search="_search_user_id")
    address = fields.Char(readonly=True)

    @api.depends("event", "grant_type", "detail")
    @api.depends_context("lang")
    def _compute_words(self):
        """The same in the reader's language: the line itself stays as it was sealed."""
        ways = {
            "authorization_code": self.env._("Code of a connection"),
            "refresh_token": self.env._("Refresh token"),
            "client_credentials": self.env._("Automatic statements"),
            "bearer": self.env._("Access token"),
            "connection": self.env._("Connection of a company"),
            "jump": self.env._("Jump of a user"),
            "service": self.env._("Automatic statements"),
            "created": self.env._("Entered"),
            "changed": self.env._("Changed"),
            "deleted": self.env._("Deleted"),
            "setting": self.env._("Setting"),
            "key": self.env._("Key"),
        }
        for line in self:
            line.how = ways.get(line.grant_type, line.grant_type)
            line.words = line._change_words() if line.event == "changed" else line.detail

    def _change_words(self):
        """`model: field: old -> new; ...` with the names that people know."""
        name, _colon, changes = (self.detail or "").partition(": ")
        if name not in self.env:
            return self.detail
        labels = self.env[name]._fields

        def label(change):
            field, colon, values = change.partition(": ")
            known = labels[field]._description_string(self.env) if field in labels else field
            return f"{known}{colon}{values}"

        title = self.env["ir.model"]._get(name).name
        return f"{title}: {'; '.join(label(one) for one in changes.split('; '))}"

    @api.depends("company_res_id")
    def _compute_company_id(self):
        known = self.env["res.company"].browse(set(self.mapped("company_res_id"))).exists()
        for line in self:
            line.company_id = known & known.browse(line.company_res_id)

    @api.depends("user_res_id")
    def _compute_user_id(self):
        known = self.env["res.users"].browse(set(self.mapped("user_res_id"))).exists()
        for line in self:
            line.user_id = known & known.browse(line.user_res_id)

    @api.model
    def _search_company_id(self, operator, value):
        return self._search_plain("company", operator, value)

    @api.model
    def _search_user_id(self, operator, value):
        return self._search_plain("user", operator, value)

    @api.model
    def _search_plain(self, name, operator, value):
        """A domain over the plain ids; names are looked for among what the reader may see."""
        if operator.startswith("not"):
            return NotImplemented  # Odoo asks for the opposite
        if operator != "in":
            known = self.env[self._fields[f"{name}_id"].comodel_name]
            domain = value if operator == "any" else [("display_name", operator, value)]
            value = known.with_context(active_test=False).search(domain).ids
        return [(f"{name}_res_id", "in", list(value))]

    def write(self, vals):
        raise UserError(self.env._("The audit list cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The audit list cannot be changed."))

    @api.model
    def _note(self, event, **about):
        """One line, see `_line`. Written by hand: each token answer waits for it."""
        self.env.cr.execute(self._line(event, **about))

    @api.model
    def _line(
        self,
        event,
        *,
        given=None,
        company=None,
        client_text="",
        grant_type="",
        detail="",
        address=None,
        unless=None,
    ):
        """The statement that writes a line; it may be part of a larger one.

        `given`: the grant it is about, else `company` and whoever acts; `client_text` is what a
        stranger called itself: cut, and shown as text only; `unless`: SQL that keeps it unwritten.
        """
        return SQL(
            """
            INSERT INTO moedelo_audit (at, event, grant_type, detail, client_text, address,
                                       grant_res_id, company_res_id, user_res_id)
            SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s WHERE NOT %s
            """,
            fields.Datetime.now(),
            event,
            _cut(grant_type, 40),
            _cut(detail, 1000),
            _cut(client_text, 100),
            _cut(self._caller() if address is None else address, 60),
            given.id if given else None,
            (given.company_id if given else company and company.id) or None,
            given.user_id if given else self._actor(),
            unless or SQL("false"),
        )

    @api.model
    def _caller(self):
        """The address that this request comes from, where there is one."""
        return request.httprequest.remote_addr if request else ""

    @api.model
    def _actor(self):
        """The person who acts; programs are none, and code acts for the person of the request."""
        if self.env.uid != SUPERUSER_ID:
            return self.env.uid
        return request.session.uid or None if request else None

    @api.model
    def _note_rejected(self, token, error, address):
        """A bearer token that was turned away: one line a minute for each address and reason, so
        that nobody fills the disk with them."""
        client = tokens.unverified_claim(token, "client_id")
        self._note(
            "refused",
            client_text=client,
            grant_type="bearer",
            detail=error,
            address=address,
            unless=self._told_lately(address, error),
        )

    @api.model
    def _told_lately(self, address, detail):
        """SQL: within the last minute the same was noted of this address, or of many others."""
        return SQL(
            "(SELECT count(*) FILTER (WHERE detail = %s AND address = %s) > 0 OR count(*) >= %s"
            " FROM moedelo_audit WHERE at > %s AND event = 'refused')",
            detail,
            _cut(address, 60),
            MOST_REFUSED,
            fields.Datetime.now() - timedelta(minutes=1),
        )

    @api.autovacuum
    def _gc_audit(self):
        """Refusals stay a month, the rest two years."""
        now = fields.Datetime.now()
        self._seal()
        self._forget("refused", now - timedelta(days=31))
        self._forget("kept", now - timedelta(days=731))


def _cut(text, length):
    """At most `length` characters, without the one that PostgreSQL cannot store."""
    return (text or "").replace("\0", "")[:length]


class MoedeloAudited(models.AbstractModel):
    """For models whose changes are security's business: `_audited` names their fields."""

    _name = "moedelo.audited"
    _description = "Changes noted in the audit"
    _audited = ()

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        for record in created.sudo():
            record._note_change("created", {}, record._audited_values(self._audited))
        return created

    def write(self, vals):
        names = [name for name in self._audited if name in vals]
        before = {one.id: one._audited_values(names) for one in self.sudo()} if names else {}
        result = super().write(vals)
        if names:
            for one in self.sudo():
                one._note_change("changed", before[one.id], one._audited_values(names))
        return result

    def unlink(self):
        for record in self.sudo():
            record._note_change("deleted", record._audited_values(self._audited), {})
        return super().unlink()

    def _audited_values(self, names):
        return {name: self._audited_text(name) for name in names}

    def _audited_text(self, name):
        """What the audit says of a value; whoever holds secrets says something else of them."""
        value = self[name]
        if isinstance(value, models.BaseModel):
            return ", ".join(value.mapped("display_name"))
        return str(value or "")[:SHOWN]

    def _note_change(self, how, before, after):
        changes = [
            f"{name}: {before.get(name) or '-'} -> {after.get(name) or '-'}"
            for name in (after or before)
            if before.get(name) != after.get(name)
        ]
        if changes:
            self.env["moedelo.audit"]._note(
                "changed",
                company=self["company_id"],
                client_text=self._audited_client(),
                grant_type=how,
                detail=f"{self._name}: {'; '.join(changes)}",
            )

    def _audited_client(self):
        """The service's identifier where the record is about one."""
        return ""
