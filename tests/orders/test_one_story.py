# SPDX-License-Identifier: LGPL-3.0-only
"""From *prepared* on, order, payment, entry and bills are one: nothing parts them unnoticed."""

from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import new_test_user

from .test_two_signers import SigningCase

BEFORE = ("prepared", "partly_signed", "signed", "to_send", "sending")


class StoryCase(SigningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            "story_accountant",
            groups="base.group_user,account.group_account_manager,account.group_account_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.accountant = self.accountant.with_env(self.env(su=True))
        self.log_in()
        self.trust_connection()

    def register(self, bill, amount=None):
        """A payment of the bill, as the dialog *Pay* makes it."""
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        line = self.journal.outbound_payment_method_line_ids.filtered(
            lambda item: item.code == "bank_webservice"
        )
        wizard = wizard.create(
            {
                "journal_id": self.journal.id,
                "payment_method_line_id": line.id,
                "partner_bank_id": self.supplier.bank_ids[:1].id,
                **({"amount": amount} if amount else {}),
            }
        )
        return wizard._create_payments()

    def signed(self, bill, amount=None):
        """(payment, package) of the bill, signed by one person."""
        payment = self.register(bill, amount)
        package = self.prepare(payment)
        package.with_user(self.jan).action_sign()
        self.assertEqual(package.state, "signed")
        return payment, package

    def owed_item(self, bill):
        return bill.line_ids.filtered(lambda item: item.account_type == "liability_payable")

    def nothing_at_the_bank(self):
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])


