# SPDX-License-Identifier: LGPL-3.0-only
"""Facts of processing on their way to the service: content, signature, answer, pauses.

A notice says what became of one document; it keeps its id and its words however often it is
delivered. Up to `BATCH` of them travel in one body::

    {"notices": [{"id": uuid, "document": external id, "number": 3, "inn": "7707083893",
                  "code": "02", "state": "executed", "reason": "", "executed_on": "2026-03-10",
                  "happened_at": "2026-03-10T10:00:00Z"}]}

`number` counts the notices of a document from 1. Beside the body, in the header `SIGNATURE`, stands
a JWS (`typ: notice+jwt`) whose claims name us, the receiver and the SHA-256 of the body. The answer
says which ids the service has now: ``{"taken": [id], "refused": [{"id": id, "reason": text}]}``.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from ..access import signing_keys, tokens
from ..errors import BadAnswer

SIGNATURE = "Notice-Signature"
BATCH = 100  # notices in one body
LIFE = timedelta(minutes=5)  # of a signature: each delivery is signed anew
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
KEEP_TRYING = timedelta(days=7)
MAX_REASON = 300  # characters of the service's own words that are kept

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

NO_USABLE_ANSWER = "The service did not say which notices it has taken."


@dataclass(frozen=True)
class Taken:
    """What the service said of a batch: ids it has, and ids it will never take, with its reason."""

    ids: frozenset[str]
    refused: Mapping[str, str] = field(default_factory=dict)


def render(
    *,
    notice_id: str,
    document: str,
    number: int,
    inn: str,
    code: str,
    state: str,
    happened_at: datetime,
    reason: str = "",
    executed_on: date | None = None,
) -> str:
    """The JSON of one notice. `happened_at`: aware."""
    moment = happened_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {
        "id": notice_id,
        "document": document,
        "number": number,
        "inn": inn,
        "code": code,
        "state": state,
        "reason": reason,
        "executed_on": executed_on.isoformat() if executed_on else None,
        "happened_at": moment,
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def body_of(contents: Iterable[str]) -> bytes:
    """One body of several rendered notices, each to the letter as it was written."""
    return b'{"notices":[' + ",".join(contents).encode() + b"]}"


def sign(
    body: bytes, key: signing_keys.SigningKey, issuer: str, audience: str, now: datetime
) -> str:
    """The JWS that goes with this body. `now`: aware."""
    moment = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": moment,
        "exp": moment + int(LIFE.total_seconds()),
        "jti": str(uuid.uuid4()),
        "body_sha256": hashlib.sha256(body).hexdigest(),
    }
    return tokens.issue(claims, key, tokens.NOTICE)


def parse_answer(content: bytes, asked: Sequence[str]) -> Taken:
    """What the service says of the ids it was sent; ids that it was not sent are left out."""
    known = set(asked)
    try:
        said = json.loads(content)
        taken = frozenset(one for one in said["taken"] if one in known)
        refused = {
            one["id"]: _UNSTORABLE.sub("?", str(one.get("reason") or ""))[:MAX_REASON]
            for one in said.get("refused", [])
            if one["id"] in known
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadAnswer(NO_USABLE_ANSWER) from error
    return Taken(taken, {one: reason for one, reason in refused.items() if one not in taken})


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: a minute, doubled up to an hour."""
    doubled = FIRST_PAUSE * 2 ** min(max(failures - 1, 0), 10)
    return min(doubled, LONGEST_PAUSE)
