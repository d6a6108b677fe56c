"""Accounts that are not what one thinks: somebody else's, or changed since the package was signed.

Factoring makes it legal to pay a bill to somebody else's account, and swapping accounts is the
oldest fraud: a person says why, and where two must sign above some limit, two sign this, too.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .states import SIGNED


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _pays_somebody_else(self):
        """The payments whose account belongs to another company or person than what they pay."""

        def is_other(payment):
            owner = payment.partner_bank_id.partner_id.commercial_partner_id
            bills = payment._bank_bills().commercial_partner_id
            return owner and payment.partner_id.commercial_partner_id | bills != owner

        return self.filtered(is_other)


class BankOrder(models.Model):
    _inherit = "bank.order"

    other_payee_reason = fields.Char(
        "Reason to pay somebody else's account", readonly=True, copy=False
    )

    def _other_payee_words(self):
        """Whose account it is, and whose bill."""
        account = self.sudo().partner_bank_id
        return self.env._(
            "the account %(account)s belongs to %(owner)s, and what is paid is of %(payee)s.",
            account=account.acc_number,
            owner=account.partner_id.display_name,
            payee=self.partner_id.display_name,
        )

    def _require_other_payee_reason(self, reason=""):
        """UserError where somebody else's account is paid and nobody says why."""
        others = self.sudo().payment_id._pays_somebody_else()
        orders = self.sudo().filtered(lambda order: order.payment_id in others)
        if orders and not (reason or "").strip():
            lines = [f"{order.payment_id.name}: {order._other_payee_words()}" for order in orders]
            raise UserError(
                self.env._(
                    "Enter the reason to pay somebody else's account, for example factoring.\n%s",
                    "\n".join(lines),
                )
            )
        orders.write({"other_payee_reason": reason})

    @api.model
    def _drop_signatures_of_changed(self, domain):
        """Signed orders whose account, the payer's or the payee's, is not the frozen one now."""
        orders = self.sudo().search([*domain, ("bank_state", "in", SIGNED)])
        moved = orders.filtered(
            lambda order: (
                order.payer_account != order.journal_id.bank_account_id.sanitized_acc_number
            )
        )
        packages = (moved | orders._frozen_payee_changed()).package_id
        packages._drop_signatures(self.env._("an account was changed since."))


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.constrains("bank_account_id")
    def _drop_signatures_of_moved(self):
        self.env["bank.order"]._drop_signatures_of_changed([("journal_id", "in", self.ids)])


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.constrains("acc_number", "clearing_number", "bank_id")
    def _drop_signatures_of_changed(self):
        orders = self.env["bank.order"]
        orders._drop_signatures_of_changed([("partner_bank_id", "in", self.ids)])
        orders._drop_signatures_of_changed([("journal_id.bank_account_id", "in", self.ids)])


class BankPackage(models.Model):
    _inherit = "bank.package"

    def _reason_of_other_payee(self):
        """Why a second person signs; empty where every account is that of its bill."""
        orders = self.sudo().order_ids.filtered("other_payee_reason")
        return orders[:1]._other_payee_words().rstrip(".") if orders else ""
