# SPDX-License-Identifier: LGPL-3.0-only
from . import test_directbank_feed
from . import test_fetch_schedule
from . import test_fetching
