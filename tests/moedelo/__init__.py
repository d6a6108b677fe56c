# SPDX-License-Identifier: LGPL-3.0-only
from . import test_moedelo_accepting
from . import test_moedelo_calendar
from . import test_moedelo_consent
from . import test_moedelo_jump
from . import test_moedelo_notices
from . import test_moedelo_orders
from . import test_moedelo_statements
