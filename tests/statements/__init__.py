from . import test_demo_statements
from . import test_large_document
from . import test_order_proof
from . import test_restored
from . import test_statement_import
from . import test_statement_lines
from . import test_statement_overlaps
from . import test_statement_proposal
