# SPDX-License-Identifier: LGPL-3.0-only
from . import test_cash
from . import test_demo_elsewhere
from . import test_house
from . import test_journal_card
from . import test_neighbours
from . import test_scale
from . import test_screens
from . import test_setup_guide
