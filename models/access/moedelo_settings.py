# SPDX-License-Identifier: LGPL-3.0-only
"""Server-wide settings of the token endpoints, and what they do to running tokens."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache, str2bool

from ...protocol.access import lifetimes, metadata
from ...protocol.errors import Invalid

ACCESS = "bank_webservice.jwt_access_timeout"
REFRESH = "bank_webservice.jwt_refresh_timeout"
ISSUER = "bank_webservice.moedelo_issuer"
LONGEST = "bank_webservice.moedelo_grant_days"
BOUND = "bank_webservice.moedelo_only_bound"
PUSHED = "bank_webservice.moedelo_only_pushed"
AUDITED = (ACCESS, REFRESH, ISSUER, LONGEST, BOUND, PUSHED)


class MoedeloSettings(models.AbstractModel):
    """Read by every call of a service: kept in the cache that Odoo empties with its parameters."""

    _name = "moedelo.settings"
    _description = "Settings of the token endpoints"

    @api.model
    def _parameter(self, name, default=""):
        return self.env["ir.config_parameter"].sudo().get_param(name) or default

    @api.model
    def _access_seconds(self):
        return self._seconds(ACCESS, lifetimes.ACCESS_DEFAULT)

    @api.model
    def _refresh_seconds(self):
        return self._seconds(REFRESH, lifetimes.REFRESH_DEFAULT)

    @api.model
    def _grant_days(self):
        """How long a consent may hold, in days."""
        return self._seconds(LONGEST, lifetimes.GRANT_DAYS)

    @api.model
    @ormcache("name", cache="stable")
    def _seconds(self, name, default):
        """Positive whatever was written past the settings form."""
        try:
            return max(1, int(self._parameter(name, default)))
        except ValueError:
            return default

    @api.model
    @ormcache(cache="stable")
    def _issuer(self):
        """Our name in tokens, or an empty string while nobody has set it."""
        return self._parameter(ISSUER)

    @api.model
    def _only_bound(self):
        """No service gets or uses a token without a key that it is bound to."""
        return self._switched_on(BOUND)

    @api.model
    def _only_pushed(self):
        """No service may ask for a consent but by a pushed request."""
        return self._switched_on(PUSHED)

    @api.model
    @ormcache("name", cache="stable")
    def _switched_on(self, name):
        return str2bool(self._parameter(name, "False"), default=False)

    @api.model
    def _database_uuid(self):
        return self._parameter("database.uuid")

    @api.model
    @ormcache(cache="stable")
    def _audience(self):
        return metadata.database_audience(self._database_uuid())

    @api.model
    def _is_neutralized(self):
        return self._switched_on("database.is_neutralized")


class IrConfigParameter(models.Model):
    """Whoever changes them, and wherever: what tokens depend on is noted."""

    _inherit = "ir.config_parameter"

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        for parameter in created:
            parameter._note_moedelo("", parameter.value)
        return created

    def write(self, vals):
        before = {one.id: one.value for one in self}
        result = super().write(vals)
        for parameter in self:
            parameter._note_moedelo(before[parameter.id], parameter.value)
        return result

    def unlink(self):
        for parameter in self:
            parameter._note_moedelo(parameter.value, "")
        return super().unlink()

    def _note_moedelo(self, before, after):
        if self.key not in AUDITED or before == after:
            return
        change = f"{self.key}: {before or '-'} -> {after or '-'}"
        self.env["moedelo.audit"].sudo()._note("changed", grant_type="setting", detail=change)
        self.env["moedelo.client"]._tell_all(change)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    moedelo_access_timeout = fields.Integer(
        "JWT. Access token timeout in seconds",
        help="Seconds that a token for the methods of the service lives.",
    )
    moedelo_refresh_timeout = fields.Integer(
        "JWT. Refresh token timeout in seconds",
        help="Seconds that a token lives with which the service asks for a new access token.",
    )
    moedelo_grant_days = fields.Integer(
        "Longest connection",
        help="Days that a consent may hold. Whoever connects can choose a shorter time.",
    )
    moedelo_timeout_warning = fields.Char(compute="_compute_moedelo_timeout_warning")
    moedelo_issuer = fields.Char(
        "Issuer",
        help="The https address of this server as the service sees it. It stands in every token "
        "and cannot be changed while connections exist.",
    )
    moedelo_only_bound = fields.Boolean("Tokens bound to a key only (DPoP)", config_parameter=BOUND)
    moedelo_only_pushed = fields.Boolean("Pushed requests only (PAR)", config_parameter=PUSHED)
    moedelo_licence_file = fields.Binary("Upload a licence")
    moedelo_licence_filename = fields.Char()
    moedelo_licence_ids = fields.Many2many(
        "moedelo.licence",
        string="Licences",
        compute="_compute_moedelo_licence_ids",
        groups="bank_webservice.group_administrator",
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("moedelo_access_timeout")
    def _compute_moedelo_timeout_warning(self):
        for settings in self:
            warned = lifetimes.warning(settings.moedelo_access_timeout)
            settings.moedelo_timeout_warning = warned and self.env._(
                "With 60 seconds or less some clients ask for a new access token before every call."
            )

    @api.depends("company_id")
    def _compute_moedelo_licence_ids(self):
        for settings in self:
            licences = self.env["moedelo.licence"].sudo()
            settings.moedelo_licence_ids = licences.search(
                [("company_id", "=", settings.company_id.id)]
            )

    # -------------------------------------------------------------------------
    # VALUES
    # -------------------------------------------------------------------------

    @api.model
    def get_values(self):
        values = super().get_values()
        settings = self.env["moedelo.settings"]
        values.update(
            moedelo_access_timeout=settings._access_seconds(),
            moedelo_refresh_timeout=settings._refresh_seconds(),
            moedelo_grant_days=settings._grant_days(),
            moedelo_issuer=settings._issuer(),
        )
        return values

    def set_values(self):
        result = super().set_values()
        self._set_moedelo_timeouts()
        self._set_moedelo_issuer()
        if self.moedelo_licence_file:
            self.env["moedelo.licence"]._upload(self.moedelo_licence_file, self.company_id)
            self.moedelo_licence_file = False
        return result

    def _set_moedelo_timeouts(self):
        access, refresh = self.moedelo_access_timeout, self.moedelo_refresh_timeout
        try:
            lifetimes.check(access, refresh, self.moedelo_grant_days)
        except Invalid as error:
            raise UserError(self._moedelo_words(error.message)) from error
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param(ACCESS, str(access))
        parameters.set_param(REFRESH, str(refresh))
        parameters.set_param(LONGEST, str(self.moedelo_grant_days))

    def _set_moedelo_issuer(self):
        before = self.env["moedelo.settings"]._issuer()
        if not self.moedelo_issuer and not before:
            return
        try:
            issuer = metadata.check_issuer(self.moedelo_issuer)
        except Invalid as error:
            raise UserError(self._moedelo_words(error.message)) from error
        if issuer == before:
            return
        if before and self.env["moedelo.grant"].sudo().search_count(
            [("state", "=", "live")], limit=1
        ):
            raise UserError(
                self.env._(
                    "The issuer stands in tokens that are in use. Revoke all connections first."
                )
            )
        self.env["ir.config_parameter"].sudo().set_param(ISSUER, issuer)

    def _moedelo_words(self, message):
        """What protocol says in English, in the user's language."""
        return {
            lifetimes.NOT_POSITIVE: self.env._("The time-outs must be greater than zero."),
            lifetimes.NOT_LONGER: self.env._(
                "The refresh token must live longer than the access token."
            ),
            lifetimes.TOO_LONG: self.env._("The refresh token cannot live longer than a year."),
            lifetimes.GRANT_WRONG: self.env._("A connection holds for 1 to 3650 days."),
            metadata.ISSUER_WRONG: self.env._(
                "The issuer must be an https address without path, query or fragment."
            ),
        }.get(message, message)
