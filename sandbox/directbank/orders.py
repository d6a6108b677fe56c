# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders in roubles (10): reading, checks, and their way through the bank."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from .. import ledger
from ..clock import working_day
from ..mbank.sending import planned_refusal
from ..numbers import inn_is_valid, ru_key_is_valid
from ..world import Package, PaymentOrder
from .answers import BANK, document_notice, status
from .errors import BankSays

VALID_DAYS = 10  # an order older than this is refused
_KPP = re.compile(r"\d{4}[0-9A-Z]{2}\d{3}|0|")
_BUDGET = ("DrawerStatus", "CBC", "OKTMO", "Reason", "TaxPeriod", "DocNo", "DocDate", "PayType")


def today(world) -> date:
    return world.clock.today("directbank")


def read(root) -> PaymentOrder:
    """An order out of a checked PayDocRu; all else of the form goes into `details`."""
    data = root.find("Data")
    payee = data.find("Payee")
    budget = data.find("BudgetPaymentInfo")
    details = {
        "doc_no": data.findtext("DocNo"),
        "doc_date": data.findtext("DocDate"),
        "payer_inn": data.findtext("Payer/INN") or "",
        "payer_kpp": data.findtext("Payer/KPP") or "",
        "payer_bik": data.findtext("Payer/Bank/BIC"),
        "inn": payee.findtext("INN") or "",
        "kpp": payee.findtext("KPP") or "",
        "bik": payee.findtext("Bank/BIC"),
        "bank": payee.findtext("Bank/Name") or "",
        "town": payee.findtext("Bank/City") or "",
        "corr_account": payee.findtext("Bank/CorrespAcc") or "",
        "priority": data.findtext("Priority") or "",
        "code": data.findtext("Code") or "",
        "payment_kind": data.findtext("PaymentKind") or "",
    }
    if budget is not None:
        details |= {f"budget_{name}": budget.findtext(name) or "" for name in _BUDGET}
    return PaymentOrder(
        end_to_end_id=root.get("id"),
        instruction_id="",
        reference=root.get("id"),
        amount=Decimal(data.findtext("Sum")),
        currency="RUB",
        execute_on=date.fromisoformat(data.findtext("DocDate")),
        debit_account=data.findtext("Payer/Account") or "",
        payee_name=payee.findtext("Name"),
        payee_account=payee.findtext("Account") or "",
        title=data.findtext("Purpose"),
        kind="rouble",
        details=details,
    )


def check(world, client, order: PaymentOrder) -> None:
    """BankSays 1013, 2203 or 2205 with the field that is wrong."""
    account = world.ledger.accounts.get(order.debit_account)
    if account is None or account.client != client.identifier:
        raise BankSays("1013", order.debit_account)
    for field, right in _fields(order, client.inn):
        if not right:
            raise BankSays("2205", field)
    age = (today(world) - order.execute_on).days
    if age > VALID_DAYS or age < -VALID_DAYS:
        raise BankSays("2205", f"DocDate: {order.execute_on}")
    if world.checks_repeats and key_of(order) in world.state.used_ids:
        raise BankSays("2203", f"{order.details['doc_no']} {order.execute_on}")


def key_of(order: PaymentOrder) -> str:
    """What makes two orders the same for the bank: number, date, payer."""
    return f"ru:{order.details['doc_no']}:{order.execute_on}:{order.debit_account}"


def _inn(inn: str) -> bool:
    """A tax number, a foreign company's 5 digits, or nothing."""
    return inn in ("", "0") or bool(re.fullmatch(r"\d{5}", inn)) or inn_is_valid(inn)


