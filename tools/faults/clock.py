# SPDX-License-Identifier: LGPL-3.0-only
"""Makes time pass in Odoo's tables.

The rules of waiting (a dead worker, the bank's longest delay) are not weakened for a test: every
instant that they compare with "now" is moved into the past instead, as if it had been that long.
"""

OPEN = ("sending", "unknown", "sent", "waiting", "accepted", "paused")


def pass_time(stack, minutes, states=OPEN):
    """For the packages in these states; the others have nothing to wait for meanwhile."""
    ago = f"interval '{minutes} minutes'"
    stack.sql(
        "UPDATE bank_package SET "
        f"handed_over_at = handed_over_at - {ago}, asked_at = asked_at - {ago}, "
        f"ask_next_at = ask_next_at - {ago}, not_known_since = not_known_since - {ago} "
        f"WHERE state IN ({', '.join(repr(state) for state in states)})"
    )
