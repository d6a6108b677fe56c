# SPDX-License-Identifier: LGPL-3.0-only
"""`tokens.verify` for tokens that come again with every call of a service.

What a token proved once stays true of the same token, the same keys and the same expectations, as
long as the clock is between that moment and the token's end: its signature and its names do not
change, and `iat` and `nbf` only grow older. So within that time the proof is remembered; outside
of it, and for whatever was refused, `tokens.verify` is asked anew.

A proof says nothing about a revocation, a licence or a package: those are asked with each call.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from . import signing_keys, tokens

REMEMBERED = 1000  # tokens; one of ours has about 700 characters


@dataclass(frozen=True)
class _Proof:
    claims: Mapping[str, object]
    since: float  # seconds since the epoch
    until: float


def verify(
    token: str,
    keys: Mapping[str, signing_keys.PublicKey],
    *,
    typ: str,
    issuer: str,
    audience: str,
    required: tuple[str, ...],
) -> dict[str, object]:
    """As `tokens.verify`, without leeway: our clock made them. `required` contains "exp"."""
    proof = _prove(token, tuple(keys.values()), typ, issuer, audience, required)
    if not proof.since <= time.time() < proof.until:
        return tokens.verify(
            token, keys, typ=typ, issuer=issuer, audience=audience, required=required, leeway=0
        )
    return dict(proof.claims)


@lru_cache(maxsize=REMEMBERED)
def _prove(
    token: str,
    keys: tuple[signing_keys.PublicKey, ...],
    typ: str,
    issuer: str,
    audience: str,
    required: tuple[str, ...],
) -> _Proof:
    # A refusal raises, and is not remembered: strangers fill nothing here.
    since = time.time()
    named = {key.kid: key for key in keys}
    claims = tokens.verify(
        token, named, typ=typ, issuer=issuer, audience=audience, required=required, leeway=0
    )
    return _Proof(claims, since, int(claims["exp"]))
