# SPDX-License-Identifier: LGPL-3.0-only
from . import account_journal_card
from . import bank_setup
from . import bank_setup_steps
from . import reports
