# SPDX-License-Identifier: LGPL-3.0-only
"""Settings: under which keys the secrets of this database lie, and sealing them again; whether the
issuers of certificates are checked at all."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...protocol.errors import BankError
from .bank_certificate_issuer import ASK_ISSUERS
from .bank_vault import ENVIRONMENT, OPTION
from .operation import RELOAD, notify
from .rights import require_right
from .tables import DAYS, LEAST, parameter
from .words import user_error


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bank_secret_keys = fields.Text("Keys of the secrets", compute="_compute_bank_secret_keys")
    bank_secrets_waiting = fields.Boolean(
        "Secrets under another key", compute="_compute_bank_secret_keys"
    )
    bank_key_source = fields.Char("Where the key comes from", compute="_compute_bank_key_source")
    bank_unseen_key = fields.Boolean("Key not seen", compute="_compute_bank_key_source")

    bank_ask_issuers = fields.Boolean(
        "Ask issuers whether a certificate was revoked",
        config_parameter=ASK_ISSUERS,
        help="OCSP, or the issuer's list. A certificate whose issuer cannot be asked neither logs "
        "in nor signs. Each day, and before it is used where the answer is older than 36 hours.",
    )
    bank_keep_calls_days = fields.Integer(
        "Log of calls", config_parameter=parameter("calls"), default=DAYS["calls"]
    )
    bank_keep_sessions_days = fields.Integer(
        "Ended sessions", config_parameter=parameter("sessions"), default=DAYS["sessions"]
    )
    bank_keep_notices_days = fields.Integer(
        "Delivered notices to Moe Delo",
        config_parameter=parameter("notices"),
        default=DAYS["notices"],
    )
    bank_no_authority = fields.Boolean("No trusted authority", compute="_compute_bank_no_authority")

    @api.constrains("bank_keep_calls_days", "bank_keep_sessions_days", "bank_keep_notices_days")
    def _check_bank_keep_days(self):
        for settings in self:
            if any(settings[f"bank_keep_{what}_days"] < LEAST for what in DAYS):
                raise ValidationError(
                    self.env._("They are kept for %(days)s days at least.", days=LEAST)
                )

    @api.depends("company_id")
    def _compute_bank_no_authority(self):
        self.bank_no_authority = not self.env["bank.certificate.authority"]._trusted()

    @api.depends("company_id")
    def _compute_bank_secret_keys(self):
        vault = self.env["bank.vault"]
        try:
            keys = vault._keys_in_use()
        except BankError as error:
            keys, words = [], str(user_error(self.env, error))
        else:
            words = "\n".join(self._key_words(key) for key in keys)
        self.bank_secret_keys = words
        self.bank_secrets_waiting = any(key.count and not key.seals for key in keys)

    @api.depends("company_id")
    def _compute_bank_key_source(self):
        vault = self.env["bank.vault"]
        words = {
            "configuration": self.env._("The key stands in odoo.conf (%(name)s).", name=OPTION),
            "environment": self.env._(
                "The key comes from the server's environment (%(name)s).", name=ENVIRONMENT
            ),
            "file": self.env._(
                "No key is configured: this server made one, in %(path)s. Keep a copy of it, and "
                "name it in odoo.conf where several servers have this database.",
                path=vault._key_file(),
            ),
        }
        self.bank_key_source = words[vault._key_source()]
        self.bank_unseen_key = vault._has_unseen_key()

    def _key_words(self, key):
        if key.seals:
            return self.env._("%(key)s, which seals: %(count)s", key=key.name, count=key.count)
        if key.is_known:
            return self.env._("%(key)s, still read: %(count)s", key=key.name, count=key.count)
        return self.env._(
            "%(key)s, which is GONE: %(count)s (%(where)s)",
            key=key.name,
            count=key.count,
            where=", ".join(
                f"{self.env['ir.model']._get(model).name}: {count}" for model, count in key.models
            ),
        )

    def action_reseal(self):
        """Button: everything that an older key sealed is sealed with the current one."""
        require_right(self.env, "administrator")
        try:
            done, left = self.env["bank.vault"]._reseal()
        except BankError as error:
            raise user_error(self.env, error) from None
        message = self.env._("Sealed again: %(count)s.", count=done)
        if left:
            message += " " + self.env._(
                "Could not be opened, and stay as they are: %(count)s.", count=left
            )
        return notify(message, "warning" if left else "success", next=RELOAD)
