# SPDX-License-Identifier: LGPL-3.0-only
"""Split payment (MPP): title ``/VAT/<amount>/IDC/<supplier's tax id>/INV/<invoice>/TXT/<text>``.

Source: Polish VAT act, article 108a (3), and the banks' form of the message: VAT in PLN with a
comma, 10 digits before it; tax id up to 14 characters, invoice number up to 35, text up to 33.
The order's amount is gross, goes to the settlement account, and is in PLN.

One order for several invoices of one supplier, issued in a period of at least a day and at most a
month (article 108a (3a)): either it pays ALL of that period, which then stands in place of the
invoice number (3b (1), 3c (1)); or, for payments since 2027, any of them that are in KSeF, with
the collective identifier in that place (3b (1a), 3c (2)). In any other case: one order an invoice.
See `combined`, and docs/poland.md for sources.

In an order's `details`, as in an entry's: vat_amount, vat_tax_id, vat_invoice, vat_text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from stdnum.pl import nip

from ..errors import InvalidOrder, Problem
from ..formats import texts
from ..records import Order
from ..wording import _
from .context import Context, record_of

NOT_A_TITLE = _("the title is not that of a split payment: /VAT/…/IDC/…/INV/…/TXT/…")
DIFFERS = _("the title says {in_title}, the order's field says {in_field}")
VAT_OVER_GROSS = _("VAT of {vat} is more than the order's gross amount")
BAD_VAT = _("VAT must be above zero with at most 2 decimals and 10 digits before them")
EMPTY = _("is missing")
TOO_LONG = _("is too long by {excess} characters (at most {limit})")
HAS_TAG = _(
    "must not hold {tag}, which begins another part of the title: put another sign between, such "
    "as a hyphen"
)
BAD_TAX_ID = _("may hold capital letters and digits only")
NOT_A_NIP = _("{tax_id} is not a valid Polish tax id (NIP)")
OTHER_SUPPLIER = _("the tax id in the title ({in_title}) is not the payee's ({of_payee})")
ONE_SUPPLIER = _("one order pays invoices of one supplier only")
BAD_PERIOD = _(
    "the invoices are of {first} to {last}: one split payment may pay those of a month at most. "
    "Pay one order an invoice, or those of each month together"
)
NOTHING_LEFT = _("the credit notes are as much as the invoices: nothing is left to pay")
NO_VAT_LEFT = _(
    "the credit notes take away more VAT than the invoices have: choose an ordinary transfer"
)

LIMITS = {"vat_tax_id": 14, "vat_invoice": 35, "vat_text": 33}
_GROSZ = Decimal("0.01")
_PERIOD = re.compile(r"(\d\d\.\d\d\.\d{4})-(\d\d\.\d\d\.\d{4})")
_TAGS = ("/VAT/", "/IDC/", "/INV/", "/TXT/")
_TITLE = re.compile(
    r"/VAT/(?P<vat>\d{1,10},\d{2})/IDC/(?P<idc>[A-Z0-9]{1,14})/INV/(?P<inv>.{1,35}?)"
    r"(?:/TXT/(?P<txt>.{0,33}))?"
)


@dataclass(frozen=True)
class MppTitle:
    """The parts of a title; `vat_amount` in PLN."""

    vat_amount: Decimal
    vat_tax_id: str
    vat_invoice: str
    vat_text: str = ""


def build(title: MppTitle) -> str:
    """The title as text. Raises `InvalidOrder` with what does not fit; nothing is cut."""
    problems = list(_part_problems("", title))
    if problems:
        raise InvalidOrder(problems)
    vat = f"{title.vat_amount:.2f}".replace(".", ",")
    head = f"/VAT/{vat}/IDC/{title.vat_tax_id}/INV/{title.vat_invoice}"
    return f"{head}/TXT/{title.vat_text}" if title.vat_text else head


def parse(text: str) -> MppTitle | None:
    """The parts of a title, or None when it is not one of a split payment."""
    match = _TITLE.fullmatch(text)
    if match is None:
        return None
    amount = Decimal(match["vat"].replace(",", "."))
    return MppTitle(amount, match["idc"], match["inv"], match["txt"] or "")


def check(order: Order, context: Context) -> Iterator[Problem]:
    if order.kind != "mpp":
        return
    record = record_of(order)
    title = parse(order.title)
    if title is None:
        # A part that does not fit made no title: it is named, not the title.
        in_fields = _part_problems(record, _of_fields(order)) if order.details else ()
        yield from list(in_fields) or [Problem.of(record, "title", NOT_A_TITLE)]
        return
    # A letter that the bank's set lacks may be two in its place, or a slash.
    rules = texts.rules_for(context.format, order.kind)
    sent = {name: texts.fit(getattr(title, name), rules) for name in LIMITS}
    yield from _part_problems(record, replace(title, **sent))
    yield from _field_problems(record, order, title)
    if title.vat_amount > order.amount:
        yield Problem.of(record, "details.vat_amount", VAT_OVER_GROSS, vat=title.vat_amount)
    if not _is_foreign(title.vat_tax_id) and not nip.is_valid(title.vat_tax_id):
        yield Problem.of(record, "details.vat_tax_id", NOT_A_NIP, tax_id=title.vat_tax_id)
    of_payee = plain_tax_id(order.payee.tax_id)
    if of_payee and plain_tax_id(title.vat_tax_id) != of_payee:
        yield Problem.of(
            record,
            "details.vat_tax_id",
            OTHER_SUPPLIER,
            "warning",
            in_title=title.vat_tax_id,
            of_payee=of_payee,
        )


def period(first: date, last: date) -> str:
    """What stands in place of the invoice number when an order pays a whole period."""
    if last < first or last > _month_after(first):
        words = {"first": f"{first:%d.%m.%Y}", "last": f"{last:%d.%m.%Y}"}
        raise InvalidOrder([Problem.of("", "details.vat_invoice", BAD_PERIOD, **words)])
    return f"{first:%d.%m.%Y}-{last:%d.%m.%Y}"


def period_of(text: str) -> tuple[date, date] | None:
    """The first and last day that `period` wrote, or None for any other text."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    try:
        first, last = (date(*map(int, day.split(".")[::-1])) for day in match.groups())
    except ValueError:
        return None
    return first, last


