# SPDX-License-Identifier: LGPL-3.0-only
"""A document of a 1CClientBankExchange file: its fields, whose money it moved, its `Entry`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ...errors import InvalidDocument
from ...records import Entry
from ...wording import _, said_by
from .. import values
from ..charset import line_of
from .keys import DOCUMENT, OWN_FIELDS, SINGLE

TWICE = _("{key} stands there twice, with different values")
NO_DIRECTION = _("the document {number} touches none of the accounts of the file")
NO_DATE = _("the document {number} has no date")

_KEY = re.compile(r"\w{1,40}")
_TAX_ID_AND_NAME = re.compile(r"ИНН\s*([0-9]{10,12})\s+(.+)", re.DOTALL)


@dataclass(frozen=True)
class Side:
    """What one document did to one account: `sign` 1 into it, -1 out of it.

    `dated`: whether the document says on which day the money moved.
    """

    start: int
    end: int
    account: str
    sign: int
    booked_on: date
    dated: bool


def fields_of(
    data: bytes, start: int, end: int, encoding: str, header: bool = False
) -> dict[str, str]:
    """The fields of a section. A line that is no ``Key=`` goes on with the value before it.

    In the `header` keys may repeat (one `РасчСчет` an account); elsewhere the first one counts.
    """
    found: dict[str, str] = {}
    last = ""
    text = data[start:end].decode(encoding, "replace")
    for line in text.replace("\r", "").split("\n"):
        key, equals, value = line.partition("=")
        key = key.strip()
        if not (equals and _KEY.fullmatch(key)):
            if last and line.strip():
                found[last] = f"{found[last]} {line.strip()}".strip()
        elif key not in found:
            found[key] = value.strip()
            last = key
        elif not header and key in SINGLE and found[key] != value.strip():
            message = TWICE.format(key=key)
            raise InvalidDocument(message, line=line_of(data, start), code="twice")
    return found


def sides(
    data: bytes, start: int, end: int, encoding: str, accounts: Container[str]
) -> Iterator[Side]:
    """Which of `accounts` a document touched, when and in which direction.

    The side on which an account of the file stands decides. The two dates decide where that says
    nothing (both sides are in the file, or none is and the file has one account only).
    """
    fields = fields_of(data, start, end, encoding)
    try:
        found = list(_sides(fields, accounts))
        if not found:
            raise ValueError(NO_DIRECTION.format(number=fields.get("Номер", "")[:20]))
        dated = bool(fields.get("ДатаСписано") or fields.get("ДатаПоступило"))
        for account, sign in found:
            yield Side(start, end, account, sign, _booked_on(fields, sign), dated)
    except ValueError as error:
        line = line_of(data, start)
        raise InvalidDocument(said_by(error), line=line, code="bad_entry") from None


def _sides(fields: dict[str, str], accounts: Container[str]) -> Iterator[tuple[str, int]]:
    payer, payee = _ours("Плательщик", fields, accounts), _ours("Получатель", fields, accounts)
    debited, credited = bool(fields.get("ДатаСписано")), bool(fields.get("ДатаПоступило"))
    if payer and payee:
        if debited or not credited:
            yield payer, -1
        if credited or not debited:
            yield payee, 1
    elif payer or payee:
        yield (payer, -1) if payer else (payee, 1)
    elif debited != credited and (only := getattr(accounts, "only", "")):
        yield only, -1 if debited else 1


def _ours(prefix: str, fields: dict[str, str], accounts: Container[str]) -> str:
    """The account of the file that stands on this side, or an empty text."""
    for key in (f"{prefix}РасчСчет", f"{prefix}Счет"):
        account = fields.get(key, "")
        if account and account in accounts:
            return account
    return ""


def _booked_on(fields: dict[str, str], sign: int) -> date:
    keys = ("ДатаПоступило", "ДатаСписано") if sign > 0 else ("ДатаСписано", "ДатаПоступило")
    for key in (*keys, "Дата"):
        if fields.get(key):
            return values.dotted_date(fields[key])
    raise ValueError(NO_DATE.format(number=fields.get("Номер", "")[:20]))


def amount_of(fields: dict[str, str]) -> Decimal:
    return values.grouped(fields.get("Сумма", ""))


def entry(fields: dict[str, str], side: Side, executed: bool) -> Entry:
    """The entry that a document is on one account."""
    amount = amount_of(fields) * side.sign
    details = {DOCUMENT.get(key, f"1c:{key}"): value for key, value in fields.items() if value}
    for key in OWN_FIELDS:
        details.pop(f"1c:{key}", None)
    for prefix in ("payer", "payee"):
        _name(details, prefix)
    if not executed:
        details["status"] = "not_executed"
    other = "payer" if side.sign > 0 else "payee"
    return Entry(
        booked_on=side.booked_on,
        value_on=None,
        amount=amount,
        title=_title(fields),
        counterparty_name=details.get(f"{other}_name", ""),
        counterparty_account=details.get(f"{other}_account", ""),
        bank_code=details.get("operation_kind", ""),
        details=details,
    )


def _name(details: dict[str, str], prefix: str) -> None:
    """Name and tax id apart, where a bank writes ``ИНН 7701234567 ООО Ромашка`` in one."""
    both = details.pop(f"{prefix}_name_and_tax_id", "")
    match = _TAX_ID_AND_NAME.fullmatch(both)
    if match:
        details.setdefault(f"{prefix}_tax_id", match[1])
    details.setdefault(f"{prefix}_name", match[2] if match else both)
    if not details[f"{prefix}_name"]:
        del details[f"{prefix}_name"]
    # `…Счет` may be the correspondent's where the money took a detour; the party's own comes first
    own = details.pop(f"{prefix}_settlement_account", "")
    if own and own != details.get(f"{prefix}_account"):
        if f"{prefix}_account" in details:
            details[f"{prefix}_routed_account"] = details[f"{prefix}_account"]
        details[f"{prefix}_account"] = own


def _title(fields: dict[str, str]) -> str:
    whole = fields.get("НазначениеПлатежа", "")
    parts = [fields.get(f"НазначениеПлатежа{number}", "") for number in range(1, 7)]
    return values.squeeze(whole or " ".join(parts))
