# SPDX-License-Identifier: LGPL-3.0-only
from . import bank_demo
from . import bank_demo_papers
from . import bank_demo_rouble
