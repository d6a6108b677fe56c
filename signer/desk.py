# SPDX-License-Identifier: LGPL-3.0-only
"""Where a person sees what is to be signed, says yes or no, and types the PIN.

A question comes from a thread of the server and is answered in the main thread (windows demand
that). One question at a time. The PIN lives in the answer only, and the answer is used once.
"""

from __future__ import annotations

import queue
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from .documents.summary import Fact, Payment, shown
from .errors import Refusal
from .words import say

SECONDS_TO_ANSWER = 180
ACCOUNT = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}|[0-9]{20,26}")


@dataclass(frozen=True)
class Part:
    """What is shown of one document: the facts of all its payments, the payments, each with facts
    of its own, and what the document says besides."""

    title: str = ""
    facts: tuple[Fact, ...] = ()
    payments: tuple[Payment, ...] = ()
    besides: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Question:
    """What is shown. `facts`: (label, value). `code`: of a pairing, to compare with the page.

    `said_by_odoo`: what the page says and the signer cannot know. `warning`: words, or empty.
    """

    heading: str
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...] = ()
    said_by_odoo: tuple[Fact, ...] = ()
    warning: str = ""
    code: str = ""
    origin: str = ""
    needs_card: bool = False  # a signature, not only a pairing
    wants_pin: bool = False  # False with a reader that has its own keys
    note: str = ""  # what the card says of the tries that are left
    software_token: bool = False
    agree: str = ""  # the button, where it is neither to sign nor to pair

    def lines(self) -> list[tuple[str, str]]:
        """The whole question as text, one thing a line: (how it looks, text), in reading order.

        Looks: "warning", "title", "fact", "strong", "payment" (below its "strong"), "space".
        """
        lines = [("warning", say(self.warning))] if self.warning else []
        lines += [("strong" if label == "Total" else "fact", _fact(label, value))
                  for label, value in self.facts]  # fmt: skip
        for part in self.parts:
            lines += [("space", ""), *_part_lines(part)]
        if self.said_by_odoo:
            lines += [("space", ""), ("title", say("Odoo says, and the signer cannot check it:"))]
            lines += [("fact", _fact(label, value)) for label, value in self.said_by_odoo]
        return lines + ([("strong", _fact("Code", self.code))] if self.code else [])


def _part_lines(part: Part) -> list[tuple[str, str]]:
    lines = [("title", shown(part.title))] if part.title else []
    lines += [("fact", _fact(label, value)) for label, value in part.facts]
    for number, payment in enumerate(part.payments, 1):
        lines.append(("strong", f"{number}. {written_amount(payment)}  →  {shown(payment.payee)}"))
        lines.append(("payment", in_groups(shown(payment.account))))
        if payment.title:
            lines.append(("payment", _fact("Title", payment.title)))
        lines += [("payment", _fact(label, value)) for label, value in payment.facts]
    return lines + [("fact", _fact(label, value)) for label, value in part.besides]


def _fact(label: str, value: str) -> str:
    pieces = shown(value).split(" · ")
    return f"{say(label)}: {' · '.join(map(in_groups, pieces))}"


@dataclass(frozen=True)
class Answer:
    """`pin` is None where it is typed at the reader, or where none was asked for.

    `seen` False: there was no place to ask, so nobody said no.
    """

    approved: bool
    pin: str | None = field(default=None, repr=False)
    seen: bool = True


def written_amount(payment: Payment) -> str:
    return f"{payment.amount:,f}".replace(",", " ") + f" {payment.currency}"


def in_groups(account: str) -> str:
    """An account number in groups of four, as people compare it; others stay as they are."""
    number, comma, more = account.partition(",")
    if not ACCOUNT.fullmatch(number):
        return account
    start = len(number) % 4 if number.isdigit() else 0
    groups = [number[:start]] if start else []
    groups += [number[at : at + 4] for at in range(start, len(number), 4)]
    return " ".join(groups) + comma + more


class Asked:
    """A question that stands before a person."""

    def __init__(self, question: Question):
        self.question = question
        self.answer: Answer | None = None
        self.over = threading.Event()  # answered, out of time, or nobody waits any more

    def give(self, answer: Answer) -> None:
        if not self.over.is_set():
            self.answer = answer
            self.over.set()


class Desk(ABC):
    """Asks one question at a time. `run` serves it in the main thread until `stop` is set."""

    address = ""  # where the signer listens, to be shown
    newest = ""  # version of the signer that Odoo has, where it is newer
    open_pairing: Callable[[], None] = staticmethod(lambda: None)  # the person wants to pair now
    pairing_seconds: Callable[[], int] = staticmethod(lambda: 0)  # how long that still holds
    cards: Callable[[], list[str]] = staticmethod(list)  # what they hold, a line each

    def __init__(self, seconds: float = SECONDS_TO_ANSWER):
        self.seconds = seconds
        self.questions: queue.Queue[Asked] = queue.Queue()
        self._one = threading.Lock()

    def attach(
        self,
        address: str,
        open_pairing: Callable[[], None],
        pairing_seconds: Callable[[], int],
        cards: Callable[[], list[str]],
    ) -> None:
        """What the person sees and does besides questions."""
        self.address, self.cards = address, cards
        self.open_pairing, self.pairing_seconds = open_pairing, pairing_seconds

    def ask(self, question: Question, gone: Callable[[], bool] = lambda: False) -> Answer:
        """The person's answer. `gone()`: True once the page that asked has left."""
        if not self._one.acquire(blocking=False):
            raise Refusal("busy")
        try:
            asked = Asked(question)
            self.questions.put(asked)
            self._wait(asked, gone)
        finally:
            self._one.release()
        if asked.answer is None:
            raise Refusal("no_answer")
        if not asked.answer.seen:
            raise Refusal("no_window")
        return asked.answer

    def _wait(self, asked: Asked, gone: Callable[[], bool]) -> None:
        ends = time.monotonic() + self.seconds
        while not asked.over.wait(0.25):
            if time.monotonic() > ends or gone():
                asked.over.set()

    @abstractmethod
    def run(self, stop: threading.Event) -> None: ...

    def interrupt(self) -> None:
        """The program is to end: called in the main thread, right after `stop` was set."""
        return  # only who reads without looking at `stop` has something to break off


class SoftwareDesk(Desk):
    """For tests with a software token only: the PIN comes from a file.

    It approves by itself only with `approve`, and pairs only the site named at the start. A card
    of any other kind is refused, whatever the options say.
    """

    def __init__(self, pin: str, *, approve: bool, pair_with: str, person: Desk | None = None):
        super().__init__()
        self.pin = pin
        self.approve = approve
        self.pair_with = pair_with
        self.person = person

    def attach(self, *what) -> None:
        super().attach(*what)
        if self.person:
            self.person.attach(*what)

    def ask(self, question: Question, gone: Callable[[], bool] = lambda: False) -> Answer:
        if question.needs_card and not question.software_token:
            raise Refusal("only_software_tokens")
        if self.approve:
            approved = question.needs_card or question.origin == self.pair_with
        else:
            approved = self.person.ask(question, gone).approved
        return Answer(approved, self.pin if question.wants_pin else None)

    def run(self, stop: threading.Event) -> None:
        if self.person:
            self.person.run(stop)
        else:
            stop.wait()

    def interrupt(self) -> None:
        if self.person:
            self.person.interrupt()
