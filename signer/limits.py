# SPDX-License-Identifier: LGPL-3.0-only
"""How often somebody may ask. Counts are kept for the latest names only, so memory cannot grow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Limit:
    """At most `burst` at once, filled up again at `per_minute`; one bucket a key."""

    MOST_KEYS = 1024

    def __init__(self, burst: int, per_minute: float, clock: Callable[[], float] = time.monotonic):
        self.burst = burst
        self.rate = per_minute / 60
        self.clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def allow(self, key: str) -> bool:
        with self._lock:
            now = self.clock()
            level, last = self._buckets.pop(key, (float(self.burst), now))
            if len(self._buckets) >= self.MOST_KEYS:
                del self._buckets[next(iter(self._buckets))]  # who asked longest ago
            level = min(self.burst, level + (now - last) * self.rate)
            allowed = level >= 1
            self._buckets[key] = (level - 1 if allowed else level, now)
            return allowed