@dataclass(frozen=True)
class Invoice:
    """An invoice to be paid by split payment; amounts of a credit note are below zero.

    `vat` is in PLN, the others in one currency for all; `rate`: what one of it is in PLN by the
    invoice. `owed`: what is open of it, where a part is paid already. `corrects`: for a credit
    note, the record of the invoice that it corrects.
    """

    record: str
    vat_tax_id: str
    number: str
    issued_on: date
    gross: Decimal
    vat: Decimal
    owed: Decimal | None = None
    corrects: str = ""
    rate: Decimal = Decimal(1)

    @property
    def open_gross(self) -> Decimal:
        return self.gross if self.owed is None else self.owed

    @property
    def open_vat(self) -> Decimal:
        """What is left of its VAT."""
        return self.vat_of(self.open_gross)

    def vat_of(self, part: Decimal) -> Decimal:
        """The VAT in the next `part` of it, to the grosz: all its parts together have the whole,
        however it was cut."""
        if not self.gross:
            return Decimal()
        paid = self.gross - self.open_gross
        before, after = (
            (self.vat * amount / self.gross).quantize(_GROSZ, ROUND_HALF_UP)
            for amount in (paid, paid + part)
        )
        return after - before


def combined(
    invoices: Sequence[Invoice],
    paid: Decimal | None = None,
    collective: str = "",
    text: str = "",
    carried: Decimal | None = None,
) -> tuple[MppTitle, Decimal]:
    """Title and gross amount of the one order that pays these invoices of one supplier.

    Credit notes among them take their VAT away. `paid`: a part of what they owe; the invoices are
    paid in their order, as the books match them, each with its part of the VAT. One invoice keeps
    its number; several have `collective`, else the period from the first to the last day of issue
    in its place: whether that is all of the period, the caller has to know. `carried`: the VAT of
    the parts that were paid before, where it is known; a credit note that came between them makes
    another share of what is left. Raises `InvalidOrder` where the law wants an order for each.
    """
    if len({invoice.vat_tax_id for invoice in invoices}) != 1:
        raise InvalidOrder([Problem.of("", "payee", ONE_SUPPLIER)])
    gross = sum((invoice.open_gross for invoice in invoices), Decimal())
    if gross <= 0:
        raise InvalidOrder([Problem.of("", "amount", NOTHING_LEFT)])
    gross = gross if paid is None else min(paid, gross)
    vat, left = Decimal(), gross
    for invoice in _less_credit_notes(invoices, carried):
        part = min(left, invoice.open_gross)
        vat, left = vat + invoice.vat_of(part), left - part
    if vat < 0:
        raise InvalidOrder([Problem.of("", "details.vat_amount", NO_VAT_LEFT)])
    return MppTitle(vat, invoices[0].vat_tax_id, _number(invoices, collective), text), gross


