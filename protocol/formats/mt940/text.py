# SPDX-License-Identifier: LGPL-3.0-only
"""What the `:86:` field of a Polish bank's MT940 says, as details with English keys.

Two ways of writing it are understood:

- mBank: labelled text, ``911 TRANSAKCJA COLLECT; Z RACH.: 56...; OD: JAN NOWAK; TYT.: ...``.
  Source: mBank CompanyNet, "Opis formatu pliku eksportu wyciągów dziennych MT940", and real files.
- PKO, ING, Santander, Pekao, BNP and others: numbered sub-fields behind ``<``, ``~``, ``?``, ``+``,
  ``020~00PRZELEW~20FAKTURA~30...~31...~32...~38PL...``. Source: the banks' format descriptions.

Some banks write several `:86:` for one entry: ING a short one that the next one begins with.

A payer chooses the title, so nothing that stands in it may pass for what the bank says: a label
counts once, where it stands first; the parties' labels count before the title only, and `TNR`
only at the very end.
"""

from __future__ import annotations

import re
from itertools import pairwise

from ..values import squeeze

# label -> key; `{side}` labels say themselves on which side the other party stands
LABELS = {
    "Z RACH.": "payer_account",
    "NA RACH.": "payee_account",
    "OD": "payer_name",
    "DLA": "payee_name",
    "TYT.": "title",
    "DATA STEMPLA": "stamp_date",
    "DATASTEMPLA": "stamp_date",
    "ID IPH": "collect_id",
    "REF. KLIENTA": "client_reference",
    "WALUTA": "original_currency",
    "KWOTA": "original_amount",
    "KURS": "exchange_rate",
    "PROW. ZAGR.": "fee_amount",
    "PROWIZJA": "fee_amount",
    "DATA NOSTRO": "nostro_date",
    "REF. MT103": "mt103_reference",
    "NAZWA ZOBOW.": "tax_obligation",
    "ID ZOBOW.": "tax_obligation_id",
    "ID UZUP.": "tax_payer_id",
    "SYMBOL FORM.": "tax_form_symbol",
    "FORM.": "tax_form_symbol",
    "OKRES": "tax_period",
    "RODZAJ SKŁADKI": "contribution_kind",
    "DEKLARACJA": "declaration",
    "NIP": "contribution_tax_id",
    "NR DEC/UM/TW.": "decision_number",
    "NR KARTY": "card_number",
    "NR": "deal_number",
}
_BY_LENGTH = sorted(LABELS, key=len, reverse=True)
_SPLIT = re.compile(r"; ?(" + "|".join(map(re.escape, _BY_LENGTH)) + r"): ?")
_SPLIT_SMALL = re.compile(_SPLIT.pattern, re.IGNORECASE)
_EMPTY_PIECE = re.compile(r"; (?=;)")
_TNR = re.compile(r"; ?TNR: ?([0-9]{15}\.[0-9]{6}) *$", re.ASCII)
_CODE = re.compile(r"([0-9]{3})(?![0-9])[ -]?(.*)", re.ASCII | re.DOTALL)
_LOST_BLANK = re.compile(r"\n(?<=[^ ]\n)(?=[^ ])")  # perhaps: see `_unwrapped`
_WIDTH = 65  # of a line; a full one may be broken inside a word
_FIELD = 35  # of a line of a name, address or title
_NAME_AND_ADDRESS = re.compile(r" {2,}")
# What begins an address is no rest of a name that was broken.
_ADDRESS = re.compile(r"[0-9]|(?:ul|al|os|pl|aleja)\b", re.IGNORECASE | re.ASCII)
_SIDES = [
    tuple(f"{side}_{end}" for end in ("name", "address", "account")) for side in ("payer", "payee")
]
_NUMBERS = ("original_amount", "exchange_rate", "fee_amount")
# The bank says these before the title; behind it somebody has typed them.
_BEFORE_TITLE = frozenset(
    ("Z RACH.", "NA RACH.", "OD", "DLA", "ID IPH", "NIP", "NR DEC/UM/TW.", "NR KARTY", "NR")
)

