# SPDX-License-Identifier: LGPL-3.0-only
"""BNP Paribas (GOconnect Biznes): no header; long reports are refused."""

from __future__ import annotations

import unicodedata

from . import Cdc


class Bnp(Cdc):
    title = "BNP Paribas (Comarch Data Connect)"
    days_a_report = 7
    initiator_letters = "[A-Za-z0-9]+"

    @classmethod
    def initiator_name(cls, name):
        # ł is no letter with a mark, as ó is.
        plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
        return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
