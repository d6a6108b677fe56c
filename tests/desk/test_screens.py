"""What the screens say: codes in words, reports, and lists that open."""

from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user

from ..common import BankCase


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
