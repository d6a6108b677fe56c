# SPDX-License-Identifier: LGPL-3.0-only
"""python3 -m tools.bench [MODULE ...]"""

import sys

from tools.bench import main

sys.exit(main(sys.argv[1:]))
