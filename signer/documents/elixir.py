# SPDX-License-Identifier: LGPL-3.0-only
"""Elixir-O (Elixir-0): the line format of Polish banks, one order a line.

Source: the banks' published descriptions. 16 fields, comma-separated, text in double quotes, `|`
breaks lines inside a field: type, day YYYYMMDD, amount in grosz, clearing number of the payer's
bank, 0, payer's account, payee's account, payer, payee, 0, clearing number of the payee's bank,
title, empty, empty, classification, note.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from ..words import say
from . import numbers
from .shape import BETWEEN, refuse_two
from .summary import NotUnderstood, Payment, Summary, day, shown

FIELDS = 16
#: field 1; field 15
KINDS = {"110": "transfer"}
CLASSES = {"51": "ordinary", "53": "split payment (MPP)", "71": "tax office"}
#: a quoted text without a quote inside (banks have no agreed way to write one), or digits
FIELD = re.compile(rb'"([^"\r\n]{0,1000})"|([0-9]{0,30})')
#: all of them agree on ASCII, so that only accents of names can differ
ENCODINGS = ("utf-8", "cp1250", "iso-8859-2", "cp852")
POLISH = frozenset("ĄĆĘŁŃÓŚŹŻąćęłńóśźż")


def looks_like(content: bytes) -> bool:
    return re.match(rb"1\d\d,\d{8},\d+,", content) is not None


def read(content: bytes) -> Summary:
    """Every line as one payment in PLN."""
    lines = content.split(b"\r\n") if b"\r\n" in content else content.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    encoding = _encoding(content)
    payments = tuple(_line(line, number, encoding) for number, line in enumerate(lines, 1))
    return Summary(say("Transfers ({version})", version="Elixir-O"), payments=payments)


def _line(line: bytes, number: int, encoding: str) -> Payment:
    try:
        return _payment([field.decode(encoding) for field in _fields(line)])
    except NotUnderstood as error:
        raise NotUnderstood(f"line {number}: {error}") from None


def _payment(fields: list[str]) -> Payment:
    (kind, date, grosz, payer_bank, zero, payer, payee, payer_name, payee_name) = fields[:9]
    (zero_too, payee_bank, title, empty, empty_too, classification, note) = fields[9:]
    if kind not in KINDS or classification not in CLASSES:
        raise NotUnderstood(f"order of type {kind}, class {classification} is not understood")
    if (zero, zero_too, empty, empty_too) != ("0", "0", "", ""):
        raise NotUnderstood("a field that is to be empty is not")
    if not re.fullmatch("[1-9][0-9]{0,14}", grosz) or not re.fullmatch("[0-9]{8}", date):
        raise NotUnderstood("day or amount is wrong")
    for account, bank in ((payer, payer_bank), (payee, payee_bank)):
        if numbers.nrb(account)[2:10] != bank:
            raise NotUnderstood(f"the bank {bank} is not the one of the account {account}")
    payee_name, payee_address = _name_and_address(payee_name)
    payer_name, payer_address = _name_and_address(payer_name)
    return Payment(
        payee=payee_name,
        account=payee,
        amount=Decimal(grosz).scaleb(-2),
        currency="PLN",
        title=title.replace("|", ""),
        facts=(
            ("Execution day", day(f"{date[:4]}-{date[4:6]}-{date[6:]}")),
            ("From account", payer),
            ("Payer", payer_name),
            *([("Payer's address", payer_address)] if payer_address else []),
            *([("Payee's address", payee_address)] if payee_address else []),
            ("Category", say(CLASSES[classification])),
            *([("Reference", note)] if note else []),
        ),
    )


def _name_and_address(text: str) -> tuple[str, str]:
    """Two lines of a name, which continue each other; what follows is the address."""
    first, second, *address = [*text.split("|"), ""]
    if not shown(first + second):
        raise NotUnderstood("payer or payee has no name")
    for part in address:
        refuse_two(shown(part))
    return first + second, BETWEEN.join(filter(None, address))


def _fields(line: bytes) -> list[bytes]:
    """The fields of a line; refuses what two programs could split differently."""
    fields, position = [], 0
    while True:
        match = FIELD.match(line, position)
        quoted, plain = match.groups()
        fields.append(plain if quoted is None else quoted)
        position = match.end()
        if position == len(line):
            break
        if line[position : position + 1] != b",":
            raise NotUnderstood("a field is not understood")
        position += 1
    if len(fields) != FIELDS:
        raise NotUnderstood(f"{len(fields)} fields instead of {FIELDS}")
    return fields


def _encoding(content: bytes) -> str:
    """The code page in which all accents are Polish ones; else the first that reads the file."""
    readable = [encoding for encoding in ENCODINGS if _is_text(content, encoding)]
    polish = (name for name in readable if set(_accents(content.decode(name))) <= POLISH)
    found = next(polish, None) or next(iter(readable), None)
    if found is None:
        raise NotUnderstood("it holds control characters, or is no text")
    return found


def _is_text(content: bytes, encoding: str) -> bool:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return all(char in "\r\n" or unicodedata.category(char) != "Cc" for char in text)


def _accents(text: str) -> list[str]:
    return [char for char in text if not char.isascii()]
