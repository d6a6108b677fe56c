# SPDX-License-Identifier: LGPL-3.0-only
"""What statements prove of an order: whatever it was before, in whatever order they are read."""

import datetime
import random
from decimal import Decimal
from unittest.mock import patch

from odoo.addons.bank_webservice.protocol.records import Document, Entry, Statement
from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import new_test_user

from ..common import ACCOUNT
from ..orders.test_settling import LOGGER, SettlingCase
from ..roubles.test_rouble_by_file import TestByFile

DAY = datetime.date(2026, 3, 10)


def entry(order, amount, key, day=DAY, **more):
    return Entry(
        day, day, Decimal(amount), operation_id=key, title=f"T {key}",
        our_reference=order.end_to_end_id, **more,
    )  # fmt: skip


class ProofCase(SettlingCase):
    def take(self, *entries, number="1", day=DAY, opening=None):
        """One statement of these entries, which stand in it as given; without `opening` it goes on
        where the one before ended."""
        stretches = self.__dict__.setdefault("stretches", {})
        if opening is None:
            opening = list(stretches.values())[-1][1] if stretches else Decimal(0)
        total = sum((one.amount for one in entries), Decimal(0))
        told = tuple(one.operation_id for one in entries)
        opening, closing = stretches.setdefault(told, (opening, opening + total))
        statement = Statement(ACCOUNT, "PLN", number, day, day, opening, closing, entries)
        name = f"{number}-{random.random()}"
        document = self.env["bank.document"]._keep(
            self.journal, [Document(name.encode(), "mt940", name)]
        )
        return self.journal.sudo()._import_statement(statement, document)

    def seen(self, bill, payment, order):
        """All that may not depend on the order of reading."""
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.env["account.bank.statement.line"].sudo().search([
            ("bank_order_id", "=", order.id),
        ])  # fmt: skip
        return {
            "state": order.bank_state,
            "package": order.package_id.state,
            "reason": order.bank_reason,
            "line": order.statement_line_id.payment_ref,
            "executed": order.executed_on,
            "bill": (bill.amount_residual, bill.payment_state),
            "payment": (payment.state, payment.bank_state),
            "entry": payment.move_id.state,
            "items": sorted(
                (item.account_id.code, item.amount_residual) for item in payment.move_id.line_ids
            ),
            "lines": sorted((line.payment_ref, line.is_reconciled) for line in lines),
            "asked": sorted(set(order.activity_ids.mapped("summary"))),
            "problem": order.books_problem,
        }


