# SPDX-License-Identifier: LGPL-3.0-only
"""The boxes of the Russian payment order (form 0401060) as fields over one JSON of details.

Shared by the payment (below), where a person fills them in, and by the order, which shows what is
frozen.
Keys, rules and sources: `protocol.checks.rouble`.
"""

from odoo import api, fields, models

from ...protocol.checks.rouble_lists import LISTS
from ..connection.account_journal import METHOD

#: boxes of a payment to the budget that are 0 where there is nothing to say (order 107n)
ZERO_IN_BUDGET = ("uin", "tax_reason", "tax_period", "tax_document_number", "tax_document_date")
DEFAULTS = {"priority": "5", "operation_kind": "01"}


def _box(key, label, field=fields.Char, **more):
    """A field over `details[key]`; what a person writes goes back into the JSON.

    A choice shows nothing for a value that it does not have: the check tells of it.
    """

    @api.depends(lambda self: (self._rouble_json,))
    def compute(records):
        known = field is fields.Selection and dict(records._rouble_choices(key))
        for record in records:
            value = record._rouble_values().get(key) or False
            record[f"rouble_{key}"] = value if known is False or value in known else False

    def inverse(records):
        for record in records:
            record._set_rouble_value(key, record[f"rouble_{key}"])

    return field(string=label, compute=compute, inverse=inverse, **more)


def _choice(key, label, **more):
    """A box with few values, each with words that say what it means."""
    choices = {"selection": lambda self: self._rouble_choices(key)}
    return _box(key, label, fields.Selection, **choices, **more)


class BankRoubleForm(models.AbstractModel):
    _name = "bank.rouble.form"
    _description = "Boxes of the Russian payment order"

    # The JSON field of the model that has the boxes.
    _rouble_json = "details"

    rouble_document_number = _box(
        "document_number", "Number (3)", help="1 to 6 digits. Empty: the next free one."
    )
    rouble_document_date = fields.Date(
        "Date (4)",
        compute="_compute_rouble_document_date",
        inverse="_inverse_rouble_document_date",
        help="Empty: today. Banks take an order for ten days.",
    )
    rouble_payment_kind = _box(
        "payment_kind", "Way of payment (5)", help="Empty, “срочно” or as your bank says."
    )
    rouble_operation_kind = _box("operation_kind", "Kind of operation (18)")
    rouble_income_code = _choice(
        "income_code", "Income code (20)", help="For payments of income to persons."
    )
    rouble_priority = _box("priority", "Priority (21)", help="1 to 5; 5 for ordinary payments.")
    rouble_uin = _box("uin", "Code, UIN (22)", help="0, 20 or 25 digits.")
    rouble_payer_status = _choice(
        "payer_status",
        "Payer's status (101)",
        help="Filled only in payments to the budget: then boxes 104 to 109 are needed as well.",
    )
    rouble_kbk = _box("kbk", "KBK (104)", help="20 digits.")
    rouble_oktmo = _box("oktmo", "OKTMO (105)", help="8 or 11 digits, or 0.")
    rouble_tax_reason = _choice("tax_reason", "Reason (106)")
    rouble_tax_period = _box("tax_period", "Period (107)", help="Such as КВ.03.2026, or 0.")
    rouble_tax_document_number = _box("tax_document_number", "Document's number (108)")
    rouble_tax_document_date = _box(
        "tax_document_date", "Document's date (109)", help="DD.MM.YYYY, or 0."
    )
    rouble_tax_payment_kind = _choice("tax_payment_kind", "Type (110)")

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends(lambda self: (self._rouble_json,))
    def _compute_rouble_document_date(self):
        for record in self:
            record.rouble_document_date = record._rouble_values().get("document_date") or False

    def _inverse_rouble_document_date(self):
        for record in self:
            day = record.rouble_document_date
            record._set_rouble_value("document_date", day and fields.Date.to_string(day))

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _rouble_choices(self, key):
        """[(value, label)] of a box, in the user's language; values without words as they are."""
        env = self.env
        words = {
            "income_code": {
                "1": env._("wages and income with limits on deductions"),
                "2": env._("regular income that nothing may be deducted from"),
                "3": env._("regular income without such limits"),
                "4": env._("one-off payment that nothing may be deducted from"),
                "5": env._("one-off payment without such limits"),
            },
            "payer_status": {
                "01": env._("organisation: taxes"),
                "02": env._("tax agent"),
                "06": env._("organisation: customs"),
                "08": env._("contributions and other payments to the budget"),
                "13": env._("entrepreneur or another person: taxes"),
                "16": env._("person: customs"),
                "17": env._("entrepreneur: customs"),
                "19": env._("employer: debts deducted from wages"),
                "24": env._("person: other payments to the budget"),
            },
            "tax_reason": {"0": env._("nothing to say, as in the single tax payment")},
            "tax_payment_kind": {"1": env._("paid out of a budget to a person")},
        }[key]
        listed = {
            "payer_status": [value for lists in LISTS for value in lists.payer_statuses],
            "tax_reason": [value for lists in LISTS for value in lists.tax_reasons],
        }.get(key, [])
        return [
            (value, f"{value} – {words[value]}" if value in words else value)
            for value in sorted({*words, *listed})
        ]

    def _rouble_values(self):
        """What the boxes show."""
        return self[self._rouble_json] or {}

    def _set_rouble_value(self, key, value):
        values = {**(self[self._rouble_json] or {}), key: (value or "").strip()}
        self[self._rouble_json] = {name: text for name, text in values.items() if text}


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

    @api.depends("rouble_details", "memo", "amount", "bank_bill_ids")
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
        bills = self.bank_bill_ids
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
