# SPDX-License-Identifier: LGPL-3.0-only
"""The chosen kind against what the account says: an office's account, SEPA, the format."""

from __future__ import annotations

from collections.abc import Iterator

from .. import kinds
from ..errors import Problem
from ..records import Order
from ..vocabulary import KINDS, POLISH_KINDS
from ..wording import _
from .context import Context, record_of

UNKNOWN = _("{kind} is not a kind of order")
OFFICE = _("the account belongs to an office that is paid by an order of the kind {proposal}")
NOT_OFFICE = _("the account is not one that an order of the kind {kind} goes to")
NOT_SEPA = _("the account is outside SEPA")
NOT_OWN = _("the payee's account is not one of the company's own")
NOT_IN_FORMAT = _("the format {format} has no orders of the kind {kind}")
NO_PURPOSE = _("the format {format} has no place for the purpose {purpose}")
NO_BATCH = _("the format {format} cannot ask for one entry for all")
ONLY_SALARIES = _("only salaries are booked as one entry")

_WITHOUT_PURPOSE = ("elixir",)
_FORMAT_KINDS = {"elixir": POLISH_KINDS}


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, kind, account = record_of(order), order.kind, order.payee.account
    if kind not in KINDS:
        yield Problem.of(record, "kind", UNKNOWN, kind=kind)
        return
    if kind not in _FORMAT_KINDS.get(context.format, KINDS):
        yield Problem.of(record, "kind", NOT_IN_FORMAT, format=context.format, kind=kind)
    purpose = order.details.get("purpose", "")
    if purpose and context.format in _WITHOUT_PURPOSE:
        values = {"format": context.format, "purpose": purpose}
        yield Problem.of(record, "details.purpose", NO_PURPOSE, **values)
    if order.details.get("batch_booking"):
        if context.format in _WITHOUT_PURPOSE:
            yield Problem.of(record, "details.batch_booking", NO_BATCH, format=context.format)
        elif purpose != "SALA":
            yield Problem.of(record, "details.batch_booking", ONLY_SALARIES)
    office = context.offices.get(account) or kinds.office_of(account)
    if office and kind != office:
        yield Problem.of(record, "kind", OFFICE, "warning", proposal=office)
    elif kind in ("tax", "zus") and not office and account:
        yield Problem.of(record, "kind", NOT_OFFICE, "warning", kind=kind)
    if kind == "sepa" and account and not kinds.is_in_sepa(account):
        yield Problem.of(record, "kind", NOT_SEPA)
    if kind == "own" and account and not context.is_own(account):
        yield Problem.of(record, "kind", NOT_OWN)
