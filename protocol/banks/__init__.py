"""The banks: an explicit dict. Adding a bank = one file here, one line in BANKS, its samples."""

from .cdc.bnp import Bnp
from .cdc.ing import Ing
from .directbank import DirectBank
from .mbank import MBank

BANKS = {
    "mbank": MBank,
    "directbank": DirectBank,
}
#: complete here, and not to be chosen: Odoo has no place for a company's certificate yet
WITHOUT_SCREENS = {
    "ing": Ing,
    "bnp": Bnp,
}