class TestGuards(StoryCase):
    def ways_out(self, bill, payment, spare):
        """{name: what an accountant does, in the page or by a program}."""
        as_one = self.accountant
        bill, payment, spare = (record.with_user(as_one) for record in (bill, payment, spare))
        move, item = payment.move_id, self.owed_item(bill)
        debit = move.line_ids.filtered("debit")
        outstanding = move.line_ids - debit
        partial = item.matched_debit_ids
        spare_item = spare.move_id.line_ids.filtered("debit")
        partials = partial.browse()
        reversal = self.env(user=as_one.id)["account.move.reversal"].with_context(
            active_model="account.move", active_ids=bill.ids
        )

        def credit(method):
            wizard = reversal.create({"journal_id": bill.journal_id.id})
            return getattr(wizard, method)()

        draft_note = bill.sudo()._reverse_moves().with_user(as_one)
        draft_note.sudo().invoice_date = "2026-03-10"
        too_much = {"amount": 60.0, "debit_amount_currency": 60.0, "credit_amount_currency": 60.0}
        less = dict.fromkeys(too_much, 0.01)
        return {
            "unreconcile in the widget": lambda: bill.js_remove_outstanding_partial(partial.id),
            "unreconcile the items": item.remove_move_reconcile,
            "unreconcile in the list": lambda: item.with_context(
                active_ids=item.ids
            ).action_unreconcile_match_entries(),
            "delete the match": partial.unlink,
            "match by less": lambda: partial.write(less),
            "match with another": lambda: partial.write({"debit_move_id": spare_item.id}),
            "match with another bill": lambda: partial.write({"credit_move_id": outstanding.id}),
            "match once more": lambda: partials.create(
                {"debit_move_id": spare_item.id, "credit_move_id": item.id, **too_much}
            ),
            "bill to draft": bill.button_draft,
            "bill cancelled": bill.button_cancel,
            "state of the bill": lambda: bill.write({"state": "cancel"}),
            "bill blocked": lambda: bill.write({"payment_state": "blocked"}),
            "bill said to be open": lambda: bill.write({"payment_state": "not_paid"}),
            "sum of the bill": lambda: bill.write({"amount_residual": 60.0}),
            "vendor of the bill": lambda: bill.write({"partner_id": as_one.partner_id.id}),
            "bill deleted": bill.unlink,
            "credit note": lambda: credit("refund_moves"),
            "credit note and new bill": lambda: credit("modify_moves"),
            "credit note by a program": lambda: bill._reverse_moves(cancel=True),
            "credit note that was waiting": draft_note.action_post,
            "open again": lambda: item.write({"amount_residual": -60.0}),
            "open again in its currency": lambda: item.write({"amount_residual_currency": -60.0}),
            "not reconciled": lambda: item.write({"reconciled": False}),
            "without its match": lambda: item.write({"matched_debit_ids": [(5,)]}),
            "without its number": lambda: item.write({"matching_number": False}),
            "without its group": lambda: item.write({"full_reconcile_id": False}),
            "sum of the item": lambda: item.write({"credit": 6.0}),
            "payment to draft": payment.action_draft,
            "payments to draft": (payment | spare).action_draft,
            "payment cancelled": payment.action_cancel,
            "payment rejected": payment.action_reject,
            "payment validated": payment.action_validate,
            "payment deleted": payment.unlink,
            "state of the payment": lambda: payment.write({"state": "canceled"}),
            "amount": lambda: payment.write({"amount": 6.0}),
            "date": lambda: payment.write({"date": "2026-03-11"}),
            "payee's account": lambda: payment.write({"partner_bank_id": False}),
            "payee": lambda: payment.write({"partner_id": as_one.partner_id.id}),
            "journal": lambda: payment.write({"journal_id": bill.journal_id.id}),
            "bills": lambda: payment.write({"invoice_ids": [(5,)]}),
            "entry": lambda: payment.write({"move_id": False}),
            "order": lambda: payment.write({"bank_order_id": False}),
            "entry to draft": move.button_draft,
            "entry cancelled": move.button_cancel,
            "entry reversed": lambda: move._reverse_moves(),
            "entry reversed and matched": lambda: move._reverse_moves(cancel=True),
            "state of the entry": lambda: move.write({"state": "draft"}),
            "items of the entry": lambda: move.write({"line_ids": [(1, debit.id, {"debit": 6.0})]}),
            "sum of the entry's item": lambda: debit.write({"debit": 6.0}),
            "entry open again": lambda: debit.write({"amount_residual": 60.0}),
        }

    def test_every_way_out_is_closed_until_the_package_is_cancelled(self):
        bill, spare = self.make_bill(60.0), self.make_payment(60.0, memo="on account")
        payment, package = self.signed(bill)
        ways = self.ways_out(bill, payment, spare)
        self.env.flush_all()
        for state in BEFORE:
            package._set_state(state)
            for name, way in ways.items():
                with (
                    self.subTest(state=state, way=name),
                    self.assertRaisesRegex(UserError, "cannot be (changed|edited)"),
                    self.env.cr.savepoint(),
                ):
                    way()
                self.assertEqual((package.state, payment.state), (state, "in_process"))
                self.assertEqual((bill.amount_residual, bill.payment_state), (0.0, "paid"))
        self.nothing_at_the_bank()

    def test_the_way_out_is_named(self):
        bill = self.make_bill(60.0)
        payment, package = self.signed(bill)
        for record, way in (("Bill", bill.button_cancel), ("Payment", payment.action_draft)):
            with self.assertRaisesRegex(UserError, f"{record}.*Cancel the package {package.name}"):
                way()
        package.action_cancel()
        payment.action_draft()
        bill.button_draft()
        self.assertEqual((bill.state, payment.state), ("draft", "draft"))

    def test_blocking_a_bill_that_is_paid_in_part_is_refused(self):
        bill = self.make_bill(60.0)
        self.signed(bill, amount=20.0)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            bill.with_user(self.accountant).action_toggle_block_payment()

    def test_what_parts_nothing_is_still_possible(self):
        bill = self.make_bill(60.0)
        _payment, package = self.signed(bill, amount=20.0)
        rest = self.register(bill, amount=40.0)
        self.assertEqual(bill.amount_residual, 0.0, "the rest of the bill is paid as ever")
        expense = bill.invoice_line_ids.with_user(self.accountant)
        expense.write({"name": "Paper, white"})
        bill.with_user(self.accountant).write({"narration": "seen"})
        self.owed_item(rest.reconciled_bill_ids).matched_debit_ids.filtered(
            lambda part: part.debit_move_id.move_id == rest.move_id
        ).unlink()
        self.assertEqual(bill.amount_residual, 40.0, "another payment may leave the bill")
        on_account = self.make_payment(40.0, memo="on account")
        self.prepare(on_account)
        late = on_account.move_id.line_ids.filtered("debit")
        (late | self.owed_item(bill)).reconcile()
        self.assertEqual(bill.amount_residual, 0.0, "a payment on account may find its bill")
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            late.matched_credit_ids.unlink()
        by_jan = on_account.bank_order_id.package_id.with_user(self.jan)
        with self.assertRaisesRegex(UserError, "does not owe"), self.env.cr.savepoint():
            late.matched_credit_ids.sudo().unlink()
            by_jan.action_sign()
        self.send_now(package, self.jan)
        self.assertEqual(package.state, "accepted")


