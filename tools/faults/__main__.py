# SPDX-License-Identifier: LGPL-3.0-only
"""python3 -m tools.faults [--payments N ...]"""

import sys

from tools.faults import main
from tools.ground.say import Stop, say

try:
    main(sys.argv[1:])
except Stop as stop:
    say(str(stop))
    sys.exit(1)
