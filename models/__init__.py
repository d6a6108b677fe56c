# SPDX-License-Identifier: LGPL-3.0-only
from . import connection
from . import orders
from . import roubles
from . import statements
from . import fetching
from . import access
from . import moedelo
from . import confidential
from . import desk
from . import demo
