# SPDX-License-Identifier: LGPL-3.0-only
from . import bank_rouble_form
from . import bank_bik
from . import bank_order_rouble
from . import bank_budget_template
