# SPDX-License-Identifier: LGPL-3.0-only
"""Names, addresses and titles: allowed characters and lengths, by format and kind.

Shows what would be sent with other letters than it is written with (a warning), what cannot be
sent at all, and by how many characters a text is too long as it would be sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import Problem
from ..formats import texts
from ..records import Order
from ..wording import _
from .context import Context, record_of

EMPTY = _("is missing")
WILL_BE_SENT_AS = _("will be sent as: {proposal}")
CANNOT_BE_SENT = _("has characters that the bank does not take: {characters}")
TOO_LONG = _("is too long by {excess} characters (at most {limit})")
UNPRINTABLE = _("has an unprintable character (U+{code}) at place {place}, after “{before}”")
BAD_BEGINNING = _("must not begin with {character}")


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, rules = record_of(order), texts.rules_for(context.format, order.kind)
    for field, text, limit in _fields(order, rules):
        sent = texts.fit(text, rules)
        characters = texts.misfits(text, rules)
        if hidden := hidden_in(text, characters):
            yield Problem.of(record, field, UNPRINTABLE, **hidden)
        elif characters:
            yield Problem.of(record, field, CANNOT_BE_SENT, characters=characters)
        elif sent != text:
            yield Problem.of(record, field, WILL_BE_SENT_AS, "warning", proposal=sent)
        if len(sent) > limit:
            excess = len(sent) - limit
            yield Problem.of(record, field, TOO_LONG, excess=excess, limit=limit)
        # SWIFT ends a field, or starts another one, at a line that begins so
        if rules is texts.SWIFT and sent[:1] in ("-", ":"):
            yield Problem.of(record, field, BAD_BEGINNING, character=sent[0])
    for field, text in (("payer.name", order.payer.name), ("payee.name", order.payee.name)):
        if not text.strip():
            yield Problem.of(record, field, EMPTY)
    if not order.title.strip():
        yield Problem.of(record, "title", EMPTY)


def hidden_in(text: str, characters: Iterable[str]) -> dict | None:
    """Where the first of these characters that nobody can see stands in the text."""
    hidden = next((one for one in characters if not one.isprintable()), None)
    if hidden is None:
        return None
    at = max(text.find(hidden), 0)
    return {"code": f"{ord(hidden):04X}", "place": at + 1, "before": text[max(at - 10, 0) : at]}


def _fields(order: Order, rules: texts.TextRules) -> Iterator[tuple[str, str, int]]:
    """(field, text, limit) of everything that a person wrote."""
    for who, party in (("payer", order.payer), ("payee", order.payee)):
        yield f"{who}.name", party.name, rules.name
        yield f"{who}.address.street", party.address.street, rules.street
        yield f"{who}.address.postcode", party.address.postcode, rules.postcode
        yield f"{who}.address.town", party.address.town, rules.town
    yield "title", order.title, rules.title
