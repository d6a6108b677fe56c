"""Accounts that are not what one thinks: somebody else's, or changed since the package was signed.

Factoring makes it legal to pay a bill to somebody else's account, and swapping accounts is the
oldest fraud: a person says why, and where two must sign above some limit, two sign this, too.
"""

from odoo import api, models
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


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.constrains("bank_account_id")
    def _drop_signatures_of_moved(self):
        _drop_signatures(self.env, [("journal_id", "in", self.ids)])


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.constrains("acc_number", "clearing_number", "bank_id")
    def _drop_signatures_of_changed(self):
        _drop_signatures(self.env, [("partner_bank_id", "in", self.ids)])
        _drop_signatures(self.env, [("journal_id.bank_account_id", "in", self.ids)])


def other_payee_words(order):
    """Whose account it is, and whose bill."""
    account = order.sudo().partner_bank_id
    return order.env._(
        "the account %(account)s belongs to %(owner)s, and what is paid is of %(payee)s.",
        account=account.acc_number,
        owner=account.partner_id.display_name,
        payee=order.partner_id.display_name,
    )


def require_other_payee_reason(orders, reason=""):
    """UserError where somebody else's account is paid and nobody says why."""
    others = orders.sudo().payment_id._pays_somebody_else()
    orders = orders.sudo().filtered(lambda order: order.payment_id in others)
    if orders and not (reason or "").strip():
        lines = [f"{order.payment_id.name}: {other_payee_words(order)}" for order in orders]
        raise UserError(
            orders.env._(
                "Enter the reason to pay somebody else's account, for example factoring.\n%s",
                "\n".join(lines),
            )
        )
    orders.write({"other_payee_reason": reason})


def _drop_signatures(env, domain):
    """Signed orders whose account, the payer's or the payee's, is not the frozen one now."""
    orders = env["bank.order"].sudo().search([*domain, ("bank_state", "in", SIGNED)])
    moved = orders.filtered(
        lambda order: order.payer_account != order.journal_id.bank_account_id.sanitized_acc_number
    )
    packages = (moved | orders._frozen_payee_changed()).package_id
    packages._drop_signatures(env._("an account was changed since."))


def reason_of_other_payee(package):
    """Why a second person signs; empty where every account is that of its bill."""
    orders = package.sudo().order_ids.filtered("other_payee_reason")
    return other_payee_words(orders[:1]).rstrip(".") if orders else ""
