"""From an event of the tax calendar to the payment: the budget boxes filled as the service says."""

from odoo import fields, models
from odoo.exceptions import UserError

# what the service names -> box of the payment (see bank_rouble_form)
BOXES = (
    *("payer_status", "kbk", "oktmo", "tax_reason", "tax_period"),
    *("tax_document_number", "tax_document_date", "uin", "priority", "purpose"),
)
# what the service names -> frozen field of an order, which the payee is found by
PAYEE = {
    "payee_name": "payee_name",
    "payee_inn": "payee_tax_id",
    "payee_kpp": "payee_kpp",
    "payee_account": "payee_account",
    "bank_bik": "payee_bank_code",
    "bank_name": "payee_bank_name",
    "bank_town": "payee_bank_town",
    "corr_account": "payee_corr_account",
}
NEEDED = ("payee_name", "payee_account", "bank_bik")


class MoedeloTaxEvent(models.Model):
    _inherit = "moedelo.tax.event"

    def action_pay(self):
        """Button: a draft payment with everything filled in; a person looks, posts and sends it."""
        self.ensure_one()
        self.check_access("read")
        self.env["bank.package"]._check_right("operator")
        self._require_package(self.company_id)
        event = self.sudo()
        if not event.payment_id or event.payment_id.state in ("canceled", "rejected"):
            event._refuse_unpayable()
            event.payment_id = self._make_payment()
        return self.payment_id._get_records_action()

    def _refuse_unpayable(self):
        details = self.payment_details or {}
        if self.is_done:
            raise UserError(self.env._("%(event)s is done already.", event=self.name))
        if self.kind != "payment" or not self.amount or not all(map(details.get, NEEDED)):
            raise UserError(
                self.env._(
                    "%(event)s: the service has not said whom to pay and how much.",
                    event=self.name,
                )
            )

    def _make_payment(self):
        """With the rights of the person who pays; only the payee is looked for above them."""
        details = self.payment_details
        journal = self._rouble_journal()
        card = self._payee_card()
        payments = self.env["account.payment"].with_company(self.company_id)
        return payments.create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "company_id": self.company_id.id,
                "partner_id": card.partner_id.id,
                "partner_bank_id": card.id,
                "journal_id": journal.id,
                "payment_method_line_id": journal._moedelo_method_line().id,
                "amount": self.amount,
                "currency_id": self.currency_id.id,
                "date": fields.Date.context_today(self),
                "memo": details.get("purpose") or self.name,
                "rouble_details": {name: details[name] for name in BOXES if details.get(name)},
            }
        )

    def _rouble_journal(self):
        """The company's first journal that pays in roubles through its bank's web service."""
        journals = self.env["account.journal"].sudo()
        found = journals.search(
            [
                ("company_id", "=", self.company_id.id),
                ("type", "=", "bank"),
                ("bank_account_id", "!=", False),
            ]
        )
        usable = found.filtered(
            lambda one: (
                (one.currency_id or one.company_id.currency_id).name == "RUB"
                and one._moedelo_method_line()
            )
        )
        if not usable:
            raise UserError(
                self.env._("The company has no bank journal that pays in roubles by web service.")
            )
        return usable[:1].sudo(self.env.su)

    def _payee_card(self):
        """The same search as for imported orders: by INN and account, else made and not trusted."""
        details = self.payment_details
        frozen = {field: details.get(name) for name, field in PAYEE.items()}
        orders = self.env["bank.order"].sudo()
        card = orders.new({**frozen, "company_id": self.company_id.id})._moedelo_payee()
        return card.sudo(self.env.su)
