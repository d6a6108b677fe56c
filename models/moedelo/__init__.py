# SPDX-License-Identifier: LGPL-3.0-only
from . import moedelo_order
from . import moedelo_notice
from . import moedelo_outbox
from . import moedelo_order_import
from . import moedelo_order_accept
from . import moedelo_tax_event
from . import moedelo_tax_calendar
from . import moedelo_statement_request
from . import moedelo_statement_content
