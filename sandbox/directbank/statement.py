# SPDX-License-Identifier: LGPL-3.0-only
"""Statement requests (14) and statements (15)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from ..ledger import Account, Extract, Movement
from ..mbank.reading import spoiled
from .answers import BANK, bank, customer, moment, queue, root_attributes, status
from .errors import BankSays, E
from .orders import today

LONGEST = 31  # days
KEPT = 365


def answer(world, client, root) -> None:
    """Make the statement that a checked StatementRequest asks for, and queue it."""
    data = root.find("Data")
    account = world.ledger.accounts.get(data.findtext("Account"))
    if account is None or account.client != client.identifier:
        raise BankSays("1013", data.findtext("Account"))
    kind = data.findtext("StatementType")
    since, until = (date.fromisoformat(data.findtext(f)[:10]) for f in ("DateFrom", "DateTo"))
    _check_period(world, kind, since, until)
    fault = world.faults.take("Statement")
    extract = world.ledger.history(account, since, until, world.now())
    extract = spoiled(extract, fault.kind if fault else "", world)
    document = _document(world, client, kind, extract, root.get("id"))
    queue(world, client, "15", document, root.get("id"))


def _check_period(world, kind: str, since: date, until: date) -> None:
    day = today(world)
    last = day - timedelta(days=1) if kind == "0" else day
    if world.settings.statements == "on-request":
        last = day
    if since > until or (until - since).days >= LONGEST or since < day - timedelta(days=KEPT):
        raise BankSays("2206", f"{since} - {until}")
    if until > last:
        raise BankSays("2206", f"до {last}")


def _document(world, client, kind: str, extract: Extract, request_id: str):
    day = extract.until
    closing = extract.account.balance() if kind == "2" else extract.closing
    data = E.Data(
        E.StatementType(kind),
        E.DateFrom(f"{extract.since}T00:00:00"),
        E.DateTo(moment(world.now()) if day == today(world) else f"{day}T23:59:59"),
        E.Account(extract.account.number),
        _bank(BANK),
    )
    if kind != "2":
        data.append(E.OpeningBalance(f"{extract.opening:.2f}"))
        for name, sign in (("TotalDebits", -1), ("TotalCredits", 1)):
            total = sum((abs(m.amount) for m in extract.movements if m.amount * sign > 0),
                        Decimal(0))  # fmt: skip
            data.append(E(name, f"{total:.2f}"))
    data.append(E.ClosingBalance(f"{closing:.2f}"))
    if kind != "2":
        for movement in extract.movements:
            data.append(_operation(client, extract.account, movement))
    data.append(_stamp())
    return E.Statement(
        E.Sender(**bank()),
        E.Recipient(**customer(world, client)),
        data,
        E.ExtIDStatementRequest(request_id),
        **root_attributes(world),
    )


def _bank(values: dict, tag: str = "Bank"):
    element = E(tag, E.BIC(values.get("bik") or BANK["bik"]))
    for name, key, length in (("Name", "bank", 160), ("City", "town", 30)):
        if values.get(key):
            element.append(E(name, values[key][:length]))
    if values.get("corr_account"):
        element.append(E.CorrespAcc(values["corr_account"]))
    return element


def _stamp(outcome=None):
    element = _bank({**BANK, "bank": BANK["name"]}, "Stamp")
    if outcome is not None:
        element.append(outcome)
    return element


def _party(name: str, account: str, values: dict, tag: str):
    element = E(tag, E.Name(name or "НЕ УКАЗАН"))
    for field in ("inn", "kpp"):
        if values.get(field):
            element.append(E(field.upper(), values[field]))
    if account:
        element.append(E.Account(account))
    element.append(_bank(values))
    return element


def _operation(client, account: Account, movement: Movement):
    ours = {"inn": client.inn, "kpp": client.kpp, **BANK, "bank": BANK["name"]}
    debit = movement.amount < 0
    sides = [("ours", client.name, account.number, ours),
             ("theirs", movement.party_name, movement.party_account, movement.details)]  # fmt: skip
    payer, payee = sides if debit else reversed(sides)
    payment = E.PayDocRu(
        E.DocNo(movement.details.get("doc_no") or str(int(movement.tnr[5:15]) % 1000000 or 1)),
        E.DocDate(movement.details.get("doc_date") or movement.booked_on.isoformat()),
        E.Sum(f"{abs(movement.amount):.2f}"),
        _party(*payer[1:], "Payer"),
        _party(*payee[1:], "Payee"),
        E.TransitionKind("01"),
        E.Priority(movement.details.get("priority") or "5"),
        E.Purpose(movement.title[:210] or "Без назначения"),
    )
    _add_budget(payment, movement.details)
    operation = E.OperationInfo(
        E.PayDoc(payment, id=movement.tnr, docKind="10"),
        E.DC("1" if debit else "2"),
        E.Date(movement.booked_on.isoformat()),
    )
    if movement.end_to_end_id and debit:
        operation.append(E.ExtID(movement.end_to_end_id))
    operation.append(_stamp(status("02")))
    return operation


def _add_budget(payment, details: dict) -> None:
    found = {k.removeprefix("budget_"): v for k, v in details.items() if k.startswith("budget_")}
    if any(found.values()):
        payment.append(E.BudgetPaymentInfo(*(E(k, v) for k, v in found.items() if v)))
