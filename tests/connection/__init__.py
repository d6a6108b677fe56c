from . import test_bank_days
from . import test_card
from . import test_connection
from . import test_connection_test
from . import test_key_file
from . import test_login
from . import test_secrets
from . import test_settings
