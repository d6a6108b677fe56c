# SPDX-License-Identifier: LGPL-3.0-only
"""Accounts, balances, statements and history of the mBank-like bank."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from ..ledger import Account, Extract
from ..numbers import as_iban, plain
from ..people import Session
from ..statements import camt, mt940, pdf
from .soap import E, SoapFault, instant, text

LONGEST_PERIOD = 31  # days
KEPT = 184  # days
SUFFIX = {"MT940": "sta", "MT942": "sta", "CAMT053": "xml", "CAMT052": "xml", "PDF": "pdf"}


def account_of(world, session: Session, number: str) -> Account:
    """The account, when it is this client's; one fault for a wrong number and a foreign account."""
    account = world.ledger.accounts.get(plain(number))
    if account is None or account.client != session.client or account.bank != "mbank":
        raise SoapFault(
            "ACCOUNT_NOT_IN_AGREEMENT", f"The account {number} is not in the client's agreement."
        )
    return account


def accounts(world, session: Session):
    rows = [
        E.Account(
            E.Number(as_iban(a.number)), E.Currency(a.currency), E.Name(a.name), E.Owner(a.owner)
        )
        for a in world.ledger.accounts.values()
        if a.client == session.client and not a.closed
    ]
    return E.GetAccountsResponse(*rows)


def available(world, account: Account) -> Decimal:
    """Booked balance less what accepted orders of today will take."""
    today = world.clock.today()
    blocked = sum(
        (
            order.amount
            for package in world.state.packages.values()
            for order in package.orders
            if order.debit_account == account.number
            and order.status in ("ACCP", "ACSP")
            and order.execute_on <= today
        ),
        Decimal(0),
    )
    return account.balance() - blocked


def balance(world, session: Session, request):
    account = account_of(world, session, text(request, "AccountNumber"))
    return E.GetBalanceResponse(
        E.AccountNumber(as_iban(account.number)),
        E.Currency(account.currency),
        E.Booked(f"{account.balance():.2f}"),
        E.Available(f"{available(world, account):.2f}"),
        E.At(instant(world.now())),
    )


def statements(world, session: Session, request, spoil: str = ""):
    """GetStatement: the final statements of a period."""
    account = account_of(world, session, text(request, "AccountNumber"))
    since, until = _period(world, request)
    close(world, account)
    found = [i for i, c in enumerate(account.closings) if since <= c.day <= until]
    return _documents(world, account, found, request, "GetStatementResponse", spoil)


def statements_since(world, session: Session, request, spoil: str = ""):
    """GetStatementsSince: the final statements with a greater number in a year."""
    account = account_of(world, session, text(request, "AccountNumber"))
    year = re.match(r"\d*", text(request, "Year")).group()
    year = int(year or world.clock.today().year)
    number = int(text(request, "Number"))
    close(world, account)
    found = [i for i, c in enumerate(account.closings) if c.day.year == year and c.number > number]
    return _documents(world, account, found, request, "GetStatementsSinceResponse", spoil)


def history(world, session: Session, request, spoil: str = ""):
    """GetHistory: one intraday document, today included."""
    account = account_of(world, session, text(request, "AccountNumber"))
    since, until = _period(world, request)
    extract = world.ledger.history(account, since, until, world.now())
    if not extract.movements:
        raise _nothing()
    wanted = text(request, "Format")
    document = _document(world, spoiled(extract, spoil, world), wanted)
    return E.GetHistoryResponse(document)


def _period(world, request) -> tuple[date, date]:
    since, until = (date.fromisoformat(text(request, name)[:10]) for name in ("From", "To"))
    if since > until:
        raise SoapFault("PERIOD_NOT_VALID", "The period ends before it begins.")
    if (until - since).days >= LONGEST_PERIOD:
        raise SoapFault("PERIOD_NOT_VALID", f"At most {LONGEST_PERIOD} days at a time.")
    if since < world.clock.today() - timedelta(days=KEPT):
        raise SoapFault("PERIOD_NOT_VALID", "Statements are kept for 6 months.")
    return since, until


def close(world, account: Account) -> None:
    on_request = world.settings.statements == "on-request"
    account.close_days(world.clock.today() + timedelta(days=1 if on_request else 0))


def _nothing() -> SoapFault:
    return SoapFault("NO_STATEMENT", "There is no statement for this period.")


def _documents(world, account: Account, indexes: list[int], request, name: str, spoil: str):
    if not indexes:
        raise _nothing()
    wanted = text(request, "Format")
    response = E(name)
    for index in indexes:
        extract = world.ledger.extract(account, index, world.now())
        response.append(_document(world, spoiled(extract, spoil, world), wanted))
    return response


def _document(world, extract: Extract, wanted: str):
    content = _render(world, extract, wanted)
    name = f"{extract.account.number}_{extract.until:%Y%m%d}_{extract.number}.{SUFFIX[wanted]}"
    document = E.Document(
        E.Name(name),
        E.Format(wanted),
        E.AccountNumber(as_iban(extract.account.number)),
        E.Day(extract.until.isoformat()),
        E.Content(base64.b64encode(content).decode()),
    )
    if wanted in ("MT940", "CAMT053", "PDF"):
        document.insert(4, E.Number(str(extract.number)))
    return document


def _render(world, extract: Extract, wanted: str) -> bytes:
    if wanted == "MT940":
        return mt940.render(extract)
    if wanted == "MT942":
        return mt940.render_intraday(extract)
    if wanted == "PDF":
        return pdf.statement(extract)
    return camt.render(extract, wanted[-3:], world.settings.camt_version)


def spoiled(extract: Extract, fault: str, world) -> Extract:
    """The extract with the ordered fault in it: another account, a wrong balance or currency."""
    if fault == "bad_balance":
        return replace(extract, closing=extract.closing + 1)
    if fault == "wrong_account_statement":
        other = next(
            a for a in world.ledger.accounts.values()
            if a.number != extract.account.number and a.bank == extract.account.bank
        )  # fmt: skip
        return replace(extract, account=replace(extract.account, number=other.number))
    if fault == "wrong_currency":
        movements = [replace(m, currency="USD") for m in extract.movements]
        account = replace(extract.account, currency="USD")
        return replace(extract, account=account, movements=movements)
    return extract


def confirmation(world, session: Session, request):
    """GetConfirmation: PDF of an executed transfer of this client."""
    wanted = text(request, "EndToEndId")
    for account in world.ledger.accounts.values():
        if account.client != session.client or account.bank != "mbank":
            continue
        for movement in account.movements:
            if movement.end_to_end_id == wanted and movement.amount < 0:
                return E.GetConfirmationResponse(_confirmation_document(account, movement))
    raise SoapFault("TRANSFER_NOT_KNOWN", "There is no executed transfer with this id.")


def _confirmation_document(account: Account, movement):
    content = pdf.confirmation(movement, account.owner)
    return E.Document(
        E.Name(f"confirmation_{movement.tnr}.pdf"),
        E.Format("PDF"),
        E.AccountNumber(as_iban(account.number)),
        E.Day(movement.booked_on.isoformat()),
        E.Content(base64.b64encode(content).decode()),
    )
