from . import bank_demo
from . import bank_demo_cdc
from . import bank_demo_rouble
from . import bank_demo_statements
