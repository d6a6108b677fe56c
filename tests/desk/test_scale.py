# SPDX-License-Identifier: LGPL-3.0-only
"""What an operation costs does not grow with what is stored."""

from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.addons.bank_webservice.models.connection import tables
from odoo.addons.bank_webservice.protocol.records import Document, Entry, Statement
from odoo.exceptions import UserError, ValidationError
from odoo.models import BaseModel

from ..common import ACCOUNT, BankCase

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


class TestKeepTimes(BankCase):
    def call(self, days):
        call = self.env["bank.call"].sudo().create({"operation": "balance"})
        self.env.cr.execute(
            "UPDATE bank_call SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=days), call.id],
        )
        return call

    def test_no_time_below_a_month_is_taken(self):
        settings = self.env["res.config.settings"].sudo()
        with self.assertRaisesRegex(ValidationError, "30 days"):
            settings.create({"bank_keep_calls_days": 29})

    def test_old_calls_go_in_steps_and_new_ones_stay(self):
        old, older, new = (self.call(days) for days in (731, 900, 729))
        with patch.object(tables, "PORTION", 1):
            self.assertEqual(self.env["bank.call"]._gc_calls(), (1, 1))
            self.assertEqual(self.env["bank.call"]._gc_calls(), (1, 1))
            self.assertEqual(self.env["bank.call"]._gc_calls(), (0, 0))
        self.assertEqual((old | older | new).exists(), new)

    def test_setting_says_how_long(self):
        self.env["res.config.settings"].sudo().create({"bank_keep_calls_days": 60}).set_values()
        old, new = self.call(61), self.call(59)
        self.env["bank.call"]._gc_calls()
        self.assertEqual((old | new).exists(), new)


