# SPDX-License-Identifier: LGPL-3.0-only
"""From a VAT account: taxes, contributions to ZUS, and our own other VAT account; nothing else.

Source: banking law, article 62b (2). What the law lets be paid from it is no tax on civil-law
transactions and no local tax. A transfer to another VAT account of our own has the message of split
payment: all of it is VAT, and in place of an invoice stands “przekazanie własne”.

In an order's `details`: vat_account, where the payer's account is one. Which of its two accounts a
bank charges is the bank's own: some take VAT from the VAT account by themselves where the tax
office is paid from the settlement account.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

OWN_TRANSFER = "przekazanie własne"
#: symbols of forms that begin so are paid from the settlement account only
NOT_FROM_IT = ("PCC", "SD", "DN", "DT", "DR", "DL", "FN", "IN-", "IR-", "IL-")

ONLY_OFFICES = _(
    "a VAT account pays taxes, ZUS and our own VAT account only: suppliers are paid by split "
    "payment from the settlement account, and the bank takes the VAT from the VAT account"
)
ONLY_PLN = _("a VAT account pays in PLN only, not in {currency}")
NOT_THIS_TAX = _("{form} cannot be paid from a VAT account")
ALL_OF_IT = _("all that goes from one VAT account to another is VAT")


def check(order: Order, context: Context) -> Iterator[Problem]:
    if not order.details.get("vat_account"):
        return
    record, kind, own = record_of(order), order.kind, is_own_transfer(order, context)
    if order.currency != "PLN":
        yield Problem.of(record, "currency", ONLY_PLN, currency=order.currency)
    if kind not in ("tax", "zus") and not own:
        yield Problem.of(record, "kind", ONLY_OFFICES)
    form = order.details.get("tax_form", "")
    if kind == "tax" and form.upper().startswith(NOT_FROM_IT):
        yield Problem.of(record, "details.tax_form", NOT_THIS_TAX, form=form)
    if own and order.details.get("vat_amount") != f"{order.amount:.2f}":
        yield Problem.of(record, "details.vat_amount", ALL_OF_IT)


def is_own_transfer(order: Order, context: Context) -> bool:
    """By its words alone a supplier could be paid so."""
    details = order.details
    meant = order.kind == "mpp" and details.get("vat_invoice") == OWN_TRANSFER
    return bool(meant and details.get("vat_account") and context.is_own(order.payee.account))
