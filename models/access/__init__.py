# SPDX-License-Identifier: LGPL-3.0-only
from . import moedelo_audit
from . import moedelo_audit_chain
from . import moedelo_key
from . import moedelo_licence
from . import moedelo_subscription
from . import moedelo_client
from . import moedelo_client_login
from . import moedelo_grant
from . import moedelo_consent
from . import moedelo_token
from . import moedelo_issue
from . import moedelo_access
from . import moedelo_settings
from . import ir_ui_menu
from . import ir_http
