# SPDX-License-Identifier: LGPL-3.0-only
"""The Bank of Russia's directory of banks by BIK (electronic message ED807), and orders against it.

The file is XML in cp1251, alone or in a ZIP archive, whole or with changes only. Of each
participant: its name and town, the correspondent account (of the Treasury: the single treasury
account) that goes into box 15, the treasury's own accounts, and since when it is closed.
Source: Bank of Russia, album of unified formats of electronic messages, ED807 (no part is copied).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree

from .checks.context import record_of
from .errors import InvalidDocument, Problem
from .formats import archive
from .formats.safe_xml import parse_safely
from .records import Order
from .wording import _

NOT_DIRECTORY = _("this is no directory of banks (ED807) of the Bank of Russia")
CLOSED = _("the bank with BIK {bik} ({name}) is closed since {day}")
NOT_THERE = _("BIK {bik} is not in the Bank of Russia's directory of {day}")
OTHER_CORR = _("is {expected} in the Bank of Russia's directory of {day}")
NOT_ITS_ACCOUNT = _("is none of this Treasury's accounts in the directory of {day}")

WITHDRAWN = "LWRS"  # restriction: the licence was taken away
_CORRESPONDENT = ("CRSA", "UTRA")  # at the Bank of Russia; the single treasury account
_TREASURY = "TRSA"
_DELETED = {"PSDL", "ACDL", "DLTD"}


@dataclass(frozen=True)
class Participant:
    bik: str
    name: str
    town: str = ""
    corr_account: str = ""
    treasury_accounts: tuple[str, ...] = ()
    opened_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True)
class Directory:
    """`is_whole`: a participant that is not in it exists no more."""

    day: date
    is_whole: bool
    participants: tuple[Participant, ...]


def read(data: bytes) -> Directory:
    """From the file as the Bank of Russia gives it. InvalidDocument where it is none."""
    if archive.is_archive(data):
        data = next((content for name, content in archive.unpack(data)
                     if name.lower().endswith(".xml")), b"")  # fmt: skip
    root = parse_safely(data)
    day = _day(root.get("BusinessDay")) or _day(root.get("EDDate"))
    if etree.QName(root).localname != "ED807" or day is None:
        raise InvalidDocument(NOT_DIRECTORY)
    entries = root.iterfind("{*}BICDirectoryEntry")
    found = tuple(_participant(entry, day) for entry in entries if _info(entry) is not None)
    return Directory(day, root.get("InfoTypeCode", "FIRR") == "FIRR", found)


def _participant(entry: etree._Element, day: date) -> Participant:
    info = _info(entry)
    kinds: dict[str, list[str]] = {}
    for account in entry.iterfind("{*}Accounts"):
        if account.get("AccountStatus") not in _DELETED:
            kind = account.get("RegulationAccountType", "")
            kinds.setdefault(kind, []).append(account.get("Account", ""))
    correspondent = [one for kind in _CORRESPONDENT for one in kinds.get(kind, ())]
    return Participant(
        bik=entry.get("BIC", ""),
        name=" ".join(info.get("NameP", "").split()),
        town=_town(info),
        corr_account=next(iter(correspondent), ""),
        treasury_accounts=tuple(kinds.get(_TREASURY, ())),
        opened_on=_day(info.get("DateIn")),
        closed_on=_closed_on(entry, info, day),
    )


def _info(entry: etree._Element) -> etree._Element | None:
    return entry.find("{*}ParticipantInfo")


def _closed_on(entry: etree._Element, info: etree._Element, day: date) -> date | None:
    withdrawn = [_day(item.get("RstrDate")) or day for item in info.iterfind("{*}RstrList")
                 if item.get("Rstr") == WITHDRAWN]  # fmt: skip
    gone = {info.get("ParticipantStatus"), entry.get("ChangeType")} & _DELETED
    dates = [_day(info.get("DateOut")), *withdrawn, day if gone else None]
    return min((one for one in dates if one), default=None)


def _town(info: etree._Element) -> str:
    kind, name = info.get("Tnp", "").strip(), info.get("Nnp", "").strip()
    return f"{f'{kind}.' if kind == 'г' else kind} {name}".strip(" .") if name else ""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def check(order: Order, known: Participant | None, directory_day: date) -> Iterator[Problem]:
    """What the directory says against the payee's bank. A closed bank is an error."""
    payee, record = order.payee, record_of(order)
    if known is None:
        values = {"bik": payee.bank_code, "day": directory_day}
        yield Problem.of(record, "payee.bank_code", NOT_THERE, "warning", **values)
        return
    if known.closed_on and known.closed_on <= order.execute_on:
        values = {"bik": known.bik, "name": known.name, "day": known.closed_on}
        yield Problem.of(record, "payee.bank_code", CLOSED, **values)
    corr = payee.details.get("corr_account", "")
    if known.corr_account and corr != known.corr_account:
        values = {"expected": known.corr_account, "day": directory_day}
        yield Problem.of(record, "payee.details.corr_account", OTHER_CORR, "warning", **values)
    owned = known.treasury_accounts
    if payee.account.startswith("03") and owned and payee.account not in owned:
        yield Problem.of(record, "payee.account", NOT_ITS_ACCOUNT, "warning", day=directory_day)
