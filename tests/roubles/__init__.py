# SPDX-License-Identifier: LGPL-3.0-only
from . import test_rouble_bad_input
from . import test_rouble_banks
from . import test_rouble_by_file
from . import test_rouble_card
from . import test_rouble_faults
from . import test_rouble_gost
from . import test_rouble_log_in
from . import test_rouble_order
from . import test_rouble_profiles
from . import test_rouble_sending
from . import test_rouble_templates
