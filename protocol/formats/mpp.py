"""Split payment (MPP): the parts of the title that Polish law prescribes.

``/VAT/<amount>/IDC/<supplier's tax id>/INV/<invoice>/TXT/<free text>``; the text may be missing.
Source: the banks' common description of "komunikat przelewu" in the split payment mechanism.
"""

from __future__ import annotations

import re

# The invoice number may hold slashes: only the next tag ends it.
_TITLE = re.compile(
    r"\s*/VAT/(?P<vat_amount>[0-9 ]{1,13}(?:[,.][0-9]{0,2})?)"
    r"\s*/IDC/(?P<vat_tax_id>.{0,40}?)"
    r"\s*/INV/(?P<vat_invoice>.{0,80}?)"
    r"(?:\s*/TXT/(?P<vat_text>.*))?",
    re.ASCII | re.DOTALL,
)


def parts(title: str) -> dict[str, str]:
    """`vat_amount` (with a point), `vat_tax_id`, `vat_invoice`, `vat_text`; or nothing."""
    match = _TITLE.fullmatch(title)
    if not match:
        return {}
    found = {key: value.strip() for key, value in match.groupdict().items() if value}
    found["vat_amount"] = found["vat_amount"].replace(" ", "").replace(",", ".")
    return {key: value for key, value in found.items() if value}
