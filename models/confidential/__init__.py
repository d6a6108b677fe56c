from . import confidential
from . import res_partner
