# SPDX-License-Identifier: LGPL-3.0-only
"""What the screens say: codes in words, reports, and lists that open."""

from unittest.mock import patch

from lxml import etree
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from ...models.connection.words import way_out
from ..common import ACCOUNT, BankCase


class TestScreens(BankCase):
    def setUp(self):
        super().setUp()
        self.log_in()
        self.trust_connection()

    def executed(self, amount=100.0):
        package = self.send(self.make_payment(amount))
        self.sandbox.phone("anna")
        self.sandbox.post("/control/run")
        package.action_refresh_status()
        self.sandbox.post("/control/clock", days=1)
        self.env["bank.session"].search([("state", "=", "open")]).action_end()
        self.log_in()
        self.journal._fetch_statements(*2 * [fields.Date.context_today(self.user)])
        return package

    def test_rows_of_dialogs_open_forms_that_are_made_for_people(self):
        """A touch of a card opens its row: without a form of ours each field, ids and all."""
        ours = (
            self.env["ir.model.data"]
            .sudo()
            .search([("module", "=", "bank_webservice"), ("model", "=", "ir.ui.view")])
        )
        for view in self.env["ir.ui.view"].sudo().browse(ours.mapped("res_id")):
            root = etree.fromstring(view.arch)
            for node in root.iter("field") if root.tag == "form" else ():
                field = self.env[view.model]._fields.get(node.get("name"))
                rows = node.find("list")
                opened = node.find("kanban") is not None or (
                    rows is not None and not (rows.get("editable") or rows.get("no_open"))
                )
                if opened and self.env[field.comodel_name]._transient:
                    self.assertIsNotNone(node.find("form"), f"{view.xml_id}: {field.name}")

    def test_a_list_has_one_header_of_buttons(self):
        """Of two Odoo shows the last one: “Send again” was gone from the list of orders."""
        views = self.env["ir.ui.view"].sudo()
        views = views.search([("type", "=", "list"), ("mode", "=", "primary")])
        for view in views.filtered(lambda one: (one.xml_id or "").startswith("bank_webservice.")):
            root = view._get_combined_arch()
            self.assertLess(len(root.findall("header")), 2, view.xml_id)

    def test_bank_codes_are_read_as_words(self):
        self.sandbox.post("/control/refuse", code="AC04")
        package = self.send(self.make_payment())
        self.sandbox.phone("anna")
        self.sandbox.post("/control/run")
        if package.state != "rejected":
            package.action_refresh_status()
        words = package.order_ids.bank_words
        self.assertIn("account is closed", words)
        self.assertNotIn("AC04", words)
        # The receipt itself is kept as it came, under a name that can be read.
        self.assertIn("Refused", " ".join(package.document_ids.mapped("name")))

    def test_calls_are_read_as_words(self):
        calls = self.env["bank.call"].search([])
        self.assertFalse(calls.filtered(lambda call: call.operation_words == call.operation))

    def test_report_counts_the_days_from_sent_to_executed(self):
        package = self.executed()
        self.assertEqual(package.order_ids.bank_state, "executed")
        self.env.flush_all()
        report = self.env["bank.order.report"]
        row = report.search([("order_id", "=", package.order_ids.id)])
        self.assertEqual((row.bank_id, row.days), (self.bank, 0.0))
        groups = report._read_group([], ["bank_id", "bank_state"], ["amount:sum", "days:avg"])
        self.assertEqual(groups, [(self.bank, "executed", 100.0, 0.0)])

    def test_report_hides_what_is_confidential(self):
        order = self.executed().order_ids
        order.payment_id.sudo().bank_confidential = True
        order.sudo().confidential = True
        self.env.flush_all()
        self.assertFalse(self.env["bank.order.report"].search([("order_id", "=", order.id)]))

    def test_report_of_gaps_names_the_missing_days(self):
        journal = self.journal.sudo()
        for number, day in (("1", "2026-03-02"), ("4", "2026-03-06")):
            self.env["account.bank.statement"].sudo().create(
                {
                    "name": f"Statement {number}",
                    "bank_journal_id": journal.id,
                    "bank_number": number,
                    "bank_opened_on": day,
                    "bank_closed_on": day,
                    "line_ids": [
                        (0, 0, {"journal_id": journal.id, "date": day, "amount": 1.0,
                                "payment_ref": "x"})
                    ],
                }
            )  # fmt: skip
        action = self.env["bank.statement.gap"].action_report()
        gaps = self.env["bank.statement.gap"].search(action["domain"])
        self.assertEqual(gaps.mapped("numbers"), ["2–3"])
        self.assertEqual(gaps.days, 3)
        stranger = new_test_user(self.env(su=True), "reader", groups="bank_webservice.group_reader")
        self.assertFalse(self.env["bank.statement.gap"].with_user(stranger).search([]))

    def test_what_the_cron_says_is_in_the_senders_language(self):
        self.user.sudo().lang = "pl_PL"
        with patch.object(type(self.env.user), "_bus_send") as told:
            package = self.send(self.make_payment())
        messages = [call.args[1]["message"] for call in told.call_args_list]
        labels = package.with_context(lang="pl_PL")._fields["state"]._description_selection
        polish = dict(labels(self.env(context={"lang": "pl_PL"})))
        self.assertIn(f"{polish[package.state]}.", messages)

    def test_dialog_offers_only_what_the_operator_can_use(self):
        session = self.env["bank.session"].search([("state", "=", "open")], limit=1)
        self.assertEqual([name for name, _label in session.sudo()._dialog_methods()], ["mobile"])
        certificate = self.give_certificate(self.user, "jan")
        self.operator.sudo().certificate_id = certificate
        names = {name for name, _label in session.sudo()._dialog_methods()}
        self.assertEqual(names, {"mobile", "certificate"})

    def test_entry_and_statement_say_what_the_bank_said(self):
        self.sandbox.post("/control/incoming", account=ACCOUNT, amount="250.00", title="FV/9/2026")
        self.sandbox.post("/control/clock", days=1)
        self.env["bank.session"].search([("state", "=", "open")]).action_end()
        self.log_in()
        self.journal._fetch_statements(*2 * [fields.Date.context_today(self.user)])
        line = self.journal.sudo().env["account.bank.statement.line"].search(
            [("journal_id", "=", self.journal.id), ("amount", "=", 250)]
        )  # fmt: skip
        self.assertIn(">TNR</th>", line.bank_said)
        self.assertNotIn("{", line.bank_said)
        self.assertIn(">Płatnik: ", line.with_context(lang="pl_PL").bank_said)
        statement = line.statement_id
        self.assertEqual((statement.bank_money_in, statement.bank_difference), (250, 0))
        statement.balance_end_real += 5
        self.assertEqual(statement.bank_difference, 5)

    def test_search_finds_payee_title_account_and_sum(self):
        package = self.send(self.make_payment(1234.5))
        order = package.order_ids
        account = order.payee_account
        spaced = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
        found = {"bank.order": order, "bank.package": package}
        for model, record in found.items():
            for text in (order.payee_name[:5], order.title, spaced, "1 234,50", order.name):
                self.assertIn(record, self.env[model].search([("bank_find", "ilike", text)]), text)
            self.assertFalse(self.env[model].search([("bank_find", "ilike", "1234,51")]))
        line = self.env["account.bank.statement.line"].sudo().create(
            {"journal_id": self.journal.id, "amount": -77.5, "payment_ref": "FV/77",
             "partner_name": "Energia", "account_number": account}
        )  # fmt: skip
        for text in ("77.50", "fv/77", "energia", spaced):
            self.assertIn(line, line.search([("bank_find", "ilike", text)]), text)

    def test_error_that_names_a_setting_has_a_button_to_it(self):
        payment = self.make_payment()
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
        package = self.env["bank.package"].browse(wizard.action_prepare()["res_id"])
        self.account.sudo().webservice_tested_at = False
        with self.assertRaisesRegex(UserError, "was not tested") as raised:
            package.action_send()
        action = raised.exception.context["action"]
        target = ("res.partner.bank", self.account.id)
        self.assertEqual((action["res_model"], action["res_id"]), target)
        self.assertIn("was not tested", str(raised.exception), "and no action in the words")

    def test_who_may_not_read_the_setting_gets_the_words_alone(self):
        stranger = new_test_user(self.env(su=True), "nobody", groups="base.group_user")
        operator = self.operator.with_user(stranger)
        error = way_out("Look there.", operator)
        self.assertEqual((type(error), str(error)), (UserError, "Look there."))

    def test_who_does_not_see_the_tab_of_the_card_gets_the_words_alone(self):
        """The card opened, and had nothing on it to put right."""
        stranger = new_test_user(
            self.env(su=True), "reads", groups="bank_webservice.group_operator"
        )
        error = way_out("Look there.", self.bank.with_user(stranger))
        self.assertEqual((type(error), str(error)), (UserError, "Look there."))

    def test_bank_that_cannot_be_reached_has_a_button_to_its_card(self):
        self.bank.sudo().webservice_address = "http://127.0.0.1:9/"
        self.bank.sudo().webservice_tested_at = "2026-03-01"
        self.user.sudo().group_ids |= self.env.ref("bank_webservice.group_administrator")
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        with self.assertRaises(UserError) as raised:
            session.dialog_start("mobile")
        self.assertEqual(raised.exception.context["action"]["res_model"], "res.bank")

    def test_method_is_named_in_the_language_of_whoever_looks(self):
        line = self.journal.sudo().outbound_payment_method_line_ids.filtered(
            lambda one: one.code == "bank_webservice"
        )
        names = [line.with_context(lang=lang).display_name for lang in ("en_US", "pl_PL")]
        self.assertIn("Usługa sieciowa banku", names[1])
        self.assertNotIn("Usługa", names[0])
        line.name = "Przelewy"
        self.assertIn("Przelewy", line.with_context(lang="ru_RU").display_name)
