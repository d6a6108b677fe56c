# SPDX-License-Identifier: LGPL-3.0-only
"""The fast way of making statement lines gives what Odoo's own way gives, column by column."""

import datetime
import logging

from odoo.addons.bank_webservice.models.statements import (
    statement_lines,
    statement_lines_fast,
)

from ..common import BankCase

TABLES = ("account_bank_statement_line", "account_move", "account_move_line")
# What names a row, or the journal that the two ways cannot share.
OWN = {
    "id",
    "move_id",
    "statement_line_id",
    "statement_id",
    "journal_id",
    "account_id",
    "internal_index",
}
LOGGER = "odoo.addons.bank_webservice.models.statements.statement_lines"


class TestStatementLines(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.env.ref("base.EUR")
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.eur.id, "company_id": cls.company.id, "name": day, "rate": rate}
                for day, rate in (("2025-01-01", 0.23), ("2026-02-03", 0.21))
            ]
        )
        cls.env["res.partner"].create(
            {"name": "Warehouse", "parent_id": cls.supplier.id, "type": "delivery"}
        )

    def setUp(self):
        super().setUp()
        # As with many lines: what posting leaves as it is, is not computed again.
        self.patch(statement_lines_fast, "MANY", 0)

    def make_pair(self, currency=None):
        """Two journals alike: one for each way. Codes of equal length, for equal names."""
        return [
            self.make_journal(self.company.with_env(self.env(su=True)), self.account.browse(), code,
                              currency)
            for code in ("FAS", "PLA")
        ]  # fmt: skip

    def values(self, journal, count=60, **more):
        child = self.supplier.child_ids[:1]
        partners = [False, self.supplier.id, child.id]
        day = datetime.date(2025, 12, 20)
        statement = self.env["account.bank.statement"].create(
            {"journal_id": journal.id, "name": "S", "balance_start": 0, "balance_end_real": 0}
        )
        fees = self.company.sudo().transfer_account_id.id
        return [
            {
                "journal_id": journal.id,
                # Out of order, over two years and two rates.
                "date": day + datetime.timedelta(days=(number * 7) % 60),
                "amount": round(((number * 37) % 41 - 20) * 1.13, 2),
                "payment_ref": f"FV {number}",
                "partner_name": "Kto \u0141\u00f3d\u017a" if number % 2 else False,
                "account_number": f"PL{number}",
                "partner_id": partners[number % 3],
                "transaction_type": "770",
                "transaction_details": {"tnr": str(number), "nested": {"a": ["b"]}},
                "bank_operation_key": f"k{number}",
                "bank_booked_on": day,
                "bank_value_on": day if number % 2 else False,
                "bank_operation_kind": "fee" if number % 5 == 0 else False,
                "statement_id": statement.id,
                **({"counterpart_account_id": fees} if number % 7 == 0 else {}),
                **more,
            }
            for number in range(count)
        ]

    def make(self, journal, fast, values=None):
        lines = self.env["account.bank.statement.line"].sudo()
        values = values or self.values(journal)
        if fast:
            with self.assertLogs(LOGGER, logging.INFO) as log:
                made = lines._create_entries(values)
            self.assertIn("the fast way", log.output[-1])
        else:
            made = lines.create(values)
        self.env.flush_all()
        return made

    def rows(self, lines):
        """{table: rows in the order of the lines}, with ids replaced by what they mean."""
        found = {}
        for table, column, ids in (
            (TABLES[0], "id", lines.ids),
            (TABLES[1], "id", lines.move_id.ids),
            (TABLES[2], "move_id", lines.move_id.ids),
        ):
            query = f"SELECT * FROM {table} WHERE {column} = ANY(%s) ORDER BY id"
            self.env.cr.execute(query, [ids])
            found[table] = self.env.cr.dictfetchall()
        by_key = {row["id"]: row["bank_operation_key"] for row in found[TABLES[0]]}
        by_move = {row["id"]: by_key[row["statement_line_id"]] for row in found[TABLES[1]]}
        order = {
            TABLES[0]: lambda row: by_key[row["id"]],
            TABLES[1]: lambda row: by_move[row["id"]],
            TABLES[2]: lambda row: (by_move[row["move_id"]], row["id"]),
        }
        return {table: sorted(rows, key=order[table]) for table, rows in found.items()}

    def assert_equal_columns(self, fast, plain):
        ours, theirs = self.rows(fast), self.rows(plain)
        code, other = (lines.journal_id.code for lines in (fast, plain))
        for table in TABLES:
            self.assertEqual(len(ours[table]), len(theirs[table]))
            self.assertTrue(ours[table])
            for one, two in zip(ours[table], theirs[table], strict=True):
                for column in one.keys() - OWN:
                    mine, their = one[column], two[column]
                    if isinstance(mine, str):
                        mine = mine.replace(code, other)
                    self.assertEqual(mine, their, f"{table}.{column} of {one}")
        # Ids differ, their order does not: it decides the running balance of a day.
        for lines in (fast, plain):
            lines.invalidate_recordset()
        self.assertEqual(
            fast.sorted("internal_index").mapped("bank_operation_key"),
            plain.sorted("internal_index").mapped("bank_operation_key"),
        )
        self.assertEqual(
            [line.account_id == line.journal_id.default_account_id for line in fast.line_ids],
            [line.account_id == line.journal_id.default_account_id for line in plain.line_ids],
        )

    def test_every_column_in_company_currency(self):
        one, two = self.make_pair()
        self.assert_equal_columns(self.make(one, True), self.make(two, False))

    def test_every_column_in_a_foreign_currency(self):
        one, two = self.make_pair(self.eur)
        fast, plain = self.make(one, True), self.make(two, False)
        items = fast.line_ids
        self.assertNotEqual(items.mapped("balance"), items.mapped("amount_currency"))
        self.assert_equal_columns(fast, plain)

    def test_statement_is_as_odoo_computes_it(self):
        one, two = self.make_pair()
        fast, plain = self.make(one, True).statement_id, self.make(two, False).statement_id
        self.env.invalidate_all()
        for name in ("date", "balance_end", "is_complete", "is_valid", "journal_id.currency_id"):
            self.assertEqual(fast.mapped(name), plain.mapped(name), name)
        self.assertEqual(fast.first_line_index[:18], plain.first_line_index[:18])
        self.assertEqual(len(fast.line_ids), 60)

    def test_second_import_numbers_on(self):
        one, two = self.make_pair()
        for journal, fast in ((one, True), (two, False)):
            self.make(journal, fast)
        again = [
            self.make(journal, fast, [{**vals, "bank_operation_key": f"x{index}"}
                                      for index, vals in enumerate(self.values(journal))])
            for journal, fast in ((one, True), (two, False))
        ]  # fmt: skip
        self.assert_equal_columns(*again)

    def test_numbers_are_unique_over_chunks(self):
        one, _two = self.make_pair()
        self.patch_chunk(25)
        lines = self.make(one, True)
        names = lines.move_id.mapped("name")
        self.assertEqual(len(set(names)), 60)
        numbers = sorted(move.sequence_number for move in lines.move_id if move.date.year == 2026)
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertFalse(any(lines.move_id.mapped("made_sequence_gap")))

    def patch_chunk(self, size):
        self.patch(statement_lines, "CHUNK", size)

    def test_post_of_every_addon_runs(self):
        one, _two = self.make_pair()
        posted = []
        post = type(self.env["account.move"])._post

        def _post(moves, soft=True):
            posted.extend(moves.ids)
            return post(moves, soft)

        self.patch(type(self.env["account.move"]), "_post", _post)
        lines = self.make(one, True)
        self.assertLessEqual(set(lines.move_id.ids), set(posted))

    def test_falls_back_when_an_unknown_addon_overrides_create(self):
        one, _two = self.make_pair()
        self.patch(statement_lines, "READ", statement_lines.READ - {"analytic"})
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        with self.assertLogs(LOGGER, logging.INFO) as log:
            lines = (
                self.env["account.bank.statement.line"].sudo()._create_entries(self.values(one, 30))
            )
        self.assertIn("Odoo's plain way", log.output[-1])
        self.assertIn("analytic", log.output[-1])
        self.assertEqual(set(lines.mapped("state")), {"posted"})

    def test_falls_back_when_a_column_is_not_as_expected(self):
        """An add-on's column that depends on the amount: the template shows it."""
        one, _two = self.make_pair()
        nothing = dict.fromkeys(statement_lines.AMOUNTS, ())
        self.patch(statement_lines, "AMOUNTS", nothing)
        with self.assertLogs(LOGGER, logging.INFO) as log:
            self.env["account.bank.statement.line"].sudo()._create_entries(self.values(one, 30))
        self.assertRegex(log.output[-1], "plain way: account_[a-z_.]+ is")


