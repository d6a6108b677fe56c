# SPDX-License-Identifier: LGPL-3.0-only
"""The demo month's statements as the two banks write them: MT940, and DirectBank's XML.

Numbers and texts are those of the sandbox's made-up history (demo/statements.json: the rows of each
account, by the working day of the history on which they are booked), so that a first fetch from the
sandbox finds everything known. Pure functions: days in, protocol documents out.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from odoo import Command, api, models
from odoo.tools import file_open, groupby

from ...protocol import records

DAYS = 30
FILE = "bank_webservice/demo/statements.json"
SATURDAY = 5
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Statement xmlns="http://directbank.1c.ru/XMLSchema" id="demo" formatVersion="2.3.2"\
 creationDate="{until}T23:59:59"><Data><StatementType>0</StatementType>\
<DateFrom>{since}T00:00:00</DateFrom><DateTo>{until}T23:59:59</DateTo>\
<Account>{number}</Account><OpeningBalance>{opening}</OpeningBalance>\
<ClosingBalance>{closing}</ClosingBalance>{operations}</Data></Statement>"""
OPERATION = """<OperationInfo><PayDoc id="{ident}" docKind="10"><PayDocRu><DocNo>{number}</DocNo>\
<DocDate>{day}</DocDate><Sum>{amount}</Sum>{payer}{payee}<TransitionKind>01</TransitionKind>\
<Priority>5</Priority><Purpose>{title}</Purpose></PayDocRu></PayDoc><DC>{direction}</DC>\
<Date>{day}</Date></OperationInfo>"""
PARTY = """<{tag}><Name>{name}</Name><INN>{inn}</INN><KPP>{kpp}</KPP><Account>{account}</Account>\
<Bank><BIC>{bik}</BIC><Name>{bank}</Name><City>{town}</City><CorrespAcc>{corr_account}</CorrespAcc>\
</Bank></{tag}>"""
EURO = 4.27  # zlotys


@dataclass(frozen=True)
class Row:
    """One movement: on the `nth` working day, the bank's `sequence` number, signed amount."""

    nth: int
    sequence: int
    amount: str
    code: str
    title: str
    party: str  # a key of the file's parties, or empty

    def value(self):
        return Decimal(self.amount)

    def operation_id(self, day):
        return f"{day:%y%j}{self.sequence:010d}.000001"


def documents(today):
    """{account number: [records.Document]} of the month before `today`, oldest first."""
    with file_open(FILE, "rb") as source:
        data = json.load(source)
    first = today - timedelta(days=DAYS)
    days = [first + timedelta(days=count) for count in range(DAYS)]
    days = [day for day in days if day.weekday() < SATURDAY]
    found = {}
    for account in data["accounts"]:
        rows = [Row(*row) for row in account["rows"]]
        rows = [row for row in rows if row.nth < len(days)]
        write = _rouble_document if account["currency"] == "RUB" else _daily_documents
        found[account["number"]] = list(write(account, rows, days, data))
    return found


def _daily_documents(account, rows, days, data):
    balance, number, year = Decimal(account["opening"]), 0, 0
    for nth, group in groupby(rows, key=lambda row: row.nth):
        day, opening = days[nth], balance
        number = number + 1 if day.year == year else 1
        year = day.year
        lines = []
        for row in group:
            balance += row.value()
            lines += _mt940_entry(account, row, day, data)
        closing = _mt940_balance(balance, day, account)
        lines = [
            f":20:ST{day:%y%m%d}CYC/1",
            f":25:{account['number']}",
            f":28C:{number}/1",
            f":60F:{_mt940_balance(opening, day, account)}",
            *lines,
            f":62F:{closing}",
            f":64:{closing}",
        ]
        content = ("\x01\n" + "\n".join(lines) + "\n-\x03\n").encode("iso-8859-2")
        name = f"{account['number'].removeprefix('PL')}_{day:%Y%m%d}_{number}.sta"
        yield records.Document(content, "mt940", name, account["number"], day)


def _mt940_balance(amount, day, account):
    sign = "C" if amount >= 0 else "D"
    return f"{sign}{day:%y%m%d}{account['currency']}{_comma(amount)}"


def _comma(amount):
    return f"{abs(amount):.2f}".replace(".", ",")


