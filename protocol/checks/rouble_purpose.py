# SPDX-License-Identifier: LGPL-3.0-only
"""What Russian banks look for in the purpose (24) and beside some accounts: for a person to decide.

Sources: Bank of Russia, instruction 181-I (codes of currency operations, {VO…}), and its direction
5286-U (code 20 of income paid to persons, and the sum that was held back from it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..records import Order, payee_account
from ..wording import _

PERSONS = ("40817", "40820")  # accounts of persons, residents and others
NON_RESIDENTS = ("30111", "40807", "40820")
HELD_BACK = re.compile(r"//ВЗС//\d{1,15}-\d\d//")

NO_INCOME_CODE = _(
    "the payee's account {account} is a person's: a payment of income needs code 1 to 5 here"
)
NO_CURRENCY_CODE = _(
    "the account {account} is a non-resident's: begin with the code of the currency operation, "
    "such as {example}"
)
A_BANK = _(
    "{account} is the correspondent account of the payee's bank: box 17 stays empty, and the money "
    "goes to the bank itself"
)
BAD_HELD_BACK = _("what was held back from wages is written as {example}")


def check(order: Order) -> Iterator[tuple[str, str, dict]]:
    """(field, template, values) of every warning."""
    account = order.payee.account
    if account.startswith(PERSONS) and not order.details.get("income_code"):
        yield "details.income_code", NO_INCOME_CODE, {"account": account}
    if account and not payee_account(order):
        yield "payee.account", A_BANK, {"account": account}
    foreign = [one for one in (order.payer.account, account) if one.startswith(NON_RESIDENTS)]
    if foreign and not re.match(r"\{VO\d{5}", order.title):
        values = {"account": foreign[0], "example": "{VO10100}"}
        yield "title", NO_CURRENCY_CODE, values
    if "ВЗС" in order.title.upper() and not HELD_BACK.search(order.title):
        yield "title", BAD_HELD_BACK, {"example": "//ВЗС//1500-00//"}
