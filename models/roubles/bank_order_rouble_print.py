"""The payment order in roubles on paper: form 0401060 as a PDF."""

from odoo import models
from odoo.exceptions import UserError

from ...protocol import rouble_words as words


class BankOrder(models.Model):
    _inherit = "bank.order"

    def action_print_rouble(self):
        """Button: the order as a PDF."""
        return self.env.ref("bank_webservice.report_rouble_order").report_action(self)

    def _rouble_print(self):
        """What stands in the boxes of the printed form, by the form's own numbers or names."""
        self.ensure_one()
        if self.kind != "rouble":
            raise UserError(
                self.env._("Payment order %s is not in roubles: it has no such form.", self.name)
            )
        order = self._to_protocol()
        details = order.details
        return {
            "order": order,
            "number": details.get("document_number") or "",
            "day": self.rouble_document_date or self.execute_on,
            "in_words": words.in_words(order.amount),
            "in_figures": words.in_figures(order.amount),
            "boxes": details,
            "executed_on": self.executed_on,
            "signed_by": ", ".join(self.sudo().package_id.signature_ids.user_id.mapped("name")),
            "status": self.bank_status or "",
        }
