"""Problems are said in the user's language, with the label of the field."""

from odoo.addons.bank_webservice.models.bank_problem import problem_text
from odoo.addons.bank_webservice.protocol.checks import day
from odoo.addons.bank_webservice.protocol.errors import Problem
from odoo.tests import TransactionCase


class TestProblems(TransactionCase):
    def problem(self):
        return Problem.of("PO/1", "execute_on", day.PAST, day="2026-01-01", proposal="2026-01-02")

    def test_field_that_no_order_has_keeps_its_name(self):
        problem = Problem("PO/1", "something", "wrong")
        self.assertEqual(problem_text(self.env, problem), "PO/1: something: wrong")

    def test_english(self):
        text = problem_text(self.env(context={"lang": "en_US"}), self.problem())
        self.assertEqual(
            text, "PO/1: Execution date: 2026-01-01 is in the past; proposed: 2026-01-02"
        )

    def test_polish_and_russian_are_other_texts_with_the_same_values(self):
        english = problem_text(self.env(context={"lang": "en_US"}), self.problem())
        for language in ("pl_PL", "ru_RU"):
            text = problem_text(self.env(context={"lang": language}), self.problem())
            self.assertNotEqual(text, english)
            self.assertNotIn("is in the past", text)
            self.assertIn("2026-01-02", text)
