# SPDX-License-Identifier: LGPL-3.0-only
"""Confidential payments: hidden from everybody but one group, wherever a person may look."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from ..common import GROUPS, BankCase

PAYEE, TITLE, AMOUNT = "Jan Tajny", "Wynagrodzenie 02/2026", 4321.09
RIGHTS = "base.group_user,base.group_allow_export,account.group_account_manager"
EVERYTHING = f"{RIGHTS},account.group_account_user,{GROUPS}"


class ConfidentialCase(BankCase):
    """`self.user` is in the group; `self.plain` has every other right of an accountant."""

    def setUp(self):
        super().setUp()
        root = self.env(su=True)
        self.plain = new_test_user(
            root, "plain", groups=EVERYTHING, company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        self.user.sudo().write(
            {"group_ids": [(4, root.ref("bank_webservice.group_confidential").id)]}
        )
        self.journal.sudo().bank_confidential = True
        self.employee = self.make_supplier(PAYEE, "PL52124010371111001000112233")
        self.log_in()
        self.trust_connection()

    def sent(self):
        payment = self.make_payment(AMOUNT, self.employee, memo=TITLE)
        package = self.send(payment)
        return payment, payment.bank_order_id, package

    def executed(self):
        """(payment, order, package) after the bank's statement was imported."""
        payment, order, package = self.sent()
        self.sandbox.phone("anna")
        self.run_and_fetch()
        self.assertEqual(order.bank_state, "executed")
        return payment, order, package

    def assert_hidden(self, records):
        """No way to read leads to them for `plain`; every way does for the group."""
        self.assertTrue(records)
        self.assertEqual(records.sudo(False).search([("id", "in", records.ids)]), records)
        hidden = records.sudo(False).with_user(self.plain)
        hidden.env.invalidate_all()
        domain = [("id", "in", records.ids)]
        self.assertFalse(hidden.search(domain))
        self.assertFalse(hidden.search_read(domain))
        self.assertFalse(hidden.search_count(domain))
        self.assertFalse(hidden._read_group(domain, [], ["__count"])[0][0])
        self.assertFalse(hidden.name_search(domain=domain))
        for way in (
            lambda: hidden.read(["display_name"]),
            lambda: hidden.web_read({"display_name": {}}),
            lambda: hidden.export_data(["display_name"]),
            lambda: hidden[:1].mapped("create_date"),
        ):
            with self.assertRaises(AccessError):
                way()
            hidden.env.invalidate_all()


class TestHidden(ConfidentialCase):
    def test_order_package_signature_and_payment_are_hidden(self):
        payment, order, package = self.sent()
        self.assertTrue(order.confidential and package.confidential)
        self.assert_hidden(order)
        self.assert_hidden(package)
        self.assert_hidden(payment)
        self.assert_hidden(payment.move_id)
        self.assert_hidden(payment.move_id.line_ids)

    def test_signature_is_hidden(self):
        self.make_operator(self.plain, "jan")
        payment = self.make_payment(AMOUNT, self.employee, memo=TITLE)
        self.prepare(payment)
        package = payment.bank_order_id.package_id
        signature = self.env["bank.signature"].sudo()
        signature = signature.create(
            {"package_id": package.id, "user_id": self.user.id, "digest": package.digest}
        )
        self.assert_hidden(signature.with_user(self.user))

    def test_messages_receipts_and_the_banks_documents_are_hidden(self):
        payment, order, package = self.executed()
        body = f"{PAYEE} {AMOUNT}"
        package.sudo().message_post(body=body)
        self.assertTrue(package.document_ids)
        self.assert_hidden(package.document_ids)
        journals = self.env["bank.document"].search([("journal_id", "=", self.journal.id)])
        self.assert_hidden(journals)
        for record in (package, order, payment):
            domain = [("model", "=", record._name), ("res_id", "=", record.id)]
            self.assertTrue(self.env["mail.message"].search(domain), record)
            self.assertFalse(self.env["mail.message"].with_user(self.plain).search(domain))
        files = self.env["ir.attachment"].sudo().search(
            [("res_model", "=", "bank.document"), ("res_field", "=", "content"),
             ("res_id", "in", (journals | package.document_ids).ids)]
        )  # fmt: skip
        self.assertTrue(files)
        with self.assertRaises(AccessError):
            files.with_user(self.plain).read(["datas"])

    def test_the_answering_statement_line_and_its_entry_are_hidden(self):
        _payment, order, _package = self.executed()
        line = order.statement_line_id
        self.assertTrue(line.is_reconciled)
        self.assert_hidden(line)
        self.assert_hidden(line.move_id)
        self.assert_hidden(line.move_id.line_ids)

    def test_statement_shows_its_other_lines_and_its_balances(self):
        _payment, order, _package = self.executed()
        statement = order.statement_line_id.statement_id
        self.env.invalidate_all()
        seen = statement.with_user(self.plain)
        self.assertNotIn(order.statement_line_id.id, seen.line_ids.ids)
        self.assertEqual(seen.balance_end_real, statement.balance_end_real)
        self.assertTrue(seen.is_complete)
        report = self.env["ir.actions.report"].with_user(self.plain)
        page, _kind = report._render_qweb_html("account.report_statement", statement.ids)
        self.assertNotIn(PAYEE.encode(), page)
        self.assertNotIn(TITLE.encode(), page)

    def test_nothing_can_be_done_with_a_package_that_one_may_not_see(self):
        self.make_operator(self.plain, "jan")
        payment = self.make_payment(AMOUNT, self.employee, memo=TITLE)
        self.prepare(payment)
        package = payment.bank_order_id.package_id
        for name in (
            "action_sign", "action_send", "action_cancel", "action_download", "card_request",
            "action_verify_signatures",
        ):  # fmt: skip
            self.env.invalidate_all()
            with self.assertRaises(AccessError, msg=name):
                getattr(package.with_user(self.plain), name)()
        self.assertEqual(package.state, "prepared")

    def test_only_the_group_pays_from_the_account_or_changes_the_flag(self):
        with self.assertRaises(AccessError):
            self.make_payment(1.0, self.employee).with_user(self.plain).read(["amount"])
        with self.assertRaises(AccessError):
            self.journal.with_user(self.plain).write({"bank_confidential": False})
        other = self.make_payment(1.0)
        other.bank_confidential = False
        with self.assertRaises(AccessError):
            other.with_user(self.plain).write({"bank_confidential": True})
        payment, _order, _package = self.sent()
        with self.assertRaises(UserError):
            payment.write({"bank_confidential": False})

    def test_confidential_payment_is_no_duplicate_for_others(self):
        self.make_payment(AMOUNT, self.employee, memo=TITLE)
        self.journal.sudo().bank_confidential = False
        draft = self.make_payment(AMOUNT, self.employee, post=False).with_user(self.plain)
        self.env.invalidate_all()
        self.assertFalse(draft.duplicate_payment_ids)


