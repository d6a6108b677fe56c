"""How long the traces of what is over are kept: settings, and a job that drops them in small steps.

Documents, orders and what hangs on them belong to the books and are never dropped.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

DAYS = {"calls": 730, "sessions": 90, "notices": 365}
LEAST = 30  # people ask what happened last month
PORTION = 1000


def parameter(what):
    return f"bank_webservice.keep_{what}_days"


def drop_old(model, what, over):
    """One step of Odoo's daily clean-up: (rows dropped, whether more are left).

    over: SQL condition of the rows that nothing waits for any more.
    """
    kept = model.env["ir.config_parameter"].sudo().get_param(parameter(what))
    days = max(int(kept or DAYS[what]), LEAST)
    table = SQL.identifier(model._table)
    model.flush_model()
    model.env.cr.execute(
        SQL(
            # The oldest first: these are found at the beginning of the table's key.
            "DELETE FROM %s WHERE id IN (SELECT id FROM %s WHERE %s AND create_date < %s"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)",
            table,
            table,
            over,
            fields.Datetime.now() - timedelta(days=days),
            PORTION,
        )
    )
    count = model.env.cr.rowcount
    if count:
        model.invalidate_model()
        _logger.info("%d rows of %s that are older than %d days dropped", count, what, days)
    return count, int(count == PORTION)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

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

    @api.constrains("bank_keep_calls_days", "bank_keep_sessions_days", "bank_keep_notices_days")
    def _check_bank_keep_days(self):
        for settings in self:
            if any(settings[f"bank_keep_{what}_days"] < LEAST for what in DAYS):
                raise ValidationError(
                    self.env._("They are kept for %(days)s days at least.", days=LEAST)
                )
