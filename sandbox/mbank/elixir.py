# SPDX-License-Identifier: LGPL-3.0-only
"""Read an Elixir-O file into orders: 16 fields a line, text in quotes, `|` for line breaks."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from ..numbers import plain
from ..world import PaymentOrder
from .pain001 import Header, NotValid

ENCODING = "windows-1250"
FIELDS = 16


def read(content: bytes, message_id: str) -> tuple[Header, list[PaymentOrder]]:
    """`NotValid` with the line number; the file has no header, so nothing is announced."""
    try:
        text = content.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise NotValid(f"not {ENCODING}", f"byte {error.start}") from error
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    if not rows:
        raise NotValid("an empty file", "line 1")
    orders = [_order(row, f"{message_id}/{number}", number) for number, row in enumerate(rows, 1)]
    return Header(message_id, ()), orders


def _order(row: list[str], fallback_id: str, line: int) -> PaymentOrder:
    where = f"line {line}"
    if len(row) != FIELDS:
        raise NotValid(f"{len(row)} fields instead of {FIELDS}", where)
    kind, day, grosz, _bank, _zero, debit, credit, _payer, payee = row[:9]
    if kind != "110":
        raise NotValid(f"type {kind} is not offered", where)
    try:
        execute_on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        amount = Decimal(int(grosz)) / 100
    except ValueError as error:
        raise NotValid("date or amount cannot be read", where) from error
    if any(len(part) > 35 for field in (payee, row[11]) for part in field.split("|")):
        raise NotValid("a line of text is longer than 35", where)
    name, _, address = payee.partition("|")
    reference = row[15].strip()
    return PaymentOrder(
        end_to_end_id=(reference or fallback_id)[:35],
        instruction_id="",
        reference=reference,
        amount=amount,
        currency="PLN",
        execute_on=execute_on,
        debit_account=plain(debit),
        payee_name=name,
        payee_account=plain(credit),
        payee_address=address.replace("|", " "),
        title=row[11].replace("|", ""),
        details={"class": row[14]},
    )