class TestBypassed(StoryCase):
    """Code in sudo, and a request at the same moment, pass the guards: it is checked again."""

    def unreconcile(self, bill, payment):
        self.owed_item(bill).remove_move_reconcile()

    def pay_otherwise(self, bill, payment):
        self.unreconcile(bill, payment)
        self.register(bill.with_env(self.env))

    def another_amount(self, bill, payment):
        payment.action_draft()
        payment.amount = 6.0
        payment.action_post()

    def credit(self, bill, payment):
        note = bill._reverse_moves()
        note.invoice_date = "2026-03-10"
        note.action_post()

    def write_part(self, bill, payment):
        self.owed_item(bill).matched_debit_ids.write({"debit_amount_currency": 59.0})

    def matched_twice(self, bill, payment):
        spare = self.make_payment(60.0, memo="spare").sudo()
        self.env["account.partial.reconcile"].sudo().create(
            {
                "debit_move_id": spare.move_id.line_ids.filtered("debit").id,
                "credit_move_id": self.owed_item(bill).id,
                "amount": 60.0,
                "debit_amount_currency": 60.0,
                "credit_amount_currency": 60.0,
            }
        )

    def another_account(self, bill, payment):
        accounts = self.env["res.partner.bank"].sudo()
        payment.partner_bank_id = accounts.create(
            {
                "acc_number": "PL27105010251000002300998877",
                "partner_id": self.supplier.id,
                "allow_out_payment": True,
            }
        )

    def another_own_account(self, bill, payment):
        account = self.make_account(self.company.sudo(), "PL92114010100000100000010002", "10000001")
        payment.journal_id.bank_account_id = account
        account.with_user(self.jan).action_test_connection()

    BYPASSES = {
        "unreconciled": (unreconcile, "does not owe"),
        "paid otherwise": (pay_otherwise, "does not owe"),
        "matched by less": (write_part, "does not owe"),
        "matched twice": (matched_twice, "does not owe"),
        "said to be open": (
            lambda self, bill, _p: self.owed_item(bill).write({"amount_residual": -60.0}),
            "does not owe",
        ),
        "cancelled": (lambda self, bill, _p: bill.write({"state": "cancel"}), "not open"),
        "draft": (lambda self, bill, _p: bill.button_draft(), "not open"),
        "blocked": (lambda self, bill, _p: bill.write({"payment_state": "blocked"}), "not open"),
        "credited": (credit, "credit note"),
        "payment cancelled": (lambda self, _b, payment: payment.action_cancel(), "not posted any"),
        "payment draft": (lambda self, _b, payment: payment.action_draft(), "not posted any more"),
        "entry draft": (lambda self, _b, payment: payment.move_id.button_draft(), "not posted any"),
        "payment rejected": (lambda self, _b, payment: payment.action_reject(), "not posted any"),
        "another amount": (another_amount, "is of 6.00"),
        "amount written": (lambda self, _b, payment: payment.write({"amount": 6.0}), "is of 6.00"),
        "another account": (another_account, "another payee or account"),
        "another own account": (another_own_account, "another account now"),
    }

    def test_what_passed_the_guards_is_found_before_the_call_and_at_every_button(self):
        for name, (bypass, words) in self.BYPASSES.items():
            with self.subTest(bypass=name), self.rolled_back():
                bill = self.make_bill(60.0)
                payment, package = self.signed(bill)
                by_jan = package.with_user(self.jan)
                by_jan.action_send()
                bypass(self, bill.sudo(), payment.sudo())
                self.env["bank.package"].sudo()._cron_send()
                self.assertEqual(package.state, "signed", "it is back with its sender")
                self.assertRegex(package.bank_reason, words)
                for attempt in ("action_send", "action_download", "action_sign"):
                    if attempt == "action_sign":
                        package.sudo().signature_ids.unlink()
                        package._set_state("prepared")
                    with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                        getattr(by_jan, attempt)()
                package.action_cancel()
                self.assertEqual(package.order_ids.bank_state, "cancelled")
                self.nothing_at_the_bank()

    def rolled_back(self):
        """What one bypass leaves does not reach the next one."""
        case = self

        class RolledBack:
            def __enter__(self):
                case.env.flush_all()
                self.savepoint = case.env.cr.savepoint(flush=False)

            def __exit__(self, *error):
                case.env.cr.clear()
                self.savepoint.close(rollback=True)
                case.env.invalidate_all(flush=False)

        return RolledBack()

    def test_bill_that_something_else_paid_is_not_prepared(self):
        bill = self.make_bill(60.0)
        first = self.register(bill)
        self.owed_item(bill).remove_move_reconcile()
        second = self.register(bill)
        with self.assertRaisesRegex(UserError, "paid by something else"), self.env.cr.savepoint():
            self.prepare(first)
        self.assertEqual(self.prepare(second).state, "prepared")

    def test_payment_that_lost_its_bill_is_not_prepared(self):
        """The bill is open for a second payment, and both would be sent."""
        for amount in (100.0, 60.0):
            bill = self.make_bill(100.0)
            first = self.register(bill)
            self.owed_item(bill).remove_move_reconcile()
            second = self.register(bill, amount)
            if amount == 100.0:
                self.owed_item(bill).remove_move_reconcile()
                with self.assertRaisesRegex(UserError, "not matched"), self.env.cr.savepoint():
                    self.prepare(second)
            with self.assertRaisesRegex(UserError, "not matched"), self.env.cr.savepoint():
                self.prepare(first)

    def test_credit_note_that_was_known_stops_nothing(self):
        bill = self.make_bill(60.0)
        payment = self.register(bill)
        self.credit(bill, payment)
        package = self.prepare(payment)
        package.with_user(self.jan).action_sign()
        self.send_now(package, self.jan)
        self.assertEqual(package.state, "accepted")


