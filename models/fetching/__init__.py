from . import account_journal_fetch
from . import account_journal_schedule
from . import bank_feed_unattended
from . import bank_feed_cron
