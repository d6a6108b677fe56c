# SPDX-License-Identifier: LGPL-3.0-only
"""The demo month is the sandbox's own history: a first fetch after it brings nothing new.

REGENERATE_GOLDEN=1 writes demo/statements.json anew; the difference is then to be read by a person.
"""

import json
import os
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from ...models.demo import bank_demo_papers
from ...protocol import formats
from ...sandbox import seed
from ...sandbox.clock import working_day
from ...sandbox.directbank.answers import BANK
from ...sandbox.statements import mt940
from ...sandbox.world import Settings, World

FILE = Path(__file__).resolve().parents[2] / "demo" / "statements.json"
ACCOUNTS = (
    "22114010100000100000010001",
    "65114010100000100000010003",
    "40702810700000000001",
)
# A Monday, a Sunday, a day with the new year inside the month, and one after February.
DAYS = (date(2026, 11, 23), date(2026, 11, 22), date(2027, 1, 15), date(2026, 3, 10))


def world_of(day, **settings):
    """The pretend banks as they stand on this day."""
    world = World(Settings(**settings), seed.fill)
    world.reset(datetime(day.year, day.month, day.day, 9, tzinfo=timezone.utc))
    return world


def written_anew():
    """demo/statements.json from the sandbox's history: with as many days as a month can have."""
    today = date(2026, 12, 2)  # a Wednesday: the 30 days before it hold 22 working days
    world = world_of(today)
    first = today - timedelta(days=seed.DAYS)
    days = [first + timedelta(days=count) for count in range(seed.DAYS)]
    days = [day for day in days if working_day(day) == day]
    codes, parties, accounts = {}, {}, []
    for number in ACCOUNTS:
        account = world.ledger.accounts[number]
        rows = []
        for one in account.movements:
            if one.party_account:
                parties[one.party_account] = {
                    "name": one.party_name,
                    "address": one.party_address,
                    "account": one.party_account,
                    **one.details,
                }
            if account.bank == "mbank":
                codes[one.code] = mt940.CODES[one.code]
            sequence = int(one.tnr[5:15])
            row = (days.index(one.booked_on), sequence, f"{one.amount:.2f}", one.code, one.title)
            rows.append([*row, one.party_account])
        client = world.state.clients[account.client]
        more = {"name": client.name, "inn": client.inn, "kpp": client.kpp, **BANK,
                "bank": BANK["name"]}  # fmt: skip
        accounts.append(
            {
                "number": number if account.bank == "directbank" else f"PL{number}",
                "currency": account.currency,
                "opening": f"{account.opening_balance:.2f}",
                **(more if account.bank == "directbank" else {}),
                "rows": rows,
            }
        )
    return {"codes": codes, "parties": parties, "accounts": accounts}


def as_text(data):
    """A row a line."""
    rows = {}
    for account in data["accounts"]:
        rows[account["number"]] = account["rows"]
        account["rows"] = account["number"] + "/rows"
    text = json.dumps(data, ensure_ascii=False, indent=1)
    for number, lines in rows.items():
        listed = ",\n".join("   " + json.dumps(line, ensure_ascii=False) for line in lines)
        text = text.replace(f'"{number}/rows"', f"[\n{listed}\n  ]")
    return text + "\n"


@tagged("post_install", "-at_install")
class TestDemoStatements(TransactionCase):
    def test_file_holds_the_history_of_the_sandbox(self):
        wanted = as_text(written_anew())
        if os.environ.get("REGENERATE_GOLDEN"):
            FILE.write_text(wanted, encoding="utf-8")
        self.assertEqual(FILE.read_text(encoding="utf-8"), wanted)

    def test_polish_documents_are_the_banks_own_bytes(self):
        for day in DAYS:
            world, ours = world_of(day), bank_demo_papers.documents(day)
            for number in ACCOUNTS[:2]:
                account = world.ledger.accounts[number]
                theirs = [
                    mt940.render(world.ledger.extract(account, index, world.now()))
                    for index in range(len(account.closings))
                ]
                documents = ours[f"PL{number}"]
                self.assertEqual([one.content for one in documents], theirs, day)

    def test_rouble_entries_and_balance_are_the_banks_own(self):
        for day in DAYS:
            account = world_of(day).ledger.accounts[ACCOUNTS[2]]
            (document,) = bank_demo_papers.documents(day)[ACCOUNTS[2]]
            (statement,) = formats.parse(document.content, document.format)
            self.assertEqual(
                [(one.operation_id, one.booked_on, one.amount) for one in statement.entries],
                [(one.tnr, one.booked_on, one.amount) for one in account.movements],
            )
            self.assertEqual(statement.closing_balance, account.balance())

    def test_bank_that_starts_later_goes_on_from_the_demo_month(self):
        first = DAYS[0] - timedelta(days=seed.DAYS)
        later = world_of(DAYS[0] + timedelta(days=12), history_from=first.isoformat())
        for number in ACCOUNTS:
            early = world_of(DAYS[0]).ledger.accounts[number].movements
            movements = later.ledger.accounts[number].movements
            self.assertEqual([one.tnr for one in movements[: len(early)]],
                             [one.tnr for one in early])  # fmt: skip
            self.assertTrue(all(one.booked_on >= DAYS[0] for one in movements[len(early) :]))
