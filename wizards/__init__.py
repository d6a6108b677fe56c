# SPDX-License-Identifier: LGPL-3.0-only
from . import bank_bik_upload
from . import bank_certificate_upload
from . import bank_identity_certificate
from . import bank_connection_test
from . import bank_fetch
from . import bank_statement_gap
from . import bank_send
from . import bank_send_row
from . import bank_send_look
from . import bank_recall
from . import bank_pending
from . import bank_match
from . import bank_package_file
