"""A rouble payment: the boxes of its payment order, filled in before it is prepared."""

from odoo import api, fields, models

from ..connection.account_journal import METHOD
from .bank_rouble_form import ZERO_IN_BUDGET

DEFAULTS = {"priority": "5", "operation_kind": "01"}


class AccountPayment(models.Model):
    _name = "account.payment"
    _inherit = ["account.payment", "bank.rouble.form"]

    _rouble_json = "rouble_details"

    rouble_details = fields.Json("Boxes of the payment order")
    has_rouble_form = fields.Boolean(compute="_compute_has_rouble_form")
    rouble_purpose = fields.Text(
        "Purpose (24)",
        compute="_compute_rouble_purpose",
        inverse="_inverse_rouble_purpose",
        help="At most 210 characters. Proposed: the memo, and what the bills say about VAT.",
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("journal_id", "currency_id", "payment_type", "payment_method_line_id")
    def _compute_has_rouble_form(self):
        for payment in self:
            number = payment.journal_id.bank_account_id.sanitized_acc_number or ""
            payment.has_rouble_form = (
                payment.payment_type == "outbound"
                and payment.payment_method_code == METHOD
                and payment.currency_id.name == "RUB"
                and len(number) == 20
                and number.isdigit()
            )

    @api.depends("rouble_details", "memo", "amount", "invoice_ids", "reconciled_bill_ids")
    def _compute_rouble_purpose(self):
        for payment in self:
            own = (payment.rouble_details or {}).get("purpose")
            payment.rouble_purpose = own or payment._default_rouble_purpose()

    def _inverse_rouble_purpose(self):
        for payment in self:
            text = (payment.rouble_purpose or "").strip()
            own = "" if text == payment._default_rouble_purpose() else text
            payment._set_rouble_value("purpose", own)

    def _rouble_values(self):
        """With what most payments have, where a person wrote nothing else."""
        own = super()._rouble_values()
        budget = dict.fromkeys(ZERO_IN_BUDGET, "0") if own.get("payer_status") else {}
        return {**DEFAULTS, **budget, **own}

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def write(self, vals):
        if "rouble_details" in vals and not self.env.su:
            self._refuse_when_ordered(None)
        return super().write(vals)

    def copy_data(self, default=None):
        """A copy keeps the boxes, and gets a number and a date of its own."""
        vals_list = super().copy_data(default)
        for vals in vals_list:
            details = vals.get("rouble_details") or {}
            own = ("document_number", "document_date")
            vals["rouble_details"] = {key: details[key] for key in details if key not in own}
        return vals_list

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _default_rouble_purpose(self):
        """The memo and the words about VAT that a Russian bank expects, in Russian always."""
        self.ensure_one()
        title = self._bank_order_title() or ""
        has_words = "НДС" in title.upper() or self._rouble_values().get("payer_status")
        words = "" if has_words else self._rouble_vat_words()
        return " ".join(filter(None, (f"{title.rstrip('. ')}." if words else title, words)))

    def _rouble_vat_words(self):
        """What the bills say about VAT, for the part of them that is paid; "" without a bill."""
        bills = self._bank_bills()
        total = sum(bills.mapped("amount_total"))
        if not total:
            return ""
        tax = sum(bills.mapped("amount_tax"))
        if self.currency_id.is_zero(tax):
            return "НДС не облагается"
        rates = {
            tax.amount
            for tax in bills.invoice_line_ids.tax_ids.flatten_taxes_hierarchy()
            if tax.amount_type == "percent"
        }
        rate = f" ({rates.pop():g}%)" if len(rates) == 1 else ""
        share = self.currency_id.round(tax * min(self.amount / total, 1))
        return f"В т.ч. НДС{rate} {share:.2f} руб."
