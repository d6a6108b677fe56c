# SPDX-License-Identifier: LGPL-3.0-only
"""A service that asked for time (`Retry-After`) is left alone until then.

Where the pauses are kept is the caller's: `Pauses` of this process alone, or the like where others
see them, too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .errors import LONGEST_PAUSE, Busy


class Pauses:
    """Until when each service is left alone (seconds since 1970), and the code that it said."""

    def __init__(self):
        self._kept: dict[str, tuple[float, str]] = {}

    def of(self, service: str) -> tuple[float, str]:
        return self._kept.get(service, (0.0, ""))

    def keep(self, service: str, until: float, code: str) -> None:
        self._kept[service] = until, code


IN_THIS_PROCESS = Pauses()


@contextmanager
def patience(service: str, pauses: Pauses, busy: Callable[[str, str], Busy]) -> Iterator[None]:
    """For one question. While the pause lasts it raises, unasked, `busy(code, seconds left)`."""
    until, code = pauses.of(service)
    left = math.ceil(until - time.time())
    if 0 < left <= LONGEST_PAUSE:  # more than that: the clock was put back
        raise busy(code, str(left))
    try:
        yield
    except Busy as said:
        if said.retry_after:
            pauses.keep(service, time.time() + said.retry_after, said.code)
        raise
