"""The white list of Poland's Ministry of Finance: is the account the payee's, on this day?

The answer and its request id stay on the order. A service that is down is said on the order and
never taken for an answer.
"""

import re
from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.accounts import nrb_of
from ...protocol.kinds import office_of
from ...protocol.whitelist import THRESHOLD, WhiteList
from ..connection.account_journal import WARSAW
from ..connection.rights import require_right
from .bank_order_books import bill_moves
from .states import READY

ADDRESS = "bank_webservice.white_list_address"


def _day(moment):
    """The day in Poland of a moment in UTC, as Odoo keeps it."""
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(WARSAW)).date()


def ask_white_list(orders, reason=""):
    """Asks once for each payee; UserError where a person has to say why they pay."""
    address = orders.env["ir.config_parameter"].sudo().get_param(ADDRESS)
    asked = orders.filtered(lambda order: address and _is_for_white_list(order))
    if not asked:
        return
    today = _day(fields.Datetime.now())
    service, silent = WhiteList(address), ""
    for (nip, account, day), alike in asked.grouped(
        lambda order: (order.payee_tax_id, order.payee_account, min(today, order.execute_on))
    ).items():
        try:
            if silent:
                raise errors.Busy(silent)
            listing = service.check(nip, account, day)
        except errors.BankError as error:
            # A service that is down is not asked a thousand times.
            silent = silent if isinstance(error, errors.Invalid) else error.message
            alike.sudo().write({"white_list": "unanswered"})
            continue
        alike.sudo().write(
            {
                "white_list": "listed" if listing.listed else "not_listed",
                "white_list_request": listing.request_id,
                "white_list_at": listing.checked_at.replace(tzinfo=None),
            }
        )
    _require_reason(asked, reason)


def _is_for_white_list(order):
    """Transfers in PLN to a Polish tax payer's account, whatever kind a person gave them."""
    # As people write it: PL 525-10-00-017.
    nip = re.sub(r"[\s.-]", "", order.payee_tax_id or "").upper().removeprefix("PL")
    return bool(
        order.kind != "own"
        and nrb_of(order.payee_account or "")
        and not office_of(order.payee_account or "")
        and order.currency_id.name == "PLN"
        and nip.isdigit()
        and order.company_id.country_id.code == "PL"
    )


def _transaction_amount(order):
    """In PLN. The law's limit is on the transaction, however many payments it is paid in."""
    bills = bill_moves(order.sudo())
    return max(order.amount, *(abs(bill.amount_total_signed) for bill in bills), 0)


def _require_reason(orders, reason):
    big = orders.filtered(
        lambda order: (
            order.white_list != "listed"
            and _transaction_amount(order) > THRESHOLD
            and order.kind != "mpp"
            and not order.white_list_reason
        )
    )
    if big and not (reason or "").strip():
        lines = [
            orders.env._(
                "%(payee)s, account %(account)s, %(amount)s for a transaction of %(whole)s: "
                "%(state)s",
                payee=order.payee_name,
                account=order.payee_account,
                amount=order.currency_id.format(order.amount),
                whole=order.currency_id.format(_transaction_amount(order)),
                state=dict(order._fields["white_list"]._description_selection(orders.env))[
                    order.white_list
                ],
            )
            for order in big
        ]
        raise UserError(
            orders.env._(
                "Above %(threshold)s PLN a payment to an account that is not on the white list "
                "has tax consequences. Pay by split payment (kind “Split payment” on the "
                "payment), or enter the reason in the field “White list: reason”.\n%(lines)s",
                threshold=THRESHOLD,
                lines="\n".join(lines),
            )
        )
    big.sudo().write({"white_list_reason": reason})


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
    today = _day(fields.Datetime.now())
    orders = package.sudo().order_ids.filtered(
        lambda order: order.bank_state in READY and order.white_list
    )
    ask_white_list(
        orders.filtered(lambda order: not order.white_list_at or _day(order.white_list_at) != today)
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bank_white_list_address = fields.Char(
        "White list of VAT payers",
        config_parameter=ADDRESS,
        help="Address of the service of Poland's Ministry of Finance, "
        "https://wl-api.mf.gov.pl. Empty: accounts are not looked up.",
    )

    @api.model
    def _check_white_list_address(self, address):
        if address and not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise UserError(self.env._("The white list's address must begin with https://."))

    def set_values(self):
        before = self.env["ir.config_parameter"].sudo().get_param(ADDRESS) or False
        if (self.bank_white_list_address or False) != before:
            require_right(self.env, "administrator")
            self._check_white_list_address(self.bank_white_list_address)
        return super().set_values()
