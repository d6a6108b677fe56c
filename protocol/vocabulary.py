# SPDX-License-Identifier: LGPL-3.0-only
"""Words that an order and a statement are described with, named once: code -> its English label.

What a person chooses among; the labels are translated where they are shown. Codes are checked
against these tables.
"""

from __future__ import annotations

from types import MappingProxyType

#: kinds of payment orders
KINDS = MappingProxyType(
    {
        "domestic": "Domestic",
        "own": "Own transfer",
        "mpp": "Split payment",
        "tax": "Tax office",
        "zus": "ZUS",
        "sepa": "SEPA",
        "foreign": "Foreign",
        "rouble": "Rouble payment order",
    }
)
#: kinds that may pay invoices
INVOICE_KINDS = ("domestic", "mpp", "sepa", "foreign")
#: kinds that only a bank in Poland carries out in its own currency, and that may choose a route
POLISH_KINDS = ("domestic", "own", "mpp", "tax", "zus")
#: who bears the charges of a transfer abroad
CHARGES = MappingProxyType({"SHA": "Shared", "OUR": "We pay", "BEN": "The payee pays"})
#: clearing systems of transfers in PLN; empty: the bank takes the one that fits
POLISH_ROUTES = MappingProxyType(
    {"elixir": "Elixir", "express": "Express Elixir", "sorbnet": "SORBNET"}
)
#: all ways that a payment can choose; the last one is SEPA's
ROUTES = MappingProxyType({**POLISH_ROUTES, "instant": "SEPA Instant"})
#: what a service asks for of an account
STATEMENT_KINDS = MappingProxyType({"final": "Final", "interim": "Interim", "balance": "Balance"})
#: ISO 20022 reasons that say: an order or message under this id is here already
DUPLICATE_CODES = ("AM05", "DU01", "DU02", "DU03", "DU04", "DU05")
