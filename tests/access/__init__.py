# SPDX-License-Identifier: LGPL-3.0-only
from . import test_moedelo_access
from . import test_moedelo_audit
from . import test_moedelo_authorize
from . import test_moedelo_bound
from . import test_moedelo_edges
from . import test_moedelo_failures
from . import test_moedelo_http
from . import test_moedelo_licence
from . import test_moedelo_pushed
from . import test_moedelo_refresh
from . import test_moedelo_rights
