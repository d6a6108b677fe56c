# SPDX-License-Identifier: LGPL-3.0-only
from . import bank_document
from . import bank_document_large
from . import account_bank_statement
from . import statement_import
from . import statement_books
from . import statement_batch
from . import statement_announced
from . import account_journal
from . import bank_order_entry
from . import statement_orders
from . import statement_lines
from . import statement_lines_fast
from . import bank_operation_rule
from . import statement_proposal
from . import statement_matching