class TestCorrectCopy(StoryCase):
    def refused(self, bill, amount=None):
        payment = self.register(bill, amount)
        self.sandbox.post("/control/refuse", code="AC04")
        self.send(payment)
        self.sandbox.phone("anna")
        self.sandbox.post("/control/run")
        order = payment.bank_order_ids
        if order.bank_state != "rejected":
            order.package_id.action_refresh_status()
        self.assertEqual((order.bank_state, payment.state), ("rejected", "rejected"))
        return order

    def test_bill_that_was_paid_meanwhile_is_not_paid_by_a_copy(self):
        bill = self.make_bill(60.0)
        order = self.refused(bill)
        second = self.register(bill)
        payments = self.env["account.payment"].search_count([])
        with self.assertRaisesRegex(RedirectWarning, "not open by") as caught:
            order.action_correct_copy()
        action = caught.exception.args[1]
        self.assertEqual((action["res_model"], action["res_id"]), ("account.payment", second.id))
        self.assertEqual(self.env["account.payment"].search_count([]), payments)

    def test_bill_that_is_open_by_less_is_not_paid_by_a_copy(self):
        bill = self.make_bill(60.0)
        order = self.refused(bill)
        self.register(bill, amount=20.0)
        with self.assertRaisesRegex(RedirectWarning, "40.00"):
            order.action_correct_copy()

    def test_bill_that_was_cancelled_is_not_paid_by_a_copy(self):
        bill = self.make_bill(60.0)
        order = self.refused(bill)
        bill.button_draft()
        bill.button_cancel()
        with self.assertRaises(RedirectWarning):
            order.action_correct_copy()

    def test_bill_matched_by_hand_counts_as_one_that_was_registered(self):
        bill, payment = self.make_bill(60.0), self.make_payment(60.0)
        (payment.move_id.line_ids.filtered("debit") | self.owed_item(bill)).reconcile()
        package = self.prepare(payment)
        order = package.order_ids
        self.assertEqual(order.bills, {str(bill.id): "60.000"})
        package._set_state("rejected")
        order._reject("closed")
        self.register(bill)
        with self.assertRaises(RedirectWarning):
            order.action_correct_copy()

    def test_open_bill_is_paid_anew_through_its_own_dialog(self):
        bill = self.make_bill(60.0)
        order = self.refused(bill, amount=20.0)
        action = order.action_correct_copy()
        self.assertEqual(action["res_model"], "account.payment.register")


