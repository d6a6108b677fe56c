from . import test_moedelo_access
from . import test_moedelo_authorize
from . import test_moedelo_failures
from . import test_moedelo_http
from . import test_moedelo_licence
from . import test_moedelo_refresh
from . import test_moedelo_rights
