from . import bank_rouble_form
from . import bank_order_rouble
from . import account_payment_rouble
