# SPDX-License-Identifier: LGPL-3.0-only
"""Rules of Polish law and of its registers as data: what holds, from which day, and who says so.

`docs/poland.md` lists them; a test holds the two together. A rule that is not confirmed is
our reading, or one bank's: it is said so wherever it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Rule:
    """`value`: what the program reads. `confirmed`: by the act, or by the office that keeps it."""

    name: str
    says: str
    valid_from: date
    source: str
    value: object = None
    confirmed: bool = True


_VAT_ACT = "VAT act (Dz.U. 2026 item 1263)"
_AMENDING = "article 17 of the act of 16 June 2023 (Dz.U. item 1598)"
_WHITE_LIST = "Ministry of Finance, API of the register of VAT payers 1.6"

RULES = (
    Rule(
        "mpp-message",
        "A split payment names VAT, gross amount, invoice number and the supplier's tax id",
        date(2018, 7, 1),
        f"{_VAT_ACT}, article 108a (3)",
    ),
    Rule(
        "mpp-period",
        "One split payment for several invoices pays all that one supplier issued in a period of a "
        "day to a month, and names the period",
        date(2019, 11, 1),
        f"{_VAT_ACT}, article 108a (3a), (3b)(1), (3c)(1)",
    ),
    Rule(
        "mpp-collective",
        "One split payment may pay any invoices in KSeF of such a period, and names their "
        "collective identifier",
        date(2027, 1, 1),
        f"{_VAT_ACT}, article 108a (3b)(1a), (3c)(2); {_AMENDING}",
    ),
    Rule(
        "mpp-duty",
        "Split payment is a duty for invoices above this gross amount in PLN with goods or "
        "services of annex 15",
        date(2019, 11, 1),
        f"{_VAT_ACT}, article 108a (1a)",
        Decimal(15000),
    ),
    Rule(
        "ksef-number",
        "A payment between active VAT payers for invoices in KSeF names the KSeF number, or the "
        "collective identifier of several",
        date(2027, 1, 1),
        f"{_VAT_ACT}, article 108g; {_AMENDING}",
    ),
    Rule(
        "ksef-outage",
        "Invoices issued while KSeF was out of order, and offline invoices that an announced "
        "outage kept out of it, have no number to name",
        date(2027, 1, 1),
        f"{_VAT_ACT}, article 108g (1), (4)",
    ),
    Rule(
        "ksef-in-title",
        "In a transfer that is no split payment the number stands first in the title, before the "
        "invoice's own number",
        date(2027, 1, 1),
        "our reading: neither the ministry nor the banks' association was found to say where",
        confirmed=False,
    ),
    Rule(
        "ksef-collective-size",
        "A collective identifier holds at least two invoices of one seller",
        date(2026, 7, 21),
        "Ministry of Finance, KSeF number and collective identifier; KSeF API 2.7.0",
        2,
    ),
    Rule(
        "ksef-collective-most",
        "A collective identifier holds at most so many invoices",
        date(2026, 7, 21),
        "Ministry of Finance, OpenAPI of KSeF 2.7.0",
        500,
    ),
    Rule(
        "ksef-collective-right",
        "A token that asks for a collective identifier has one of the rights "
        "CollectiveIdentifierManage, InvoiceRead, InvoiceWrite",
        date(2026, 7, 21),
        "Ministry of Finance, OpenAPI of KSeF 2.7.0",
    ),
    Rule(
        "ksef-long-number",
        "Numbers of KSeF 1.0 have 36 characters, those of KSeF 2.0 have 35; both are accepted",
        date(2026, 2, 1),
        "Ministry of Finance, OpenAPI of KSeF 2",
    ),
    Rule(
        "white-list-limit",
        "Above this amount in PLN of a transaction the payee's account has to be on the list",
        date(2020, 1, 1),
        "article 19 of the entrepreneurs' act; article 15d of the CIT act, 22p of the PIT act",
        Decimal(15000),
    ),
    Rule(
        "white-list-rate",
        "Another currency counts at the National Bank's middle rate of the last working day before "
        "the transaction",
        date(2020, 1, 1),
        "article 19 of the entrepreneurs' act",
    ),
    Rule(
        "white-list-accounts",
        "The list has settlement accounts in Poland alone: one abroad of an active VAT payer is on "
        "no list",
        date(2019, 9, 1),
        "VAT act, article 96b (3)(13), at second hand",
        confirmed=False,
    ),
    Rule(
        "white-list-notice",
        "Days for the notice ZAW-NR after a payment to an account that is not on the list",
        date(2020, 7, 1),
        "article 117ba § 3 (2) of the tax ordinance; article 15d (4) of the CIT act",
        7,
    ),
    Rule(
        "white-list-batch",
        "Payees that one question may name",
        date(2019, 9, 1),
        _WHITE_LIST,
        30,
    ),
    Rule(
        "white-list-searches",
        "Questions a day with the payee's data",
        date(2019, 9, 1),
        "Ministry of Finance, page of the API",
        100,
    ),
    Rule(
        "white-list-checks",
        "Questions a day whether an account is a payee's",
        date(2020, 1, 1),
        "Ministry of Finance, page of the API",
        5000,
    ),
    Rule(
        "white-list-update",
        "The register is brought up to date once a working day, from 22:00 to midnight; a question "
        "at that moment is to be asked again",
        date(2019, 9, 1),
        "biznes.gov.pl, page of the register; answers WL-195 and WL-196 of the API",
    ),
    Rule(
        "vat-account",
        "A VAT account pays taxes (no PCC, no local ones), ZUS, and our own other VAT account",
        date(2019, 11, 1),
        "banking law, article 62b (2), at second hand",
        confirmed=False,
    ),
    Rule(
        "vat-account-debit",
        "The order names the VAT account itself as the one to be charged",
        date(2019, 11, 1),
        "our reading; other banks (Bank Pocztowy) take it by themselves where the form is VAT",
        confirmed=False,
    ),
    Rule(
        "tax-office-accounts",
        "Taxes that go to no microaccount are paid to the office's accounts at the National Bank: "
        "1010, branch, office, 222 and the tax, six zeros",
        date(2012, 12, 10),
        "Ministry of Finance, lists of accounts of tax offices (Dz. Urz. Min. Fin.)",
    ),
    Rule(
        "customs-accounts",
        "Customs, and VAT of imports, are paid to accounts at the National Bank: 1010, branch, "
        "office, 2231, six zeros",
        date(2015, 10, 1),
        "the accounts of 2015 of all customs chambers (prawo.pl, taxfin.pl), at second hand",
        confirmed=False,
    ),
    Rule(
        "holiday-christmas-eve",
        "24 December is a day free of work",
        date(2025, 2, 1),
        "act of 18 January 1951 on days free of work",
    ),
    Rule(
        "address-abroad",
        "Addresses of transfers abroad stand in parts, town and country at least; others are "
        "refused",
        date(2026, 11, 14),
        "SWIFT, standards release of November 2026, as banks' associations announce it",
    ),
    Rule(
        "address-sepa",
        "Addresses of transfers in SEPA stand in parts, town and country at least; others are "
        "refused",
        date(2026, 11, 15),
        "European Payments Council, rulebooks of 2025, version 1.1",
    ),
    Rule(
        "mbank-domestic",
        "mBank takes companies' domestic orders of a business day, to ZUS and tax offices too, "
        "until 20:00",
        date(2021, 3, 26),
        "mBank, page of cut-off times for companies",
    ),
    Rule(
        "mbank-foreign",
        "mBank takes companies' foreign orders of a business day until 14:00, and carries out "
        "Express Elixir on business days from 8:00 to 20:00",
        date(2026, 11, 1),
        "mBank, pages for companies, as read in that month; since when, they do not say",
    ),
)  # fmt: skip

_BY_NAME = {rule.name: rule for rule in RULES}


def value_of(name: str):
    return _BY_NAME[name].value


def since(name: str) -> date:
    return _BY_NAME[name].valid_from
