# SPDX-License-Identifier: LGPL-3.0-only
"""Problems are said in the user's language, with the label of the field."""

import re
from decimal import Decimal

from odoo.addons.bank_webservice.models.connection.words import (
    explain,
    field_label,
    problem_text,
)
from odoo.addons.bank_webservice.protocol import errors, records
from odoo.addons.bank_webservice.protocol.banks.directbank import codes as directbank_errors
from odoo.addons.bank_webservice.protocol.checks import balance, day, mpp, rouble, route, tax
from odoo.addons.bank_webservice.protocol.errors import Problem
from odoo.addons.bank_webservice.protocol.formats import safe_xml
from odoo.addons.bank_webservice.protocol.formats import sums as checks
from odoo.addons.bank_webservice.protocol.formats.mt940 import block as mt940_block
from odoo.addons.bank_webservice.protocol.wire import http
from odoo.addons.bank_webservice.protocol.wording import joined
from odoo.tests import TransactionCase, tagged

from ..common import ROOT
from ..roubles.common import RoubleCase


@tagged("post_install", "-at_install")
class TestProblems(TransactionCase):
    def problem(self):
        return Problem.of("PO/1", "execute_on", day.PAST, day="2026-01-01", proposal="2026-01-02")

    def test_field_that_no_order_has_keeps_its_name(self):
        problem = Problem("PO/1", "something", "wrong")
        self.assertEqual(problem_text(self.env, problem), "PO/1: something: wrong")

    def test_parts_of_an_address_have_labels(self):
        """On the screen stood payer_address_town, which is a name inside the program."""
        for side in ("payer", "payee"):
            for part in ("street", "postcode", "town", "country"):
                label = field_label(self.env, f"{side}.address.{part}")
                self.assertNotIn("_", label)

    def test_no_name_inside_the_program_is_shown(self):
        """Of every field that a check names: “details_vat_text” says nothing to anybody."""
        names = {"currency", "payee", "end_to_end_id", "message_id", "execute_on", "route"}
        for file in (ROOT / "protocol").rglob("*.py"):
            names.update(re.findall(r'"((?:details|payer|payee)\.[a-z_.]+)"', file.read_text()))
        # Put together there: the side of a party stands before them.
        names = {name for name in names if name not in ("details.kpp", "details.corr_account")}
        names.update(f"details.{name}" for name in (*mpp.LIMITS, *tax.LIMITS))
        for name in sorted(names):
            label = field_label(self.env(context={"lang": "en_US"}), name)
            self.assertNotRegex(label, r"_|^[a-z]", name)

    def test_sums_are_written_as_the_user_writes_them(self):
        values = {"available": Decimal("1168.03"), "needed": Decimal("1250679.235"), "account": "x"}
        problem = Problem.of("PO/1", "amount", balance.TOO_SMALL, **values)
        text = problem_text(self.env(context={"lang": "en_US"}), problem)
        self.assertIn("is 1,168.03, the orders until here need 1,250,679.235", text)

    def test_way_is_called_as_on_the_screen(self):
        values = {"route": "express", "limit": Decimal(100000), "proposal": "sorbnet"}
        problem = Problem.of("PO/1", "route", route.OVER_LIMIT, **values)
        text = problem_text(self.env(context={"lang": "en_US"}), problem)
        self.assertRegex(text, "^PO/1: Route: Express Elixir takes .* proposed: SORBNET$")

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


@tagged("post_install", "-at_install")
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

    def test_words_of_a_document_that_the_banks_answer_holds(self):
        inner = errors.InvalidDocument(safe_xml.NOT_XML, line=2)
        error = errors.BadAnswer(inner.message)
        self.assertIn("wiersz 2: XML jest niepoprawny", self.explained(error))

    def test_our_words_before_the_banks_own(self):
        words = self.explained(directbank_errors.error_of("2204", "Макс. 5 МБ"))
        self.assertIn("Dokument jest dla banku za duży. Макс. 5 МБ [2204]", words)

    def test_what_a_field_should_hold(self):
        values = {"value": "9", "expected": rouble.PATTERNS["income_code"][1]}
        problem = Problem.of("P1", "details.income_code", rouble.BAD_VALUE, **values)
        words = problem_text(self.env(context={"lang": "pl_PL"}), problem)
        self.assertIn("jedna cyfra od 1 do 5", words)

    def test_an_entry_that_explains_the_difference(self):
        values = {"index": 2, "day": "2026-01-02", "amount": 5}
        message = joined("", checks.WRONG_TURNOVER, checks.TWICE.format(**values))
        words = self.explained(errors.InvalidDocument(message, path="x"))
        self.assertNotIn("may be one too many", words)
        self.assertIn("2026-01-02", words)

    def test_english_is_what_was_raised(self):
        error = errors.InvalidDocument(mt940_block.TRUNCATED, path="a/b")
        words = explain(self.env(context={"lang": "en_US"}), error)
        self.assertIn(error.message, words)


class TestABanksAnswersInTheUsersLanguage(RoubleCase):
    def setUp(self):
        super().setUp()
        self.env = self.env(context={**self.env.context, "lang": "pl_PL"})

    def test_a_wrong_code_at_the_log_in(self):
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        session.dialog_start("mobile")
        said = session.dialog_answer("0000000")
        wrong = "Kod jest błędny. Pozostało prób: 2."
        self.assertEqual((said["state"], said["text"]), ("waiting", wrong))

    def test_why_an_order_was_rejected(self):
        reason = directbank_errors.error_of("2205", "Поле 104").message
        receipt = records.OrderReceipt("BO1", "rejected", code="2205", reason=reason)
        order = self.prepare(self.make_payment())
        order.package_id.sudo()._set_state("sent")
        order.sudo()._take_receipts({order.sudo(): receipt})
        self.assertEqual(order.bank_reason, "Pola dokumentu są wypełnione błędnie. Поле 104")
