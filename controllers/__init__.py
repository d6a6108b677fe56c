from . import logout
