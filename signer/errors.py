# SPDX-License-Identifier: LGPL-3.0-only
"""What the signer refuses, as one class with a code.

The code is for the Odoo page, which translates it; the message is what a person may read. Neither
ever holds a PIN, a token or a traceback.
"""

from __future__ import annotations

#: code -> (HTTP status, message); parts in braces are filled by the one who raises
REFUSALS = {
    # who asks
    "origin_missing": (403, "The request does not say which site it comes from."),
    "origin_not_allowed": (403, "Only an https site, or one on this computer, can be paired."),
    "host_not_allowed": (403, "The request was sent to another name than this computer's own."),
    "not_paired": (401, "This site is not paired with the signer, or the pairing was revoked."),
    "other_user": (403, "The pairing belongs to another database or another user."),
    "pairing_refused": (403, "The pairing was refused at the signer."),
    "pairing_closed": (
        403,
        "Pairing is closed. Choose 'Pair now' in the signer, and pair within two minutes.",
    ),
    "pairing_taken": (409, "Another site is being paired now, or this one was refused."),
    "proof_used": (401, "The request was sent before, or this computer's clock was changed."),
    "pairing_unknown": (404, "There is no such pairing to wait for. Start it again."),
    # how it asks
    "not_found": (404, "The signer has no such address."),
    "method_not_allowed": (405, "The signer answers POST only."),
    "length_required": (411, "The request does not say how long it is."),
    "too_large": (413, "The request is too large."),
    "not_json": (415, "The request is not JSON."),
    "bad_request": (400, "The request cannot be understood: {what}."),
    "too_many_requests": (429, "Too many requests. Wait a minute."),
    "busy": (409, "The signer is showing another question. Answer that one first."),
    # what it asks to be signed
    "document_refused": (422, "This cannot be signed: {why}."),
    "challenge_refused": (422, "This is not a log-in that can be signed: {why}."),
    "challenge_replayed": (422, "This log-in was used already. Start a new one."),
    # what it asks to be opened
    "envelope_refused": (422, "The card does not open this: {why}."),
    "not_opened": (422, "What was encrypted is no session id for this card. Start a new log-in."),
    # the person
    "refused_by_user": (403, "Refused at the signer."),
    "no_window": (
        503,
        "The signer has neither a window nor a terminal to ask in. Start it again by yourself.",
    ),
    "no_answer": (408, "Nobody answered the signer's question in time."),
    # the card
    "no_library": (503, "The Python package python-pkcs11 is not installed on this computer."),
    "no_cryptography": (
        503,
        "This log-in needs the Python package cryptography on this computer: "
        "python -m pip install cryptography",
    ),
    "no_driver": (503, "No driver of a card (PKCS#11 module) was found. Install your card's one."),
    "no_card": (409, "There is no card in the reader."),
    "no_certificate": (409, "The card holds no certificate that could sign."),
    "wrong_card": (409, "This is another card: it does not hold the registered certificate."),
    "card_removed": (409, "The card was pulled out. Nothing was signed."),
    "certificate_expired": (409, "The certificate ended on {day}."),
    "certificate_not_yet_valid": (409, "The certificate is valid from {day} only."),
    "wrong_pin": (403, "The PIN is wrong. {tries}"),
    "card_locked": (403, "The card is locked after too many wrong PINs. Unlock it with its PUK."),
    "pin_not_set": (403, "The card's PIN must be set or changed first, with the card's program."),
    "no_key": (409, "The card does not hold the private key of this certificate."),
    "key_not_rsa": (409, "This log-in needs a certificate with an RSA key. This one has: {kind}."),
    "key_only_signs": (409, "The key of this certificate only signs: it cannot open a log-in."),
    "no_gost": (
        503,
        "Cards with GOST keys need the Python package gostcrypto. Install it and start the signer "
        "again: python -m pip install gostcrypto",
    ),
    "key_not_supported": (409, "Keys of this kind cannot be used: {kind}."),
    "driver_slow": (504, "The card's driver does not answer: {name}. Take the card out, and in."),
    "driver_stopped": (502, "The card's driver broke down: {name}. The next try starts it anew."),
    "driver_bits": (
        503,
        "The card's driver {name} is for {its}-bit programs, and this signer is a {own}-bit one: "
        "install the card's program for {own} bits.",
    ),
    "card_failed": (502, "The card or its driver failed: {what}."),
    "only_software_tokens": (403, "A PIN from a file is for software tokens in tests only."),
    "internal": (500, "The signer failed. Its own window or terminal says more."),
}


class Refusal(Exception):
    """The signer does not do it. `code` is a key of REFUSALS."""

    def __init__(self, code: str, **parts: object):
        self.code, self.parts = code, parts
        self.status, template = REFUSALS[code]
        self.message = template.format(**parts)
        super().__init__(self.message)
