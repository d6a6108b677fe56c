# SPDX-License-Identifier: LGPL-3.0-only
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
ONLY_ABROAD = _("only a transfer abroad goes through another bank")
SAME_BANK = _("{bic} is the payee's own bank: there is no other one between")
OTHER_COUNTRY = _("the bank {bic} is not in the country of the account ({country})")

# accounts of these territories carry the IBAN of another country
_SAME_COUNTRY = {"GG": "GB", "JE": "GB", "IM": "GB", "GF": "FR", "GP": "FR", "MQ": "FR",
                 "RE": "FR", "YT": "FR", "PM": "FR", "BL": "FR", "MF": "FR"}  # fmt: skip

# ISO 3166-1, and Kosovo as SWIFT has it. python-stdnum knows them since 1.20; Odoo pins 1.19.
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
    ZW XK
    """.split()  # noqa: SIM905
)


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, payee = record_of(order), order.payee
    for field, code in (("payer.bic", order.payer.bic), ("payee.bic", payee.bic)):
        if code and not is_valid(code):
            yield Problem.of(record, field, NOT_VALID, bic=code)
    between = order.details.get("intermediary_bic", "")
    if between and not is_valid(between):
        yield Problem.of(record, "details.intermediary_bic", NOT_VALID, bic=between)
    elif between and order.kind != "foreign":
        yield Problem.of(record, "details.intermediary_bic", ONLY_ABROAD)
    elif between and between[:8] == payee.bic[:8]:
        yield Problem.of(record, "details.intermediary_bic", SAME_BANK, "warning", bic=between)
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
    return bic.is_valid(code) and bic.compact(code) == code and code[4:6] in COUNTRIES
