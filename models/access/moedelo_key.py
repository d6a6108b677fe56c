# SPDX-License-Identifier: LGPL-3.0-only
"""Keys of the token endpoints: made on first use, kept in the vault, changed by button or age."""

from datetime import timedelta

import psycopg2.errors
from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import mute_logger, ormcache

from ...protocol.access import grants, signing_keys, tokens
from ..connection.rights import require_right

USES = [
    ("access", "Access tokens"),
    ("notice", "Notices"),
    ("refresh", "Refresh tokens"),
]
MAX_AGE_DAYS = 90


class MoedeloKey(models.Model):
    _name = "moedelo.key"
    _description = "Key of the token endpoints"
    _order = "id desc"
    _rec_name = "kid"

    use = fields.Selection(USES, required=True, readonly=True)
    kid = fields.Char("Key id", required=True, readonly=True)
    algorithm = fields.Char(required=True, readonly=True)
    public_jwk = fields.Text("Public key", readonly=True)
    private_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    active = fields.Boolean("In use", default=True, readonly=True)
    keep_until = fields.Datetime(
        readonly=True, help="Tokens signed with this key are accepted until then."
    )

    _one_in_use = models.UniqueIndex("(use) WHERE active")
    _kid_unique = models.Constraint("unique (kid)", "This key exists already.")

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_rotate(self):
        """Sign with a new key from now on; what the old one signed stays good until it expires."""
        self.check_access("read")
        if not self.env.su:
            require_right(self.env, "administrator")
        self.sudo().filtered(lambda key: key.use != "refresh")._rotate()
        return True

    def action_distrust(self):
        """Sign with a new key, and take nothing any more that the old one has signed."""
        self.action_rotate()
        old = self.sudo().filtered(lambda key: key.use != "refresh")
        old.write({"keep_until": fields.Datetime.now()})
        self.env.registry.clear_cache()
        for key in old:
            self.env["moedelo.audit"]._note(
                "changed", grant_type="key", detail=f"{key.use}: {key.kid} distrusted"
            )
        return True

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    @ormcache("use")
    def _signing_key(self, use):
        """The key to sign with. The private part stays in this process's memory."""
        record = self._in_use(use)
        return signing_keys.read_key(
            self.env["bank.vault"]._open(record, "private_sealed").decode()
        )

    @api.model
    @ormcache()
    def _refresh_key(self):
        """The bytes under which the successors of refresh tokens are computed."""
        return self.env["bank.vault"]._open(self._in_use("refresh"), "private_sealed")

    @api.model
    def _public_keys(self, use):
        """`{kid: key}` of all keys whose tokens may still be running."""
        now = fields.Datetime.now()
        listed = self._listed_keys(use)
        return {key.kid: key for key, until in listed if until is None or until > now}

    @api.model
    @ormcache("use")
    def _listed_keys(self, use):
        self._in_use(use)
        records = self.sudo().with_context(active_test=False).search([("use", "=", use)])
        jwks = signing_keys.read_jwks(f'{{"keys": [{",".join(records.mapped("public_jwk"))}]}}')
        return [(jwks[record.kid], record.keep_until or None) for record in records]

    @api.model
    def _in_use(self, use):
        return self.sudo().search([("use", "=", use)], limit=1) or self._make(use)

    @api.model
    def _make(self, use):
        """A new key. Another worker may be making the same one: then this request runs again."""
        secret, vals = self._new_material(use)
        try:
            with mute_logger("odoo.sql_db"):
                record = self.sudo().create({"use": use, **vals})
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError("The key has just been made by another worker.") from error
        self.env["bank.vault"]._seal(record, "private_sealed", secret)
        self.env.registry.clear_cache()
        return record

    @api.model
    def _new_material(self, use):
        if use == "refresh":
            return grants.new_secret(), {"kid": grants.new_secret()[:16], "algorithm": "HMAC"}
        key = signing_keys.make_key("ES256")
        public = signing_keys.render_jwk(key.public)
        return key.pem(), {"kid": key.kid, "algorithm": key.algorithm, "public_jwk": public}

    def _rotate(self):
        """Retire these keys: the private part is forgotten, the public one kept for its tokens."""
        access = self.env["moedelo.settings"]._access_seconds()
        keep = timedelta(seconds=access + 2 * tokens.LEEWAY)
        for key in self.filtered("active"):
            key.write(
                {
                    "active": False,
                    "private_sealed": False,
                    "keep_until": fields.Datetime.now() + keep,
                }
            )
            key.flush_recordset()
            change = f"{key.use}: {key.kid} -> {self._make(key.use).kid}"
            self.env["moedelo.audit"]._note("changed", grant_type="key", detail=change)
            self.env["moedelo.client"]._tell_all(self.env._("New key: %(change)s", change=change))
        self.env.registry.clear_cache()

    @api.model
    def _cron_rotate(self):
        """Change old signing keys and forget those whose tokens are over."""
        now = fields.Datetime.now()
        old = now - timedelta(days=MAX_AGE_DAYS)
        self.search([("use", "!=", "refresh"), ("create_date", "<", old)])._rotate()
        over = [("active", "=", False), ("keep_until", "<", now)]
        self.with_context(active_test=False).search(over).unlink()
        self.env.registry.clear_cache()
