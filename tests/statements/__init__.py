# SPDX-License-Identifier: LGPL-3.0-only
from . import test_batch_entry
from . import test_books_equal_bank
from . import test_converted_orders
from . import test_demo_statements
from . import test_large_document
from . import test_order_proof
from . import test_restored
from . import test_statement_import
from . import test_statement_lines
from . import test_statement_matching
from . import test_statement_overlaps
from . import test_statement_proposal
