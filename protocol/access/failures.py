# SPDX-License-Identifier: LGPL-3.0-only
"""How often one may be wrong: the limits on guessing, and whose attempts count together."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from functools import lru_cache

# (failures, within seconds, refused for seconds)
LIMITS = ((3, 30, 60), (10, 120, 240))
KEEP = 360  # seconds: older failures mean nothing to any limit
MOST = max(count for count, _within, _refused in LIMITS)  # of one key that are worth keeping
# Failures of everybody within TOTAL_WITHIN. Beyond, names that are registered nowhere share one
# count an address, and the audit gets one line a minute of each; what is registered is counted and
# blocked as ever.
TOTAL = 300
TOTAL_WITHIN = 60


@lru_cache(maxsize=1000)
def network(address: str | None) -> str:
    """IPv4 as it is, IPv6 by /64 (one subscriber has all of it), anything else as one group."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped:
        return str(mapped)
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def key(address: str | None, client_id: str, family: str = "") -> str:
    """Under which name attempts are counted: fixed length, whatever a stranger calls itself.

    `family`: of the token that was presented, where it is known. So what a dead connection tries
    again and again is held against that one, not against the client's live ones.
    """
    named = "|".join([network(address), client_id, *([family] if family else [])])
    return hashlib.sha256(named.encode("utf-8", "backslashreplace")).hexdigest()


def blocked_for(failed_at: Sequence[float], now: float) -> int:
    """Seconds to wait, 0 = come in. `failed_at`: seconds since the epoch, in any order."""
    times = sorted(failed_at)
    until = 0.0
    for count, within, refused in LIMITS:
        for first, last in zip(times, times[count - 1 :], strict=False):
            if last - first <= within:
                until = max(until, last + refused)
    return max(0, -int(-(until - now) // 1)) if until > now else 0
