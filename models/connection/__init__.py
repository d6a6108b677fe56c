# SPDX-License-Identifier: LGPL-3.0-only
from . import bank_vault
from . import tables
from . import bank_call
from . import bank_certificate
from . import bank_certificate_issuer
from . import res_config_settings
from . import bank_certificate_registration
from . import bank_operator
from . import bank_session
from . import bank_session_login
from . import res_bank
from . import bank_identity
from . import res_partner_bank
from . import bank_agreement
from . import bank_connection_test
from . import bank_feed
from . import account_journal
