# SPDX-License-Identifier: LGPL-3.0-only
"""Payments to the budget that come again: everything is filled in but the sum and the day."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..connection.account_journal import METHOD
from ..connection.rights import require_right
from ..connection.words import GUIDE, way_out_by_action


class BankBudgetTemplate(models.Model):
    _name = "bank.budget.template"
    _description = "Payment to the budget, ready to fill in"
    _inherit = ["bank.rouble.form"]
    _order = "sequence, name"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.", index=True)
    details = fields.Json("Boxes of the payment order")
    purpose = fields.Text("Purpose (24)", required=True)
    payee_name = fields.Char("Payee (16)")
    payee_tax_id = fields.Char("Payee's INN (61)")
    payee_kpp = fields.Char("Payee's KPP (103)")
    payee_account = fields.Char("Payee's account (17)")
    payee_bank_code = fields.Char("BIK of the payee's bank (14)")
    payee_bank_name = fields.Char("Payee's bank (13)")
    payee_bank_town = fields.Char("Town of the payee's bank")
    payee_corr_account = fields.Char("Correspondent account of the payee's bank (15)")

    @api.onchange("payee_bank_code")
    def _onchange_payee_bank_code(self):
        if bank := self.env["bank.bik"]._of_code(self.payee_bank_code):
            self.payee_bank_name, self.payee_bank_town = bank.name, bank.town
            self.payee_corr_account = bank.corr_account

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_pay(self):
        """Button: a draft payment where only the sum is to be filled in, and the day."""
        self.ensure_one()
        require_right(self.env, "operator")
        company = self.company_id or self.env.company
        journal = self._rouble_journal(company)
        needed = ("payee_name", "payee_account", "payee_bank_code", "payee_tax_id", "payee_kpp")
        missing = [self._fields[name]._description_string(self.env) for name in needed
                   if not self[name]]  # fmt: skip
        if missing:
            raise UserError(self.env._("Still missing: %s.", ", ".join(missing)))
        card = self.sudo()._payee_card().sudo(self.env.su)
        payment = (
            self.env["account.payment"]
            .with_company(company)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "company_id": company.id,
                    "partner_id": card.partner_id.id,
                    "partner_bank_id": card.id,
                    "journal_id": journal.id,
                    "payment_method_line_id": self._method_line(journal).id,
                    "currency_id": self.env.ref("base.RUB").id,
                    "date": fields.Date.context_today(self),
                    "memo": self.purpose,
                    "rouble_details": self.details,
                }
            )
        )
        return payment._get_records_action()

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _method_line(self, journal):
        """The journal's way of paying through the bank's web service."""
        return journal.outbound_payment_method_line_ids.filtered(lambda line: line.code == METHOD)[
            :1
        ]

    @api.model
    def _rouble_journal(self, company):
        """The company's first journal that pays in roubles through its bank's web service."""
        journals = self.env["account.journal"].sudo()
        found = journals.search(
            [
                ("company_id", "=", company.id),
                ("type", "=", "bank"),
                ("bank_account_id", "!=", False),
            ]
        )
        usable = found.filtered(
            lambda one: (
                (one.currency_id or one.company_id.currency_id).name == "RUB"
                and self._method_line(one)
            )
        )
        if not usable:
            words = self.env._(
                "The company has no bank journal that pays in roubles by web service."
            )
            raise way_out_by_action(self.env, words, GUIDE)
        return usable[:1].sudo(self.env.su)

    def _payee_card(self):
        """The payee's account: by INN, KPP and number; made where it is missing, not trusted."""
        inn = self.payee_tax_id
        cards = self.env["res.partner.bank"]
        known = cards.search(
            [
                ("sanitized_acc_number", "=", self.payee_account),
                ("partner_id.vat", "in", (inn, f"RU{inn}")),
                ("partner_id.bank_kpp", "=", self.payee_kpp),
            ]
        )
        return known.filtered(lambda one: one._bank_bik() == self.payee_bank_code)[
            :1
        ] or cards.create(
            {
                "acc_number": self.payee_account,
                "partner_id": self._payee().id,
                "bank_id": self._bank().id,
                "allow_out_payment": False,
            }
        )

    def _payee(self):
        partners = self.env["res.partner"].with_context(no_vat_validation=True)
        inn = self.payee_tax_id
        known = partners.search(
            [("vat", "in", (inn, f"RU{inn}")), ("bank_kpp", "=", self.payee_kpp)], limit=1
        )
        return known or partners.create(
            {
                "name": self.payee_name,
                "is_company": True,
                "vat": inn,
                "bank_kpp": self.payee_kpp,
                "country_id": self.env.ref("base.ru").id,
            }
        )

    def _bank(self):
        banks = self.env["res.bank"]
        known = banks.search([("bank_bik", "=", self.payee_bank_code)], limit=1)
        return known or banks.create(
            {
                "name": self.payee_bank_name or self.payee_bank_code,
                "city": self.payee_bank_town,
                "country": self.env.ref("base.ru").id,
                "bank_bik": self.payee_bank_code,
                "corr_account": self.payee_corr_account,
            }
        )
