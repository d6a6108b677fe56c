# SPDX-License-Identifier: LGPL-3.0-only
"""python3 -m tools.fuzz [--count N] [--seed TEXT]"""

import sys

from tools.fuzz import main

sys.exit(main(sys.argv[1:]))
