# SPDX-License-Identifier: LGPL-3.0-only
"""What is asked of a Comarch Data Connect bank, and how its small answers are read."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date, datetime, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from lxml import etree

from ... import errors, records
from ...formats import values
from ...formats.safe_xml import parse_safely, text_of
from ...wording import _
from .envelope import NOT_CONTRACT, NOT_XML, Said, maker, nested

BALANCE = maker("urn:swift:xsd:camt.003.001.04")
REPORT = maker("urn:ca:std:ccs:tech:xsd:cmrq.001.001.02")
STATEMENT = maker("urn:ca:std:ccs:tech:xsd:cmrq.002.001.02")
STATUS = maker("urn:ca:std:ccs:tech:xsd:past.001.001.02")
CONFIRMATION = maker("urn:ca:std:ccs:ing:tech:xsd:trco.001.001.01")
FILE = "urn:ca:std:ccs:tech:xsd:rpts.005.001.02"
WARSAW = ZoneInfo("Europe/Warsaw")
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}")

NOT_A_NUMBER = _("{account} is no IBAN: this bank knows accounts by their IBAN.")
ANOTHER_ACCOUNT = _("The bank answered for another account than the one that was asked for.")


def iban(number: str) -> str:
    """The number as this contract wants it: a Polish one may come without its country."""
    number = "".join(number.split())
    return f"PL{number}" if len(number) == 26 and number.isdecimal() else number


def balance(message_id: str, account: str):
    """GetAccountBalance: the available and the booked one."""
    make = BALANCE
    types = [nested(make, "BalTp/Cd", code) for code in ("AVLB", "BOOK")]
    search = (_account(make, account), make.Bal(*types, make.CtrPtyTp("MULT")))
    return make.Document(
        make.GetAcct(
            make.MsgId(make.Id(message_id)),
            nested(make, "AcctQryDef/AcctCrit/NewCrit/SchCrit", *search),
        )
    )


def report(message_id: str, account: str, since: date, until: date):
    """GetAccountReport: the booked operations of these days."""
    make = REPORT
    days = (make.FrDt(since.isoformat()), make.ToDt(until.isoformat()))
    return _report(message_id, account, nested(make, "AcctRptValDt/DtSch", *days))


def increment(message_id: str, account: str, number: int):
    """GetIncrementalAccountReport: today's operations with a number above this one."""
    return _report(message_id, account, nested(REPORT, "AcctRptTxNb/GT", str(number)))


def _report(message_id: str, account: str, which):
    make = REPORT
    search = (_account(make, account), which)
    return make.Document(
        make.GetAcctRpt(
            make.MsgId(make.Id(message_id)),
            nested(make, "AcctRptQryDef/AcctRptCrit/NewCrit/SchCrit", *search),
        )
    )


def statement(message_id: str, account: str, form: str, day: date | None, year=0, number=0):
    """GetStatement: that of a day, or the one with this number of a year. `form`: XML or PDF."""
    make = STATEMENT
    when = make.Dt(day.isoformat()) if day else make.Year(str(year))
    search = [_account(make, account), nested(make, "StmtValDt/DtSch", when)]
    if number:
        search.append(nested(make, "StmtId/EQ", str(number)))
    return make.Document(
        make.GetStmt(
            make.MsgId(make.Id(message_id)),
            nested(make, "StmtQryDef/StmtCrit/NewCrit/SchCrit", *search, make.StmtFrmt(form)),
        )
    )


def status(message_id: str, about: str):
    """GetPaymentStatusReport of the message `about`."""
    make = STATUS
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return make.Document(
        make.GetPayStsRpt(
            make.GrpHdr(make.MsgId(make.Id(message_id)), make.CreDtTm(now)),
            nested(make, "OrgnlGrpInfAndSts/OrgnlMsgId", about),
        )
    )


