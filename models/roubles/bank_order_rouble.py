# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders in roubles: what form 0401060 has beside the fields of every order."""

import dataclasses
import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import ids
from ...protocol import rouble_words as words
from ...protocol.checks.rouble_budget import SINCE_58N, SINGLE_TAX
from ...protocol.records import payee_account

SEQUENCE = "bank.order.rouble"
MOSCOW = "Europe/Moscow"  # days of Russian banks


class BankOrder(models.Model):
    _name = "bank.order"
    _inherit = ["bank.order", "bank.rouble.form"]

    payer_kpp = fields.Char(readonly=True)
    payer_bank_name = fields.Char(readonly=True)
    payer_bank_town = fields.Char(readonly=True)
    payer_corr_account = fields.Char(readonly=True)
    payee_kpp = fields.Char(readonly=True)
    payee_bank_town = fields.Char(readonly=True)
    payee_corr_account = fields.Char(readonly=True)

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        for order in orders.filtered(lambda item: item.kind == "rouble"):
            order._give_rouble_number()
        return orders

    def _give_rouble_number(self):
        """Box 3: its own numbers for each company, from 1 in each year."""
        details = dict(self.details or {})
        if not details.get("document_number"):
            day = fields.Date.to_date(details.get("document_date")) or self.execute_on
            number = self._rouble_sequence().next_by_id(sequence_date=day)
            self.sudo().details = {**details, "document_number": number}

    def _rouble_sequence(self):
        sequences = self.env["ir.sequence"].sudo()
        company = self.company_id
        domain = [("code", "=", SEQUENCE), ("company_id", "=", company.id)]
        return sequences.search(domain, limit=1) or sequences.create(
            {
                "name": f"Payment orders in roubles, {company.name}",
                "code": SEQUENCE,
                "company_id": company.id,
                "use_date_range": True,
            }
        )

    # -------------------------------------------------------------------------
    # PREPARE
    # -------------------------------------------------------------------------

    @api.model
    def _prepare_from_payment_vals(self, payment, batch):
        vals = super()._prepare_from_payment_vals(payment, batch)
        return {**vals, **self._rouble_vals(payment)} if vals["kind"] == "rouble" else vals

    @api.model
    def _end_to_end_vals(self, payment):
        """As a GUID: it is the id of a document of DirectBank."""
        vals = super()._end_to_end_vals(payment)
        if vals and payment.has_rouble_form:
            vals["end_to_end_id"] = ids.as_guid(vals["end_to_end_id"])
        return vals

    @api.model
    def _rouble_vals(self, payment):
        """The boxes as the payment has them, and both parties with KPP and bank."""
        details = dict(payment._rouble_values())
        details.pop("purpose", None)
        # The date that a person chose stays, however old: the check says so, nothing is re-dated.
        chosen = fields.Date.to_date(details.get("document_date"))
        # "Today" is Moscow's: in Vladivostok the next day begins seven hours before.
        today = self._moscow_now().date()
        is_today = payment.date == fields.Date.context_today(payment)
        day = chosen or (today if is_today else max(payment.date, today))
        own, payee = payment.journal_id.bank_account_id, payment.partner_bank_id
        return {
            "details": {**details, "document_date": fields.Date.to_string(day)},
            "execute_on": day,
            # A line break, as texts from elsewhere have it, is a blank on the form.
            "title": re.sub(r"\s*[\r\n\t]+\s*", " ", payment.rouble_purpose or ""),
            **self._rouble_party_vals("payer", payment.company_id.partner_id, own),
            **self._rouble_party_vals("payee", payment.partner_id, payee),
            **self._payer_kpp_vals(payment.company_id.partner_id, details, day),
        }

    @api.model
    def _payer_kpp_vals(self, partner, details, day):
        """Box 102 is 0 in the single tax payment since order 58n, and where a payer has no KPP."""
        has_none = len(partner._bank_inn()) == 12 and not partner.bank_kpp
        single = details.get("kbk") == SINGLE_TAX and day >= SINCE_58N
        return {"payer_kpp": "0"} if details.get("payer_status") and (single or has_none) else {}

    @api.model
    def _rouble_party_vals(self, side, partner, account):
        bank = account.bank_id
        vals = {
            # The form has room for 160 letters, and the bank compares them with its own.
            "name": self._party_name(partner, account),
            "tax_id": partner._bank_inn(),
            "kpp": partner.commercial_partner_id.bank_kpp,
            "bank_code": account._bank_bik(),
            "bank_name": bank.name,
            "bank_town": bank.city,
            "corr_account": (bank.corr_account or "").replace(" ", ""),
        }
        return {f"{side}_{name}": value or False for name, value in vals.items()}

    # -------------------------------------------------------------------------
    # TO PROTOCOL
    # -------------------------------------------------------------------------

    def _to_protocol(self):
        order = super()._to_protocol()
        if self.kind != "rouble":
            return order
        # A draft that is only checked has no number yet.
        number = {} if self._origin else {"document_number": "1"}
        return dataclasses.replace(order, details={**number, **order.details})

    def _party(self, side):
        party = super()._party(side)
        if self.kind != "rouble":
            return party
        names = ("kpp", "corr_account", "bank_town")
        details = {name: self[f"{side}_{name}"] for name in names if self[f"{side}_{name}"]}
        return dataclasses.replace(party, details=details)

    # -------------------------------------------------------------------------
    # WHAT CAN BE WRONG, IN THE WORDS OF THE FORM
    # -------------------------------------------------------------------------

    @api.model
    def _moscow_now(self):
        moscow = self.with_context(tz=MOSCOW)
        return fields.Datetime.context_timestamp(moscow, fields.Datetime.now())

    def _check_context(self, own_accounts):
        context = super()._check_context(own_accounts)
        if self.kind != "rouble":
            return context
        return dataclasses.replace(context, now=self._moscow_now())

    @api.model
    def _problems_of_form(self, orders):
        """With the name that a box has on the form, instead of the name that programs use."""
        labels = self._rouble_labels()
        roubles = [order._to_protocol() for order in orders if order.kind == "rouble"]
        found = super()._problems_of_form(orders)
        found += self.env["bank.bik"]._problems_of_orders(roubles)
        return [
            dataclasses.replace(problem, field=labels.get(problem.field, problem.field))
            for problem in found
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

    # -------------------------------------------------------------------------
    # ON PAPER
    # -------------------------------------------------------------------------

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
            "payee_account": payee_account(order),
            "number": details.get("document_number") or "",
            "day": self.rouble_document_date or self.execute_on,
            "in_words": words.in_words(order.amount),
            "in_figures": words.in_figures(order.amount),
            "boxes": details,
            "executed_on": self.executed_on,
            "signed_by": ", ".join(self.sudo().package_id.signature_ids.user_id.mapped("name")),
            "status": self.bank_status or "",
        }
