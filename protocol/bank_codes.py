# SPDX-License-Identifier: LGPL-3.0-only
"""The codes that banks want in an order, as data: for each bank, with its source.

ISO leaves `LclInstrm/Prtry` and Elixir its classification to the banks: where no bank's book was
found the code is ours, and is shown to the administrator as *not confirmed by the bank*. A bank of
its own line here goes before the line of all banks (`*`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .wording import _

OURS = _("our choice")
ISO = _("ISO 20022, external code sets")
ELIXIR = _("the clearing house's file of orders, as banks publish it")
EPC = _("European Payments Council, EPC132-08")
BNP = _("BNP Paribas, rules of its web service for companies, at second hand")
EPC_INSTANT = _("European Payments Council, EPC121-16")


@dataclass(frozen=True)
class Code:
    """`place`: an element of pain.001, a field of Elixir-O, or a title. `of`: a kind, or a route;
    empty for all."""

    bank: str  # a key of BANKS, or "*"
    place: str
    of: str
    value: str
    source: str
    confirmed: bool = False


LEVEL, INSTRUMENT, PURPOSE = "SvcLvl/Cd", "LclInstrm/Prtry", "CtgyPurp/Cd"
KNOWN_INSTRUMENT = "LclInstrm/Cd"
CLASS = _("Elixir-O, field 15")
NOTE_LENGTH = _("Elixir-O, field 16, longest")
# With the names of an order's details.
TAX_TITLE, TAX_OBLIGATION = _("Title of a tax"), _("Title of a tax, obligation")

_TAX_TITLE = "/TI/{tax_id_type}{tax_id}/OKR/{tax_period}/SFP/{tax_form}"

CODES = (
    Code("*", LEVEL, "sepa", "SEPA", EPC, True),
    Code("*", LEVEL, "sorbnet", "URGP", ISO, True),
    Code("*", LEVEL, "express", "URGP", ISO, True),
    Code("*", PURPOSE, "tax", "TAXS", ISO, True),
    Code("*", PURPOSE, "own", "INTC", ISO, True),
    Code("*", INSTRUMENT, "elixir", "ELIXIR", OURS),
    Code("*", INSTRUMENT, "express", "EXPRESS_ELIXIR", OURS),
    Code("*", INSTRUMENT, "sorbnet", "SORBNET", OURS),
    Code("*", KNOWN_INSTRUMENT, "instant", "INST", EPC_INSTANT, True),
    Code("bnp", INSTRUMENT, "mpp", "53", BNP),
    Code("*", CLASS, "domestic", "51", ELIXIR, True),
    Code("*", CLASS, "own", "51", ELIXIR, True),
    Code("*", CLASS, "zus", "51", ELIXIR, True),
    Code("*", CLASS, "mpp", "53", ELIXIR, True),
    Code("*", CLASS, "tax", "71", OURS),
    Code("*", NOTE_LENGTH, "", "35", ELIXIR),
    Code("*", TAX_TITLE, "tax", _TAX_TITLE, ELIXIR, True),
    Code("*", TAX_OBLIGATION, "tax", "/TXT/{tax_obligation}", ELIXIR, True),
)


def codes_of(bank: str) -> tuple[Code, ...]:
    """What is written for this bank: its own lines, else those of all banks."""
    chosen: dict[tuple[str, str], Code] = {}
    for code in CODES:
        if code.bank in ("*", bank) and (code.bank == bank or (code.place, code.of) not in chosen):
            chosen[code.place, code.of] = code
    return tuple(chosen.values())


def values(place: str, bank: str = "") -> Mapping[str, str]:
    """{kind or route: code} of a place."""
    return {code.of: code.value for code in codes_of(bank) if code.place == place}
