"""Orders seen from elsewhere: the journal's card, the bill, the register, and a corrected copy."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .states import USED_UP

# What the journal's card counts: name of the search filter -> states.
COUNTED = {
    "imported": ("imported",),
    "to_sign": ("prepared", "partly_signed"),
    "unknown": ("unknown",),
    "waiting": ("waiting",),
    "rejected": ("rejected", "returned"),
}
OLD_NEWS = timedelta(days=30)  # a refusal that nobody acted on by then is no news any more


class BankOrder(models.Model):
    _inherit = "bank.order"

    corrected_by_ids = fields.One2many("bank.order", "corrects_id", readonly=True)

    @api.model
    def _refused_domain(self):
        """Refused lately, and not paid anew."""
        return [
            ("bank_state", "in", COUNTED["rejected"]),
            ("corrected_by_ids", "=", False),
            ("execute_on", ">=", fields.Date.context_today(self) - OLD_NEWS),
        ]

    def action_correct_copy(self):
        """Button: pay anew what the bank refused; the bills are open again."""
        self.ensure_one()
        self.env["bank.package"]._check_right("operator")
        if self.bank_state not in USED_UP or not self.payment_id:
            raise UserError(
                self.env._(
                    "Payment order %s was not refused: there is nothing to correct.", self.name
                )
            )
        bills = self.payment_id.invoice_ids.filtered(lambda bill: bill.amount_residual)
        if bills:
            return bills.action_register_payment()
        if self.payment_id.bank_corrected_by_ids:
            return self.payment_id.bank_corrected_by_ids[:1]._get_records_action()
        today = fields.Date.context_today(self)
        copy = self.payment_id.copy({"date": today, "bank_corrects_id": self.payment_id.id})
        return copy._get_records_action(name=self.env._("Correct the payment"))

    @api.model
    def _prepare_from_payment_vals(self, payment):
        vals = super()._prepare_from_payment_vals(payment)
        refused = payment.bank_corrects_id.bank_order_ids
        refused |= payment.sudo().invoice_ids.matched_payment_ids.bank_order_ids
        refused = refused.filtered(lambda order: order.bank_state in USED_UP)
        return {**vals, "corrects_id": refused.sorted("id")[-1:].id}


class AccountPayment(models.Model):
    _inherit = "account.payment"

    bank_corrects_id = fields.Many2one(
        "account.payment", "Corrects", readonly=True, copy=False, index="btree_not_null"
    )
    bank_corrected_by_ids = fields.One2many("account.payment", "bank_corrects_id", readonly=True)


class AccountMove(models.Model):
    _inherit = "account.move"

    bank_order_count = fields.Integer(compute="_compute_bank_order_count")

    def _bank_orders(self):
        """The orders of this bill's payments, as far as the user may see them."""
        bill = self.sudo()
        payments = bill.matched_payment_ids | bill._get_reconciled_payments()
        orders = payments.bank_order_ids.with_env(self.env)
        return orders if self.env.su else orders._filtered_access("read")

    def _compute_bank_order_count(self):
        for move in self:
            move.bank_order_count = len(move._bank_orders())

    def action_bank_orders(self):
        self.ensure_one()
        return self._bank_orders()._get_records_action(name=self.env._("Payment orders"))


class AccountJournal(models.Model):
    _inherit = "account.journal"

    bank_order_count = fields.Integer("Payment orders", compute="_compute_bank_order_count")

    def _compute_bank_order_count(self):
        groups = self.env["bank.order"]._read_group(
            [("journal_id", "in", self.ids)], ["journal_id"], ["__count"]
        )
        counts = dict(groups)
        for journal in self:
            journal.bank_order_count = counts.get(journal, 0)

    def _bank_cards(self):
        cards = super()._bank_cards()
        orders = self.env["bank.order"]
        living = {s for name, states in COUNTED.items() for s in states if name != "rejected"}
        groups = orders._read_group(
            Domain("journal_id", "in", self.ids)
            & (Domain("bank_state", "in", living) | Domain(orders._refused_domain())),
            ["journal_id", "bank_state"],
            ["__count"],
        )
        counts = {(journal.id, state): count for journal, state, count in groups}
        for journal, card in cards.items():
            for name, states in COUNTED.items():
                card[f"orders_{name}"] = sum(counts.get((journal.id, s), 0) for s in states)
        return cards

    def action_bank_orders(self):
        """The journal's orders; `bank_filter` in the context chooses among them."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("bank_webservice.action_bank_order")
        name = self.env.context.get("bank_filter")
        context = {f"search_default_{name}": 1} if name in COUNTED else {}
        domain = [("journal_id", "=", self.id)]
        if name == "rejected":
            context = {}
            domain += self.env["bank.order"]._refused_domain()
        return {**action, "domain": domain, "context": context}
