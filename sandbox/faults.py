# SPDX-License-Identifier: LGPL-3.0-only
"""Faults to order: what goes wrong with the next calls, once each, in the order they were asked.

before the call is worked on
    drop_before      the connection is closed, nothing was taken
    http_500         HTTP 500 and a page of HTML      (`after`: true = the call was worked on first)
    busy             the bank's own fault BUSY
    session_lost     the session ends first, so the call meets SESSION_ENDED
    take_late        (sending only) closed without an answer; the message is taken later: after
                     `questions` status questions that say "not known", or by /control/late
after the call was worked on
    drop_after       the connection is closed without an answer
    delay            `seconds` pass before the answer (`before`: true = before the work)
    garbage          an answer that is no XML
    truncated        the answer breaks off in the middle
    entity_bomb      an answer with a DOCTYPE that expands
    other_message_id the answer speaks of another message
    repeated         something on the way sends the request twice; the second answer comes back
    wrong_account_statement, bad_balance, wrong_currency    statements that are not right
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

SENDING = ("drop_before", "drop_after", "take_late", "http_500", "delay", "garbage", "truncated",
           "other_message_id", "session_lost", "busy", "entity_bomb", "repeated")  # fmt: skip
READING = ("wrong_account_statement", "bad_balance", "wrong_currency")
KINDS = (*SENDING, *READING)


def _check_numbers(kind=int, **values) -> None:
    """`values`: name=(number, the least). ValueError for what is no such number."""
    for name, (value, least) in values.items():
        right = isinstance(value, int | kind) and not isinstance(value, bool)
        if not right or not least <= value < 10**9:
            raise ValueError(f"{name} must be a number from {least}, not {value!r}.")


@dataclass
class Fault:
    """One kind of failure for calls of `operation` ("" = any)."""

    kind: str
    operation: str = ""
    count: int = 1
    seconds: float = 5.0  # delay
    after: bool = False  # http_500
    before: bool = False  # delay
    questions: int = 2  # take_late

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"No such fault: {self.kind}. Known: {', '.join(KINDS)}")
        _check_numbers(count=(self.count, 1), questions=(self.questions, 0))
        _check_numbers(float, seconds=(self.seconds, 0))
        if not isinstance(self.operation, str) or not {self.after, self.before} <= {True, False}:
            raise ValueError("operation is text; after and before are true or false.")


@dataclass
class Plan:
    """Random faults for a long run; the same seed gives the same row of faults.

    The kinds are dealt like cards: each of them once before one of them comes again.
    """

    seed: int
    operation: str
    kinds: list[str]
    rate: float = 0.3
    limit: int = 200
    seconds: float = 5.0
    applied: int = 0
    random: random.Random = field(init=False)
    cards: list[str] = field(init=False, default_factory=list)

    def __post_init__(self):
        if (
            not self.kinds
            or not isinstance(self.kinds, list)
            or not isinstance(self.operation, str)
        ):
            raise ValueError("kinds is a list of faults, operation is text.")
        _check_numbers(seed=(self.seed, 0), limit=(self.limit, 0))
        _check_numbers(float, rate=(self.rate, 0), seconds=(self.seconds, 0))
        self.random = random.Random(self.seed)  # noqa: S311 - it must repeat
        for kind in self.kinds:
            Fault(kind)

    def draw(self, operation: str) -> Fault | None:
        if self.applied >= self.limit or self.operation not in ("", operation):
            return None
        if self.random.random() >= self.rate:
            return None
        self.applied += 1
        if not self.cards:
            self.cards = self.random.sample(self.kinds, len(self.kinds))
        return Fault(self.cards.pop(), operation, seconds=self.seconds,
                     after=self.random.random() < 0.5,
                     questions=self.random.randrange(3))  # fmt: skip


class Faults:
    """The queue, the plan, and how often each kind was applied."""

    def __init__(self):
        self.queue: list[Fault] = []
        self.plan: Plan | None = None
        self.applied: Counter = Counter()
        self.log: list[dict] = []

    def take(self, operation: str) -> Fault | None:
        """The fault for this call, counted as applied, or None."""
        fault = self._queued(operation) or (self.plan.draw(operation) if self.plan else None)
        if fault:
            self.applied[fault.kind] += 1
            self.log.append({"operation": operation, "kind": fault.kind})
        return fault

    def _queued(self, operation: str) -> Fault | None:
        for fault in self.queue:
            if fault.operation in ("", operation):
                fault.count -= 1
                if fault.count <= 0:
                    self.queue.remove(fault)
                return fault
        return None

    def report(self) -> dict:
        return {
            "waiting": [vars(fault) for fault in self.queue],
            "applied": dict(self.applied),
            "total": sum(self.applied.values()),
            "planned": self.plan.applied if self.plan else 0,
            "log": self.log[-500:],
        }
