"""The payee of a service's document: found by INN and account number, made where it is missing.

A card that is made here is not trusted: sending waits for a person with the right to trust it.
"""

from odoo import models

from ...protocol.errors import Problem


class Payee:
    """What the books know of an order's payee."""

    def __init__(self, order):
        self.order, self.env = order, order.env

    def card(self):
        """The payee's account card (res.partner.bank); made where it is missing."""
        partner = self._partner()
        accounts = self.env["res.partner.bank"].sudo().with_context(active_test=True)
        account = accounts.search(
            [
                ("sanitized_acc_number", "=", self.order.payee_account),
                ("partner_id", "in", partner._moedelo_family().ids),
            ],
            limit=1,
        )
        return account or accounts.create(
            {
                "acc_number": self.order.payee_account,
                "partner_id": partner.id,
                "bank_id": self._bank().id,
                "clearing_number": self.order.payee_bank_code,
                "allow_out_payment": False,
            }
        )

    def _partner(self):
        """The payee's contact: by INN, with the same KPP first; made where it is missing."""
        inn, name = self.order.payee_tax_id, self.order.payee_name
        partners = self.env["res.partner"].sudo().with_company(self.order.company_id)
        domain = [
            ("company_id", "in", (False, self.order.company_id.id)),
            ("parent_id", "=", False),
        ]
        if inn and inn != "0":
            found = partners.search([*domain, ("vat", "in", (inn, f"RU{inn}"))], order="id")
        else:  # persons and foreigners: the account and the very name
            found = partners.search(
                [
                    *domain,
                    ("name", "=", name),
                    ("bank_ids.sanitized_acc_number", "=", self.order.payee_account),
                ]
            )
        same = found.filtered(lambda one: one.bank_kpp == self.order.payee_kpp)
        return (same or found)[:1] or partners.with_context(no_vat_validation=True).create(
            {
                "name": name,
                "is_company": len(inn or "") == 10,
                "vat": inn if inn and inn != "0" else False,
                "bank_kpp": self.order.payee_kpp,
                "country_id": self.env.ref("base.ru").id,
                "company_id": self.order.company_id.id,
            }
        )

    def _bank(self):
        banks = self.env["res.bank"].sudo()
        return banks.search(
            [("bank_bik", "=", self.order.payee_bank_code)], limit=1
        ) or banks.create(
            {
                "name": self.order.payee_bank_name or self.order.payee_bank_code,
                "city": self.order.payee_bank_town,
                "country": self.env.ref("base.ru").id,
                "bank_bik": self.order.payee_bank_code,
                "corr_account": self.order.payee_corr_account,
            }
        )

    def problems(self, card):
        """A known account at another bank is another account: nobody guesses which one is right."""
        known = card._bank_bik()
        if known == (self.order.payee_bank_code or ""):
            return []
        message = self.env._(
            "the card of the account %(account)s says BIK %(known)s, the order %(ordered)s. "
            "Correct one of them.",
            account=card.acc_number,
            known=known or "–",
            ordered=self.order.payee_bank_code,
        )
        return [Problem(self.order.name, self.env._("BIK of the payee's bank (14)"), message)]


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _moedelo_family(self):
        """The contact and those that share its tax number."""
        return self | self.search([("commercial_partner_id", "=", self.commercial_partner_id.id)])
