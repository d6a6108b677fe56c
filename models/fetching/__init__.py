# SPDX-License-Identifier: LGPL-3.0-only
from . import account_journal_fetch
from . import account_journal_schedule
from . import bank_feed_unattended
from . import bank_feed_cron