class TestWhoHides(ConfidentialCase):
    """Hiding is the group's right alone: over RPC too, in whatever way the flag is given."""

    def assert_refused(self, **ways):
        for name, way in ways.items():
            with self.subTest(name), self.assertRaises(AccessError), self.env.cr.savepoint():
                way()

    def test_posted_entry_its_items_and_a_statement_line(self):
        self.journal.sudo().bank_confidential = False
        bill = self.make_bill(100.0)
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": self.journal.id, "date": "2026-03-10", "payment_ref": "x", "amount": 5}
        )
        self.env.invalidate_all()
        entry, line, item = (
            record.with_user(self.plain) for record in (bill, line, bill.line_ids[:1])
        )
        hide = {"bank_confidential": True}
        hidden = self.make_payment()
        hidden.sudo().bank_confidential = True
        self.assert_refused(
            tied_to_what_is_hidden=lambda: entry.write({"origin_payment_id": hidden.id}),
            entry=lambda: entry.write(hide),
            item=lambda: item.write(hide),
            line=lambda: line.write({"bank_answers_confidential": True}),
            entry_of_line=lambda: line.write(hide),
        )
        self.env.flush_all()
        self.assertFalse(bill.bank_confidential or line.move_id.bank_confidential)

    def test_new_records(self):
        self.journal.sudo().bank_confidential = False
        env = self.env(user=self.plain.id)
        entry = {"move_type": "entry", "date": "2026-03-10"}
        line = {"journal_id": self.journal.id, "payment_ref": "x", "amount": 5}
        journal = {"name": "N", "code": "NX", "type": "bank", "bank_confidential": True}
        moves, lines = env["account.move"], env["account.bank.statement.line"]
        self.env["ir.default"].sudo().set(
            "account.move", "bank_confidential", True, user_id=self.plain.id
        )
        self.assert_refused(own_default=lambda: moves.create(entry))
        self.env["ir.default"].sudo().search([]).unlink()
        moves.create(entry)
        context = {"default_bank_confidential": True}
        method = self.journal.outbound_payment_method_line_ids.filtered(
            lambda item: item.code == "bank_webservice"
        )
        payment = {
            "payment_type": "outbound", "partner_id": self.supplier.id, "amount": 3.0,
            "journal_id": self.journal.id, "payment_method_line_id": method.id,
        }  # fmt: skip
        payments = env["account.payment"]
        self.assert_refused(
            entry=lambda: moves.create({**entry, "bank_confidential": True}),
            context=lambda: moves.with_context(**context).create(entry),
            line=lambda: lines.create({**line, "bank_answers_confidential": True}),
            journal=lambda: env["account.journal"].create(journal),
            payment=lambda: payments.create({**payment, "bank_confidential": True}),
            payment_by_context=lambda: payments.with_context(**context).create(payment),
        )
        payments.create(payment)

    def test_whoever_pays_from_the_account_cannot_leave_the_flag_away(self):
        with self.assertRaises(AccessError):
            self.env["account.payment"].with_user(self.plain).create(
                {"payment_type": "outbound", "partner_id": self.employee.id, "amount": 3.0,
                 "journal_id": self.journal.id, "bank_confidential": False}
            )  # fmt: skip

    def test_what_a_payee_is_owed_tells_no_confidential_sum(self):
        self.make_payment(AMOUNT, self.employee, memo=TITLE)
        self.env.flush_all()
        self.env.invalidate_all()
        partners, employee = self.env["res.partner"], self.employee.with_env(self.env)
        self.assertEqual(employee.sudo().debit, -AMOUNT)
        self.assertEqual(employee.with_user(self.plain).sudo(False).debit, 0.0)
        for term in ("<", -4000), ("<=", -AMOUNT), (">", -5000), ("=", -AMOUNT):
            found = partners.with_user(self.plain).search([("debit", *term)])
            if term[0] != "=":  # Odoo itself does not search for one sum
                self.assertNotIn(employee, found, term)
            self.assertIn(employee, partners.sudo().search([("debit", *term)]), term)
        self.make_bill(50.0, employee)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(employee.with_user(self.plain).sudo(False).debit, 50.0)
        found = partners.with_user(self.plain).search([("debit", ">=", 50), ("debit", "<", 51)])
        self.assertIn(employee, found)


