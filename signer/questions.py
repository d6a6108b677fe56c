# SPDX-License-Identifier: LGPL-3.0-only
"""What a person is asked before the card is used: one question for each kind of request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .card_certificate import CardCertificate
from .challenge import LogIn
from .desk import Part, Question
from .documents.summary import Fact, Payment, Summary
from .pairing import Pairing
from .words import say


def of_documents(
    summaries: Sequence[Summary], bank: str, pairing: Pairing, certificate: CardCertificate
) -> Question:
    """Every document is a part of its own, with all its facts; what all payments share is said
    once at the top of its part."""
    count = sum(len(summary.payments) for summary in summaries)
    whole = Summary("", payments=tuple(p for summary in summaries for p in summary.payments))
    totals = tuple(f"{_grouped(total)} {code}" for code, total in sorted(whole.totals.items()))
    kinds = Counter(summary.kind for summary in summaries)
    if count and len(kinds) == 1:
        heading = say("Sign payments: {count}", count=count)
    elif len(summaries) == 1:
        heading = say("Sign: {kind}", kind=summaries[0].kind)
    else:
        heading = say("Sign documents: {count}", count=len(summaries))
    facts = [("Kind", f"{kind} × {number}") for kind, number in kinds.items()]
    facts += [("Payments", str(count)), *(("Total", total) for total in totals)] if count else []
    return Question(
        heading=heading,
        facts=(*facts, *_who(pairing), *_with(certificate)),
        parts=tuple(
            _part(summary, number, len(summaries)) for number, summary in enumerate(summaries, 1)
        ),
        said_by_odoo=(("Bank", bank), *_said(pairing)),
    )


def of_log_in(log_in: LogIn, pairing: Pairing, certificate: CardCertificate) -> Question:
    """A log-in that the card signs: the bank made it, and Odoo handed it on."""
    return Question(
        heading=say("Log in to a bank"),
        facts=(*_who(pairing), *_with(certificate)),
        parts=(Part(facts=(*_login(log_in), ("The bank calls itself", log_in.issuer))),),
        said_by_odoo=_said(pairing),
        agree="Log in",
    )


def of_opening(
    log_in: LogIn, pairing: Pairing, certificate: CardCertificate, *, is_new: bool
) -> Question:
    """A log-in whose session id the card opens. `issuer` is the bank's address here."""
    what = say("The card opens the session id that the bank encrypted")
    return Question(
        heading=say("Log in to a bank"),
        facts=(("What for", what), *_who(pairing), *_with(certificate)),
        said_by_odoo=(
            *_login(log_in),
            ("Address of the bank", log_in.issuer),
            *_said(pairing),
        ),
        warning=NEW_ADDRESS if is_new else "",
        agree="Log in",
    )


NEW_ADDRESS = "NEW: no session was opened at this address of this bank before. Is it your bank?"


def _login(log_in: LogIn) -> tuple[Fact, ...]:
    return (("Bank", log_in.bank), ("Login", log_in.login), ("Client", log_in.client))


def _part(summary: Summary, number: int, count: int) -> Part:
    title = say("Document {number} of {count}", number=number, count=count) if count > 1 else ""
    kind = [("Kind", summary.kind)] if count > 1 else []
    own_id = [("Message", summary.id)] if summary.id else []
    common, payments = _without_common(summary.payments)
    return Part(title, (*kind, *common), payments, (*own_id, *summary.facts))


def _without_common(payments: tuple[Payment, ...]) -> tuple[list[Fact], tuple[Payment, ...]]:
    """The facts that are the same in all of several payments, and the payments without them."""
    if len(payments) < 2:
        return [], payments
    others = [set(payment.facts) for payment in payments[1:]]
    common = [fact for fact in payments[0].facts if all(fact in facts for facts in others)]
    left = (
        replace(payment, facts=tuple(fact for fact in payment.facts if fact not in common))
        for payment in payments
    )
    return common, tuple(left)


def _grouped(amount: object) -> str:
    return f"{amount:,f}".replace(",", " ")


def _who(pairing: Pairing) -> tuple[Fact, ...]:
    return (("Asked by", pairing.origin),)


def _said(pairing: Pairing) -> tuple[Fact, ...]:
    return (("Database", pairing.database), ("User", pairing.user))


def _with(certificate: CardCertificate) -> tuple[Fact, ...]:
    words = say(
        "{subject}, valid until {day}",
        subject=certificate.subject,
        day=certificate.not_after.date(),
    )
    return (("Certificate", words),)
