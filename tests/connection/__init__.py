# SPDX-License-Identifier: LGPL-3.0-only
from . import test_bank_days
from . import test_card
from . import test_connection
from . import test_connection_test
from . import test_identity
from . import test_key_file
from . import test_login
from . import test_payment_method
from . import test_secrets
from . import test_settings
from . import test_without_log_in
