# SPDX-License-Identifier: LGPL-3.0-only
"""The small program on a user's own computer that signs with the card there.

It imports nothing of the add-on, and of other people's code only python-pkcs11 (with asn1crypto);
cryptography (AES) only where a session is to be opened.
What it says over HTTP is written down in README.md beside this file.
"""

__version__ = "2.0.0"
