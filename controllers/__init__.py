# SPDX-License-Identifier: LGPL-3.0-only
from . import logout
from . import signer_download
from . import moedelo_dispatcher
from . import moedelo_token
from . import moedelo_published
from . import moedelo_audit_export
from . import moedelo_authorize
from . import moedelo_client_info
from . import moedelo_orders
from . import moedelo_statements
