"""Payment orders that came from Moe Delo: whose they are there, and who hears of their states."""

from odoo import fields, models


class BankOrder(models.Model):
    _inherit = "bank.order"

    moedelo_client_id = fields.Many2one(
        "moedelo.client", "Came from", readonly=True, copy=False, index="btree_not_null"
    )
    moedelo_external_id = fields.Char(
        "Id at the service", readonly=True, copy=False, index="btree_not_null"
    )

    _moedelo_external_unique = models.UniqueIndex(
        "(company_id, moedelo_client_id, moedelo_external_id) "
        "WHERE moedelo_external_id IS NOT NULL",
        "This document of the service is here already.",
    )

    # -------------------------------------------------------------------------
    # STATES
    # -------------------------------------------------------------------------

    def _set_state(self, state, **values):
        super()._set_state(state, **values)
        theirs = self.sudo().filtered("moedelo_external_id")
        if theirs:
            theirs._moedelo_state_changed()

    def _moedelo_state_changed(self):
        """Called with the orders of a service after each new state, in the same transaction.

        In superuser mode. What the service is told: `protocol.moedelo.statuses.CODES`, with
        `executed_on` and `bank_reason`.
        """
