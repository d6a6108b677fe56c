"""Amounts that the books could hold rounded only are refused: too fine, or of too many digits."""

from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_repr

EXACT = 1e11  # up to here Odoo rounds every amount to itself


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _check_amounts(self, statement, entries):
        """Refuses what the books could hold rounded only: too fine, or of too many digits."""
        currency = self.currency_id or self.company_id.currency_id
        for balance in (statement.opening_balance, statement.closing_balance):
            if balance is not None and not _is_exact(balance, currency):
                raise UserError(
                    self.env._(
                        "The balance %(amount)s %(currency)s of the statement cannot be booked "
                        "exactly. Nothing was imported.",
                        amount=balance,
                        currency=currency.name,
                    )
                )
        for entry in entries:
            if not _is_exact(entry.amount, currency):
                raise UserError(
                    self.env._(
                        "The entry of %(day)s over %(amount)s %(currency)s cannot be booked "
                        "exactly. Nothing was imported.",
                        day=entry.booked_on,
                        amount=entry.amount,
                        currency=currency.name,
                    )
                )


def _is_exact(amount, currency):
    """Whether Odoo's rounding of floats gives back the same amount. It fails from 10**12 on."""
    value = float(amount)
    if abs(value) >= EXACT:
        value = currency.round(value)
    return Decimal(float_repr(value, currency.decimal_places)) == amount
