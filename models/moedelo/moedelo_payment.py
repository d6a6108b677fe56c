"""The list of payments tells of orders that a service has handed over and nobody has accepted."""

from odoo import api, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    @api.model
    def imported_orders_waiting(self):
        """How many there are in the user's companies; 0 for one who may not see them."""
        orders = self.env["bank.order"]
        if not orders.has_access("read"):
            return 0
        waiting = [
            ("moedelo_external_id", "!=", False),
            ("bank_state", "=", "imported"),
            ("company_id", "in", self.env.companies.ids),
        ]
        return orders.search_count(waiting)