def _mt940_entry(account, row, day, data):
    short, words, kind = data["codes"][row.code]
    incoming = row.value() > 0
    reference = f"BR{day:%y%m%d}{row.sequence:06d}"
    head = f":61:{day:%y%m%d%m%d}{'C' if incoming else 'D'}{account['currency'][2]}"
    head += f"{_comma(row.value())}{kind}NONREF//{reference}"
    parts = []
    if row.party:
        party = data["parties"][row.party]
        names = _fields(party["name"], 2) + " " + _fields(party["address"], 2)
        parts.append(f"{'Z RACH.' if incoming else 'NA RACH.'}: {party['account']}")
        parts.append(f"{'OD' if incoming else 'DLA'}: {names.rstrip()}")
    parts += [f"TYT.: {_fields(row.title, 4)}", f"TNR: {row.operation_id(day)}"]
    text = f"{row.code} {words}; {'; '.join(parts)}"
    # The bank breaks a line after a space, which stays.
    first, *others = re.findall(r".{1,65}(?:(?<= )|$)", text)
    return [head, f"{row.code}-{short}", f":86:{first}", *others]


def _fields(text, count):
    """A text as the bank joins its `count` fields of 35 characters, empty ones too."""
    return " ".join(text[35 * n : 35 * (n + 1)] for n in range(count))


def _rouble_document(account, rows, days, data):
    opening = Decimal(account["opening"])
    since, until = days[0], days[-1]
    text = STATEMENT.format(
        number=account["number"],
        since=since,
        until=until,
        opening=f"{opening:.2f}",
        closing=f"{opening + sum(row.value() for row in rows):.2f}",
        operations="".join(_operation(account, row, days[row.nth], data) for row in rows),
    )
    name = f"{account['number']}_{until:%Y%m%d}.xml"
    yield records.Document(text.encode(), "directbank.statement", name, account["number"], until)


def _operation(account, row, day: date, data):
    ours = {**account, "account": account["number"]}
    theirs = data["parties"][row.party]
    payer, payee = (ours, theirs) if row.value() < 0 else (theirs, ours)
    return OPERATION.format(
        ident=row.operation_id(day),
        number=row.sequence,
        day=day,
        amount=f"{abs(row.value()):.2f}",
        payer=_party("Payer", payer),
        payee=_party("Payee", payee),
        title=escape(row.title),
        direction="1" if row.value() < 0 else "2",
    )


def _party(tag, values):
    return PARTY.format(tag=tag, **{name: escape(text) for name, text in values.items()
                                    if isinstance(text, str)})  # fmt: skip


class BankDemo(models.AbstractModel):
    _inherit = "bank.demo"

    @api.model
    def _load_statements(self):
        """Statements of every demo account that has some, up to yesterday."""
        accounts = self.env["res.partner.bank"]
        for number, papers in documents(self._demo_day()).items():
            account = accounts.search([("sanitized_acc_number", "=", number)], limit=1)
            domain = [("bank_account_id", "=", account.id)]
            journal = self.env["account.journal"].search(domain, limit=1)
            if account and journal:
                self._rate(journal)
                self._import_demo(journal, papers)

    def _demo_day(self):
        """The day of the installation: the one that is stored, which `make run` goes by."""
        account = self.env["res.partner.bank"].search([("client_identifier", "!=", False)], limit=1)
        return account.create_date.date()

    def _import_demo(self, journal, papers):
        kept = self.env["bank.document"]._keep(journal, papers)
        results = kept._process()
        feed = self.env["bank.feed"]._of_journal(journal)
        until = self._demo_day() - timedelta(days=1)
        since = until - timedelta(days=DAYS - 1)
        feed._fetched(since, until, kept.filtered(lambda one: one.state == "failed"))
        closing = results[-1].statement.balance_end_real
        feed.write(
            {
                "balance_booked": closing,
                "balance_available": closing,
                "balance_at": datetime.combine(until, time(22)),
            }
        )

    def _rate(self, journal):
        """A rate for an account in another currency than the books."""
        company, currency = journal.company_id, journal.currency_id
        if currency and currency != company.currency_id:
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "company_id": company.id,
                    "name": self._demo_day() - timedelta(days=DAYS + 1),
                    "rate": 1 / EURO,
                }
            )

    def _foreign_customer(self):
        """Who pays in euro."""
        return self._make(
            "customer",
            self.env["res.partner"],
            {
                "name": "Muster GmbH",
                "is_company": True,
                "customer_rank": 1,
                "street": "Hauptstr. 1",
                "zip": "10115",
                "city": "Berlin",
                "country_id": self.env.ref("base.de").id,
                "bank_ids": [Command.create({"acc_number": "DE89370400440532013000"})],
            },
        )
