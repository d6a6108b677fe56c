# SPDX-License-Identifier: LGPL-3.0-only
"""The licence of the Moe Delo part: a document signed by the vendor.

A compact JWS, `typ: licence+jwt`, EdDSA only. Claims: `jti` (number), `licensee`, `database`
(uuid), `tax_id`, `packages` (list), `valid_from` and `valid_until` (ISO dates, both days included).
It names no `exp`: an ended licence can still be read and shown. The licence is a contract switch,
it does not protect the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..errors import Invalid
from . import signing_keys, tokens

PACKAGES = ("moedelo", "integration")
WARN_DAYS = (30, 14, 3)

# What can be wrong with a licence -> words for the user. Keys are stored, words are translated.
PROBLEMS = {
    "malformed": "This is not a licence.",
    "foreign_key": "The licence is not signed by a vendor that this server knows.",
    "tampered": "The licence has been changed after it was signed.",
    "foreign_database": "The licence was issued for another database.",
    "foreign_company": "The licence was issued for a company with another tax number.",
    "not_yet": "The licence is not valid yet.",
    "ended": "The licence has ended.",
}
_PROBLEM_OF_TOKEN = {"signature": "tampered", "key": "foreign_key", "algorithm": "foreign_key"}


class LicenceRefused(Invalid):
    """The document is not a licence that can be used. `problem`: a key of PROBLEMS."""

    def __init__(self, problem: str):
        super().__init__(PROBLEMS[problem], code=problem)
        self.problem = problem


@dataclass(frozen=True)
class Licence:
    """What a licence grants, to whom, where and when."""

    number: str
    licensee: str
    database_uuid: str
    tax_id: str
    packages: tuple[str, ...]
    valid_from: date
    valid_until: date


def parse(document: str, keys: Mapping[str, signing_keys.PublicKey]) -> Licence:
    """The licence in `document`, signed by one of the vendor's `keys`, else `LicenceRefused`."""
    vendor = {kid: key for kid, key in keys.items() if key.algorithm == "EdDSA"}
    try:
        claims = tokens.verify(
            document.strip(), vendor, typ=tokens.LICENCE, required=("jti",), timed=False
        )
    except tokens.TokenRefused as error:
        raise LicenceRefused(_PROBLEM_OF_TOKEN.get(error.reason, "malformed")) from error
    return _licence(claims)


def render(licence: Licence, key: signing_keys.SigningKey) -> str:
    """The signed document. The vendor's side; only an EdDSA key will do."""
    if key.algorithm != "EdDSA":
        raise LicenceRefused("foreign_key")
    claims = {
        "jti": licence.number,
        "licensee": licence.licensee,
        "database": licence.database_uuid,
        "tax_id": licence.tax_id,
        "packages": list(licence.packages),
        "valid_from": licence.valid_from.isoformat(),
        "valid_until": licence.valid_until.isoformat(),
    }
    return tokens.issue(claims, key, tokens.LICENCE)


def problem(licence: Licence, database_uuid: str, tax_id: str, today: date) -> str:
    """Why the licence does not serve here and now: a key of PROBLEMS, or an empty string."""
    if licence.database_uuid != database_uuid:
        return "foreign_database"
    if normal_tax_id(licence.tax_id) != normal_tax_id(tax_id) or not normal_tax_id(tax_id):
        return "foreign_company"
    if today < licence.valid_from:
        return "not_yet"
    return "ended" if today > licence.valid_until else ""


def warning_day(valid_until: date, today: date) -> int | None:
    """Which of WARN_DAYS has been reached, the nearest one; None while the end is far or past."""
    left = (valid_until - today).days
    return min((days for days in WARN_DAYS if 0 <= left <= days), default=None)


def normal_tax_id(text: str) -> str:
    """A tax number without blanks, signs and a leading country code: "RU 7707083893" is one INN."""
    return re.sub(r"^[A-Z]{2}(?=\d)", "", re.sub(r"[^0-9A-Z]", "", (text or "").upper()))


def _licence(claims: Mapping[str, object]) -> Licence:
    try:
        texts = [claims[name] for name in ("jti", "licensee", "database", "tax_id")]
        packages = tuple(claims["packages"])
        days = [date.fromisoformat(claims[name]) for name in ("valid_from", "valid_until")]
    except (KeyError, TypeError, ValueError) as error:
        raise LicenceRefused("malformed") from error
    known = packages and all(package in PACKAGES for package in packages)
    if not known or not all(isinstance(text, str) and text for text in texts):
        raise LicenceRefused("malformed")
    if days[0] > days[1]:
        raise LicenceRefused("malformed")
    return Licence(*texts, packages, *days)