class TestFieldsOfOthers(BankCase):
    """Stored fields of add-ons that nobody has read: what they hang on decides, not their name."""

    values = TestStatementLines.values
    make = TestStatementLines.make

    def setUp(self):
        self.addCleanup(self.registry.reset_changes)
        self.addCleanup(self.registry.clear_all_caches)
        super().setUp()
        if not self._registry_patched:  # pytest-odoo has done so already
            self.registry_enter_test_mode()

    def add(self, model, depends, compute=True):
        """A company's own field, and what the fast way says about it."""
        self.env(su=True)["ir.model.fields"].create(
            {
                "name": "x_other",
                "model_id": self.env["ir.model"]._get_id(model),
                "ttype": "char",
                "store": True,
                "depends": depends,
                "compute": compute and "for one in self: one['x_other'] = one.company_id.name",
            }
        )
        return self.env["account.bank.statement.line"]._unknown_addon()

    def test_one_that_hangs_on_the_amount(self):
        why = self.add("account.move", "amount_total")
        self.assertRegex(why, r"account\.move\.x_other depends on ")

    def test_one_that_hangs_on_items(self):
        self.assertIn("x_other depends on", self.add("account.move", "line_ids.debit"))

    def test_one_elsewhere_that_hangs_on_entries(self):
        self.assertIn("x_other depends on", self.add("res.partner", "invoice_ids.amount_total"))

    def test_one_elsewhere_whose_entries_are_chosen_is_no_reason(self):
        fields = self.env(su=True)["ir.model.fields"]
        partner = {"model_id": self.env["ir.model"]._get_id("res.partner"), "store": True}
        for name, kind in (("x_entry", "many2one"), ("x_entries", "many2many")):
            fields.create({**partner, "name": name, "ttype": kind, "relation": "account.move"})
        depends = "x_entry.amount_total, x_entries.line_ids.debit"
        self.assertEqual(self.add("res.partner", depends), "")

    def test_one_that_does_not_say_what_it_hangs_on(self):
        self.assertIn("does not say", self.add("account.move", False))

    def test_one_that_hangs_on_the_journal_is_copied(self):
        self.assertEqual(self.add("account.move", "journal_id.name"), "")
        journal = self.make_journal(self.company.sudo(), self.account.browse(), "FAS")
        lines = self.make(journal, True, self.values(journal, 30))
        self.assertEqual(set(lines.move_id.mapped("x_other")), {self.company.name})

    def test_the_administrator_sees_why(self):
        self.add("account.move", "amount_total")
        settings = self.env["res.config.settings"].new({})
        self.assertIn("account.move.x_other", settings.bank_import_plain)

    def test_one_that_is_only_entered(self):
        self.assertEqual(self.add("account.move.line", False, compute=False), "")
