# SPDX-License-Identifier: LGPL-3.0-only
"""Fill a new state from seed.json: customers, accounts, and 30 days of history, or more."""

from __future__ import annotations

import json
import random
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from .clock import working_day
from .ledger import Account
from .people import Client, User

DAYS = 30
SEED = json.loads(Path(__file__).with_name("seed.json").read_text(encoding="utf-8"))


def fill(world) -> None:
    """Everything of seed.json, and a history that ends yesterday."""
    state = world.state
    today = world.clock.today()
    first = _first_day(world, today)
    for values in SEED["clients"]:
        state.clients[values["identifier"]] = Client(**values)
    for values in SEED["users"]:
        state.users[values["login"]] = User(**values)
    state.closed_elsewhere = set(SEED["closed_elsewhere"])
    state.white_list = _white_list()
    for values in SEED["accounts"]:
        _open(world, values, "mbank", first)
    _fill_directbank(world, first)
    for values in SEED["cdc"]["clients"]:
        state.clients[values["identifier"]] = Client(**values)
    for values in SEED["cdc"]["accounts"]:
        _open(world, values, state.clients[values["client"]].bank, first)
    # The same history in each run, only its days move: its n-th working day is always the same.
    # Each kind of account has dice of its own: new accounts leave the others' history alone.
    dice = {name: random.Random(seed) for name, seed in  # noqa: S311
            (("all", 2026), ("euro", 7), ("cdc", 19))}  # fmt: skip
    day = first
    while day < today:
        if working_day(day) == day:
            _one_day(world, day, **dice)
        day += timedelta(days=1)
    for account in state.ledger.accounts.values():
        account.close_days(today)


def _first_day(world, today: date) -> date:
    """Of the history: as the settings say, unless the clock stands before that."""
    usual = today - timedelta(days=DAYS)
    wanted = world.settings.history_from
    return min(date.fromisoformat(wanted), usual) if wanted else usual


def _open(world, values: dict, bank: str, first: date, currency: str = "") -> Account:
    client = world.state.clients[values["client"]]
    account = Account(
        number=values["number"],
        currency=values.get("currency") or currency,
        name=values["name"],
        owner=client.name,
        address=client.address,
        client=client.identifier,
        bank=bank,
        opened_on=first,
        opening_balance=Decimal(values["opening_balance"]),
    )
    world.ledger.accounts[account.number] = account
    return account


def _fill_directbank(world, first: date) -> None:
    bank = SEED["directbank"]
    for values in bank["clients"]:
        user = {key: values[key] for key in ("login", "password", "otp")}
        rest = {key: value for key, value in values.items() if key not in user}
        world.state.clients[values["identifier"]] = Client(**rest, bank="directbank")
        world.state.users[user["login"]] = User(
            name=values["name"], clients=[values["identifier"]], methods=["password"],
            bank="directbank", **user,
        )  # fmt: skip
    for values in bank["users"]:
        world.state.users[values["login"]] = User(methods=["password"], bank="directbank", **values)
    for values in bank["accounts"]:
        _open(world, values, "directbank", first, "RUB")


def _white_list() -> list[dict]:
    """Rows of the register of VAT payers: tax id and accounts. A supplier whose account is not on
    the list is an active payer as the others are: only the account is not there."""
    rows = [
        {
            "nip": party["nip"],
            "name": party["name"],
            "accounts": [party["account"]] if party["white_list"] else [],
        }
        for party in SEED["counterparties"]
        if party["white_list"] or party["kind"] == "supplier"
    ]
    for client in SEED["clients"]:
        numbers = [a["number"] for a in SEED["accounts"] if a["client"] == client["identifier"]]
        rows.append({"nip": client["nip"], "name": client["name"], "accounts": numbers})
    return rows


def _one_day(world, day: date, all: random.Random, euro: random.Random, cdc: random.Random) -> None:
    """A few movements on all accounts."""
    for account in world.ledger.accounts.values():
        of_cdc = account.bank in ("ing", "bnp")
        chance, euro_chance = (cdc, cdc) if of_cdc else (all, euro)
        if account.bank == "directbank":
            if chance.random() < 0.4:
                _book(world, account, day, chance, *_rouble_movement(chance))
        elif account.currency == "PLN" and account.client != "10000004":
            for _ in range(chance.choice((0, 1, 1, 2))):
                _book(world, account, day, chance, *_zloty_movement(account, chance))
        elif account.currency == "EUR" and euro_chance.random() < 0.4:
            _book(world, account, day, euro_chance, *_euro_movement(euro_chance))


def _zloty_movement(account: Account, chance: random.Random):
    kind = chance.choice(("in", "in", "in", "out", "out", "fee"))
    if kind == "fee":
        return Decimal("-5.00"), "794", "POBRANIE OPŁATY ZA PRZELEW", {}
    party = chance.choice([p for p in SEED["counterparties"] if p["kind"] == "supplier"])
    amount = Decimal(chance.randrange(10000, 900000)) / 100
    number = f"FV/{chance.randrange(1, 400)}/2026"
    if kind == "in":
        return amount, "770", f"Zapłata za fakturę {number}", party
    return -amount, "944", f"Faktura {number}, dziękujemy", party


def _euro_movement(chance: random.Random):
    party = next(p for p in SEED["counterparties"] if p["kind"] == "foreign")
    amount = Decimal(chance.randrange(10000, 500000)) / 100
    return amount, "983", f"Invoice {chance.randrange(1000, 9999)}", party


def _rouble_movement(chance: random.Random):
    party = chance.choice(SEED["directbank"]["counterparties"])
    amount = Decimal(chance.randrange(100000, 9000000)) / 100
    number = chance.randrange(1, 400)
    title = f"Оплата по счёту {number} за товары. В том числе НДС"
    return (amount if chance.random() < 0.7 else -amount), "01", title, party


def _book(world, account: Account, day: date, chance, amount, code, title, party) -> None:
    moment = time(chance.randrange(8, 17), chance.randrange(60))
    more = {key: party[key] for key in ("inn", "kpp", "bik", "corr_account", "bank", "town")
            if key in party}  # fmt: skip
    world.ledger.book(
        account,
        amount,
        datetime.combine(day, moment, timezone.utc),
        day,
        code=code,
        title=title,
        party_name=party.get("name", ""),
        party_address=party.get("address", ""),
        party_account=party.get("account", ""),
        details=more,
    )
