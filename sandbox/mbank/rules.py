# SPDX-License-Identifier: LGPL-3.0-only
"""What the bank checks in each order; the codes are the reason codes of ISO 20022."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from ..numbers import account_is_valid, as_iban
from ..world import PaymentOrder
from . import rates

# The clearing numbers of the pretend banks in Poland.
CLEARING = {"mbank": "11401010", "ing": "10501012", "bnp": "16001127"}
ZUS_CLEARING = "60000002"
TITLE_LENGTH = 140
NAME_LENGTH = 140
FURTHEST = 365  # days ahead
# of the SEPA countries; payments there carry an address
_OUTSIDE_CODES = "AD AL CH GB GI MC MD ME MK RS SM VA"
OUTSIDE_EEA = frozenset(_OUTSIDE_CODES.split())

_BASIC = r"A-Za-z0-9 /\-?:().,'+"
_FOREIGN = re.compile(f"[{_BASIC}]*")
_DOMESTIC = re.compile(f'[{_BASIC}ąćęłńóśźżĄĆĘŁŃÓŚŹŻ&_;="%#@!*|<>]*')
_SPLIT = re.compile(r"/VAT/(\d{1,10},\d{2})/IDC/([A-Z0-9]{1,14})/INV/(.{1,35}?)(?:/TXT/(.{0,33}))?")
_TAX = re.compile(r"/TI/([NRP123])(.{1,14}?)/OKR/(\w{1,7})/SFP/(.{1,7}?)(?:/TXT/(.{0,40}))?")


def problem(world, client: str, order: PaymentOrder) -> tuple[str, str] | None:
    """The first reason why this order cannot be taken, as (code, words), or None."""
    for check in (_ids, _debit, _amount, _payee, _date, _texts):
        found = check(world, client, order)
        if found:
            return found
    return None


def kind(world, client: str, order: PaymentOrder) -> str:
    """own, internal, zus, tax, sorbnet, sepa, foreign or elixir."""
    payee = world.ledger.accounts.get(order.payee_account)
    bank = world.state.clients[client].bank
    if payee is not None and payee.bank == bank:
        return "own" if payee.client == client else "internal"
    if order.payee_account[2:10] == CLEARING[bank]:
        return "internal"
    if not re.fullmatch(r"\d{26}", order.payee_account) or rates.sent(order) != "PLN":
        sepa = order.details.get("service") == "SEPA" and order.currency == "EUR"
        return "sepa" if sepa else "foreign"
    if order.payee_account[2:10] == ZUS_CLEARING:
        return "zus"
    if order.title.startswith("/TI/") or order.details.get("tax"):
        return "tax"
    return "sorbnet" if order.urgent else "elixir"


def _ids(world, client: str, order: PaymentOrder):
    used = world.state.used_ids if world.checks_repeats else {}
    if order.end_to_end_id != "NOTPROVIDED" and f"e2e:{order.end_to_end_id}" in used:
        return "DU04", f"The end-to-end id {order.end_to_end_id} was used before."
    if order.instruction_id and f"instr:{order.instruction_id}" in used:
        return "DU05", f"The instruction id {order.instruction_id} was used before."
    return None


def _debit(world, client: str, order: PaymentOrder):
    if not account_is_valid(order.debit_account):
        return "AC01", "The number of the debit account is wrong."
    account = world.ledger.accounts.get(order.debit_account)
    if account is None or account.client != client:
        return "AC02", "The debit account is not in the client's agreement."
    if account.closed:
        return "AC04", "The debit account is closed."
    if order.details.get("debit_currency", account.currency) != account.currency:
        return "AM03", f"This account is in {account.currency}."
    if not all(
        rates.converts(one, account.currency) for one in (order.currency, rates.sent(order))
    ):
        return "AM03", f"This account pays in {account.currency}, or in a currency with a rate."
    return None


def _amount(world, client: str, order: PaymentOrder):
    if order.amount <= 0:
        return "AM01", "The amount must be greater than zero."
    if order.amount != order.amount.quantize(Decimal("0.01")):
        return "AM12", "The amount has more than two decimals."
    if order.details.get("instant") and order.kind != "sepa":
        return "AG11", "Only SEPA orders can be instant."
    return None


def _payee(world, client: str, order: PaymentOrder):
    looks_like_iban = re.match(r"[A-Z]{2}\d{2}", as_iban(order.payee_account))
    domestic = rates.sent(order) == "PLN" or order.payee_account.startswith("PL")
    if (looks_like_iban or domestic) and not account_is_valid(order.payee_account):
        return "AC01", "The control digits of the payee's account are wrong."
    if order.payee_account == order.debit_account:
        return "AC01", "Payer and payee have the same account."
    payee = world.ledger.accounts.get(order.payee_account)
    if payee is not None and payee.currency != rates.sent(order):
        return "AM03", f"The payee's account is in {payee.currency}."
    return _addresses(order)


def _addresses(order: PaymentOrder):
    """Since November 2026: with town and country, or none where the scheme needs none."""
    if order.details.get("address") == "in part":
        return "BE04", "An address without country or town is not accepted."
    outside = order.kind == "sepa" and order.payee_account[:2] in OUTSIDE_EEA
    if (order.kind == "foreign" or outside) and not (order.payee_country and order.payee_town):
        return "BE04", "Country and town of the payee are required."
    return None


def _date(world, client: str, order: PaymentOrder):
    today = world.clock.today()
    if order.execute_on < today:
        return "DT01", f"The date {order.execute_on} is past."
    if order.execute_on > today + timedelta(days=FURTHEST):
        return "DT01", f"The date {order.execute_on} is too far ahead."
    return None


def _texts(world, client: str, order: PaymentOrder):
    allowed = _FOREIGN if order.kind in ("sepa", "foreign") else _DOMESTIC
    for field in ("payee_name", "payee_address", "title"):
        if not allowed.fullmatch(getattr(order, field)):
            return "RR04", f"Characters that are not allowed: {field.replace('_', ' ')}."
    if len(order.payee_name) > NAME_LENGTH or len(order.title) > TITLE_LENGTH:
        return "RR04", "Name or title is too long."
    if order.title.startswith("/VAT/"):
        return _split_payment(order)
    if order.title.startswith("/TI/"):
        return _tax(order)
    if not order.title and order.kind != "tax":
        return "NARR", "A title is required."
    return None


def _split_payment(order: PaymentOrder):
    match = _SPLIT.fullmatch(order.title)
    if not match or order.currency != "PLN":
        return "NARR", "The title of a split payment is wrong."
    if Decimal(match[1].replace(",", ".")) > order.amount:
        return "AM12", "The VAT is greater than the amount."
    return None


def _tax(order: PaymentOrder):
    match = _TAX.fullmatch(order.title)
    if not match:
        return "NARR", "The title of a payment to the tax office is wrong."
    order.details |= {
        "ID UZUP.": f"{match[1]} {match[2]}",
        "OKRES": match[3],
        "SYMBOL FORM.": match[4],
        "ID ZOBOW.": match[5] or "",
    }
    return None
