"""What a person is asked before the card is used: one question for each kind of request."""

from __future__ import annotations

from collections.abc import Sequence

from .card_certificate import CardCertificate
from .challenge import LogIn
from .desk import Question
from .documents.summary import Summary, shown
from .pairing import Pairing
from .words import say


def of_documents(
    summaries: Sequence[Summary], bank: str, pairing: Pairing, certificate: CardCertificate
) -> Question:
    facts, payments, totals = _shown_together(summaries)
    return Question(
        heading=_heading(summaries, len(payments)),
        facts=(*facts, ("Bank", bank), *_who(pairing), *_with(certificate)),
        payments=payments,
        totals=totals,
    )


def of_log_in(log_in: LogIn, pairing: Pairing, certificate: CardCertificate) -> Question:
    """A log-in that the card signs."""
    return Question(
        heading=say("Log in to {bank}", bank=shown(log_in.bank)),
        facts=(
            *_login(log_in),
            ("Asked by the bank as", log_in.issuer),
            *_who(pairing),
            *_with(certificate),
        ),
    )


def of_opening(log_in: LogIn, pairing: Pairing, certificate: CardCertificate) -> Question:
    """A log-in whose session id the card opens. `issuer` is the bank's address here."""
    return Question(
        heading=say("Log in to {bank}", bank=shown(log_in.bank)),
        facts=(
            *_login(log_in),
            ("Address of the bank", log_in.issuer),
            ("What for", say("The card opens the session id that the bank encrypted")),
            *_who(pairing),
            *_with(certificate),
        ),
        agree="Log in",
    )


def _login(log_in: LogIn) -> tuple[tuple[str, str], ...]:
    return (("Bank", log_in.bank), ("Login", log_in.login), ("Client", log_in.client))


def _shown_together(summaries: Sequence[Summary]):
    """Facts, payments and totals of all documents of one question."""
    payments = tuple(payment for summary in summaries for payment in summary.payments)
    whole = Summary("", payments=payments)
    totals = tuple(
        f"{total:,.2f}".replace(",", " ") + f" {currency}"
        for currency, total in sorted(whole.totals.items())
    )
    kinds = " + ".join(sorted({summary.kind for summary in summaries}))
    facts = [("Kind", kinds)]
    if payments:
        payers = sorted({payment.payer_account for payment in payments})
        facts += [("Payments", str(len(payments))), ("From account", ", ".join(payers))]
    if len(summaries) == 1 and summaries[0].id:
        facts.append(("Message", summaries[0].id))
    facts += [fact for summary in summaries for fact in summary.facts if len(summaries) < 4]
    return tuple(facts), payments, totals


def _heading(summaries: Sequence[Summary], count: int) -> str:
    if not count:
        return say("Sign: {kind}", kind=summaries[0].kind)
    return say("Sign payments: {count}", count=count)


def _who(pairing: Pairing) -> tuple[tuple[str, str], ...]:
    words = say(
        "{origin}  (database {database}, user {user})",
        origin=pairing.origin,
        database=pairing.database,
        user=pairing.user,
    )
    return (("Asked by", words),)


def _with(certificate: CardCertificate) -> tuple[tuple[str, str], ...]:
    words = say(
        "{subject}, valid until {day}",
        subject=certificate.subject,
        day=certificate.not_after.date(),
    )
    return (("Certificate", words),)
