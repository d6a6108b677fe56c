# SPDX-License-Identifier: LGPL-3.0-only
"""Every state of an order has a code of the exchange."""

from protocol.moedelo import statuses
from protocol.states import STATES


def test_no_state_is_without_a_code():
    assert set(statuses.CODES) == {name for name, _label in STATES}


def test_nothing_that_may_have_left_is_called_waiting_or_cancelled():
    for state in ("to_send", "sending", "unknown", "sent", "waiting", "accepted"):
        assert statuses.CODES[state] == statuses.IN_WORK
