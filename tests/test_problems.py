"""Problems are said in the user's language, with the label of the field."""

from odoo.addons.bank_webservice.models.bank_operation import explain
from odoo.addons.bank_webservice.models.bank_problem import problem_text
from odoo.addons.bank_webservice.protocol import errors, http
from odoo.addons.bank_webservice.protocol.checks import day
from odoo.addons.bank_webservice.protocol.errors import Problem
from odoo.addons.bank_webservice.protocol.formats import checks, mt940_block
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


class TestErrorsInTheUsersLanguage(TransactionCase):
    def explained(self, error):
        return explain(self.env(context={"lang": "pl_PL"}), error)

    def test_the_banks_own_words_stay_as_they_are(self):
        self.assertIn(
            "Brak środków [AM04]", self.explained(errors.Refused("Brak środków", code="AM04"))
        )

    def test_our_own_words_with_their_parts(self):
        error = errors.Unreachable(http.NO_CONNECTION.format(host="{bank}.example"))
        self.assertIn("Adres banku jest nieosiągalny: {bank}.example", self.explained(error))

    def test_the_place_in_a_document(self):
        error = errors.InvalidDocument(mt940_block.TRUNCATED, line=5)
        self.assertIn(
            "wiersz 5: wyciąg, który tu się zaczyna, jest niepełny", self.explained(error)
        )
        error = errors.InvalidDocument(checks.WRONG_TURNOVER.format(name="x", stated=1, found=2))
        self.assertIn("nie zgadza się: podaje x 1", self.explained(error))

    def test_english_is_what_was_raised(self):
        error = errors.InvalidDocument(mt940_block.TRUNCATED, path="a/b")
        words = explain(self.env(context={"lang": "en_US"}), error)
        self.assertIn(error.message, words)
