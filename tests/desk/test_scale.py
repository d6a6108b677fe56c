"""What an operation costs does not grow with what is stored."""

from unittest.mock import patch

from odoo.models import BaseModel

from ..common import BankCase

# Odoo's own tables that are large after years, with a column of ours that installing would fill.
LARGE = {
    "account.payment": "bank_kind",
    "account.move": "bank_confidential",
    "account.move.line": "bank_confidential",
    "account.bank.statement.line": "bank_answers_confidential",
}


class TestInstalling(BankCase):
    def test_columns_are_added_empty_before_odoo_would_fill_them(self):
        self.make_payment()
        self.env.flush_all()
        for name, column in LARGE.items():
            with self.subTest(name), patch.object(BaseModel, "_auto_init"):
                table = self.env[name]._table
                self.env.cr.execute(f"ALTER TABLE {table} DROP COLUMN {column} CASCADE")
                self.env[name]._auto_init()
                self.env.cr.execute(f"SELECT count(*) FROM {table} WHERE {column}::text > 'g'")
                self.assertEqual(self.env.cr.fetchone(), (0,))
