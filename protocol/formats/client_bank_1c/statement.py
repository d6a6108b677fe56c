# SPDX-License-Identifier: LGPL-3.0-only
"""Write a statement as 1CClientBankExchange 1.03, as a bank would: one account section, documents.

Pieces of bytes, one after the other, so that a long statement is never whole in memory. What the
code page cannot hold becomes a question mark: a statement is read, nobody signs it.
Source: 1C, "Стандарт обмена данными с системами Клиент банка", v8.1c.ru/edi/edi_stnd/100/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from ...records import Entry, Party, Statement
from ..values import MOSCOW, USER_AGENT
from .keys import DOCUMENT

CHARSET = "cp1251"
MEDIA_TYPE = "text/plain; charset=windows-1251"
KIND = "Платежное поручение"
AT_ONCE = 100  # documents in one piece

_OWN_KEYS = {"document_kind", "payer_name_and_tax_id", "payee_name_and_tax_id"}
_DATES = {"document_date", "debited_on", "credited_on", "tax_document_date", "receipt_date"}
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)


def render(statement: Statement, owner: Party, created_at: datetime) -> Iterator[bytes]:
    """The file in pieces. `owner`: whose account it is; `created_at`: an aware instant."""
    yield _encode(_head(statement, created_at))
    kept: list[str] = []
    for count, entry in enumerate(statement.entries, 1):
        kept += _document(entry, owner)
        if not count % AT_ONCE:
            yield _encode(kept)
            kept = []
    yield _encode([*kept, "КонецФайла"])


def _encode(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode(CHARSET, "replace")


def _head(statement: Statement, created_at: datetime) -> list[str]:
    at, account = created_at.astimezone(MOSCOW), statement.account_number
    since, until = _dotted(statement.opened_on), _dotted(statement.closed_on)
    days = [f"ДатаНачала={since}", f"ДатаКонца={until}"]
    balances = (
        ("НачальныйОстаток", statement.opening_balance),
        ("КонечныйОстаток", statement.closing_balance),
    )
    return [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        f"Отправитель={USER_AGENT}",
        "Получатель=",
        f"ДатаСоздания={at:%d.%m.%Y}",
        f"ВремяСоздания={at:%H:%M:%S}",
        *days,
        f"РасчСчет={account}",
        "СекцияРасчСчет",
        *days,
        f"РасчСчет={account}",
        *(f"{key}={_money(value)}" for key, value in balances if value is not None),
        "КонецРасчСчет",
    ]


def _document(entry: Entry, owner: Party) -> Iterator[str]:
    fields = _fields(entry, owner)
    kind = entry.details.get("document_kind", "")
    # some banks say the kind as a number of another list
    yield f"СекцияДокумент={kind if kind and not kind.isdigit() else KIND}"
    yield f"Номер={fields.pop('document_number', '')}"
    yield f"Дата={fields.pop('document_date', '') or _dotted(entry.booked_on)}"
    yield f"Сумма={_money(abs(entry.amount))}"
    for side in ("payer", "payee"):
        name, tax_id = fields.get(f"{side}_name", ""), fields.get(f"{side}_tax_id", "")
        # The first line is for programs that know only the old field: tax id and name in one.
        both = f"ИНН {tax_id} {name}" if tax_id else name
        if both:
            yield f"{'Плательщик' if side == 'payer' else 'Получатель'}={both}"
    for key, name in DOCUMENT.items():
        if name not in _OWN_KEYS and fields.get(name):
            yield f"{key}={fields[name]}"
    yield f"НазначениеПлатежа={_line(entry.title)}"
    yield "КонецДокумента"


def _fields(entry: Entry, owner: Party) -> dict[str, str]:
    """What the entry's details say, and what follows from its direction where they say nothing."""
    said = {name: _line(str(text)) for name, text in entry.details.items() if text}
    said |= {name: _dotted_text(said[name]) for name in _DATES & said.keys()}
    ours, theirs = ("payee", "payer") if entry.amount > 0 else ("payer", "payee")
    known = {
        f"{ours}_name": owner.name,
        f"{ours}_tax_id": owner.tax_id,
        f"{theirs}_name": _line(entry.counterparty_name),
        f"{theirs}_account": _line(entry.counterparty_account),
    }
    day = "credited_on" if entry.amount > 0 else "debited_on"
    # On which side the account stands says the direction: this one is never left to the details.
    return {**known, **said, f"{ours}_account": owner.account, day: _dotted(entry.booked_on)}


def _money(value: Decimal) -> str:
    return f"{value:.2f}"


def _dotted(day) -> str:
    return f"{day:%d.%m.%Y}"


def _dotted_text(text: str) -> str:
    match = _ISO.fullmatch(text[:10])
    return f"{match[3]}.{match[2]}.{match[1]}" if match else text


def _line(text: str) -> str:
    return " ".join(text.split())
