# SPDX-License-Identifier: LGPL-3.0-only
"""The Russian payment order, form 0401060: every field that a bank would send back.

In `Order.details`, beside the form's numbers: document_number (3; else the order's number),
document_date (4, ISO; else the day of execution), payment_kind (5), operation_kind (18),
income_code (20), priority (21), uin (22), payer_status (101), kbk (104), oktmo (105),
tax_reason (106), tax_period (107), tax_document_number (108), tax_document_date (109),
tax_payment_kind (110). In the details of payer and payee: kpp (102, 103), corr_account (12, 15),
bank_town. The purpose (24) is the order's title.
Source: Bank of Russia, regulation 762-P; lists that change: `rouble_lists`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import timedelta

from stdnum.ru import inn

from ..errors import Problem
from ..records import Order, Party, document_date, document_number, payee_account
from ..wording import _
from . import rouble_budget, rouble_purpose, texts
from .context import Context, record_of
from .rouble_keys import is_key_right
from .rouble_lists import VALID_DAYS, lists_on

MISSING = _("is missing")
TOO_LONG = _("is too long by {excess} characters (at most {limit})")
BAD_NUMBER = _("{value} is not a number of 1 to 6 digits above zero")
BAD_DATE = _("{value} is not a date")
TOO_OLD = _("the order of {day} is older than {days} days: the bank refuses it. Make a new one")
FUTURE = _("{day} is in the future: the bank takes orders of today, in Moscow {today}")
NOT_ROUBLES = _("{value} is not an account in roubles")
BAD_KEY = _("{value} does not fit the bank {bik}: its control digit is wrong")
BAD_VALUE = _("{value} is not valid here: {expected}")
NOT_IN_LIST = _("{value} is not among the values that hold from {since}: {allowed}")
NOT_ANY_MORE = _("{value} may not be used since {since}")
NEEDED = _("is needed in a payment to the budget (the payer's status is filled)")
NOT_BUDGET = _("may be filled only in a payment to the budget: fill the payer's status as well")
BAD_CHARACTERS = _("has characters that the bank does not take: {characters}")

# what is expected
UP_TO_15 = _("at most 15 characters")
ONE_DIGIT = _("one digit, 1 to 5")
DIGITS_OF_UIN = _("0, 20 or 25 digits")
DIGITS_OF_KBK = _("20 digits, or 0")
DIGITS_OF_OKTMO = _("8 or 11 digits, or 0")
A_PERIOD = _("such as КВ.03.2026, or 0")
A_DATE = _("DD.MM.YYYY, or 0")
UP_TO_2 = _("at most 2 characters")
AN_INN = _("INN of 10 or 12 digits, 5 digits of a foreigner, or 0")
A_KPP = _("KPP: 4 digits, 2 digits or capital letters, 3 digits, or 0")
A_BIK = _("BIK of 9 digits")
DIGITS_20 = _("20 digits")

_DATE = r"(0[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])\.\d{4}"
#: field of details -> (pattern, what is expected), checked where the field is filled
PATTERNS = {
    "payment_kind": (r".{1,15}", UP_TO_15),
    "operation_kind": (r"01", "01"),
    "income_code": (r"[1-5]", ONE_DIGIT),
    "uin": (r"0|(?!0+$)(\d{20}|\d{25})", DIGITS_OF_UIN),
    "kbk": (r"0|(?!0+$)\d{20}", DIGITS_OF_KBK),
    "oktmo": (r"0|(?!0+$)(\d{8}|\d{11})", DIGITS_OF_OKTMO),
    "tax_period": (rf"0|\d{{8}}|{_DATE}|[А-Я0-9]{{2}}\.\d\d\.\d{{4}}", A_PERIOD),
    "tax_document_number": (r".{1,15}", UP_TO_15),
    "tax_document_date": (rf"0|{_DATE}", A_DATE),
    "tax_payment_kind": (r".{1,2}", UP_TO_2),
}
BUDGET = ("kbk", "oktmo", "tax_reason", "tax_period", "tax_document_number", "tax_document_date")
_KPP = re.compile(r"0|(?!0+$)\d{4}[0-9A-Z]{2}\d{3}")


def check(order: Order, context: Context) -> Iterator[Problem]:
    if order.kind != "rouble":
        return
    record = record_of(order)
    for field, template, values in _all(order, context):
        yield Problem.of(record, field, template, **values)
    for field, template, values in rouble_purpose.check(order):
        yield Problem.of(record, field, template, "warning", **values)
    with contextlib.suppress(ValueError):  # of a date that is none, which was said already
        for field, template, values, severity in rouble_budget.check(order, document_date(order)):
            yield Problem.of(record, field, template, severity, **values)


def _all(order: Order, context: Context) -> Iterator[tuple[str, str, dict]]:
    """(field, template, values) of every problem."""
    number = document_number(order)
    if not re.fullmatch(r"(?!0+$)\d{1,6}", number, re.ASCII):
        yield "details.document_number", BAD_NUMBER, {"value": number}
    yield from _day(order, context)
    for side, party in (("payer", order.payer), ("payee", order.payee)):
        number = party.account if side == "payer" else payee_account(order)
        for field, template, values in _party(party, number, is_payer=side == "payer"):
            yield f"{side}.{field}", template, values
    yield from _text("title", order.title, 210)
    priority = order.details.get("priority", "")
    if not re.fullmatch("[1-5]", priority):
        expected = ONE_DIGIT
        yield "details.priority", BAD_VALUE, {"value": priority, "expected": expected}
    for name, (pattern, expected) in PATTERNS.items():
        value = order.details.get(name) or ""
        if value and not re.fullmatch(pattern, value, re.ASCII | re.DOTALL):
            yield f"details.{name}", BAD_VALUE, {"value": value, "expected": expected}
    yield from _budget(order)


def _day(order: Order, context: Context) -> Iterator[tuple[str, str, dict]]:
    try:
        day = document_date(order)
    except ValueError:
        value = order.details["document_date"]
        yield "details.document_date", BAD_DATE, {"value": value}
        return
    if day < context.today - timedelta(days=VALID_DAYS):
        yield "details.document_date", TOO_OLD, {"day": day, "days": VALID_DAYS}
    elif day > context.today:
        yield "details.document_date", FUTURE, {"day": day, "today": context.today}


def _party(party: Party, number: str, *, is_payer: bool) -> Iterator[tuple[str, str, dict]]:
    yield from _text("name", party.name, 160)
    yield from _text("bank_name", party.bank_name, 160, needed=False)
    tax_id, kpp = party.tax_id, party.details.get("kpp", "")
    if tax_id not in ("", "0") and not re.fullmatch(r"(?!0+$)\d{5}", tax_id, re.ASCII):
        # stdnum forgives blanks, a bank does not
        if not inn.is_valid(tax_id) or " " in tax_id or set(tax_id) == {"0"}:
            expected = AN_INN
            yield "tax_id", BAD_VALUE, {"value": tax_id, "expected": expected}
    elif is_payer and not tax_id:
        yield "tax_id", MISSING, {}
    if kpp and not _KPP.fullmatch(kpp):
        expected = A_KPP
        yield "details.kpp", BAD_VALUE, {"value": kpp, "expected": expected}
    yield from _accounts(party, number)


def _accounts(party: Party, number: str) -> Iterator[tuple[str, str, dict]]:
    """`number`: what stands in the box; empty for a bank as payee, which has the other account."""
    bik, corr = party.bank_code, party.details.get("corr_account", "")
    if not re.fullmatch(r"(?!0+$)\d{9}", bik, re.ASCII):
        yield "bank_code", BAD_VALUE, {"value": bik, "expected": A_BIK}
        return
    if not number and party.account:
        pass
    elif not re.fullmatch(r"\d{5}[0-9ABCEHKMPTX]\d{14}", number, re.ASCII):
        yield "account", BAD_VALUE, {"value": number, "expected": DIGITS_20}
    elif number[5:8] not in ("810", "643"):
        yield "account", NOT_ROUBLES, {"value": number}
    elif not is_key_right(number, bik):
        yield "account", BAD_KEY, {"value": number, "bik": bik}
    if corr and not re.fullmatch(r"\d{20}", corr, re.ASCII):
        yield "details.corr_account", BAD_VALUE, {"value": corr, "expected": DIGITS_20}
    elif corr and not is_key_right(corr, bik, correspondent=True):
        yield "details.corr_account", BAD_KEY, {"value": corr, "bik": bik}


def _budget(order: Order) -> Iterator[tuple[str, str, dict]]:
    """Fields 101 and 104 to 110 go together; two of them know only the values of a list."""
    details = order.details
    status = details.get("payer_status") or ""
    if not status:
        for name in BUDGET:
            if details.get(name):
                yield f"details.{name}", NOT_BUDGET, {}
        return
    for name in (*BUDGET, "uin"):
        if not details.get(name):
            yield f"details.{name}", NEEDED, {}
    try:
        lists = lists_on(document_date(order))
    except ValueError:
        return
    since = {"since": lists.since}
    reason, period = details.get("tax_reason") or "", details.get("tax_period") or ""
    if status not in lists.payer_statuses:
        allowed = " ".join(sorted(lists.payer_statuses))
        yield "details.payer_status", NOT_IN_LIST, {"value": status, "allowed": allowed, **since}
    if reason and reason not in lists.tax_reasons:
        allowed = " ".join(sorted(lists.tax_reasons))
        yield "details.tax_reason", NOT_IN_LIST, {"value": reason, "allowed": allowed, **since}
    if period.startswith(lists.forbidden_periods):
        yield "details.tax_period", NOT_ANY_MORE, {"value": period, **since}


def _text(field: str, text: str, limit: int, *, needed: bool = True):
    if needed and not text.strip():
        yield field, MISSING, {}
    if len(text) > limit:
        yield field, TOO_LONG, {"excess": len(text) - limit, "limit": limit}
    # Banks keep these texts in the code page of the exchange file.
    foreign = dict.fromkeys(c for c in text if not _fits(c))
    hidden = texts.hidden_in(text, foreign)
    if hidden:
        yield field, texts.UNPRINTABLE, hidden
    elif foreign:
        yield field, BAD_CHARACTERS, {"characters": "".join(foreign)}


def _fits(character: str) -> bool:
    try:
        return character.encode("cp1251") >= b" "
    except UnicodeEncodeError:
        return False
