# SPDX-License-Identifier: LGPL-3.0-only
"""Payment to a tax office: ``/TI/<type><id>/OKR/<period>/SFP/<form>/TXT/<obligation>``.

Source: the form of the message in Elixir, as the banks publish it; a bank that wants another one
has a line of its own in `bank_codes`.

- type: N NIP, R REGON, P PESEL, 1 identity card, 2 passport, 3 another id; id up to 14 characters
- period: two digits of the year and R year, Pnn half, Knn quarter, Mnn month, Dnnmm decade of a
  month, Jddmm day; or 0 where there is none
- form: VAT-7, PIT-4, CIT-8 …, up to 7 characters (written with or without the hyphen)
- obligation: free, up to 20 characters

In an order's `details`: tax_id_type, tax_id, tax_period, tax_form, tax_obligation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from stdnum.pl import nip, pesel, regon

from .. import bank_codes
from ..accounts import nrb_of
from ..errors import InvalidOrder, Problem
from ..formats import texts
from ..records import Order
from ..wording import _
from .context import Context, record_of

EMPTY = _("is missing")
UNKNOWN_TYPE = _("{type} is not a type of id: N, R, P, 1, 2 or 3")
BAD_ID = _("{tax_id} is not a valid id of this type")
BAD_PERIOD = _(
    "{period} is not a tax period, such as 26M10, 26K03, 26P01, 26R, 26D0110, 26J1510, 0"
)
TOO_LONG = _("is too long by {excess} characters (at most {limit})")
BAD_CHARACTERS = _("{value} may hold letters, digits, hyphen and blank only")
NOT_A_TITLE = _("the title is not that of a payment to a tax office: /TI/…/OKR/…/SFP/…")
DIFFERS = _("the title says {in_title}, the order's field says {in_field}")
OTHER_PAYER = _("the account is that of {of_account}, the order is for {tax_id}")

LIMITS = {"tax_id": 14, "tax_form": 7, "tax_obligation": 20}
_VALIDATORS = {"N": nip, "R": regon, "P": pesel}
_PERIOD = re.compile(
    r"0|\d\d(R|P0[12]|K0[1-4]|M(?P<month>0[1-9]|1[0-2])"
    r"|D0[1-3](0[1-9]|1[0-2])|J(?P<day>\d\d)(?P<of>\d\d))"
)
_PARTS = {
    "tax_id_type": "[NRP123]",
    "tax_id": "[^/]{1,14}",
    "tax_period": "[^/]{1,7}",
    "tax_form": "[^/]{1,7}",
    "tax_obligation": ".{0,20}",
}


@dataclass(frozen=True)
class TaxTitle:
    """The parts of a title; named as in an order's `details`."""

    tax_id_type: str
    tax_id: str
    tax_period: str
    tax_form: str
    tax_obligation: str = ""

    @classmethod
    def of(cls, details: Mapping[str, str]) -> TaxTitle:
        return cls(*(details.get(name, "") for name in cls.__dataclass_fields__))


def build(title: TaxTitle, bank: str = "") -> str:
    """The title as text, in the form of this key of BANKS. Raises `InvalidOrder` with what does not
    fit."""
    problems = list(_part_problems("", title))
    if problems:
        raise InvalidOrder(problems)
    head, obligation = _form(bank)
    return (head + (obligation if title.tax_obligation else "")).format_map(vars(title))


def parse(text: str) -> TaxTitle | None:
    """The parts of a title, or None when it is not one of a payment to a tax office of any bank."""
    for bank in {code.bank for code in bank_codes.CODES}:
        if match := _pattern(*_form(bank)).fullmatch(text):
            return TaxTitle.of(match.groupdict(""))
    return None


def _form(bank: str) -> tuple[str, str]:
    places = (bank_codes.TAX_TITLE, bank_codes.TAX_OBLIGATION)
    return tuple(bank_codes.values(place, bank)["tax"] for place in places)


@cache
def _pattern(head: str, obligation: str) -> re.Pattern:
    text = f"{re.escape(head)}(?:{re.escape(obligation)})?"
    text = re.sub(r"\\{(\w+)\\}", lambda name: f"(?P<{name[1]}>{_PARTS[name[1]]})", text)
    return re.compile(text)


def check(order: Order, context: Context) -> Iterator[Problem]:
    if order.kind != "tax":
        return
    record, title = record_of(order), TaxTitle.of(order.details)
    rules = texts.rules_for(context.format, order.kind)
    sent = {name: texts.fit(text, rules) for name, text in order.details.items()}
    yield from _part_problems(record, TaxTitle.of(sent))
    in_title = parse(order.title)
    if in_title is None:
        yield Problem.of(record, "title", NOT_A_TITLE)
        return
    for name in TaxTitle.__dataclass_fields__:
        said, meant = getattr(in_title, name), getattr(title, name)
        if said != meant:
            yield Problem.of(record, f"details.{name}", DIFFERS, in_title=said, in_field=meant)
    of_account = payer_of(order.payee.account)
    if of_account and title.tax_id_type in ("N", "P") and of_account != title.tax_id:
        yield Problem.of(
            record, "details.tax_id", OTHER_PAYER, of_account=of_account, tax_id=title.tax_id
        )


def payer_of(account: str) -> str:
    """NIP or PESEL inside a tax office microaccount (…222 1 PESEL, …222 2 NIP), else empty."""
    number = nrb_of(account)[2:]
    if not number.startswith("10100071222"):
        return ""
    length = {"1": 11, "2": 10}.get(number[11], 0)
    return number[12 : 12 + length]


def _part_problems(record: str, title: TaxTitle) -> Iterator[Problem]:
    if title.tax_id_type not in tuple("NRP123"):
        yield Problem.of(record, "details.tax_id_type", UNKNOWN_TYPE, type=title.tax_id_type)
    validator = _VALIDATORS.get(title.tax_id_type)
    if validator and title.tax_id and not validator.is_valid(title.tax_id):
        yield Problem.of(record, "details.tax_id", BAD_ID, tax_id=title.tax_id)
    if not is_period(title.tax_period):
        yield Problem.of(record, "details.tax_period", BAD_PERIOD, period=title.tax_period)
    for name, limit in LIMITS.items():
        value, field = getattr(title, name), f"details.{name}"
        if not value and name != "tax_obligation":
            yield Problem.of(record, field, EMPTY)
        if len(value) > limit:
            yield Problem.of(record, field, TOO_LONG, excess=len(value) - limit, limit=limit)
        if "/" in value:
            yield Problem.of(record, field, BAD_CHARACTERS, value=value)


def is_period(period: str) -> bool:
    match = _PERIOD.fullmatch(period)
    if match is None or match["day"] is None:
        return match is not None
    try:
        date(2000 + int(period[:2]), int(match["of"]), int(match["day"]))
    except ValueError:
        return False
    return True
