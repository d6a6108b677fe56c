# SPDX-License-Identifier: LGPL-3.0-only
"""A service that asked for time (`Retry-After`) is left alone until then, by each of our processes.

Where the pause must outlive the process, as that of Moe Delo's outbox, it is stored instead.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import Busy

_told: dict[str, tuple[float, Busy]] = {}


@contextmanager
def patience(service: str) -> Iterator[None]:
    """For one question. Raises what the service said, with the seconds that are left, unasked."""
    until, said = _told.get(service, (0.0, None))
    left = math.ceil(until - time.monotonic())
    if said and left > 0:
        raise Busy(said.message, code=said.code, asked=str(left))
    try:
        yield
    except Busy as busy:
        if busy.retry_after:
            _told[service] = time.monotonic() + busy.retry_after, busy
        raise
