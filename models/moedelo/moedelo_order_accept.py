"""Accepting an imported order: it gets its payment in the books, and goes on as any order."""

from odoo import fields, models
from odoo.exceptions import UserError

from ...protocol import ids
from ...protocol.errors import InvalidOrder, Problem
from ..connection.operation import database_uuid
from ..connection.rights import require_right
from ..connection.words import problem_lines


class BankOrder(models.Model):
    _inherit = "bank.order"

    moedelo_trust_missing = fields.Boolean(
        "Waits for trust", compute="_compute_moedelo_trust_missing"
    )

    def _compute_moedelo_trust_missing(self):
        """Sending waits for somebody who may trust the payee's account."""
        for order in self:
            card = order.sudo().partner_bank_id
            waits = order.bank_state in ("prepared", "partly_signed", "signed")
            order.moedelo_trust_missing = bool(
                order.moedelo_external_id and waits and card and not card.allow_out_payment
            )

    def action_moedelo_accept(self):
        """Button: the payment of each order is made and posted, and the package is prepared."""
        require_right(self.env, "operator")
        self.check_access("read")
        if not self:
            raise UserError(self.env._("Choose orders first."))
        self._moedelo_refuse_unless_imported()
        self.env["bank.package"]._refuse_problems(self._moedelo_accept_problems())
        orders = self.sudo()._with_own_accounts()
        for order in orders:
            order._moedelo_link_payee()
        self.env["bank.package"]._refuse_problems(
            [
                problem
                for order in orders
                for problem in order._moedelo_payee_problems(order.partner_bank_id)
            ]
        )
        self._moedelo_make_payments()
        return self._moedelo_prepare()._get_records_action(name=self.env._("Packages"))

    def _moedelo_refuse_unless_imported(self):
        for order in self:
            if order.bank_state != "imported":
                raise UserError(
                    self.env._(
                        "Payment order %(order)s is %(state)s: only imported orders can be "
                        "accepted, edited or deleted.",
                        order=order.name,
                        state=order._state_label(),
                    )
                )

    def _moedelo_accept_problems(self):
        """Everything that the form or the journal says against paying these orders now."""
        found = [item for item in self.sudo()._problems_of_form(self.sudo()) if item.is_error]
        for order in self.sudo():
            if not order.journal_id._moedelo_method_line().payment_account_id:
                message = self.env._(
                    "journal %(journal)s has no payment method “Bank web service” with an account.",
                    journal=order.journal_id.display_name,
                )
                found.append(Problem(order.name, self.env._("Journal"), message))
        return found

    def _moedelo_link_payee(self):
        account = self._moedelo_payee()
        self.write({"partner_bank_id": account.id, "partner_id": account.partner_id.id})

    def _moedelo_make_payments(self):
        """One posted payment an order, made with the rights of the person who accepts."""
        vals_list = [order._moedelo_payment_vals() for order in self.sudo()]
        payments = self.env["account.payment"].with_company(self.company_id[:1]).create(vals_list)
        payments.action_post()
        for order, payment in zip(self.sudo(), payments, strict=True):
            order.payment_id = payment
            if payment.move_id.state != "posted":
                raise UserError(
                    self.env._("Payment order %s: its payment has no posted entry.", order.name)
                )

    def _moedelo_payment_vals(self):
        return {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "partner_bank_id": self.partner_bank_id.id,
            "journal_id": self.journal_id.id,
            "payment_method_line_id": self.journal_id._moedelo_method_line().id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "date": self.execute_on,
            "memo": self.title,
            # A corrected copy starts from the same boxes and the very words of the purpose.
            "rouble_details": {**(self.details or {}), "purpose": self.title},
        }

    def _give_end_to_end_ids(self):
        """Of a service's document: from the document itself, see `ids.document_id`."""
        uuid = database_uuid(self.env)
        for order in self.sudo().filtered("moedelo_external_id"):
            order.end_to_end_id = order.end_to_end_id or ids.document_id(
                uuid,
                order.company_id.id,
                order.moedelo_client_id.identifier,
                order.moedelo_external_id,
            )
        return super()._give_end_to_end_ids()

    def _moedelo_prepare(self):
        """Packages: an order whose payee is not trusted yet waits alone, not with all others."""
        packages = self.env["bank.package"]
        waiting = self.filtered(lambda order: not order.sudo().partner_bank_id.allow_out_payment)
        groups = [*waiting, self - waiting]
        try:
            for group in filter(None, groups):
                packages |= packages._prepare(group.sudo()._with_own_accounts()).sudo(False)
        except InvalidOrder as error:
            raise UserError(problem_lines(self.env, error.problems)) from None
        return packages

    # -------------------------------------------------------------------------
    # PAYEE: found by INN and account number
    # -------------------------------------------------------------------------

    # One that is not known yet is made, and its account is not trusted: sending waits for a person
    # with the right to trust it.

    def _moedelo_payee(self):
        """The payee's account card (res.partner.bank); made where it is missing."""
        self.ensure_one()
        partner = self._moedelo_partner()
        accounts = self.env["res.partner.bank"].sudo().with_context(active_test=True)
        account = accounts.search(
            [
                ("sanitized_acc_number", "=", self.payee_account),
                ("partner_id", "in", partner._moedelo_family().ids),
            ],
            limit=1,
        )
        return account or accounts.create(
            {
                "acc_number": self.payee_account,
                "partner_id": partner.id,
                "bank_id": self._moedelo_bank().id,
                "clearing_number": self.payee_bank_code,
                "allow_out_payment": False,
            }
        )

    def _moedelo_partner(self):
        """The payee's contact: by INN, with the same KPP first; made where it is missing."""
        inn, name = self.payee_tax_id, self.payee_name
        partners = self.env["res.partner"].sudo().with_company(self.company_id)
        domain = [("company_id", "in", (False, self.company_id.id)), ("parent_id", "=", False)]
        if inn and inn != "0":
            found = partners.search([*domain, ("vat", "in", (inn, f"RU{inn}"))], order="id")
        else:  # persons and foreigners: the account and the very name
            found = partners.search(
                [
                    *domain,
                    ("name", "=", name),
                    ("bank_ids.sanitized_acc_number", "=", self.payee_account),
                ]
            )
        same = found.filtered(lambda one: one.bank_kpp == self.payee_kpp)
        return (same or found)[:1] or partners.with_context(no_vat_validation=True).create(
            {
                "name": name,
                "is_company": len(inn or "") == 10,
                "vat": inn if inn and inn != "0" else False,
                "bank_kpp": self.payee_kpp,
                "country_id": self.env.ref("base.ru").id,
                "company_id": self.company_id.id,
            }
        )

    def _moedelo_bank(self):
        banks = self.env["res.bank"].sudo()
        return banks.search([("bank_bik", "=", self.payee_bank_code)], limit=1) or banks.create(
            {
                "name": self.payee_bank_name or self.payee_bank_code,
                "city": self.payee_bank_town,
                "country": self.env.ref("base.ru").id,
                "bank_bik": self.payee_bank_code,
                "corr_account": self.payee_corr_account,
            }
        )

    def _moedelo_payee_problems(self, account):
        """A known account at another bank is another account: nobody guesses which one is right."""
        known = account._bank_bik()
        if known == (self.payee_bank_code or ""):
            return []
        message = self.env._(
            "the card of the account %(account)s says BIK %(known)s, the order %(ordered)s. "
            "Correct one of them.",
            account=account.acc_number,
            known=known or "–",
            ordered=self.payee_bank_code,
        )
        return [Problem(self.name, self.env._("BIK of the payee's bank (14)"), message)]


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _moedelo_method_line(self):
        """The journal's way of paying through the bank's web service."""
        return self.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "bank_webservice"
        )[:1]


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _moedelo_family(self):
        """The contact and those that share its tax number."""
        return self | self.search([("commercial_partner_id", "=", self.commercial_partner_id.id)])
