# SPDX-License-Identifier: LGPL-3.0-only
"""Whether a statement adds up: opening balance + entries = closing balance, and its turnovers.

The check is lazy, since entries are: `check(statement)` gives the same statement whose entries
raise `InvalidDocument` AFTER the last one when the sum is wrong. So whoever uses them must write
in one transaction and let the error undo it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal, InvalidOperation

from ..errors import InvalidDocument
from ..records import Entry, Statement
from ..wording import _, joined

WRONG_SUM = _(
    "it does not add up: opening {opening} + {count} entries"
    " {total} = {sum}, but closing is {closing}; the difference is {difference}"
)
WRONG_TURNOVER = _("it does not add up: it names {name} {stated}, but its entries give {found}")
TWICE = _("; entry {index} of {day} over {amount} is exactly that and may be one too many")
WRONG_SIGN = _("; entry {index} of {day} over {amount} is half of that and may have the wrong sign")
#: by (has a number, has a day)
CALLED = {
    (True, True): _("statement {number} of {day} of account {account}"),
    (True, False): _("statement {number} of account {account}"),
    (False, True): _("statement of {day} of account {account}"),
    (False, False): _("statement of account {account}"),
}

_EXACT = Context(prec=60)  # 18 digits an entry: the default 28 could round a long sum


def check(statement: Statement) -> Statement:
    """The same statement, with entries that raise at their end when they do not add up.

    Only what the document states is checked: both balances, `credit_sum`, `debit_sum`,
    `credit_count` and `debit_count` in its details. Entries that are not booked (pending,
    expected) do not count.
    """
    return replace(statement, entries=_checked(statement))


def is_booked(entry: Entry) -> bool:
    """False for pending, expected and merely announced entries: they move no money yet."""
    return "status" not in entry.details


class _Sums:
    """Running sums, and of each entry the amount and day: 16 bytes, to name the wrong one."""

    def __init__(self):
        self.counts = {"credit": 0, "debit": 0}
        self.sums = {"credit": Decimal(0), "debit": Decimal(0)}
        self.amounts, self.days = array("d"), array("l")

    def add(self, entry: Entry) -> None:
        side = "debit" if entry.amount < 0 else "credit"
        self.counts[side] += 1
        self.sums[side] = _EXACT.add(self.sums[side], entry.amount)
        self.amounts.append(float(entry.amount))
        self.days.append(entry.booked_on.toordinal())

    @property
    def total(self) -> Decimal:
        return _EXACT.add(self.sums["credit"], self.sums["debit"])


def _checked(statement: Statement) -> Iterator[Entry]:
    sums = _Sums()
    for entry in statement.entries:
        if is_booked(entry):
            sums.add(entry)
        yield entry
    _check_balances(statement, sums)
    _check_turnovers(statement, sums)


def _check_balances(statement: Statement, sums: _Sums) -> None:
    opening, closing = statement.opening_balance, statement.closing_balance
    if opening is None or closing is None:
        return
    found = _EXACT.add(opening, sums.total)
    if found == closing:
        return
    difference = _EXACT.subtract(found, closing)
    message = WRONG_SUM.format(
        opening=opening,
        count=len(sums.amounts),
        total=sums.total,
        sum=found,
        closing=closing,
        difference=difference,
    )
    message = joined("", message, _suspect(sums, difference))
    raise InvalidDocument(message, path=_called(statement), code="wrong_sum")


def _suspect(sums: _Sums, difference: Decimal) -> str:
    """The one entry that explains the difference, if there is exactly one."""
    for text, wanted in ((TWICE, difference), (WRONG_SIGN, difference / 2)):
        found = [index for index, amount in enumerate(sums.amounts) if amount == float(wanted)]
        if len(found) == 1:
            day = date.fromordinal(sums.days[found[0]])
            return text.format(index=found[0] + 1, day=day, amount=wanted)
    return ""


def _check_turnovers(statement: Statement, sums: _Sums) -> None:
    for side in ("credit", "debit"):
        found = {f"{side}_sum": abs(sums.sums[side]), f"{side}_count": Decimal(sums.counts[side])}
        for name, value in found.items():
            stated = statement.details.get(name)
            if stated is not None and not _same(stated, value):
                _refuse_turnover(statement, name, stated, value)


def _same(stated: str, value: Decimal) -> bool:
    try:
        return Decimal(stated) == value
    except InvalidOperation:  # no number at all
        return False


def _refuse_turnover(statement: Statement, name: str, stated: str, found: object) -> None:
    message = WRONG_TURNOVER.format(
        name=name,
        stated=stated,
        found=found,
    )
    raise InvalidDocument(message, path=_called(statement), code="wrong_turnover")


def tidy(statement: Statement, pending: bool) -> Statement:
    """The same statement with operation ids that are unique in it, as `Entry` promises.

    Some banks give a fee the id of its transfer: the second one becomes ``<id>/2``. Entries that
    are not booked are left out unless `pending`.
    """
    return replace(statement, entries=_Tidied(statement.entries, pending))


class _Tidied:
    """Entries that may be iterated as often as those they come from."""

    def __init__(self, entries: Iterable[Entry], pending: bool):
        self.entries, self.pending = entries, pending

    def __iter__(self) -> Iterator[Entry]:
        seen: dict[str, int] = {}
        for entry in self.entries:
            if not self.pending and not is_booked(entry):
                continue
            name = entry.operation_id
            if name is not None:
                count = seen[name] = seen.get(name, 0) + 1
                if count > 1:
                    entry = replace(entry, operation_id=f"{name}/{count}")
            yield entry


def _called(statement: Statement) -> str:
    name = CALLED[bool(statement.number), bool(statement.closed_on)]
    return name.format(
        number=statement.number, day=statement.closed_on, account=statement.account_number
    )
