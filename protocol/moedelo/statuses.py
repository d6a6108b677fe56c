# SPDX-License-Identifier: LGPL-3.0-only
"""What a service is told of a payment order: a code of the exchange for each state here.

01 in work, 02 executed, 03 refused, 04 paused, 05 cancelled, 06 waits for the client: the document
statuses of 1C DirectBank 2.3.2, and 06 beside them for what a person has to do first.
"""

from __future__ import annotations

IN_WORK, EXECUTED, REFUSED, PAUSED, CANCELLED, WAITS = "01", "02", "03", "04", "05", "06"

#: state of a `bank.order` -> code; sending and unknown are in work: nobody may pay again
CODES = {
    "draft": WAITS,
    "imported": WAITS,
    "prepared": WAITS,
    "partly_signed": WAITS,
    "signed": WAITS,
    "to_send": IN_WORK,
    "sending": IN_WORK,
    "unknown": IN_WORK,
    "sent": IN_WORK,
    "waiting": IN_WORK,
    "accepted": IN_WORK,
    "partly_executed": IN_WORK,
    "executed": EXECUTED,
    "paused": PAUSED,
    "returned": REFUSED,
    "rejected": REFUSED,
    "recalled": CANCELLED,
    "cancelled": CANCELLED,
}
