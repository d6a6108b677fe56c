from . import confidential
from . import readers