class TestBeside(ConfidentialCase):
    """Work that is not confidential goes on for everybody, on the same account too."""

    def setUp(self):
        super().setUp()
        self.journal.sudo().bank_confidential = False

    def test_package_of_its_own(self):
        secret = self.make_payment(AMOUNT, self.employee, memo=TITLE)
        secret.bank_confidential = True
        plain = self.make_payment(10.0)
        both = secret | plain
        self.prepare(both)
        self.assertEqual(both.bank_order_id.package_id.mapped("confidential"), [True, False])
        self.env.invalidate_all()
        package = plain.bank_order_id.package_id.with_user(self.plain)
        self.assertEqual(package.order_ids.mapped("amount"), [10.0])

    def test_who_may_not_see_it_imports_the_statement_twice_without_harm(self):
        secret = self.make_payment(AMOUNT, self.employee, memo=TITLE)
        secret.bank_confidential = True
        order = self.send(secret).order_ids
        self.sandbox.phone("anna")
        self.sandbox.post("/control/run")
        self.sandbox.post("/control/clock", days=1)
        today = fields.Date.today()
        self.env["bank.operator"].sudo().create(
            {"bank_id": self.bank.id, "user_id": self.plain.id, "login": "ewa"}
        )
        lines = self.env["account.bank.statement.line"]
        self.env = self.env(user=self.plain.id)
        with freeze_time(fields.Datetime.now() + timedelta(days=1), tick=True):
            self.log_in(self.account.with_env(self.env), "ewa")
            for _again in range(2):
                self.journal.with_env(self.env)._fetch_statements(today, today)
                self.env.invalidate_all()
        self.assertEqual(order.sudo().bank_state, "executed")
        line = order.sudo().statement_line_id
        self.assertFalse(lines.with_user(self.plain).search([("id", "=", line.id)]))
        self.assertEqual(
            lines.sudo().search_count([("bank_operation_key", "=", line.bank_operation_key)]), 1
        )

    def test_bill_that_was_paid_so_opens_for_everybody(self):
        bill = self.make_bill(100.0)
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        method = self.journal.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "bank_webservice"
        )
        values = {"journal_id": self.journal.id, "payment_method_line_id": method.id}
        payment = register.create(values)._create_payments()
        payment.bank_confidential = True
        order = self.send(payment).order_ids
        self.assertEqual(bill._bank_orders(), order)
        self.env.invalidate_all()
        seen = bill.with_user(self.plain)
        self.assertEqual(Form(seen).bank_order_count, 0)
        self.assertFalse(seen._bank_orders())
        self.assertTrue(seen.bank_ordered)

    def test_dashboard_and_checks_work_without_the_group(self):
        secret = self.make_payment(AMOUNT, self.employee, memo=TITLE)
        secret.bank_confidential = True
        self.send(secret)
        self.env.invalidate_all()
        journal = self.journal.with_user(self.plain)
        data = journal._get_journal_dashboard_data_batched()[journal.id]["bank_webservice"]
        self.assertEqual((data["to_send"], data["orders_waiting"]), (0, 0))
        payment = self.make_payment(AMOUNT, self.employee, memo=TITLE).with_user(self.plain)
        problems = self.env["bank.order"].with_user(self.plain)._problems_of_payments(payment)
        self.assertFalse([str(item) for item in problems if item.is_error])
