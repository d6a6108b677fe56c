# SPDX-License-Identifier: LGPL-3.0-only
"""Payments to the Russian budget: which boxes of form 0401060 belong together.

An error is what the form, the standard's schema or the Bank of Russia itself refuses. What stands
in order 58n of the Ministry of Finance (in force since 1 April 2026, in place of 107n) is a
warning: only reports about the order were at hand, which agree on these points:
- buhgalteria.ru/article_sef/detailGood.php?ELEMENT_ID=231862 (table of boxes, old and new)
- buhdaily.ru/otvetstvennost/platezhnye-porucheniya-s-2026-goda-novye-pravila-po-prikazu-58n
- infobaykal.ru/?action=view&id=41788&module=articles (boxes INN, KPP, OKTMO, UIN changed)
Of the single tax payment: klerk.ru/buh/news/662527 and the Federal Tax Service's own payment guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ..records import Order
from ..wording import _

#: the account of a budget's income at the Treasury, and of the Treasury at the Bank of Russia
INCOME, SINGLE_TREASURY_ACCOUNT = "03100", "40102810"
#: box 104 and the payee of the single tax payment
SINGLE_TAX = "18201061201010000510"
SINGLE_TAX_PAYEE = {
    "account": "03100643000000018500",
    "bank_code": "017003983",
    "tax_id": "7727406020",
    "details.kpp": "770801001",
    "details.corr_account": "40102810445370000059",
}
SINCE_58N = date(2026, 4, 1)
CUSTOMS = ("06", "16", "17")  # statuses of those who pay to the customs
#: kind of a period -> its numbers
PERIODS = {"МС": range(1, 13), "КВ": range(1, 5), "ПЛ": range(1, 3), "ГД": range(1)}

STATUS_NEEDED = _(
    "is needed: the payee's account {account} is one of the budget (boxes 101 and 104 to 109)"
)
NEEDED_IN_BUDGET = _("is needed in a payment to the budget")
KPP_NEEDED = _("is needed in a payment to the budget; 0 where the payer has none")
NO_ZERO = _("may not be 0 in a payment to the budget: 20 digits")
TREASURY_BANK = _("{value} is not the Treasury's account at the Bank of Russia (40102810…)")
NO_SUCH_PERIOD = _("{value} is no period that exists")
SINGLE_IS = _("the single tax payment goes to {expected}, here stands {value}")
SINGLE_KPP = _("is 0 in the single tax payment since {since}, here stands {value}")
OWN_KPP = _("is the payer's own KPP since {since}, 0 only in the single tax payment")
PERIOD_OR_CUSTOMS = _("is 0 or the customs' code of 8 digits since {since}, here stands {value}")
CUSTOMS_CODE = _("is the customs' code of 8 digits where the payer's status is {status}")
ENTREPRENEUR = _("has (ИП) after the name of an entrepreneur since {since}")
ORGANISATION = _("01 is an organisation's: an entrepreneur or another person writes 13")


def check(order: Order, day: date) -> Iterator[tuple[str, str, dict, str]]:
    """(field, template, values, severity) of every problem; empty for other payments."""
    status = order.details.get("payer_status") or ""
    if order.payee.account.startswith(INCOME) and not status:
        yield "details.payer_status", STATUS_NEEDED, {"account": order.payee.account}, "error"
    if not status:
        return
    for problem in (*_parties(order), *_values(order)):
        yield *problem, "error"
    warnings = [*_single_tax(order), *_statuses(order)]
    if day >= SINCE_58N:
        warnings += _since_58n(order)
    for problem in warnings:
        yield *problem, "warning"


def _parties(order: Order) -> Iterator[tuple[str, str, dict]]:
    payee = order.payee
    if not payee.tax_id:
        yield "payee.tax_id", NEEDED_IN_BUDGET, {}
    if not payee.details.get("kpp"):
        yield "payee.details.kpp", NEEDED_IN_BUDGET, {}
    if not order.payer.details.get("kpp"):
        yield "payer.details.kpp", KPP_NEEDED, {}
    corr = payee.details.get("corr_account", "")
    if payee.account.startswith("03") and not corr.startswith(SINGLE_TREASURY_ACCOUNT):
        yield "payee.details.corr_account", TREASURY_BANK, {"value": corr or "-"}


def _values(order: Order) -> Iterator[tuple[str, str, dict]]:
    details = order.details
    if details.get("kbk") == "0" and order.payee.account.startswith(INCOME):
        yield "details.kbk", NO_ZERO, {}
    for name in ("tax_period", "tax_document_date"):
        value = details.get(name) or "0"
        if not _exists(value):
            yield f"details.{name}", NO_SUCH_PERIOD, {"value": value}


def _exists(value: str) -> bool:
    """False for a date or period of the right shape that no calendar has, such as КВ.13.2026."""
    if match := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", value):
        day, month, year = map(int, match.groups())
        try:
            return bool(date(year, month, day))
        except ValueError:
            return False
    if match := re.fullmatch(r"(\D\D)\.(\d\d)\.\d{4}", value):
        return int(match[2]) in PERIODS.get(match[1], ())
    return True


def _single_tax(order: Order) -> Iterator[tuple[str, str, dict]]:
    if order.details.get("kbk") != SINGLE_TAX:
        return
    for field, expected in SINGLE_TAX_PAYEE.items():
        name = field.removeprefix("details.")
        value = order.payee.details.get(name, "") if name != field else getattr(order.payee, name)
        if value != expected:
            yield f"payee.{field}", SINGLE_IS, {"expected": expected, "value": value or "-"}


def _statuses(order: Order) -> Iterator[tuple[str, str, dict]]:
    details = order.details
    status, period = details["payer_status"], details.get("tax_period") or ""
    if status in CUSTOMS and not re.fullmatch(r"\d{8}", period):
        yield "details.tax_period", CUSTOMS_CODE, {"status": status}
    if status == "01" and len(order.payer.tax_id) == 12:
        yield "details.payer_status", ORGANISATION, {}


def _since_58n(order: Order) -> Iterator[tuple[str, str, dict]]:
    since, payer = {"since": SINCE_58N}, order.payer
    kpp, period = payer.details.get("kpp", ""), order.details.get("tax_period") or "0"
    if order.details.get("kbk") == SINGLE_TAX:
        if kpp not in ("", "0"):
            yield "payer.details.kpp", SINGLE_KPP, {"value": kpp, **since}
    elif kpp == "0" and len(payer.tax_id) == 10:
        yield "payer.details.kpp", OWN_KPP, since
    if order.details["payer_status"] not in CUSTOMS and not re.fullmatch(r"0|\d{8}", period):
        yield "details.tax_period", PERIOD_OR_CUSTOMS, {"value": period, **since}
    if len(payer.tax_id) == 12 and "(" not in payer.name:
        yield "payer.name", ENTREPRENEUR, since
