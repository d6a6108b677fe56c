# SPDX-License-Identifier: LGPL-3.0-only
"""What a DirectBank service may answer instead of a result: each code with its class and words.

Source: the standard's table of error codes, version 2.3.2. The bank's own description and more
information are added to our words. A code that is not in the table proves nothing.
"""

from __future__ import annotations

from ... import errors
from ...wording import _, joined

LONGEST = 900  # characters of the bank's own words
UNKNOWN = _("The bank reported an error that the standard does not know: {code}.")

ERRORS: dict[str, tuple[type[errors.BankError], str]] = {
    # 10 general
    "1001": (errors.Busy, _("The bank's service is closed for the moment.")),
    "1002": (errors.Invalid, _("The request lacks a header that the bank needs.")),
    "1003": (errors.LoginRefused, _("The bank does not know this client identifier.")),
    "1004": (errors.LoginRefused, _("The client identifier has not the form that the bank uses.")),
    "1005": (errors.Refused, _("The bank does not work with this program.")),
    "1006": (errors.SessionEnded, _("The session at the bank has ended. Log in again.")),
    "1007": (errors.SessionEnded, _("The bank does not know this session. Log in again.")),
    "1008": (errors.LoginRefused, _("The bank has blocked this client identifier.")),
    "1009": (errors.NotSent, _("The bank's service failed while it took the request.")),
    "1010": (errors.NotSent, _("The bank's service failed.")),
    "1011": (errors.LoginRefused, _("The bank does not offer this way to log in.")),
    "1012": (
        errors.Refused,
        _("The bank has no exchange settings for this account. Ask the bank."),
    ),
    "1013": (errors.AccountRefused, _("You have no rights to this account at the bank.")),
    # 11 certificates of electronic signatures
    "1101": (
        errors.Refused,
        _("The bank does not accept the certificate: it is not registered there."),
    ),
    "1102": (
        errors.Refused,
        _("The bank does not accept the certificate: its issuer is not registered there."),
    ),
    "1103": (errors.Refused, _("The bank does not accept the certificate: it was revoked.")),
    "1104": (errors.Refused, _("The bank does not accept the certificate: it has expired.")),
    "1105": (errors.Refused, _("The bank does not accept the certificate: it is not valid yet.")),
    "1106": (
        errors.Refused,
        _("The bank does not accept the certificate: its issuer is not trusted."),
    ),
    # 12 log-in and rights
    "1201": (errors.LoginRefused, _("Login, password or certificate are wrong.")),
    "1202": (errors.LoginRefused, _("This user may not use the direct exchange.")),
    "1203": (errors.LoginRefused, _("The bank has blocked the access for some time.")),
    "1204": (errors.LoginRefused, _("The one-time code is wrong.")),
    "1205": (errors.Refused, _("The service is not switched on at the bank. Ask the bank.")),
    # 20 packets
    "2001": (errors.Refused, _("The packet has not the form of the standard.")),
    "2002": (errors.Duplicate, _("The bank has a packet with this id already.")),
    "2003": (errors.Refused, _("The packet is too large for the bank.")),
    "2004": (errors.Refused, _("The bank does not know the sender named in the packet.")),
    "2005": (errors.Refused, _("The recipient named in the packet is not this bank.")),
    "2006": (errors.Refused, _("The bank does not take packets of this version.")),
    "2007": (errors.Refused, _("The bank does not take documents of this kind.")),
    "2008": (errors.Refused, _("The bank does not take documents of this version.")),
    "2009": (errors.Refused, _("The bank does not accept the time of creation.")),
    "2010": (errors.Refused, _("The bank cannot decrypt the document.")),
    "2011": (errors.Refused, _("The bank cannot unpack the document.")),
    "2012": (errors.Refused, _("The bank does not accept the name of the file.")),
    "2013": (errors.Refused, _("A signature is missing.")),
    "2014": (errors.Refused, _("A signature does not hold.")),
    "2015": (errors.Refused, _("The bank cannot verify a signature.")),
    # 21 asking for packets
    "2101": (errors.Invalid, _("The bank does not understand the time that was asked for.")),
    "2102": (errors.NotKnown, _("The bank does not have this packet.")),
    # 22 documents
    "2201": (errors.Refused, _("The document has not the form of the standard.")),
    "2202": (errors.Duplicate, _("The bank has a document with this id already.")),
    # Another document of ours, so this one was certainly not taken.
    "2203": (
        errors.Refused,
        _("The bank has another document with the same number and date of this payer."),
    ),
    "2204": (errors.Refused, _("The document is too large for the bank.")),
    "2205": (errors.Refused, _("The document's fields are wrong.")),
    "2206": (errors.NoStatement, _("The bank has no statement for this period, or not yet.")),
    "2207": (errors.NotKnown, _("The bank does not know this document.")),
}


def error_of(code: str, description: str = "", more: str = "") -> errors.BankError:
    """The error that a code means, with the bank's own words behind ours."""
    kind, words = ERRORS.get(code, (errors.OutcomeUnknown, UNKNOWN.format(code=code)))
    said = dict.fromkeys(part.strip().rstrip(".") for part in (description, more) if part)
    banks_own = ". ".join(said)[:LONGEST].strip()
    return kind(joined(" ", words, banks_own) if banks_own else words, code=code)
