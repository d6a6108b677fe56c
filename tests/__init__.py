from .connection import *
from .orders import *
from .roubles import *
from .statements import *
from .fetching import *
from .access import *
from .moedelo import *
from .desk import *
