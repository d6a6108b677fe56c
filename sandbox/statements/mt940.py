# SPDX-License-Identifier: LGPL-3.0-only
"""MT940 and MT942 as mBank makes them for companies.

ISO-8859-2, LF, each account's block from byte 01 to `-` and byte 03. The text of an entry (`:86:`)
is labelled, not cut into numbered sub-fields, and wrapped at spaces into lines of at most 65
characters, the space at the end of a line kept. Names and titles come from four fields of 35
characters that the bank joins with one space, empty fields too: hence two spaces between name and
street, spaces after a short title, and a space that nobody wrote after each 35 characters of a
long one. Source: statements that the bank made, and its public description of the export file.
"""

from __future__ import annotations

from decimal import Decimal

from ..clock import WARSAW
from ..ledger import Extract, Movement

WIDTH = 65
# The bank's operation codes: short name of the second line of :61:, beginning of :86:, type.
CODES = {
    "770": ("PRZELEW PRZYCHODZACY - ELIXIR", "PRZELEW KRAJOWY", "NTRF"),
    "771": ("PRZELEW PRZYCHODZACY - SORBNET", "PRZELEW KRAJOWY SORBNET", "NTRF"),
    "794": ("POBRANIE OPLATY/PROWIZJI", "POBRANIE OPŁATY/PROWIZJI", "NCHG"),
    "911": ("TRANSAKCJA IPH", "TRANSAKCJA COLLECT", "NTRF"),
    "944": ("PRZEL.KRAJ.WYCH.MT.ELX", "COMPANYNET PRZELEW KRAJOWY", "NTRF"),
    "945": ("PRZEL.KRAJ.WYCH.MT.ELX.ZUS", "COMPANYNET PRZELEW ZUS", "NTRF"),
    "946": ("PRZEL.KRAJ.WYCH.MT.ELX.US", "COMPANYNET PRZELEW ORGAN PODATKOWY", "NTRF"),
    "947": ("PRZEL.KRAJ.WYCH.SORBNET", "COMPANYNET PRZELEW SORBNET", "NTRF"),
    "963": ("PRZELEW WLASNY", "COMPANYNET PRZELEW WŁASNY", "NTRF"),
    "970": ("PRZELEW WEWN. WYCH.", "COMPANYNET PRZELEW WEWNĘTRZNY", "NTRF"),
    "973": ("PRZELEW WEWN. PRZYCH.", "PRZELEW WEWNĘTRZNY", "NTRF"),
    "983": ("PRZELEW ZAGRANICZNY", "PRZELEW ZAGRANICZNY", "NTRF"),
    "990": ("PRZELEW REGULOWANY", "PRZELEW REGULOWANY", "NTRF"),
}


def render(extract: Extract) -> bytes:
    """One final statement."""
    account, day = extract.account, extract.until
    currency = account.currency
    lines = [
        f":20:ST{day:%y%m%d}CYC/1",
        f":25:PL{account.number}",
        f":28C:{extract.number}/1",
        f":60F:{_balance(extract.opening, day, currency)}",
    ]
    for movement in extract.movements:
        lines += entry(movement)
    closing = _balance(extract.closing, day, currency)
    lines += [f":62F:{closing}", f":64:{closing}"]
    return _block(lines)


def render_intraday(extract: Extract) -> bytes:
    """MT942: the movements of a period up to now, without balances."""
    account = extract.account
    made = extract.made_at.astimezone(WARSAW)
    lines = [
        f":20:ST{made:%y%m%d}CYC/0001",
        f":25:PL{account.number}",
        f":28C:{extract.number}/1",
        f":34F:{account.currency}0",
        f":13D:{made:%y%m%d%H%M%z}",
    ]
    for movement in extract.movements:
        lines += entry(movement)
    for letter, sign in (("D", -1), ("C", 1)):
        amounts = [m.amount * sign for m in extract.movements if m.amount * sign > 0]
        total = _amount(sum(amounts, Decimal(0)))
        lines.append(f":90{letter}:{len(amounts)}{account.currency}{total}")
    return _block(lines)


def entry(movement: Movement) -> list[str]:
    """The lines of one entry: `:61:`, its second line, `:86:` and what follows."""
    short, text, kind = CODES.get(movement.code, ("OPERACJA", "OPERACJA", "NMSC"))
    sign = "C" if movement.amount > 0 else "D"
    if movement.reversal_reason:
        sign = "R" + ("D" if sign == "C" else "C")
    day = movement.booked_on
    # The field has room for 16 characters; a longer reference stands in :86: only.
    reference = movement.end_to_end_id
    reference = reference if 0 < len(reference) <= 16 else "NONREF"
    head = (
        f":61:{day:%y%m%d%m%d}{sign}{movement.currency[2]}{_amount(abs(movement.amount))}"
        f"{kind}{reference}//{movement.bank_reference}"
    )
    text = wrap(f":86:{movement.code} {text}; {_text(movement)}")
    return [head, f"{movement.code}-{short}", *text]


def _text(movement: Movement) -> str:
    """The labelled part of `:86:`, up to and with the unique id."""
    incoming = movement.amount > 0
    parts = [(label, movement.details[label]) for label in ("ID IPH",) if label in movement.details]
    parts.append(("Z RACH." if incoming else "NA RACH.", movement.party_account))
    party = fields_of_35(movement.party_name, 2) + fields_of_35(movement.party_address, 2)
    parts.append(("OD" if incoming else "DLA", " ".join(party).rstrip() if any(party) else ""))
    tax = [(label, movement.details.get(label, "")) for label in
           ("NAZWA ZOBOW.", "ID UZUP.", "SYMBOL FORM.", "OKRES", "ID ZOBOW.")]  # fmt: skip
    title = "" if movement.details.get("SYMBOL FORM.") else movement.title
    parts.append(("TYT.", " ".join(fields_of_35(title, 4)) if title else ""))
    parts += tax
    parts += [(label, movement.details.get(label, "")) for label in ("WALUTA", "KWOTA", "KURS")]
    parts.append(("REF. KLIENTA", movement.end_to_end_id))
    parts.append(("TNR", movement.tnr))
    return "; ".join(f"{label}: {value}" for label, value in parts if value)


def fields_of_35(text: str, most: int) -> list[str]:
    """A text in `most` fields of 35 characters, the last ones empty."""
    pieces = [text[i : i + 35] for i in range(0, len(text), 35)][:most]
    return pieces + [""] * (most - len(pieces))


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """Lines of at most `width`, broken after a space, which stays; joined they give the text."""
    text = text.replace("\n", " ").replace("\r", " ")
    start = len(":86:")
    lines, rest = [], text[start:]
    while len(rest) > width:
        cut = rest.rfind(" ", 0, width) + 1 or width
        lines.append(rest[:cut])
        rest = rest[cut:]
    lines.append(rest)
    lines[0] = text[:start] + lines[0]
    return lines


def _amount(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")


def _balance(value: Decimal, day, currency: str) -> str:
    return f"{'C' if value >= 0 else 'D'}{day:%y%m%d}{currency}{_amount(abs(value))}"


def _block(lines: list[str]) -> bytes:
    text = "\x01\n" + "\n".join(lines) + "\n-\x03\n"
    return text.encode("iso-8859-2", "replace")
