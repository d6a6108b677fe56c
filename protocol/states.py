# SPDX-License-Identifier: LGPL-3.0-only
"""The states of an order and of its package, named once. See the design's picture:

draft | imported -> prepared -> partly signed -> signed -> to send -> sending
sending -> sent | unknown | rejected; sent -> waiting -> accepted -> executed | partly executed
accepted -> paused | rejected | recalled; executed -> returned; before sending: -> cancelled
"""

STATES = [
    ("draft", "Draft"),
    ("imported", "Imported"),
    ("prepared", "Prepared"),
    ("partly_signed", "Partly signed"),
    ("signed", "Signed"),
    ("to_send", "To send"),
    ("sending", "Sending"),
    ("unknown", "Unknown"),
    ("sent", "Sent"),
    ("waiting", "Waiting at the bank"),
    ("accepted", "Accepted"),
    ("executed", "Executed"),
    ("partly_executed", "Partly executed"),
    ("returned", "Returned"),
    ("paused", "Paused (no money)"),
    ("rejected", "Rejected"),
    ("recalled", "Recalled"),
    ("cancelled", "Cancelled"),
]

# The payment has not left this house and may still be given up or changed.
OPEN = ("draft", "imported", "prepared", "partly_signed", "signed")
READY = ("prepared", "partly_signed", "signed")
SIGNED = ("partly_signed", "signed")
# Money may move or has moved: nothing can be cancelled, deleted, edited or packed again.
GONE = (
    "to_send",
    "sending",
    "unknown",
    "sent",
    "waiting",
    "accepted",
    "executed",
    "partly_executed",
    "paused",
)
# The bank has not got it: what the order pays may still change under it, and must not.
BEFORE = (*OPEN, "to_send", "sending")
# Payment, entry and bills are one with the order, until the statement has shown it.
UNDER_WAY = (*BEFORE, "unknown", "sent", "waiting", "accepted", "paused")
# The order is over and its payment is not; a copy may be made.
OVER = ("returned", "rejected", "recalled", "cancelled")
# The bank has seen the order's id and will not take it again.
USED_UP = ("rejected", "recalled", "returned")
# What the package as a whole does not change any more in one of its orders.
SETTLED = ("executed", "partly_executed", "returned", "rejected", "recalled", "cancelled")
# The bank may still change its mind: its status is asked for.
ASK = ("sent", "waiting", "accepted", "paused", "unknown")

# How far the bank has an order; what it says later never leads back.
_RANK = {"sent": 1, "waiting": 2, "accepted": 3, "paused": 3}


def goes_back(state, said):
    """Whether `said`, a state that a receipt names, is behind `state`."""
    return _RANK.get(said, 9) < _RANK.get(state, 0)
