# SPDX-License-Identifier: LGPL-3.0-only
"""Orders of every kind that the tests of formats and checks share. All parties are made up."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from decimal import Decimal

from protocol.calendar_pl import holidays
from protocol.checks import Context
from protocol.records import Address, Order, Package, Party


@dataclass(frozen=True)
class Sent(Package):
    """A package that remembers its orders, for a test that asks after them."""

    orders: tuple[Order, ...] = ()


CREATED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
DAY = date(2026, 11, 23)

PAYER = Party(
    name="Zażółć Spółka z o.o.",
    account="PL16114010100000111122223333",
    bic="BREXPLPWXXX",
    bank_code="11401010",
    tax_id="5260001246",
    address=Address("ul. Prosta 18", "00-850", "Warszawa", "PL"),
    details={"client_identifier": "12345678"},
)
EUR_PAYER = Party(
    name="Zażółć Spółka z o.o.",
    account="PL89114010100000111122224444",
    bic="BREXPLPWXXX",
    bank_code="11401010",
    tax_id="5260001246",
    address=Address("ul. Prosta 18", "00-850", "Warszawa", "PL"),
    details={"client_identifier": "12345678"},
)
SUPPLIER = Party(
    name="Gęślą Jaźń & Synowie s.c.",
    account="PL61109010140000071219812874",
    bank_code="10901014",
    tax_id="7740001454",
    address=Address("ul. Łąkowa 7/3", "60-001", "Poznań", "PL"),
)


def _order(identifier, kind, payee, title, **more):
    values = {
        "end_to_end_id": f"E2E-{identifier}",
        "number": f"O/{identifier}",
        "kind": kind,
        "amount": Decimal("1230.00"),
        "currency": "PLN",
        "execute_on": DAY,
        "payer": PAYER,
        "payee": payee,
        "title": title,
    }
    return Order(**{**values, **more})


DOMESTIC = _order(1, "domestic", SUPPLIER, "Faktura FV/2026/11/17, dziękujemy")
OWN = _order(2, "own", EUR_PAYER, "Zasilenie rachunku")
MPP = _order(
    3,
    "mpp",
    SUPPLIER,
    "/VAT/230,00/IDC/7740001454/INV/FV/2026/11/17/TXT/listopad",
    details={
        "vat_amount": "230.00",
        "vat_tax_id": "7740001454",
        "vat_invoice": "FV/2026/11/17",
        "vat_text": "listopad",
    },
)
TAX = _order(
    4,
    "tax",
    Party(
        name="Drugi Urząd Skarbowy Warszawa-Śródmieście",
        account="PL70101000712222526000124600",
        bank_code="10100071",
    ),
    "/TI/N5260001246/OKR/26M10/SFP/VAT-7/TXT/zobowiązanie",
    details={
        "tax_id_type": "N",
        "tax_id": "5260001246",
        "tax_period": "26M10",
        "tax_form": "VAT-7",
        "tax_obligation": "zobowiązanie",
    },
)
ZUS = _order(
    5,
    "zus",
    Party(
        name="Zakład Ubezpieczeń Społecznych",
        account="PL27600000020260005260001246",
        bank_code="60000002",
    ),
    "Składki 10/2026",
)
SEPA = _order(
    6,
    "sepa",
    Party(
        name="Müller GmbH",
        account="DE89370400440532013000",
        bic="COBADEFFXXX",
        address=Address("Hauptstr. 5", "50667", "Köln", "DE"),
    ),
    "Rechnung 4711",
    payer=EUR_PAYER,
    currency="EUR",
    amount=Decimal("99.90"),
)
FOREIGN = _order(
    7,
    "foreign",
    Party(
        name="Acme Inc.",
        account="000123456789",
        bic="CHASUS33",
        bank_name="JPMorgan Chase Bank",
        address=Address("1 Main Street", "10001", "New York", "US"),
    ),
    "Invoice 2026-77",
    currency="USD",
    amount=Decimal("2500.50"),
    charges="OUR",
)
SORBNET = _order(8, "domestic", SUPPLIER, "Zadatek", route="sorbnet", amount=Decimal("1500000"))
EXPRESS = _order(9, "domestic", SUPPLIER, "Pilna faktura 18", route="express", urgent=True)

INSTANT = _order(10, "sepa", SEPA.payee, "Rechnung 4712", route="instant",
    payer=EUR_PAYER, currency="EUR", amount=Decimal("99.90"))  # fmt: skip
# In the bill's currency, from a złoty account; by a deal with the bank's dealers.
CONVERTED = _order(11, "sepa", SEPA.payee, "Rechnung 4713", currency="EUR",
    details={"exchange_deal": "FX/2026/11/0042"})  # fmt: skip
EQUIVALENT = replace(FOREIGN, end_to_end_id="E2E-18", number="O/18", currency="PLN", payer=PAYER,
    details={"sent_currency": "USD"})  # fmt: skip
BETWEEN = replace(FOREIGN, end_to_end_id="E2E-12", number="O/12",
    details={"intermediary_bic": "IRVTUS3N"})  # fmt: skip
YEN = replace(FOREIGN, end_to_end_id="E2E-13", number="O/13", currency="JPY",
    amount=Decimal(150000))  # fmt: skip
DINAR = replace(FOREIGN, end_to_end_id="E2E-14", number="O/14", currency="KWD",
    amount=Decimal("10.125"))  # fmt: skip
SALARY = _order(15, "domestic", Party("Jan Kowalski", SUPPLIER.account, bank_code="10901014"),
    "Wynagrodzenie 11/2026", details={"purpose": "SALA", "batch_booking": "yes"})  # fmt: skip
KSEF = "7740001454-20261117-A1B2C3D4E5F6-69"
KSEF_DAY = date(2027, 1, 11)
INVOICE_IN_KSEF = _order(16, "domestic", SUPPLIER, f"{KSEF} FV/2026/11/17", execute_on=KSEF_DAY,
    details={"ksef_number": KSEF})  # fmt: skip
COLLECTIVE = "7740001454-IZ202612-A1B2C3D4E5F6-26"
MPP_COLLECTIVE = replace(MPP, end_to_end_id="E2E-17", number="O/17", execute_on=KSEF_DAY,
    title=f"/VAT/230,00/IDC/7740001454/INV/{COLLECTIVE}",
    details={"vat_amount": "230.00", "vat_tax_id": "7740001454",
             "vat_invoice": COLLECTIVE})  # fmt: skip
#: what is no kind of its own, and is written in a way of its own
SPECIAL = {
    "sepa_instant": INSTANT,
    "converted": CONVERTED,
    "bank_between": BETWEEN,
    "equivalent": EQUIVALENT,
    "yen": YEN,
    "dinar": DINAR,
    "salaries": SALARY,
    "ksef": INVOICE_IN_KSEF,
    "mpp_collective": MPP_COLLECTIVE,
}

ALL_KINDS = {
    "domestic": DOMESTIC,
    "own": OWN,
    "mpp": MPP,
    "tax": TAX,
    "zus": ZUS,
    "sepa": SEPA,
    "foreign": FOREIGN,
    "sorbnet": SORBNET,
    "express": EXPRESS,
}

NOW = datetime(2026, 11, 20, 10, 30)  # a bank's local time, a Friday
CONTEXT = Context(
    now=NOW,
    holidays=holidays(2026),
    own_accounts=frozenset({PAYER.account, EUR_PAYER.account}),
)


def found(problems):
    """(severity, field) of problems: what a test of a rule asserts."""
    return [(problem.severity, problem.field) for problem in problems]
