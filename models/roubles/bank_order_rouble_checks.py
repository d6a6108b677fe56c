"""What can be wrong with a payment order in roubles, in the words of its form."""

import dataclasses

from odoo import api, fields, models

MOSCOW = "Europe/Moscow"  # days of Russian banks


class BankOrder(models.Model):
    _inherit = "bank.order"

    @api.model
    def _moscow_now(self):
        moscow = self.with_context(tz=MOSCOW)
        return fields.Datetime.context_timestamp(moscow, fields.Datetime.now())

    def _check_context(self):
        context = super()._check_context()
        if self.kind != "rouble":
            return context
        return dataclasses.replace(context, now=self._moscow_now())

    @api.model
    def _problems_of_form(self, orders):
        """With the name that a box has on the form, instead of the name that programs use."""
        labels = self._rouble_labels()
        return [
            dataclasses.replace(problem, field=labels.get(problem.field, problem.field))
            for problem in super()._problems_of_form(orders)
        ]

    @api.model
    def _rouble_labels(self):
        """{field of a protocol problem: name of the box}, where the form has one."""
        boxes = {
            f"details.{name.removeprefix('rouble_')}": field._description_string(self.env)
            for name, field in self._fields.items()
            if name.startswith("rouble_")
        }
        return {
            **boxes,
            "payer.tax_id": self.env._("Payer's INN (60)"),
            "payer.details.kpp": self.env._("Payer's KPP (102)"),
            "payer.bank_code": self.env._("BIK of the payer's bank (11)"),
            "payer.details.corr_account": self.env._(
                "Correspondent account of the payer's bank (12)"
            ),
            "payee.tax_id": self.env._("Payee's INN (61)"),
            "payee.details.kpp": self.env._("Payee's KPP (103)"),
            "payee.bank_code": self.env._("BIK of the payee's bank (14)"),
            "payee.details.corr_account": self.env._(
                "Correspondent account of the payee's bank (15)"
            ),
        }

    def _problems_before_sending(self):
        """The form again: an order that waited for longer than ten days is refused."""
        roubles = self.filtered(lambda order: order.kind == "rouble")
        problems = self._problems_of_form(roubles)
        return super()._problems_before_sending() + [item for item in problems if item.is_error]

    def _frozen_payee_changed(self):
        """The same account number at another bank is another account."""
        roubles = self.filtered(lambda order: order.kind == "rouble" and order.partner_bank_id)
        return super()._frozen_payee_changed() | roubles.filtered(
            lambda order: (order.payee_bank_code or "") != order.partner_bank_id._bank_bik()
        )
