# SPDX-License-Identifier: LGPL-3.0-only
"""The two time-outs of the server, in seconds, and what they may be."""

from __future__ import annotations

from ..errors import Invalid

ACCESS_DEFAULT = 600
REFRESH_DEFAULT = 30 * 24 * 3600
GRANT_DAYS = 365  # a connection ends after this, where nothing else is set; then a new consent
MOST_GRANT_DAYS = 3650
TOO_SHORT = 60  # a widely used client counts a token as expired 60 seconds early

NOT_POSITIVE = "The time-outs must be greater than zero."
NOT_LONGER = "The refresh token must live longer than the access token."
TOO_LONG = "The refresh token cannot live longer than a year."
GRANT_WRONG = "A connection holds for 1 to 3650 days."
REFRESHES_ALWAYS = (
    "With 60 seconds or less some clients ask for a new access token before every call."
)


def check(access: int, refresh: int, grant_days: int = GRANT_DAYS) -> None:
    """`Invalid` when these cannot be used together: seconds, seconds, days."""
    if not 1 <= grant_days <= MOST_GRANT_DAYS:
        raise Invalid(GRANT_WRONG)
    if access <= 0 or refresh <= 0:
        raise Invalid(NOT_POSITIVE)
    if refresh <= access:
        raise Invalid(NOT_LONGER)
    if refresh > GRANT_DAYS * 24 * 3600:
        raise Invalid(TOO_LONG)


def warning(access: int) -> str:
    """What to tell the administrator of a pair that is allowed, or an empty string."""
    return REFRESHES_ALWAYS if 0 < access <= TOO_SHORT else ""
