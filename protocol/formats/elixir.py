# SPDX-License-Identifier: LGPL-3.0-only
"""Elixir-O: domestic orders in PLN as a text file, for the day that the bank's service is down.

Source: the Polish banks' descriptions of the format. No header; a line an order, CR LF at its end;
fields divided by commas, texts in double quotes, `|` between the lines of a text. 16 fields:

 1 type: 110        2 day: YYYYMMDD          3 amount in grosz      4 sender's bank: 8 digits
 5 0                6 sender's account: 26   7 receiver's account   8 sender: 4 lines of 35
 9 receiver: 4x35  10 0                     11 receiver's bank     12 title: 4 lines of 35
13 empty           14 empty                 15 classification      16 client's note: our id

Names take two lines, then street, then postcode and town. Lines continue each other: they are
joined with nothing between. Code page by setting; nothing is cut.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from .. import bank_codes
from ..errors import Invalid, InvalidDocument, InvalidOrder, Problem
from ..records import Address, Order, Party
from ..wording import _
from .pain001.rules import BAD_AMOUNT, BAD_PATTERN, EMPTY, TOO_LONG, fits_amount
from .texts import ELIXIR, fit_order, misfits

CHARSETS = ("cp1250", "iso-8859-2", "cp852")
#: 51 ordinary, 53 split payment, 71 tax office
CLASSIFICATIONS = bank_codes.values(bank_codes.CLASS)
ONLY_PLN = _("an Elixir file holds orders in PLN only")
NO_SUCH_KIND = _("an Elixir file holds no orders of the kind {kind}")
NO_SUCH_ROUTE = _("an Elixir file cannot ask for the route {route}")
NOT_POLISH = _("{account} is not a Polish account number")
BAD_CHARACTERS = _("has characters that an Elixir file cannot hold: {characters}")
NOT_A_CODE_PAGE = _("{charset} is not a code page of Elixir files")
NOT_IN_CHARSET = _("not a text in {charset}")
WRONG_FIELDS = _("{count} fields where 16 belong")
BAD_FIELD = _("a field is not valid")
NOT_ELIXIR = _("not an Elixir file")

_WIDTH = 35
_KINDS = {"51": "domestic", "53": "mpp", "71": "tax"}


def render(
    message_id: str,
    created_at: datetime,
    initiator: Party,
    orders: Iterable[Order],
    charset: str = "cp1250",
    bank: str = "",
) -> bytes:
    """The file's bytes. It has no header: message id, instant and initiator leave no trace in it.

    `bank`: a key of BANKS, whose codes are written. Raises `InvalidOrder` with every problem of the
    batch.
    """
    if charset not in CHARSETS:
        raise Invalid(NOT_A_CODE_PAGE.format(charset=charset))
    fitted = [fit_order(order, "elixir") for order in orders]
    problems = [problem for order in fitted for problem in _problems(order, bank)]
    if problems:
        raise InvalidOrder(problems)
    codes = bank_codes.values(bank_codes.CLASS, bank)
    return "".join(_line(order, codes[order.kind]) for order in fitted).encode(charset)


def parse(content: bytes, charset: str = "cp1250") -> Iterator[Order]:
    """The orders of a file. Raises `InvalidDocument` with the line."""
    try:
        text = content.decode(charset)
    except UnicodeDecodeError as error:
        raise InvalidDocument(NOT_IN_CHARSET.format(charset=charset), detail=str(error)) from error
    for number, fields in enumerate(_rows(text), 1):
        if len(fields) != 16:
            raise InvalidDocument(WRONG_FIELDS.format(count=len(fields)), line=number)
        try:
            yield _order(fields)
        except (ValueError, KeyError) as error:
            raise InvalidDocument(BAD_FIELD, line=number, detail=str(error)) from error


def _rows(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        yield from reader
    except csv.Error as error:
        raise InvalidDocument(NOT_ELIXIR, line=reader.line_num) from error


def _line(order: Order, code: str) -> str:
    payer, payee = _digits(order.payer.account), _digits(order.payee.account)
    fields = (
        "110",
        f"{order.execute_on:%Y%m%d}",
        str(int(order.amount * 100)),
        payer[2:10],
        "0",
        _quoted(payer),
        _quoted(payee),
        _quoted("|".join(_party_lines(order.payer))),
        _quoted("|".join(_party_lines(order.payee))),
        "0",
        payee[2:10],
        _quoted("|".join(_wrapped(order.title, 4))),
        _quoted(""),
        _quoted(""),
        _quoted(code),
        _quoted(order.end_to_end_id),
    )
    return ",".join(fields) + "\r\n"


def _quoted(text: str) -> str:
    return f'"{text}"'


def _digits(account: str) -> str:
    return account.removeprefix("PL")


def _party_lines(party: Party) -> list[str]:
    """Two lines of the name, the street, the postcode with the town: always four."""
    name = [*_wrapped(party.name, 2), ""][:2]
    town = f"{party.address.postcode} {party.address.town}".strip()
    return [*name, party.address.street, town]


def _wrapped(text: str, lines: int) -> list[str]:
    return [text[at : at + _WIDTH] for at in range(0, min(len(text), _WIDTH * lines), _WIDTH)]


def _problems(order: Order, bank: str) -> Iterator[Problem]:
    record = order.number or order.end_to_end_id
    if order.kind not in CLASSIFICATIONS:
        yield Problem.of(record, "kind", NO_SUCH_KIND, kind=order.kind)
    if order.currency != "PLN":
        yield Problem.of(record, "currency", ONLY_PLN)
    if order.route not in ("", "elixir"):
        yield Problem.of(record, "route", NO_SUCH_ROUTE, route=order.route)
    if not fits_amount(order.amount, "PLN"):
        yield Problem.of(record, "amount", BAD_AMOUNT)
    if not order.end_to_end_id or misfits(order.end_to_end_id, ELIXIR):
        yield Problem.of(record, "end_to_end_id", BAD_PATTERN, value=order.end_to_end_id)
    longest = int(bank_codes.values(bank_codes.NOTE_LENGTH, bank)[""])
    yield from _length_problems(record, "end_to_end_id", order.end_to_end_id, longest)
    yield from _text_problems(record, "title", order.title, ELIXIR.title)
    for who, party in (("payer", order.payer), ("payee", order.payee)):
        digits = _digits(party.account)
        if len(digits) != 26 or not (digits.isascii() and digits.isdigit()):
            yield Problem.of(record, f"{who}.account", NOT_POLISH, account=party.account)
        if not party.name:
            yield Problem.of(record, f"{who}.name", EMPTY)
        town = f"{party.address.postcode} {party.address.town}".strip()
        yield from _text_problems(record, f"{who}.name", party.name, ELIXIR.name)
        yield from _text_problems(record, f"{who}.address.street", party.address.street, _WIDTH)
        yield from _text_problems(record, f"{who}.address.town", town, _WIDTH)


def _length_problems(record: str, field: str, text: str, limit: int) -> Iterator[Problem]:
    if len(text) > limit:
        yield Problem.of(record, field, TOO_LONG, excess=len(text) - limit, limit=limit)


def _text_problems(record: str, field: str, text: str, limit: int) -> Iterator[Problem]:
    yield from _length_problems(record, field, text, limit)
    characters = misfits(text, ELIXIR)
    if characters:
        yield Problem.of(record, field, BAD_CHARACTERS, characters=characters)


def _order(fields: list[str]) -> Order:
    if fields[0] != "110":
        raise ValueError(f"type {fields[0]}")
    day = fields[1]
    return Order(
        end_to_end_id=fields[15],
        number="",
        kind=_KINDS[fields[14]],
        amount=Decimal(int(fields[2])) / 100,
        currency="PLN",
        execute_on=date(int(day[:4]), int(day[4:6]), int(day[6:])),
        payer=_party(fields[5], fields[3], fields[7]),
        payee=_party(fields[6], fields[10], fields[8]),
        title=fields[11].replace("|", ""),
    )


def _party(account: str, bank_code: str, text: str) -> Party:
    first, second, street, town = [*text.split("|"), "", "", ""][:4]
    postcode, _blank, name_of_town = town.partition(" ")
    return Party(
        name=first + second,
        account=f"PL{account}",
        bank_code=bank_code,
        address=Address(street, postcode, name_of_town),
    )
