"""BIC of the payee's bank (ISO 9362; by python-stdnum): its form, and where it is needed."""

from __future__ import annotations

from collections.abc import Iterator

from stdnum import bic

from ..accounts import looks_like_iban
from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

NOT_VALID = _("{bic} is not a valid BIC")
NEEDED = _("the BIC of the payee's bank is missing")
OTHER_COUNTRY = _("the bank {bic} is not in the country of the account ({country})")

# accounts of these territories carry the IBAN of another country
_SAME_COUNTRY = {"GG": "GB", "JE": "GB", "IM": "GB", "GF": "FR", "GP": "FR", "MQ": "FR",
                 "RE": "FR", "YT": "FR", "PM": "FR", "BL": "FR", "MF": "FR"}  # fmt: skip


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, payee = record_of(order), order.payee
    for field, code in (("payer.bic", order.payer.bic), ("payee.bic", payee.bic)):
        if code and not is_valid(code):
            yield Problem.of(record, field, NOT_VALID, bic=code)
    if order.kind == "foreign" and not payee.bic and not payee.bank_code:
        yield Problem.of(record, "payee.bic", NEEDED)
    if is_valid(payee.bic) and looks_like_iban(payee.account):
        country, of_bank = payee.account[:2], payee.bic[4:6]
        if country not in (of_bank, _SAME_COUNTRY.get(of_bank)):
            yield Problem.of(
                record, "payee.bic", OTHER_COUNTRY, "warning", bic=payee.bic, country=country
            )


def is_valid(code: str) -> bool:
    """In capitals without blanks, as messages need it."""
    return bic.is_valid(code) and bic.compact(code) == code