def _less_credit_notes(invoices: Sequence[Invoice], carried: Decimal | None) -> Sequence[Invoice]:
    """The same, where there are credit notes as one invoice: what is left of all together.

    An exempt credit note beside a taxed invoice leaves more VAT than money: then all of it is VAT.
    """
    notes = [invoice for invoice in invoices if invoice.gross < 0]
    if not notes:
        return invoices
    bills = [invoice for invoice in invoices if invoice.gross >= 0]
    gross = sum((bill.gross for bill in bills), sum(note.open_gross for note in notes))
    vat = sum((bill.vat for bill in bills), sum(note.open_vat for note in notes))
    owed = sum(invoice.open_gross for invoice in invoices)
    in_pln = sum(invoice.open_gross * invoice.rate for invoice in invoices)
    if carried is None:
        most = (in_pln * gross / owed).quantize(_GROSZ)
        return [replace(invoices[0], gross=gross, vat=min(vat, most), owed=owed)]
    most = in_pln.quantize(_GROSZ)
    return [replace(invoices[0], gross=owed, vat=min(vat - carried, most), owed=owed)]


def _number(invoices: Sequence[Invoice], collective: str) -> str:
    """What stands in `/INV/`. A credit note goes with the one invoice that it corrects."""
    bills = [invoice for invoice in invoices if invoice.gross >= 0]
    if len(bills) == 1 and all(
        item.corrects == bills[0].record for item in invoices if item.gross < 0
    ):
        return bills[0].number
    days = [invoice.issued_on for invoice in invoices]
    in_words = period(min(days), max(days))
    return collective or in_words


def _part_problems(record: str, title: MppTitle) -> Iterator[Problem]:
    vat = title.vat_amount
    if not vat.is_finite() or not 0 < vat < Decimal(10) ** 10 or vat != round(vat, 2):
        yield Problem.of(record, "details.vat_amount", BAD_VAT)
    if title.vat_tax_id and not re.fullmatch(r"[A-Z0-9]+", title.vat_tax_id):
        yield Problem.of(record, "details.vat_tax_id", BAD_TAX_ID)
    for name, limit in LIMITS.items():
        value, field = getattr(title, name), f"details.{name}"
        if not value and name != "vat_text":
            yield Problem.of(record, field, EMPTY)
        if len(value) > limit:
            yield Problem.of(record, field, TOO_LONG, excess=len(value) - limit, limit=limit)
        for tag in _TAGS:
            if tag in f"/{value}/":
                yield Problem.of(record, field, HAS_TAG, tag=tag)


def _of_fields(order: Order) -> MppTitle:
    vat = _decimal(order.details.get("vat_amount", "")) or Decimal()
    return MppTitle(vat, *(order.details.get(name, "") for name in LIMITS))


def _field_problems(record: str, order: Order, title: MppTitle) -> Iterator[Problem]:
    """The order's fields, where they are filled, against the frozen title."""
    for name in LIMITS:
        in_field, in_title = order.details.get(name, ""), getattr(title, name)
        if in_field and in_field != in_title:
            yield Problem.of(
                record, f"details.{name}", DIFFERS, in_title=in_title, in_field=in_field
            )
    in_field = order.details.get("vat_amount", "")
    if in_field and _decimal(in_field) != title.vat_amount:
        yield Problem.of(
            record, "details.vat_amount", DIFFERS, in_title=title.vat_amount, in_field=in_field
        )


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def plain_tax_id(text: str) -> str:
    """As the title has it, of what people write: PL 525-10-00-017 is 5251000017."""
    return re.sub(r"[\s.-]", "", text).upper().removeprefix("PL")


def _is_foreign(tax_id: str) -> bool:
    return tax_id[:2].isalpha() and tax_id[:2] != "PL"


def _month_after(first: date) -> date:
    """The last day of a month that begins on `first`."""
    year, month = divmod(first.year * 12 + first.month, 12)
    for day in range(first.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, first.day)
