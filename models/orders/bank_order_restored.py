# SPDX-License-Identifier: LGPL-3.0-only
"""After a restored backup: sending waits for the statements, and for a person.

A backup does not know what was sent after it was made. The bank's statements do: an entry under an
id that only this database can have made, of an order that it has not, or that never left it, shows
that the database went back. From then on nothing is sent until the statements have been fetched
and an administrator says that it may go on.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import ids
from ...protocol.errors import Problem
from ...protocol.states import OPEN
from ..connection.account_journal import FEED
from ..connection.operation import RELOAD, database_uuid, notify
from ..connection.rights import require_right

# The day on which it was found out; empty or missing: nothing was.
FOUND_ON = "bank_webservice.restored_found_on"


def restore_found_on(env):
    return fields.Date.to_date(env["ir.config_parameter"].sudo().get_param(FOUND_ON))


def look_for_restore(env, references, known):
    """Sending stops where a statement knows more of our orders than we do.

    references: end-to-end ids of its entries; known: {id: order} of those that are here.
    """
    uuid = database_uuid(env)
    ahead = any(
        _never_left(known[reference]) if reference in known else ids.is_own(reference, uuid)
        for reference in references
    )
    if ahead and not restore_found_on(env):
        today = fields.Date.to_string(fields.Date.context_today(env.user))
        env["ir.config_parameter"].sudo().set_param(FOUND_ON, today)


def _never_left(order):
    package = order.package_id
    return order.bank_state in (*OPEN, "cancelled") and not (
        package.handed_over_at or package.by_hand_at
    )


def problems_of_restore(orders):
    """[Problem] of the first order, as long as nobody has said that sending may go on."""
    if not restore_found_on(orders.env):
        return []
    words = orders.env._(
        "the statements show payment orders of this database that it does not know: it was "
        "restored from a backup. Fetch all statements; then an administrator lets sending go "
        "on in the settings."
    )
    return [Problem(order.name, orders.env._("Database"), words) for order in orders[:1]]


def go_on_after_restore(env):
    """A person has looked; UserError while a statement since then is still to be fetched."""
    require_right(env, "administrator")
    if not (found_on := restore_found_on(env)):
        return
    domain = [
        ("journal_id.bank_statements_source", "=", FEED),
        ("journal_id.bank_account_id.client_identifier", "!=", False),
    ]
    wanted = found_on - timedelta(days=1)
    feeds = env["bank.feed"].sudo().search(domain)
    behind = feeds.filtered(lambda feed: (feed.fetched_until or wanted.min) < wanted)
    if behind:
        raise UserError(
            env._(
                "Fetch the statements until %(day)s first: %(journals)s.",
                day=wanted,
                journals=", ".join(behind.journal_id.mapped("display_name")),
            )
        )
    env["ir.config_parameter"].sudo().set_param(FOUND_ON, False)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bank_restored = fields.Boolean("Restored from a backup", compute="_compute_bank_restored")

    @api.depends("company_id")
    def _compute_bank_restored(self):
        self.bank_restored = bool(restore_found_on(self.env))

    def action_go_on_after_restore(self):
        """Button: the statements are here, and a person says that sending may go on."""
        go_on_after_restore(self.env)
        return notify(self.env._("Sending may go on."), "success", next=RELOAD)
