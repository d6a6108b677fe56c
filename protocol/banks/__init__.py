# SPDX-License-Identifier: LGPL-3.0-only
"""The banks: an explicit dict. Adding a bank = one file here, one line in BANKS, its samples."""

from .cdc.bnp import Bnp
from .cdc.ing import Ing
from .directbank import DirectBank
from .mbank import MBank

BANKS = {
    "mbank": MBank,
    "directbank": DirectBank,
    "ing": Ing,
    "bnp": Bnp,
}