class TestWhatDoesNotFit(ProofCase):
    def test_a_part_that_came_back_moves_nothing_and_a_person_is_asked(self):
        bill, _payment, order = self.ordered()
        self.take(entry(order, "-100.00", "d"), entry(order, "95.00", "c"))
        self.assertEqual((order.bank_state, self.owed(bill)), ("executed", 0.0))
        self.assertEqual(len(order.activity_ids), 1)
        self.assertIn("95.00", order.activity_ids.note)

    def test_a_fee_under_the_order_is_no_second_debit(self):
        _bill, _payment, order = self.ordered()
        self.take(entry(order, "-100.00", "d"), entry(order, "-5.00", "fee"))
        self.assertEqual(order.statement_line_ids.mapped("amount"), [-100.0])
        self.assertFalse(order.activity_ids)

    def test_an_entry_of_another_account_proves_nothing(self):
        _bill, _payment, order = self.ordered()
        other = self.make_journal(self.company.sudo(), self.account.browse(), "OTH")
        line = self.env["account.bank.statement.line"].sudo().create({
            "journal_id": other.id, "date": DAY, "amount": -100.0, "payment_ref": "x",
            "transaction_details": {"our_reference": order.end_to_end_id},
        })  # fmt: skip
        line._settle_orders()
        self.assertEqual(order.bank_state, "accepted")

    def test_an_order_of_a_branch_is_proved_by_the_account_it_pays_from(self):
        branch = self.env["res.company"].sudo().create(
            {"name": "Branch", "parent_id": self.company.id, "currency_id": self.pln.id}
        )  # fmt: skip
        self.env.cr.precommit.run()  # its chart of accounts
        self.user.sudo().company_ids = [(4, branch.id)]
        both = [self.company.id, branch.id]
        self.env = self.env(context={**self.env.context, "allowed_company_ids": both})
        payment = self.make_payment(company_id=branch.id)
        order = self.prepare(payment)
        order.package_id._set_state("accepted")
        self.take(entry(order, "-100.00", "d"))
        self.assertEqual((order.company_id, order.bank_state), (branch, "executed"))
        self.assertEqual(payment.state, "paid")

    def test_a_debit_of_another_sum_stops_what_was_not_sent_yet(self):
        """Declared dead, changed, prepared again under the same id; and then the first one went."""
        payment = self.make_payment(100.0)
        dead = self.prepare(payment)
        dead.package_id._set_state("cancelled")
        payment.action_draft()
        payment.amount = 60.0
        payment.action_post()
        order = self.prepare(payment)
        self.assertEqual(order.end_to_end_id, dead.end_to_end_id)
        self.take(entry(dead, "-100.00", "d"))
        self.assertEqual((order.bank_state, order.package_id.state), ("cancelled", "cancelled"))
        self.assertIn("Was more paid than was ordered?", order.activity_ids.mapped("summary"))

    def test_an_order_that_cannot_be_stopped_does_not_keep_a_statement_out(self):
        order, words = self.prepare(self.make_payment(100.0)), "No way."
        model, kept = type(order.package_id), type(order.package_id)._set_state

        def fail(package, state, **values):
            if state == "cancelled":
                kept(package, state, **values)
                raise UserError(words)
            return kept(package, state, **values)

        logger = "odoo.addons.bank_webservice.models.statements.statement_orders"
        with patch.object(model, "_set_state", fail), self.assertLogs(logger, "ERROR"):
            self.take(entry(order, "-130.00", "d"))
        lines = self.env["account.bank.statement.line"].sudo()
        self.assertEqual(lines.search_count([("journal_id", "=", self.journal.id)]), 1)
        self.assertEqual((order.bank_state, order.package_id.state), ("prepared", "prepared"))
        notes = order.activity_ids.filtered(lambda one: "Cancel" in one.summary).mapped("note")
        self.assertIn(words, str(notes))

    def test_books_that_fail_do_not_keep_a_statement_out(self):
        orders = self.env["bank.order"]
        for amount in (100.0, 101.0):
            orders |= self.ordered(amount=amount)[2]
        (bad, good), words = orders, "No way."
        model = type(self.env["account.move.line"])
        reconcile = model._reconcile_plan

        def fail(items, plan):
            if bad.payment_id.move_id in self.env["account.move.line"].union(*plan).move_id:
                raise UserError(words)
            return reconcile(items, plan)

        with patch.object(model, "_reconcile_plan", fail), self.assertLogs(LOGGER, "ERROR"):
            self.take(entry(bad, "-100.00", "a"), entry(good, "-101.00", "b"))
        self.assertEqual(orders.mapped("bank_state"), ["executed", "executed"])
        self.assertEqual(orders.mapped("books_problem"), ["No way.", False])
        self.assertEqual(good.payment_id.state, "paid")
        self.assertEqual(len(bad.activity_ids), 1)
        bad.action_books_again()
        self.assertEqual(bad.payment_id.state, "paid")

    def test_nobody_but_the_import_says_what_proves_an_order(self):
        _bill, _payment, order = self.ordered()
        self.take(entry(order, "-100.00", "d"))
        accountant = new_test_user(
            self.env(su=True), "proof_accountant",
            groups="base.group_user,account.group_account_manager,account.group_account_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        line = order.statement_line_id.with_user(accountant)
        credit = {"journal_id": self.journal.id, "date": DAY, "amount": 100.0, "payment_ref": "x"}
        free = line.create(credit)
        for way in (
            lambda: line.write({"bank_order_id": False}),
            lambda: line.write({"amount": -5.0}),
            lambda: free.write({"bank_order_id": order.id}),
            lambda: line.create({**credit, "bank_order_id": order.id}),
        ):
            with self.assertRaisesRegex(UserError, "cannot be edited"), self.env.cr.savepoint():
                way()
        free.amount = 90.0
        free.payment_ref = "Told better"
        self.assertEqual(order.bank_state, "executed")

    def test_second_debit_is_told_in_two_statements_and_in_one(self):
        for number, parts in enumerate((1, 2)):
            _bill, _payment, order = self.ordered()
            debits = [entry(order, "-100.00", f"{number}{key}") for key in "ab"]
            for part in range(parts):
                self.take(*debits[part::parts], number=f"{number}{part}")
            self.assertEqual(order.activity_ids.mapped("summary"), ["Paid twice?"])
            self.assertEqual(order.statement_line_id.payment_ref, f"T {number}a")
            second = order.statement_line_ids - order.statement_line_id
            self.assertFalse(second.is_reconciled)


class TestGivenUp(ProofCase):
    """The bank executes what was rejected, recalled or declared dead."""

    def give_up(self, order, state):
        if state == "cancelled":
            order.package_id._set_state("cancelled")
        else:
            self.say(order, state)
        self.assertEqual(order.bank_state, state)

    def test_payment_and_bill_follow_and_a_person_is_told(self):
        for state in ("rejected", "recalled", "cancelled"):
            with self.subTest(state=state):
                bill, payment, order = self.ordered()
                self.give_up(order, state)
                self.take(entry(order, "-100.00", state), number=state)
                self.assertFalse(order.books_problem)
                self.assertEqual((order.bank_state, payment.state), ("executed", "paid"))
                self.assertEqual(self.owed(bill), 0.0)
                self.assertTrue(order.statement_line_id.is_reconciled)
                self.assertEqual(order.activity_ids.mapped("summary"), ["Executed all the same"])
                self.assertEqual(order.package_id.state, "executed")

    def test_a_second_payment_that_is_still_here_is_stopped(self):
        for step in ("registered", "prepared", "to_send"):
            with self.subTest(step=step):
                bill, payment, order = self.ordered()
                self.say(order, "rejected")
                second = self.register(bill)
                if step != "registered":
                    self.env["bank.send"].create(
                        {"payment_ids": [(6, 0, second.ids)]}
                    ).action_prepare()
                if step == "to_send":
                    second.bank_order_id.package_id._set_state("to_send")
                other = second.bank_order_ids
                self.take(entry(order, "-100.00", step), number=step)
                self.assertEqual((payment.state, second.state), ("paid", "canceled"))
                self.assertEqual(self.owed(bill), 0.0)
                self.assertFalse(self.to_send(second))
                self.assertFalse(other.filtered(lambda one: one.bank_state != "cancelled"))
                self.assertTrue(order.activity_ids)

    def test_a_second_payment_that_is_gone_is_told(self):
        bill, payment, order = self.ordered()
        self.say(order, "rejected")
        second = self.register(bill)
        self.prepare(second)
        second.bank_order_id.package_id._set_state("sent")
        self.take(entry(order, "-100.00", "d"))
        self.assertEqual((order.bank_state, second.bank_state), ("executed", "sent"))
        self.assertEqual((payment.state, self.owed(bill)), ("paid", 0.0))
        self.assertIn("Paid twice?", order.activity_ids.mapped("summary"))

    def test_a_copy_of_a_payment_without_bill_is_stopped_or_told(self):
        for step in ("draft", "in_process", "prepared", "sent"):
            with self.subTest(step=step):
                payment = self.make_payment()
                order = self.prepare(payment)
                self.give_up(order, "rejected")
                copy = payment.browse(order.action_correct_copy()["res_id"])
                if step != "draft":
                    copy.action_post()
                if step in ("prepared", "sent"):
                    self.prepare(copy).package_id._set_state(step)
                self.take(entry(order, "-100.00", step), number=step)
                self.assertEqual((order.bank_state, payment.state), ("executed", "paid"))
                gone = step == "sent"
                self.assertEqual(copy.state, "in_process" if gone else "canceled")
                self.assertEqual("Paid twice?" in order.activity_ids.mapped("summary"), gone)

    def payroll(self, *partners):
        """A posted entry that owes each of them 100.00; the items in their order."""
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        kinds = ("expense", "liability_payable")
        expense, payable = (
            self.env["account.account"].search(
                [("account_type", "=", kind), ("company_ids", "in", self.company.ids)], limit=1
            )
            for kind in kinds
        )
        payable = self.supplier.property_account_payable_id or payable
        lines = [{"account_id": expense.id, "debit": 100.0 * len(partners), "name": "Pay"}]
        lines += [
            {"account_id": payable.id, "credit": 100.0, "partner_id": partner.id, "name": "Pay"}
            for partner in partners
        ]
        move = self.env["account.move"].sudo().create({
            "journal_id": journal.id, "date": "2026-03-01",
            "line_ids": [(0, 0, line) for line in lines],
        })  # fmt: skip
        move.action_post()
        return move.line_ids.filtered("credit")

    def test_what_an_entry_of_the_payroll_owes_is_paid_again_and_no_one_elses(self):
        colleague = self.make_supplier("Ewa Nowak", "PL52124010371111001000112233")
        item, other = self.payroll(self.supplier, colleague.with_env(self.env))
        payment, second = self.make_payment(), self.make_payment(partner=other.partner_id)
        for pay, owed in ((payment, item), (second, other)):
            (pay.sudo().move_id.line_ids.filtered("debit") | owed).reconcile()
        order = self.prepare(payment)
        self.give_up(order, "rejected")
        self.assertEqual(order.action_correct_copy()["context"]["active_ids"], item.ids)
        self.take(entry(order, "-100.00", "d"))
        self.assertEqual((order.bank_state, payment.state), ("executed", "paid"))
        self.assertTrue(item.reconciled)
        self.assertEqual(order.activity_ids.mapped("summary"), ["Executed all the same"])
        self.assertEqual((second.state, other.reconciled), ("in_process", True))
        with self.assertRaises(RedirectWarning):
            order.sudo().bank_state = "rejected"
            order.action_correct_copy()

    def test_the_entry_that_a_closed_period_had_reversed_stands_again(self):
        bill, payment, order = self.ordered()
        self.lock("2026-03-09")
        self.lock("2026-03-10")
        self.say(order, "rejected")
        self.assertEqual(self.owed(bill), 100.0)
        self.journal.sudo().bank_locked_period = "first_open"
        self.take(entry(order, "-100.00", "d"))
        self.assertFalse(order.books_problem)
        self.assertEqual((order.bank_state, payment.state), ("executed", "paid"))
        self.assertEqual((payment.move_id.state, self.owed(bill)), ("posted", 0.0))

    def test_books_that_fail_leave_the_state_and_ask(self):
        bill, payment, order = self.ordered()
        self.say(order, "rejected")
        posting = type(self.env["account.move"])._post

        def _post(moves, soft=True):
            if payment.move_id in moves:
                raise UserError(self.env._("No way."))
            return posting(moves, soft)

        self.patch(type(self.env["account.move"]), "_post", _post)
        with self.assertLogs(LOGGER, "ERROR"):
            self.take(entry(order, "-100.00", "d"))
        self.assertEqual((order.bank_state, order.books_problem), ("executed", "No way."))
        self.assertEqual(payment.state, "rejected")
        self.patch(type(self.env["account.move"]), "_post", posting)
        order.action_books_again()
        self.assertEqual((payment.state, self.owed(bill)), ("paid", 0.0))


class TestDeleted(ProofCase):
    def lines(self):
        return self.env["account.bank.statement.line"].sudo().search([
            ("journal_id", "=", self.journal.id)
        ])  # fmt: skip

    def delete(self):
        lines = self.lines()
        lines.statement_id.unlink()
        lines.unlink()

    def test_deleted_and_fetched_again_it_is_linked_again(self):
        bill, payment, order = self.ordered()
        debit = entry(order, "-100.00", "d")
        self.take(debit)
        once = self.seen(bill, payment, order)
        self.delete()
        self.assertEqual((order.bank_state, order.package_id.state), ("accepted", "accepted"))
        self.assertEqual((payment.state, self.owed(bill)), ("in_process", 0.0))
        self.take(debit)
        self.assertEqual(self.seen(bill, payment, order), once)
        self.assertTrue(self.lines().is_reconciled)
        self.assertFalse(order.activity_ids)

    def test_the_entry_behind_the_line_is_deleted(self):
        _bill, _payment, order = self.ordered()
        self.take(entry(order, "-100.00", "d"))
        lines = self.lines()
        lines.statement_id.unlink()
        lines.move_id.with_context(force_delete=True).unlink()
        self.assertEqual(order.bank_state, "accepted")

    def test_a_return_that_is_deleted_pays_the_bill_again(self):
        bill, payment, order = self.ordered()
        self.take(entry(order, "-100.00", "d"))
        once = self.seen(bill, payment, order)
        self.take(entry(order, "100.00", "c"), number="2")
        self.assertEqual((order.bank_state, self.owed(bill)), ("returned", 100.0))
        credit = self.lines().filtered(lambda line: line.amount > 0)
        credit.statement_id.unlink()
        credit.unlink()
        self.assertEqual(self.seen(bill, payment, order), once)

    def test_what_was_given_up_is_given_up_again(self):
        bill, payment, order = self.ordered()
        self.say(order, "rejected")
        self.take(entry(order, "-100.00", "d"))
        self.delete()
        self.assertEqual((order.bank_state, payment.state), ("rejected", "rejected"))
        self.assertEqual(self.owed(bill), 100.0)


class TestOrderOfReading(ProofCase):
    # Lists of (days after, amount): what may stand in the statements under one order.
    HISTORIES = (
        [(0, "-100.00"), (0, "100.00")],
        [(0, "-100.00"), (2, "100.00")],
        [(0, "-100.00"), (1, "-100.00")],
        [(0, "-100.00"), (1, "95.00")],
        [(0, "-100.00"), (1, "100.00"), (2, "-100.00")],
        [(0, "-100.00"), (1, "-100.00"), (2, "100.00")],
        [(0, "-100.00"), (1, "100.00"), (2, "95.00")],
        [(0, "-100.00"), (1, "-100.00"), (2, "100.00"), (2, "100.00")],
    )

    def given(self, before):
        """(bill, payment, order) of an account that has nothing yet."""
        given = self.ordered()
        if before == "rejected":
            self.say(given[2], "rejected")
        # One long transaction: without figures PostgreSQL reads whole tables for Odoo's questions.
        self.env.cr.execute("ANALYZE account_partial_reconcile, account_move_line, account_move")
        return given

    def read(self, *how):
        """What `_read` sees; nothing of it stays."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            seen = self._read(*how)
            savepoint.rollback()
        self.env.invalidate_all()
        self.__dict__.pop("stretches", None)
        return seen

    def _read(self, given, history, order_of_reading, cuts, name):
        """What is seen after the history was read so; the statements before `cuts` end there."""
        order = given[2]
        entries = [
            entry(order, amount, f"{name}{at}", DAY + datetime.timedelta(days))
            for at, (days, amount) in enumerate(history)
        ]
        shuffled = [entries[at] for at in order_of_reading]
        read = []
        for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
            part = shuffled[start:end]
            for one in self.by_day(part):
                day = one[0].booked_on
                # What earlier days moved, and what of this day was read already.
                earlier = [entry for entry in entries if entry.booked_on < day]
                earlier += [entry for entry in read if entry.booked_on == day]
                opening = sum((entry.amount for entry in earlier), Decimal(0))
                self.take(*one, number=f"{name}{start}{day}", day=day, opening=opening)
                read += one
        seen = self.seen(*given)
        for key in ("line", "reason", "lines"):
            seen[key] = repr(seen[key]).replace(name, "")
        return seen

    def by_day(self, entries):
        """Statements of one day each, in the order in which the days are first met."""
        days = {}
        for one in entries:
            days.setdefault(one.booked_on, []).append(one)
        return days.values()

    def test_nothing_depends_on_it(self):
        """Any order, any split: the same state, bill and payment."""
        draw = random.Random(14)
        for before in ("accepted", "rejected"):
            given = self.given(before)
            for number, history in enumerate(self.HISTORIES):
                straight = list(range(len(history)))
                expected = self.read(given, history, straight, [], f"h{number}{before[0]}x")
                self.assertFalse(expected["problem"])
                order_of_reading = straight[::-1]
                if before == "rejected" and len(straight) > 2:
                    order_of_reading = draw.sample(straight, len(straight))
                cuts = sorted(draw.sample(straight[1:], draw.randint(0, len(straight) - 1)))
                with self.subTest(history=history, before=before, read=order_of_reading,
                                  cuts=cuts):  # fmt: skip
                    name = f"h{number}{before[0]}"
                    seen = self.read(given, history, order_of_reading, cuts, name)
                    self.assertEqual(seen, expected)

    def test_what_it_comes_to(self):
        """The end of some histories, so that the same wrong end everywhere is seen too."""
        given = self.given("accepted")
        for number, (amounts, state, owed) in enumerate((
            (("-100.00",), "executed", 0.0),
            (("100.00", "-100.00"), "returned", 100.0),
            (("100.00",), "returned", 100.0),
            (("-100.00", "-100.00", "100.00"), "executed", 0.0),
            (("95.00", "-100.00"), "executed", 0.0),
        )):  # fmt: skip
            history = [(0, amount) for amount in amounts]
            seen = self.read(given, history, range(len(history)), [], f"e{number}")
            self.assertEqual((seen["state"], seen["bill"][0]), (state, owed), amounts)


class TestRoubleFile(TestByFile):
    """Orders that went as a file are known by number, date, amount and account."""

    def given(self):
        payment = self.make_payment()
        package, _text = self.give(payment)
        return package, payment, payment.bank_order_ids

    def test_a_refused_file_that_was_executed(self):
        package, payment, order = self.given()
        package.action_file_refused()
        line = self.line()
        line._settle_orders()
        self.assertEqual((order.bank_state, package.state), ("executed", "executed"))
        self.assertEqual((payment.state, line.bank_order_id), ("paid", order))
        self.assertEqual(order.activity_ids.mapped("summary"), ["Executed all the same"])

    def test_a_file_that_was_handed_over_twice(self):
        _package, _payment, order = self.given()
        self.line()._settle_orders()
        self.assertFalse(order.activity_ids)
        self.line()._settle_orders()
        self.assertEqual(order.activity_ids.mapped("summary"), ["Paid twice?"])
