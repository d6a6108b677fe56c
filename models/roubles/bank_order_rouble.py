"""Payment orders in roubles: what the Russian form has beside the fields of every order."""

import dataclasses

from odoo import api, fields, models

SEQUENCE = "bank.order.rouble"


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
    def _prepare_from_payment_vals(self, payment):
        vals = super()._prepare_from_payment_vals(payment)
        return {**vals, **self._rouble_vals(payment)} if vals["kind"] == "rouble" else vals

    @api.model
    def _rouble_vals(self, payment):
        """The boxes as the payment has them, and both parties with KPP and bank."""
        details = dict(payment._rouble_values())
        details.pop("purpose", None)
        # The date that a person chose stays, however old: the check says so, nothing is re-dated.
        chosen = fields.Date.to_date(details.get("document_date"))
        day = chosen or max(payment.date, self._moscow_now().date())
        own, payee = payment.journal_id.bank_account_id, payment.partner_bank_id
        return {
            "details": {**details, "document_date": fields.Date.to_string(day)},
            "execute_on": day,
            "title": payment.rouble_purpose,
            **self._rouble_party_vals("payer", payment.company_id.partner_id, own),
            **self._rouble_party_vals("payee", payment.partner_id, payee),
        }

    @api.model
    def _rouble_party_vals(self, side, partner, account):
        bank = account.bank_id
        vals = {
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