def confirmation(message_id: str, end_to_end_id: str):
    """GetTransferConfirmation of ING, by the reference that its user gave the transfer."""
    make = CONFIRMATION
    search = nested(make, "UsrRef/EQ", end_to_end_id)
    return make.Document(
        make.GetTrfConf(
            make.MsgId(make.Id(message_id)),
            nested(make, "TrfConfQryDef/TrfConfCrit/NewCrit/SchCrit", search),
        )
    )


def _account(make, number: str):
    number = iban(number)
    if not _IBAN.fullmatch(number):
        raise errors.Invalid(NOT_A_NUMBER.format(account=number[:40]), code="account")
    return nested(make, "AcctId/EQ/IBAN", number)


def read_balance(content: bytes, account: records.Account) -> records.Balance:
    """The answer camt.004. Raises `Said` where it is an error, BadAnswer where it is none."""
    root = _read(content)
    _raise_error(root, "{*}RtrAcct/{*}OprlErr")
    found = root.find("{*}RtrAcct/{*}BizRpt/{*}AcctRpt")
    if found is None:
        raise errors.BadAnswer(NOT_CONTRACT.format(path="BizRpt/AcctRpt"))
    _raise_error(found, "{*}BizErr")
    ids = [iban(text_of(one)) for one in found.iterfind("{*}AcctId//{*}*") if text_of(one)]
    if iban(account.number) not in ids:
        raise errors.BadAnswer(ANOTHER_ACCOUNT)
    amounts = {
        text_of(one.find("{*}Tp/{*}Cd")): _signed(one) for one in found.iterfind(".//{*}MulBal")
    }
    if "BOOK" not in amounts:
        raise errors.BadAnswer(NOT_CONTRACT.format(path="MulBal"))
    times = [text_of(one) for one in found.iterfind(".//{*}MulBal/{*}ValDt/{*}DtTm")]
    return records.Balance(
        account.number,
        text_of(found.find("{*}Acct/{*}Ccy")) or account.currency,
        amounts["BOOK"],
        amounts.get("AVLB"),
        _instant(times[0]) if times else datetime.now(timezone.utc),
    )


def _signed(balance: etree._Element) -> Decimal:
    try:
        amount = values.amount(text_of(balance.find("{*}Amt")))
    except ValueError:
        raise errors.BadAnswer(NOT_CONTRACT.format(path="MulBal/Amt")) from None
    mark = text_of(balance.find("{*}CdtDbtInd"))
    if mark not in ("CRDT", "DBIT"):
        raise errors.BadAnswer(NOT_CONTRACT.format(path="MulBal/CdtDbtInd"))
    return amount if mark == "CRDT" else -amount


def _instant(text: str) -> datetime:
    """Aware UTC; a time without a zone is the bank's."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise errors.BadAnswer(NOT_CONTRACT.format(path="ValDt/DtTm")) from None
    return (at if at.tzinfo else at.replace(tzinfo=WARSAW)).astimezone(timezone.utc)


def read_file(content: bytes) -> tuple[str, bytes]:
    """(name, bytes) of a file that the bank gives. Raises `Said` where it gives an error."""
    root = _read(content)
    _raise_error(root, "{*}Rpt/{*}OprlErr")
    details = root.find("{*}Rpt/{*}RptDtls")
    text = text_of(details.find("{*}RptFile")) if details is not None else ""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise errors.BadAnswer(NOT_CONTRACT.format(path="RptDtls/RptFile"))
    return text_of(details.find("{*}RptNm")), data


def _raise_error(root: etree._Element, path: str) -> None:
    found = root.find(path)
    if found is not None:
        code = text_of(found.find("{*}Err/{*}Prtry")) or text_of(found.find("{*}Err/{*}Cd"))
        raise Said(code, text_of(found.find("{*}Desc")))


def _read(content: bytes) -> etree._Element:
    try:
        return parse_safely(content)
    except errors.InvalidDocument as error:
        raise errors.BadAnswer(NOT_XML, detail=error.message) from None
