# SPDX-License-Identifier: LGPL-3.0-only
"""Write rouble payment orders as 1CClientBankExchange 1.03 (``kl_to_1c.txt``): the file fallback.

``Key=Value`` lines, CR LF, cp1251 (``Кодировка=Windows``) or cp866 (``DOS``). The order of the keys
is that of the standard. Nothing is cut and nothing replaced: what the code page or a line cannot
hold is an `InvalidOrder`.
Source: 1C, "Стандарт обмена данными с системами Клиент банка", v8.1c.ru/edi/edi_stnd/100/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from ...errors import Invalid, InvalidOrder, Problem
from ...records import Order, Party, document_date, document_number, payee_account
from ...wording import _
from ..values import MOSCOW, USER_AGENT
from .keys import DOCUMENT

KIND = "Платежное поручение"
CHARSETS = {"cp1251": "Windows", "cp866": "DOS"}

BAD_CHARSET = _("the charset {charset} cannot be written: cp1251 or cp866")
BAD_CHARACTERS = _("has characters that the file cannot hold: {characters}")
NOT_ROUBLES = _("only orders of the kind {kind} can be written in this format")
NO_ORDERS = _("there is no order in the package")

#: form fields from `Order.details`, as the standard orders them
_FORM = (
    ("ВидПлатежа", "payment_kind"),
    ("ВидОплаты", "operation_kind"),
    ("КодНазПлатежа", "income_code"),
    ("Очередность", "priority"),
    ("Код", "uin"),
    ("СтатусСоставителя", "payer_status"),
    ("ПоказательКБК", "kbk"),
    ("ОКАТО", "oktmo"),
    ("ПоказательОснования", "tax_reason"),
    ("ПоказательПериода", "tax_period"),
    ("ПоказательНомера", "tax_document_number"),
    ("ПоказательДаты", "tax_document_date"),
    ("ПоказательТипа", "tax_payment_kind"),
)


def render(
    message_id: str,
    created_at: datetime,
    initiator: Party,
    orders: Iterable[Order],
    charset: str = "cp1251",
    **_options,
) -> bytes:
    """The file. `created_at`: an aware instant, written in Moscow's time."""
    if charset not in CHARSETS:
        raise Invalid(BAD_CHARSET.format(charset=charset))
    orders = tuple(orders)
    problems = list(_problems(orders, charset))
    if problems:
        raise InvalidOrder(problems)
    lines = [*_header(created_at, orders, charset)]
    for order in orders:
        lines += [f"{key}={value}" for key, value in _document(order)]
        lines.append("КонецДокумента")
    lines.append("КонецФайла")
    return "".join(f"{line}\r\n" for line in lines).encode(charset)


def _header(created_at: datetime, orders: tuple[Order, ...], charset: str) -> Iterator[str]:
    at = created_at.astimezone(MOSCOW)
    days = [document_date(order) for order in orders]
    yield "1CClientBankExchange"
    yield "ВерсияФормата=1.03"
    yield f"Кодировка={CHARSETS[charset]}"
    yield f"Отправитель={USER_AGENT}"
    yield "Получатель="
    yield f"ДатаСоздания={at:%d.%m.%Y}"
    yield f"ВремяСоздания={at:%H:%M:%S}"
    yield f"ДатаНачала={min(days):%d.%m.%Y}"
    yield f"ДатаКонца={max(days):%d.%m.%Y}"
    for account in dict.fromkeys(order.payer.account for order in orders):
        yield f"РасчСчет={account}"
    yield f"Документ={KIND}"


def _document(order: Order) -> Iterator[tuple[str, str]]:
    """(key, value) of each line of one document; empty fields are left out."""
    yield "СекцияДокумент", KIND
    yield "Номер", document_number(order)
    yield "Дата", f"{document_date(order):%d.%m.%Y}"
    yield "Сумма", f"{order.amount:.2f}"
    yield from _party("Плательщик", order.payer, order.payer.account)
    yield from _party("Получатель", order.payee, payee_account(order))
    for key, name in _FORM:
        if order.details.get(name):
            yield key, order.details[name]
    yield "НазначениеПлатежа", order.title


def _party(prefix: str, party: Party, number: str) -> Iterator[tuple[str, str]]:
    details = party.details
    # The first line is for programs that know only the old field: tax id and name in one.
    name = f"ИНН {party.tax_id} {party.name}" if party.tax_id else party.name
    parts = {
        "Счет": number,
        "": name,
        "ИНН": party.tax_id,
        "КПП": details.get("kpp"),
        "1": party.name,
        "РасчСчет": number,
        "Банк1": party.bank_name,
        "Банк2": details.get("bank_town"),
        "БИК": party.bank_code,
        "Корсчет": details.get("corr_account"),
    }
    yield from ((f"{prefix}{end}", text) for end, text in parts.items() if text)


def _problems(orders: tuple[Order, ...], charset: str) -> Iterator[Problem]:
    if not orders:
        yield Problem.of("", "", NO_ORDERS)
    for order in orders:
        if order.kind != "rouble":
            yield Problem.of(order.number, "kind", NOT_ROUBLES, kind="rouble")
            continue
        for key, value in _document(order):
            bad = "".join(dict.fromkeys(c for c in value if not _fits(c, charset)))
            if bad:
                field = DOCUMENT.get(key, "title" if key == "НазначениеПлатежа" else key)
                yield Problem.of(order.number, field, BAD_CHARACTERS, characters=bad)


def _fits(character: str, charset: str) -> bool:
    """A character of the code page that does not end a line."""
    try:
        return bool(character.encode(charset)) and character >= " "
    except UnicodeEncodeError:
        return False
