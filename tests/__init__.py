# SPDX-License-Identifier: LGPL-3.0-only
from .connection import *
from .orders import *
from .roubles import *
from .statements import *
from .fetching import *
from .access import *
from .moedelo import *
from .desk import *