class TestQueries(BankCase):
    """The number of questions to the database is the same with few and with many records."""

    def setUp(self):
        super().setUp()
        self.log_in()
        self.trust_connection()
        self.order = self.send(self.make_payment(12.5)).order_ids
        self.last, self.balance = 0, Decimal(0)

    def take(self, count):
        """A statement with so many new entries, each with a title that names a number."""
        numbers = range(self.last + 1, self.last + count + 1)
        entries = tuple(
            Entry(
                date(2026, 3, 2), None, Decimal("1.00"),
                title=f"Transfer FV {number}/2026", operation_id=f"operation {number}",
            )
            for number in numbers
        )  # fmt: skip
        self.last += count
        day, closing = date(2026, 3, 2), self.balance + count
        statement = Statement(
            ACCOUNT, "PLN", str(self.last), day, day, self.balance, closing, entries
        )
        self.balance += count
        content = f"statement {self.last}".encode()
        document = self.env["bank.document"]._keep(self.journal, [Document(content, "", "x")])
        return self.journal.sudo()._import_statement(statement, document)

    def copy_orders(self, count):
        """More orders of years before, as rows."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'bank_order'::regclass"
            " AND attnum > 0 AND NOT attisdropped"
        )
        changed = {
            "id": "nextval('bank_order_id_seq')",
            "execute_on": "execute_on - g",
            "create_date": "create_date - g * interval '1 day'",
            "end_to_end_id": "'copy ' || nextval('bank_order_id_seq')",
            "bank_state": "'executed'",
            "payment_id": "NULL",
            "package_id": "NULL",
        }
        names = [name for (name,) in self.env.cr.fetchall()]
        values = ", ".join(changed.get(name, name) for name in names)
        self.env.cr.execute(
            f"INSERT INTO bank_order ({', '.join(names)}) SELECT {values}"
            f" FROM bank_order, generate_series(20, {20 + count}) g WHERE id = {self.order.id}"
        )

    def queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def counts(self):
        lines = self.env["account.bank.statement.line"]
        entry = {"payment_ref": {}, "bank_proposal_id": {"fields": {"display_name": {}}}}
        payment = self.make_payment(17.0)
        dialog = {"problems": {}, "totals": {}, "blocked": {}}
        return {
            "entries": self.queries(lambda: lines.web_search_read([], entry, limit=5)),
            "proposed": self.queries(lambda: lines.search([("bank_proposal_id", "!=", False)])),
            "entry": self.queries(lambda: lines.search([], limit=1).web_read(entry)),
            "orders": self.queries(
                lambda: self.env["bank.order"].web_search_read([], {"name": {}}, limit=5)
            ),
            "card": self.queries(lambda: self.journal.web_read({"kanban_dashboard": {}})),
            "dialog": self.queries(
                lambda: (
                    self.env["bank.send"]
                    .create({"payment_ids": [(6, 0, payment.ids)]})
                    .web_read(dialog)
                )
            ),
            "import": self.queries(lambda: self.take(5)),
        }

    def test_ten_and_a_thousand_stored_cost_the_same(self):
        self.take(10)
        self.copy_orders(10)
        self.counts()  # what is asked once a process
        few = self.counts()
        self.take(1000)
        self.copy_orders(1000)
        many = self.counts()
        # The import reads the entries of its days, a thousand at a time.
        self.assertLess(many.pop("import") - few.pop("import"), 10)
        self.assertEqual(many, few)

    def test_card_of_each_journal_more_asks_nothing_more(self):
        others = self.journal.sudo().copy() | self.journal.sudo().copy()
        others.bank_statements_source = "bank_webservice"
        journals = self.journal | others.with_env(self.env)
        read = {"kanban_dashboard": {}}
        self.queries(lambda: journals.web_read(read))
        one = self.queries(lambda: self.journal.web_read(read))
        self.assertEqual(self.queries(lambda: journals.web_read(read)), one)


class TestAsking(BankCase):
    def setUp(self):
        super().setUp()
        self.log_in()
        self.trust_connection()
        self.package = self.send(self.make_payment(12.5)).sudo()

    def test_same_answer_again_writes_no_order_and_makes_the_pause_longer(self):
        self.package._ask_when_free()
        before, first = self.package.ask_count, self.package.ask_next_at
        orders = type(self.env["bank.order"])
        with patch.object(orders, "write", autospec=True) as write:
            self.package._ask_when_free()
        write.assert_not_called()
        self.assertEqual(self.package.ask_count, before + 1)
        self.assertGreater(self.package.ask_next_at, first)

    def test_after_four_weeks_a_person_is_asked_to_look_instead(self):
        long_ago = fields.Datetime.now() - timedelta(days=28)
        self.package.handed_over_at = long_ago
        self.package._ask_when_free()
        self.assertFalse(self.package.asking_ended, "the day of execution counts")
        self.package.order_ids.execute_on = long_ago.date()
        self.package._ask_when_free()
        self.assertTrue(self.package.asking_ended)
        self.assertIn("28 days", self.package.activity_ids.note)
        self.package.write({"ask_next_at": False, "asked_at": False})
        self.env["bank.package"].sudo()._cron_status()
        self.assertFalse(self.package.asked_at)
        self.package.with_env(self.env).action_refresh_status()
        self.assertTrue(self.package.asked_at, "a person may ask at any time")


class TestImport(BankCase):
    def test_upload_is_refused_while_another_import_is_at_work(self):
        held = UserError("Somebody else is fetching.")
        holding = patch.object(type(self.env["bank.feed"]), "_hold", side_effect=held)
        with holding, self.assertRaisesRegex(UserError, "fetching"):
            self.journal._upload_statements([("day.sta", b"one")])
        self.assertFalse(self.env["bank.document"].search([("name", "=", "day.sta")]))

    def test_partner_of_an_order_is_known_before_its_entry_is_made(self):
        self.log_in()
        self.trust_connection()
        order = self.send(self.make_payment(12.5)).order_ids
        day = date(2026, 3, 10)
        ours, fee = (
            Entry(day, day, Decimal(amount), our_reference=order.end_to_end_id)
            for amount in ("-12.50", "-1.00")
        )
        self.assertEqual(self.journal._find_partners([ours, fee]), [self.supplier.id, False])


class TestConfidentialRule(BankCase):
    def domain(self, model):
        return str(self.env["ir.rule"]._compute_domain(model, "read"))

    def test_nothing_confidential_costs_nothing(self):
        for model in ("account.move", "account.move.line", "account.payment", "bank.order"):
            self.assertNotIn("confidential", self.domain(model))

    def test_first_confidential_journal_or_payment_of_a_company_hides(self):
        payment = self.make_payment()
        self.journal.sudo().bank_confidential = True
        self.assertIn("bank_confidential", self.domain("account.move.line"))
        self.journal.sudo().bank_confidential = False
        self.assertIn(
            "bank_confidential", self.domain("account.move.line"), "and never shows again"
        )
        self.assertFalse(payment.bank_confidential)
        self.company.sudo().bank_has_confidential = False
        self.env.registry.clear_cache()
        self.assertNotIn("confidential", self.domain("account.payment"))
        payment.sudo().bank_confidential = True
        self.assertIn("bank_confidential", self.domain("account.payment"))
