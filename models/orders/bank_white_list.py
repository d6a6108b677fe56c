# SPDX-License-Identifier: LGPL-3.0-only
"""The white list of Poland's Ministry of Finance: is the account the payee's, on this day?

The answer and its request id stay on the order. A service that is down is said on the order and
never taken for an answer. Rules and sources: docs/poland.md.

Here too: address and token of the ministry's other service, KSeF.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...protocol import ksef_api, rules_pl
from ...protocol.accounts import nrb_of
from ...protocol.states import READY
from ...protocol.whitelist import ACTIVE, THRESHOLD
from ..connection.rights import require_right
from ..connection.words import SETTINGS, shown, way_out_by_action
from .bank_order_books import bill_moves
from .white_list_answer import (
    ADDRESS,
    KeptPauses,
    account_of,
    day_in_poland,
    nip_of,
    today_in_poland,
)

OF_KSEF = "bank_webservice.ksef_address"
NOTICE = "ZAW-NR"  # so the reminders begin, in every language
NOTICE_DAYS = timedelta(days=rules_pl.value_of("white-list-notice"))
# What a person has to say why they pay.
DOUBTFUL = ("not_listed", "unanswered", "no_tax_id")


def ask_white_list(orders, reason=""):
    """Takes the answers of today, asks for those that are missing, and keeps them on the orders.

    UserError where a person has to say why they pay.
    """
    answers = orders.env["bank.white.list"]
    asked = orders.filtered(_is_for_white_list) if answers._address() else orders.browse()
    pairs = {order: _pair(order) for order in asked}
    known = answers._ask(pairs.values())
    alike = defaultdict(orders.browse)
    for order in asked:
        alike[known.get(pairs[order], answers), bool(pairs[order][0])] |= order
    for (answer, has_tax_id), group in alike.items():
        group.sudo().write(_values(answer, has_tax_id))
    _require_reason(asked, reason)


def _values(answer, has_tax_id):
    if not answer:
        return {"white_list": "unanswered" if has_tax_id else "no_tax_id"}
    state = "not_listed" if answer.vat_status == ACTIVE else "not_active"
    return {
        "white_list": "listed" if answer.listed else state,
        "white_list_request": answer.request_id,
        "white_list_at": answer.checked_at,
    }


def _pair(order):
    return nip_of(order.payee_tax_id), account_of(order.payee_account)


def _is_for_white_list(order):
    """Transfers to a tax payer of Poland, of whatever kind, wherever the account is.

    A payee without tax id (“/” on its card is none) is asked about where a bill is paid; a foreign
    one is not on the list.
    """
    nip, account = _pair(order)
    has_tax_id = any(map(str.isalnum, order.payee_tax_id or ""))
    return bool(
        order.kind != "own"
        and account
        and (nip or (nrb_of(account) and not has_tax_id and _bills_of(order)))
        and order.company_id.country_id.code == "PL"
    )


def _bills_of(order):
    """Another entry, such as the payroll, is no transaction with the payee."""
    moves = bill_moves(order.sudo())
    return moves.filtered(lambda move: move.is_invoice(include_receipts=True))


def _transaction_amount(order):
    """In PLN, at the rate of the day before. The law's limit is on the transaction, however many
    payments it is paid in."""
    deals = [(order.currency_id, order.amount, order.execute_on)]
    for bill in _bills_of(order):
        deals.append((bill.currency_id, bill.amount_total, bill.invoice_date or bill.date))
    company, day_before = order.company_id, timedelta(days=1)
    return max(
        currency._convert(amount, company.currency_id, company, day - day_before)
        for currency, amount, day in deals
    )


def _require_reason(orders, reason):
    """A reason of its own for each order that has one on its payment, else the given one."""
    big = orders.filtered(
        lambda order: (
            order.white_list in DOUBTFUL
            and order.kind != "mpp"
            and not order.white_list_reason
            and _transaction_amount(order) > THRESHOLD
        )
    )
    without = orders.browse()
    for order in big:
        own = (order.payment_id.bank_white_list_reason or reason or "").strip()
        if own:
            order.sudo().write({"white_list_reason": own})
        else:
            without |= order
    if without:
        lines = [
            orders.env._(
                "%(payee)s, account %(account)s, %(amount)s for a transaction of %(whole)s: "
                "%(state)s",
                payee=order.payee_name,
                account=order.payee_account,
                amount=order.currency_id.format(order.amount),
                whole=order.company_id.currency_id.format(_transaction_amount(order)),
                state=dict(order._fields["white_list"]._description_selection(orders.env))[
                    order.white_list
                ],
            )
            for order in without
        ]
        raise UserError(
            orders.env._(
                "Above %(threshold)s PLN a payment to an account that is not on the white list "
                "has tax consequences. Pay by split payment (kind “Split payment” on the "
                "payment), or enter the reason in the field “White list: reason”.\n%(lines)s",
                threshold=shown(orders.env, THRESHOLD),
                lines="\n".join(lines),
            )
        )


def remind_of_notice(package):
    """An activity for whoever sends what was paid with a reason: the notice to the tax office."""
    day = today_in_poland()
    for order in package.sudo().order_ids.filtered("white_list_reason"):
        summary = order.env._("ZAW-NR until %s", format_date(order.env, day + NOTICE_DAYS))
        note = order.env._(
            "Paid to an account that is not on the white list: %(payee)s, tax id %(tax_id)s, "
            "account %(account)s, %(amount)s, ordered on %(day)s. Request %(request)s. Reason: "
            "%(reason)s",
            payee=order.payee_name,
            tax_id=order.payee_tax_id or "-",
            account=order.payee_account,
            amount=order.currency_id.format(order.amount),
            day=format_date(order.env, day),
            request=order.white_list_request or "-",
            reason=order.white_list_reason,
        )
        order._ask_person(summary, note, day + NOTICE_DAYS)
        forget_notice(order, but=summary)


def forget_notice(orders, but=""):
    """What was not paid needs none, nor does the day on which it did not leave the house."""
    reminders = orders.sudo().filtered("white_list_reason").activity_ids
    reminders.filtered(
        lambda one: (one.summary or "").startswith(NOTICE) and one.summary != but
    ).unlink()


def tell_silence(packages):
    """Nobody takes silence for an answer."""
    for package in packages:
        silent = package.order_ids.filtered(lambda order: order.white_list == "unanswered")
        if silent:
            package.message_post(
                body=package.env._(
                    "The white list did not answer for %s: nobody knows whether these "
                    "accounts are on it.",
                    ", ".join(silent.mapped("name")),
                )
            )


def ask_again(package):
    """The answer holds for the day on which the transfer is ordered."""
    today = today_in_poland()
    orders = package.sudo().order_ids.filtered(
        lambda order: order.bank_state in READY and order.white_list
    )
    ask_white_list(
        orders.filtered(
            lambda order: not order.white_list_at or day_in_poland(order.white_list_at) != today
        )
    )


class ResCompany(models.Model):
    _inherit = "res.company"

    ksef_token_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)

    def _ksef(self):
        """The client that asks in this company's name; UserError where it has no token."""
        self.ensure_one()
        if not self.sudo().ksef_token_sealed:
            words = self.env._("%s has no token for KSeF. Enter it in the settings.", self.name)
            raise way_out_by_action(self.env, words, SETTINGS)
        address = self.env["ir.config_parameter"].sudo().get_param(OF_KSEF) or ksef_api.ADDRESS
        token = self.env["bank.vault"]._open(self, "ksef_token_sealed").decode()
        return ksef_api.Ksef(nip_of(self.vat), token, address, pauses=KeptPauses(self.env))


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bank_white_list_address = fields.Char(
        "White list of VAT payers",
        config_parameter=ADDRESS,
        help="Address of the service of Poland's Ministry of Finance, "
        "https://wl-api.mf.gov.pl. Empty: accounts are not looked up.",
    )

    bank_ksef_address = fields.Char(
        "Address of KSeF", config_parameter=OF_KSEF, help="Empty: that of production."
    )
    bank_ksef_token = fields.Char(
        "Token of KSeF",
        compute="_compute_bank_ksef_token",
        inverse="_inverse_bank_ksef_token",
        help="Made in KSeF with the right to see invoices; it is kept encrypted. Typed anew, it "
        "takes the place of the one that is kept.",
    )
    bank_has_ksef_token = fields.Boolean(compute="_compute_bank_ksef_token")

    @api.depends("company_id")
    def _compute_bank_ksef_token(self):
        """It goes in, and never comes out."""
        for settings in self:
            settings.bank_ksef_token = False
            settings.bank_has_ksef_token = bool(settings.company_id.sudo().ksef_token_sealed)

    def _inverse_bank_ksef_token(self):
        for settings in self:
            if typed := (settings.bank_ksef_token or "").strip():
                require_right(self.env, "administrator")
                vault = self.env["bank.vault"]
                vault._seal_typed(settings.company_id, "ksef_token_sealed", typed)

    @api.model
    def _check_white_list_address(self, address):
        if address and not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise UserError(self.env._("The address must begin with https://: %s", address))

    def set_values(self):
        parameters = self.env["ir.config_parameter"].sudo()
        for name, address in (
            (ADDRESS, self.bank_white_list_address),
            (OF_KSEF, self.bank_ksef_address),
        ):
            if (address or False) != (parameters.get_param(name) or False):
                require_right(self.env, "administrator")
                self._check_white_list_address(address)
        return super().set_values()

    def action_forget_ksef_token(self):
        """Button: the token leaves this database; in KSeF it is withdrawn apart."""
        require_right(self.env, "administrator")
        self.company_id.sudo().ksef_token_sealed = False