# A plus is a mark only behind a code: a text may start with a telephone number.
_SUBFIELDS = re.compile(r"^([0-9]{0,4}) *([<~?^|]|(?<=[0-9])\+)(?=[0-36][0-9])", re.ASCII)
_HEAD = 16  # characters, enough for what `_SUBFIELDS` looks at
# 51 and 52 are rates (Pekao), and only where one stands there: somebody may type ``<50``.
_NUMBER = r"([0-36][0-9]|5[12](?=[A-Z]{3}[0-9]+,[0-9]))"
_SPLITTERS = {mark: re.compile(re.escape(mark) + _NUMBER, re.ASCII) for mark in "<~?^|+"}
_TITLE_PARTS = ("20", "21", "22", "23", "24", "25", "26")
# A part that fills its field goes on in the next one without a space.
_FULL = (27, 35)
_FULL_NAME = (35,)
_ACCOUNT = re.compile(r"(?:[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}|[0-9]{10,34})", re.ASCII)


def understand(texts: list[str], incoming: bool, own: str) -> dict[str, str]:
    """Details of the `:86:` fields of an entry, as they stand; `title` and `bank_code` among them.

    `incoming`: the amount is above zero, so the other party is the payer. `own`: the number of
    the account itself, which some banks write beside the other one.
    """
    text, *others = _in_order(texts) if len(texts) > 1 else (texts[0].lstrip(),)
    if "˙" in text:  # the byte 0xFF of PKO BP, in a file that somebody has saved anew
        text = text.replace("˙", " ")
    match = _has_subfields(text)
    if match:
        details = _subfields(text.replace("\n", ""), match, incoming, own)
    else:
        text, others = _unwrapped("\n".join((text, *others)) if others else text), []
        if "; ;" in text:
            text = _EMPTY_PIECE.sub("", text)
        tnr = _TNR.search(text, max(text.rfind("TNR:") - 2, 0))
        details = _labelled(text, tnr) if tnr or _SPLIT.search(text) else _free(text)
    if others:
        details["booking_text"] = squeeze(" ".join(others))
    return details


def _in_order(texts: list[str]) -> list[str]:
    """The `:86:` fields of an entry: that with sub-fields first, whole; then what else they say."""
    said: list[str] = []
    for text in map(str.lstrip, texts):
        before = said[-1] if said else None
        if before is None:
            said.append(text)
        elif text.startswith(before.rstrip()):  # it says the same again, and more
            said[-1] = text
        elif (match := _has_subfields(before)) and text.startswith(match[2]):
            said[-1] += text
        else:
            said.append(text)
    return sorted(said, key=lambda text: not _has_subfields(text))


def _unwrapped(text: str) -> str:
    """The lines of a text as one.

    mBank wraps behind a blank, which other programs cut off; who breaks a word fills the line.
    """
    if not _LOST_BLANK.search(text):
        return text.replace("\n", "")
    lines = [line for line in text.split("\n") if line]
    whole = "".join(lines[:1])
    for before, line in pairwise(lines):
        lost = len(before) != _WIDTH and " " not in (before[-1], line[0])
        whole += f" {line}" if lost else line
    return whole


def _has_subfields(text: str) -> re.Match | None:
    return _SUBFIELDS.match(text[:_HEAD].replace("\n", ""))


def _free(text: str) -> dict[str, str]:
    details = {"title": squeeze(text)}
    code = _CODE.match(text)
    if code:
        details["bank_code"] = code[1]
    return details


# ---- mBank ----------------------------------------------------------------------------------


def _labelled(text: str, tnr: re.Match | None) -> dict[str, str]:
    details = {}
    if tnr:
        details["tnr"] = tnr[1]
        text = text[: tnr.start()]
    first, *pairs = _SPLIT.split(text)
    if tnr and ";" in first and _SPLIT_SMALL.search(first):  # older files have small labels
        first, *pairs = _SPLIT_SMALL.split(text)
        pairs[::2] = map(str.upper, pairs[::2])
    code = _CODE.match(first)
    if code:
        details["bank_code"] = code[1]
        details["operation_name"] = squeeze(code[2])
    else:
        details["title"] = squeeze(first)
    last = "title" if not code else "operation_name"
    for label, value in zip(pairs[::2], pairs[1::2], strict=True):
        key = LABELS[label]
        if details.get(key) or (label in _BEFORE_TITLE and "title" in details):
            details[last] = f"{details[last]}; {label}: {value}"
        else:
            details[key] = value
            last = key
    return _tidy(details)