def _fields(order: PaymentOrder, inn: str):
    """(field, is it right) of form 0401060."""
    details = order.details
    bik, corr = details["bik"], details["corr_account"]
    yield "DocNo", re.fullmatch(r"[1-9]\d{0,5}", details["doc_no"])
    yield "Sum", order.amount > 0
    yield "Payer/Bank/BIC", details["payer_bik"] == BANK["bik"]
    yield "Payer/INN", details["payer_inn"] in ("", "0", inn)
    yield "Payee/INN", _inn(details["inn"])
    yield "Payee/KPP", _KPP.fullmatch(details["kpp"])
    if order.payee_account or not corr:  # a bank as payee has none
        yield "Payee/Account", ru_key_is_valid(bik, order.payee_account)
        yield "Payee/Account", order.payee_account[5:8] in ("810", "643")
    yield "Payee/Bank/CorrespAcc", not corr or ru_key_is_valid(bik, corr, correspondent=True)
    yield "Payee/Account", order.payee_account != order.debit_account
    yield "Priority", details["priority"] in ("", "1", "2", "3", "4", "5")
    yield "Code", re.fullmatch(r"|0|\d{20}|\d{25}", details["code"])
    yield "Purpose", bool(order.title.strip()) and order.title.isprintable()
    if details.get("budget_DrawerStatus"):
        yield "CBC", re.fullmatch(r"\d{20}|0", details["budget_CBC"])
        yield "OKTMO", re.fullmatch(r"\d{8}|\d{11}|0", details["budget_OKTMO"])


def run(world, *, everything: bool) -> int:
    """Execute what is due, with a notice of each change; how many orders were booked."""
    done = 0
    for package in world.state.packages.values():
        if package.bank != "directbank":
            continue
        for order in package.orders:
            if _is_due(world, order, everything):
                done += _execute(world, package, order)
    return done


def _is_due(world, order: PaymentOrder, everything: bool) -> bool:
    if order.status not in ("01", "04"):
        return False
    day = today(world)
    if working_day(max(order.execute_on, day)) > day:
        return False
    delay = world.settings.execute_after
    if everything or delay is None:
        return everything
    return (world.now() - order.accepted_at).total_seconds() >= delay


def _execute(world, package: Package, order: PaymentOrder) -> int:
    account = world.ledger.accounts[order.debit_account]
    refusal = planned_refusal(world, "execute")
    if account.closed:
        refusal = "", "Счёт закрыт"
    if refusal:
        change(world, package, order, "03", refusal[1])
        return 0
    if account.balance() < order.amount:
        if order.status != "04":
            change(world, package, order, "04", "Недостаточно средств на счёте")
        return 0
    _book(world, package, order, account)
    change(world, package, order, "02")
    return 1


def _book(world, package: Package, order: PaymentOrder, account) -> None:
    day = today(world)
    debit = world.ledger.book(
        account, -order.amount, world.now(), day,
        code="01", title=order.title, party_name=order.payee_name,
        party_account=order.payee_account, end_to_end_id=order.end_to_end_id,
        message_id=package.message_id, details=dict(order.details),
    )  # fmt: skip
    order.tnr, order.executed_on = debit.tnr, day
    payee = world.ledger.accounts.get(order.payee_account)
    if payee is not None and payee.bank == "directbank" and not payee.closed:
        client = world.state.clients[package.client]
        party = {"inn": client.inn, "kpp": client.kpp, "bik": BANK["bik"], "bank": BANK["name"],
                 "corr_account": BANK["corr_account"], "town": BANK["town"]}  # fmt: skip
        world.ledger.book(
            payee, order.amount, world.now(), day, tnr=ledger.second_leg(debit.tnr),
            code="01", title=order.title, party_name=client.name, party_account=account.number,
            message_id=package.message_id, end_to_end_id=order.end_to_end_id,
            details={**order.details, **party},
        )  # fmt: skip


def change(world, package: Package, order: PaymentOrder, code: str, more: str = "") -> None:
    """A new status, and a notice of it."""
    order.status, order.reason = code, more
    client = world.state.clients[package.client]
    document_notice(world, client, order.end_to_end_id, status(code, more))


def settle(world, package: Package, *, confirmed: bool) -> None:
    """The phone said yes or no to orders that came without a signature."""
    package.waits_for = ""
    for order in package.orders:
        if order.status == "06" and confirmed:
            order.accepted_at = world.now()
            change(world, package, order, "01")
        elif order.status == "06":
            change(world, package, order, "03", "Отказ клиента")


def recall(world, client, document_id: str) -> None:
    """Recall an order (04). BankSays 2207 when unknown, 2205 when it is too late."""
    for package in world.state.packages.values():
        if package.client != client.identifier:
            continue
        for order in package.orders:
            if order.end_to_end_id == document_id:
                if order.status not in ("01", "04", "06"):
                    raise BankSays("2205", "документ уже обработан")
                change(world, package, order, "05")
                return
    raise BankSays("2207", document_id)