class TestOtherPayee(StoryCase):
    def setUp(self):
        super().setUp()
        self.factor = self.make_supplier("Faktor S.A.", "PL52124010371111001000112233")
        # Trusted for long: it is the other owner that counts here.
        account = self.factor.bank_ids.sudo()
        account.write({"trusted_at": "2025-01-01 00:00:00"})

    def to_factor(self):
        payment = self.register(self.make_bill(60.0))
        payment.partner_bank_id = self.factor.bank_ids
        return self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})

    def test_somebody_elses_account_is_not_paid_without_a_reason(self):
        wizard = self.to_factor()
        self.assertTrue(wizard.other_payee)
        self.assertIn("belongs to Faktor", wizard.problems)
        self.assertFalse(wizard.blocked, "factoring is legal")
        for reason in (False, "  "):
            wizard.other_payee_reason = reason
            with self.assertRaisesRegex(UserError, "Enter the reason"), self.env.cr.savepoint():
                wizard.action_prepare()
        self.assertFalse(wizard.payment_ids.bank_order_ids)

    def test_it_asks_for_two_people(self):
        self.journal.sudo().two_signers_above = 1000.0
        wizard = self.to_factor()
        wizard.other_payee_reason = "Assigned on 3 March"
        wizard.action_prepare()
        order = wizard.payment_ids.bank_order_id
        self.assertEqual(order.other_payee_reason, "Assigned on 3 March")
        self.sign_by_card(order.package_id, self.jan)
        self.assertEqual(order.package_id.state, "partly_signed")
        self.assertIn("Faktor", order.package_id.two_signers_reason)

    def test_the_bill_decides_not_the_payments_contact(self):
        payment = self.register(self.make_bill(60.0))
        payment.sudo().write(
            {"partner_id": self.factor.id, "partner_bank_id": self.factor.bank_ids.id}
        )
        self.assertEqual(payment._pays_somebody_else(), payment)

    def test_accounts_of_one_company_are_its_own(self):
        branch = (
            self.env["res.partner"]
            .sudo()
            .create({"name": "Papier, branch", "parent_id": self.supplier.id, "type": "invoice"})
        )
        account = (
            self.env["res.partner.bank"]
            .sudo()
            .create({"acc_number": "PL27105010251000002300998877", "partner_id": branch.id})
        )
        payment = self.register(self.make_bill(60.0))
        payment.partner_bank_id = account
        self.assertFalse(payment._pays_somebody_else())


class TestChangedAccount(StoryCase):
    def test_signatures_do_not_hold_for_another_account(self):
        second = self.make_account(self.company.sudo(), "PL92114010100000100000010002", "10000001")

        def move():
            self.journal.sudo().bank_account_id = second
            second.with_user(self.jan).action_test_connection()

        def renumber():
            self.supplier.bank_ids.sudo().acc_number = "PL27105010251000002300998877"

        for change in (renumber, move):
            payment = self.register(self.make_bill(60.0))
            package = self.prepare(payment)
            package.with_user(self.jan).action_sign()
            change()
            self.assertFalse(package.signature_ids)
            self.assertEqual(package.state, "prepared")
            for attempt in ("action_sign", "action_send"):
                with self.assertRaisesRegex(UserError, "now than the order|was changed"):
                    getattr(package.with_user(self.jan), attempt)()
            package.action_cancel()
        self.nothing_at_the_bank()

    def test_other_packages_keep_their_signatures(self):
        _payment, package = self.signed(self.make_bill(60.0))
        account = self.supplier.bank_ids.sudo()
        self.make_supplier("Other", "PL52124010371111001000112233").bank_ids.acc_number = "1234"
        account.write({"acc_number": account.acc_number, "note": "by telephone"})
        self.assertEqual((package.state, len(package.signature_ids)), ("signed", 1))


class TestTotals(StoryCase):
    def test_euros_are_not_added_to_zlotys(self):
        eur = self.env.ref("base.EUR")
        payments = self.make_payment(100.0) | self.make_payment(150.0)
        other = self.make_payment(247.0, post=False)
        other.currency_id = eur
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, (payments | other).ids)]})
        totals = wizard.totals.replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("250.00", totals)
        self.assertIn("247.00", totals)
        self.assertEqual(totals.count("<tr>"), 2)
        self.assertNotIn("497", totals)