def _tidy(details: dict[str, str]) -> dict[str, str]:
    """Names apart from addresses, accounts without spaces, amounts with a point."""
    for name, address, account in _SIDES:
        if name in details:
            details[name], found = _name_then_address(details[name])
            if found:
                details[address] = found
        if account in details:
            details[account] = details[account].replace(" ", "")
    if "title" in details:
        details["title"] = unbroken(details["title"])
    for key in _NUMBERS:
        if key in details:
            details[key] = details[key].replace(" ", "").replace(",", ".")
    return {key: tidy for key, value in details.items() if (tidy := " ".join(value.split()))}


def unbroken(text: str) -> str:
    """A title without the spaces that mBank puts between its four fields of 35 characters.

    All four are joined, empty ones too, so the spaces at the end tell how many are filled. Only
    where every field but the last is full has the text run through, and been broken.
    """
    bare = text.rstrip(" ")
    filled = 4 - (len(text) - len(bare))
    borders = [36 * number - 1 for number in range(1, filled)]
    if filled < 2 or not 36 * (filled - 1) < len(bare) < 36 * filled:
        return text
    if any(bare[border] != " " for border in borders):
        return text
    return "".join(bare[start : start + 35] for start in range(0, len(bare), 36))


def _name_then_address(text: str) -> tuple[str, str]:
    """Two fields of 35 for the name, two for the address, joined as in `unbroken`.

    The empty second field of a short name leaves two spaces behind the first. A name that fills
    its first field runs on, and nothing says where its address begins.
    """
    name, *address = _NAME_AND_ADDRESS.split(text.strip(), maxsplit=1)
    rest = name[_FIELD + 1 :]
    if rest and name[_FIELD] == " " and not _ADDRESS.match(rest):
        name = name[:_FIELD] + rest
    return name, address[0] if address else ""


# ---- numbered sub-fields --------------------------------------------------------------------


def _subfields(text: str, match: re.Match, incoming: bool, own: str) -> dict[str, str]:
    _, *pairs = _SPLITTERS[match[2]].split(text)
    fields: dict[str, str] = {}
    typed = ""  # a field that comes again: somebody typed the first one into a title
    for number, value in zip(pairs[::2], pairs[1::2], strict=True):
        before = fields.get(number, "")
        if before.strip():
            if not value.strip():
                continue
            typed += f" {match[2]}{number}{before}"
        fields[number] = value
    side = "payer" if incoming else "payee"
    details = {
        "bank_code": match[1] or fields.get("34", "").strip(),
        "operation_name": fields.pop("00", ""),
        "document_number": fields.pop("10", ""),
        "title": _joined([fields.pop(number, "") for number in _TITLE_PARTS], _FULL) + typed,
        f"{side}_bank_code": fields.pop("30", ""),
        f"{side}_account": _account(fields, own),
    }
    details[f"{side}_name"], details[f"{side}_address"] = _name_and_address(fields, match[2])
    details.update({f"field_{number}": value for number, value in fields.items()})
    if details.get("field_34", "").strip() == details["bank_code"]:
        details.pop("field_34", None)
    return {key: squeeze(value) for key, value in details.items() if value.strip()}


def _account(fields: dict[str, str], own: str) -> str:
    """The other account: the IBAN in 38, else what looks like an account in 31 or 29.

    A bank says the same account in several of them: it is kept once. Bank Pocztowy has the payee's
    in 38, which may be the account itself.
    """
    found = ""
    for number in ("38", "31", "29"):
        value = fields.get(number, "").replace(" ", "").lstrip("/")
        if value.removeprefix("PL") == own:
            continue
        if _ACCOUNT.fullmatch(value) and (not found or found.endswith(value)):
            found = found or value
            del fields[number]
    return found


def _name_and_address(fields: dict[str, str], mark: str) -> tuple[str, str]:
    """Name in 32 and 33 or, where a bank leaves these empty, in 27 and 28; the address follows.

    The second field goes on with the name only where the first one is full; in files of Pekao
    also where the address has a field of its own.
    """
    filled = fields.get("32", "").strip() or fields.get("33", "").strip()
    first, second, full = ("32", "33", _FULL) if filled else ("27", "28", _FULL_NAME)
    name, more = fields.pop(first, ""), fields.pop(second, "")
    address = [fields.pop("29", ""), fields.pop("60", "")]
    if mark == "^" and filled and fields.get("62", "").strip():
        return _joined([name, more], full), _joined(address, ())
    if len(name) in full:
        return name + more, _joined(address, ())
    return name, _joined([more, *address], ())


def _joined(parts: list[str], full: tuple[int, ...]) -> str:
    return "".join(part if len(part) in full else f"{part} " for part in parts)
