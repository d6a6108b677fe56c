# SPDX-License-Identifier: LGPL-3.0-only
"""Balances, reports and statements of the CDC banks."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from lxml.builder import ElementMaker

from ..ledger import Account, Extract, Movement
from ..mbank.reading import available, close, spoiled
from ..numbers import as_iban, plain
from ..statements import camt, pdf
from .soap import Fault, Question, instant

KEPT = 366  # days
LONGEST = {"ing": 31, "bnp": 7}  # days of one report
LINE = 35
RETURN = "urn:swift:xsd:camt.004.001.04"
FILE = "urn:ca:std:ccs:tech:xsd:rpts.005.001.02"


def account_of(world, client, number: str) -> Account:
    """One fault for a malformed number, an unknown account and somebody else's."""
    account = world.ledger.accounts.get(plain(number))
    if account is None or account.client != client.identifier or account.closed:
        raise Fault("E201", "Brak dostępu do rachunku lub błędny numer rachunku.")
    return account


def _asked_account(world, client, question: Question) -> Account:
    found = question.document.findall(".//{*}AcctId/{*}EQ/{*}*")
    return account_of(world, client, found[0].text or "" if found else "")


def balance(world, client, question: Question, spoil: str):
    account = _asked_account(world, client, question)
    make = ElementMaker(namespace=RETURN, nsmap={None: RETURN})
    report = make.Acct(make.Ccy(account.currency))
    types = [one.text for one in question.document.iterfind(".//{*}BalTp/{*}Cd")]
    amounts = {"BOOK": account.balance(), "AVLB": available(world, account)}
    if spoil == "bad_balance":
        amounts["BOOK"] += 1
    for code in types or amounts:
        amount = amounts[code]
        report.append(
            make.MulBal(
                make.Amt(f"{abs(amount):.2f}"),
                make.CdtDbtInd("CRDT" if amount >= 0 else "DBIT"),
                make.Tp(make.Cd(code)),
                make.ValDt(make.DtTm(instant(world.now()))),
            )
        )
    number = as_iban(account.number)
    return make.Document(
        make.RtrAcct(
            make.MsgId(make.Id(question.message_id)),
            make.BizRpt(make.AcctRpt(make.AcctId(make.IBAN(number)), report)),
        )
    )


def report(world, client, question: Question, spoil: str) -> bytes:
    """GetAccountReport: the movements of a period, today included."""
    account = _asked_account(world, client, question)
    if question.document.find(".//{*}AcctRptValDt") is None:
        raise Fault("E001", "Brak zakresu dat.", "AcctRptValDt")
    since, until = (
        date.fromisoformat(question.document.findtext(f".//{{*}}{name}")[:10])
        for name in ("FrDt", "ToDt")
    )
    today = world.clock.today(client.bank)
    if since > until or since < today - timedelta(days=KEPT):
        raise Fault("E503", "Nieprawidłowy zakres dat.", "AcctRptValDt")
    if (until - since).days >= LONGEST[client.bank]:
        raise Fault("E503", f"Zakres dat dłuższy niż {LONGEST[client.bank]} dni.", "AcctRptValDt")
    extract = world.ledger.history(account, since, until, world.now())
    return _camt(world, client, extract, "052", spoil)


def increment(world, client, question: Question, spoil: str) -> bytes:
    """GetIncrementalAccountReport: today's movements above a number, which counts within a day."""
    account = _asked_account(world, client, question)
    above = question.document.findtext(".//{*}AcctRptTxNb/{*}GT")
    if above is None:
        raise Fault("E001", "Brak numeru operacji.", "AcctRptTxNb")
    today = world.clock.today(client.bank)
    day = world.ledger.history(account, today, today, world.now())
    left = day.movements[: int(above)]
    opening = day.opening + sum((one.amount for one in left), Decimal(0))
    extract = replace(day, opening=opening, movements=day.movements[int(above) :])
    return _camt(world, client, extract, "052", spoil)


def statement(world, client, question: Question, spoil: str):
    """GetStatement: the one of a day, or the one with this number of a year."""
    account = _asked_account(world, client, question)
    close(world, account)
    day, year = (question.document.findtext(f".//{{*}}{name}") for name in ("Dt", "Year"))
    number = question.document.findtext(".//{*}StmtId/{*}EQ")
    found = [
        index
        for index, closing in enumerate(account.closings)
        if (not day or closing.day.isoformat() == day[:10])
        and (not year or closing.day.year == int(year[:4]))
        and (not number or closing.number == int(number))
    ]
    if not found or (not day and not number):
        raise Fault("E502", "Wyciąg za dany okres jest niedostępny.")
    extract = world.ledger.extract(account, found[0], world.now())
    if question.document.findtext(".//{*}StmtFrmt") == "PDF":
        content = pdf.statement(spoiled(extract, spoil, world))
        return _file(world, question, f"{account.number}_{extract.until:%Y%m%d}.pdf", content)
    return _camt(world, client, extract, "053", spoil)


def confirmation(world, client, question: Question, _spoil: str):
    """GetTransferConfirmation, of ING alone: the paper of an executed transfer of this client."""
    if client.bank != "ing":
        raise Fault("E001", "Nieobsługiwana operacja.")
    wanted = question.document.findtext(".//{*}UsrRef/{*}EQ")
    for account in world.ledger.accounts.values():
        for movement in account.movements if account.client == client.identifier else ():
            if movement.end_to_end_id == wanted and movement.amount < 0:
                content = pdf.confirmation(movement, account.owner)
                return _file(world, question, f"potwierdzenie_{movement.tnr}.pdf", content)
    raise Fault("E405", "Nie ma zrealizowanego przelewu o podanej referencji.", "UsrRef")


def _camt(world, client, extract: Extract, kind: str, spoil: str) -> bytes:
    numbers = {id(one): number for number, one in _numbered(extract)}
    movements = [_dialect(client.bank, one) for one in extract.movements]
    counted = [numbers[id(one)] for one in extract.movements]
    extract = spoiled(replace(extract, movements=movements), spoil, world)
    return camt.render(extract, kind, "02", counted)


def _numbered(extract: Extract):
    """(number within its day, movement) of all movements of the account that the extract names."""
    wanted = {one.booked_on for one in extract.movements}
    counts: dict[date, int] = {}
    for movement in extract.account.movements:
        if movement.booked_on in wanted:
            counts[movement.booked_on] = counts.get(movement.booked_on, 0) + 1
            yield counts[movement.booked_on], movement


def _dialect(bank: str, movement: Movement) -> Movement:
    """BNP Paribas breaks titles after 35 letters, and writes name and address into one element."""
    if bank != "bnp":
        return movement
    title = "|".join(movement.title[i : i + LINE] for i in range(0, len(movement.title), LINE))
    name = "|".join(filter(None, (movement.party_name, movement.party_address)))
    return replace(movement, title=title, party_name=name[:140], party_address="")


def _file(world, question: Question, name: str, content: bytes):
    make = ElementMaker(namespace=FILE, nsmap={None: FILE})
    return make.Document(
        make.Rpt(
            make.MsgId(make.Id(question.message_id)),
            make.RptDtls(
                make.RptSts("READY"),
                make.RptNm(name),
                make.RptCreDt(instant(world.now())),
                make.RptType("PDF"),
                make.RptSize(str(len(content))),
                make.RptFile(base64.b64encode(content).decode()),
                make.FileChecksum(hashlib.md5(content, usedforsecurity=False).hexdigest()),
            ),
        )
    )
