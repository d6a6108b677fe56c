"""The order as protocol record: what is checked, written into a message and printed."""

from decimal import Decimal

from odoo import models

from ...protocol import records


class BankOrder(models.Model):
    _inherit = "bank.order"

    def _to_protocol(self):
        self.ensure_one()
        return records.Order(
            end_to_end_id=self.end_to_end_id or "",
            number=self.name,
            kind=self.kind,
            # The ORM holds floats: the text with the currency's decimals is exact.
            amount=Decimal(f"{self.amount:.{self.currency_id.decimal_places}f}"),
            currency=self.currency_id.name,
            execute_on=self.execute_on,
            payer=self._party("payer"),
            payee=self._party("payee"),
            title=self.title or "",
            charges=self.charges or "",
            urgent=self.urgent,
            route=self.route or "",
            details=self.details or {},
        )

    def _party(self, side):
        def text(name):
            field = f"{side}_{name}"
            return self[field] or "" if field in self._fields else ""

        return records.Party(
            name=text("name"),
            account=text("account"),
            bic=text("bic"),
            bank_code=text("bank_code"),
            bank_name=text("bank_name"),
            tax_id=text("tax_id"),
            address=records.Address(
                street=text("street"),
                postcode=text("postcode"),
                town=text("town"),
                country=text("country"),
            ),
        )
