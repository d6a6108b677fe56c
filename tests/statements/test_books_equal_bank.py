# SPDX-License-Identifier: LGPL-3.0-only
"""The sums decide: told twice, announced, of another currency, or not adding up."""

import datetime
import itertools
import random
from dataclasses import replace
from decimal import Decimal

from odoo.addons.bank_webservice.models.statements.statement_import import Differs
from odoo.addons.bank_webservice.protocol import matching
from odoo.addons.bank_webservice.protocol.records import Document, Entry, Statement
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from ..common import ACCOUNT, BankCase

DAY = datetime.date(2026, 3, 3)
NEXT = DAY + datetime.timedelta(days=1)
# Of few entries: with late ones, parts of batches and announced ones. Others take too long here.
SMALL_MONTHS = (73, 91, 266)
FOREIGN = "PL83101010230000261395100000"  # not in Odoo


def entry(amount, key=None, day=DAY, title="FV 1", **more):
    details = {"bank_reference": key} if key else {}
    return Entry(day, day, Decimal(amount), title=title, operation_id=key, details=details, **more)


def camt(*statements):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        f"<BkToCstmrStmt>{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()


def stmt(amounts, opening, closing, number="1", day="2026-03-03", account=ACCOUNT, currency="PLN"):
    def balance(code, amount):
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}'
            f"</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        )

    entries = "".join(
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{number}{place}{day}</AcctSvcrRef></Ntry>"
        for place, amount in enumerate(amounts)
    )
    return (
        f"<Stmt><Id>S{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>"
        f"<CreDtTm>{day}T23:00:00+01:00</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id>"
        f"<Ccy>{currency}</Ccy></Acct>{balance('OPBD', opening)}{balance('CLBD', closing)}"
        f"{entries}</Stmt>"
    )


class TestBooksEqualBank(BankCase):
    def setUp(self):
        super().setUp()
        self.document = self.env["bank.document"]._keep(
            self.journal, [Document(b"as received", "mt940", "day.sta")]
        )

    def take(self, opening, closing, *entries, day=DAY, until=None, number="", **more):
        balances = [None if one is None else Decimal(one) for one in (opening, closing)]
        statement = Statement(
            ACCOUNT, "PLN", number, day, until or day, *balances, entries=entries, **more
        )
        return self.journal.sudo()._import_statement(statement, self.document)

    def announce(self, *entries, day=DAY):
        return self.take(None, None, *entries, day=day, final=False)

    def lines(self):
        domain = [("journal_id", "=", self.journal.id)]
        return self.env["account.bank.statement.line"].search(domain, order="id")

    def upload(self, name, content):
        return self.journal._upload_statements([(name, content)])

    def amounts(self):
        return sorted(self.lines().mapped("amount"))

    # -------------------------------------------------------------------------
    # NOTHING IS BOOKED THAT DOES NOT ADD UP, WHOEVER IS TO BLAME
    # -------------------------------------------------------------------------

    def wrong_plan(self, change):
        whole = matching.plan

        def plan(*arguments):
            found = whole(*arguments)
            found.pieces = [replace(one, into=change(one.into)) for one in found.pieces]
            return found

        self.patch(matching, "plan", plan)

    def test_what_is_written_is_read_back(self):
        self.wrong_plan(lambda kept: replace(kept, closing=kept.closing + 1))
        with self.assertRaisesRegex(UserError, "would not add up"):
            self.take("0", "10", entry("10"))

    def test_an_amount_that_changed_on_its_way(self):
        line = type(self.env["account.bank.statement.line"])
        create = line._create_entries

        def _create_entries(model, values):
            return create(model, [{**one, "amount": one["amount"] + 1} for one in values])

        self.patch(line, "_create_entries", _create_entries)
        with self.assertRaisesRegex(UserError, "would not add up"):
            self.take("0", "10", entry("10"))

    def test_neighbours_that_do_not_meet(self):
        self.take("0", "10", entry("10"), number="1")
        self.wrong_plan(lambda kept: replace(kept, opening=Decimal(12), closing=Decimal(17)))
        with self.assertRaisesRegex(UserError, "does not begin where"):
            self.take("10", "15", entry("5", day=NEXT), day=NEXT, number="2")

    def test_numbers_that_follow_each_other_and_balances_that_do_not(self):
        self.take("0", "10", entry("10"), number="1")
        with self.assertRaisesRegex(Differs, "the difference is 2.00"):
            self.take("12", "17", entry("5", day=NEXT), day=NEXT, number="2")

    # -------------------------------------------------------------------------
    # TOLD AGAIN
    # -------------------------------------------------------------------------

    def test_the_same_day_from_another_source(self):
        self.take("0", "100", entry("100", "A1", title="Zażółć"), number="7")
        again = self.take("0", "100", entry("100", title="ZAZOLC GESLA"))
        self.assertEqual((again.new, again.known, self.amounts()), (0, 1, [100]))

    def test_two_coffees_are_two(self):
        self.take("100", "88", entry("-12"))
        self.assertEqual(self.take("88", "76", entry("-12")).new, 1)
        self.assertEqual(self.take("100", "76", entry("-12"), entry("-12")).new, 0)

    def test_reference_used_again_next_month(self):
        self.take("1000", "500", entry("-500", "1001"))
        april = DAY + datetime.timedelta(days=31)
        self.assertEqual(self.take("500", "0", entry("-500", "1001", april), day=april).new, 1)

    def test_pages_of_one_number_are_one_statement(self):
        self.take("0", "60", entry("60", "a"), number="7")
        statement = self.take("60", "100", entry("40", "b"), number="7").statement
        self.assertEqual(statement.mapped("balance_end_real"), [100])
        self.assertTrue(statement.is_complete and statement.is_valid)

    def test_late_entries_leave_the_running_balance_right(self):
        self.take("70", "100", entry("30", "c", NEXT), day=NEXT)
        self.take("0", "60", entry("60", "a"), number="7")
        self.take("0", "70", entry("60", "a"), entry("10", "b"), number="7")
        statements = self.env["account.bank.statement"].search(
            [("bank_journal_id", "=", self.journal.id)]
        )
        self.assertEqual(len(statements), 2)
        self.assertTrue(
            all(statements.mapped("is_valid")), statements.mapped("problem_description")
        )
        last = self.lines().sorted("internal_index")[-1]
        self.assertEqual((last.amount, last.running_balance), (30, 100))

    def test_balances_that_were_assumed_follow_the_first_that_are_stated(self):
        for number in range(4):
            day = NEXT + datetime.timedelta(days=number)
            self.take(None, None, entry("5", day=day), day=day)
        self.take("5000", "5010", entry("10"))
        statements = self.env["account.bank.statement"].search(
            [("bank_journal_id", "=", self.journal.id)], order="bank_closed_on"
        )
        self.assertEqual(statements.mapped("balance_start"), [5000, 5010, 5015, 5020, 5025])
        self.assertTrue(all(statements.mapped("is_valid")))

    def test_what_does_not_meet_is_found_as_by_looking_at_all(self):
        chosen, found = random.Random(20260303), set()
        for _round in range(100):
            with self.env.cr.savepoint() as savepoint:
                self.keep_statements(chosen, chosen.randint(1, 12))
                chain = matching.ordered(self.journal.sudo()._kept({}))
                apart = {b.id for a, b in itertools.pairwise(chain) if a.closing != b.opening}
                statements = self.env["account.bank.statement"].browse(kept.id for kept in chain)
                invalid = statements.filtered(lambda one: not one.is_valid)
                self.assertEqual(set(invalid.ids), apart)
                self.assertEqual(set(statements._get_invalid_statement_ids(True)), apart)
                found.add(len(apart) > 1)
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(found, {True, False})

    def keep_statements(self, chosen, count):
        """Some that meet and some that do not, several of one day among them."""
        closing, day = 0, DAY
        values = []
        for _number in range(count):
            day += datetime.timedelta(days=chosen.choice((0, 0, 1)))
            opening = closing if chosen.random() < 0.8 else chosen.choice((0, 1, 2))
            closing = chosen.choice((0, 1, 2))
            values.append(
                {
                    "bank_journal_id": self.journal.id,
                    "bank_number": chosen.choice((False, "", "x", " 2/1", "012", "7")),
                    "bank_opened_on": day - datetime.timedelta(days=chosen.choice((0, 0, 0, 1))),
                    "bank_closed_on": day,
                    "balance_start": opening,
                    "balance_end_real": closing,
                }
            )
        chosen.shuffle(values)
        self.env["account.bank.statement"].sudo().create(values)
        self.env.flush_all()

    def test_a_statement_without_entries_says_so(self):
        documents, results = self.upload("empty.xml", camt(stmt([], "5", "5")))
        action = self.journal._tell_upload(documents, results)
        self.assertIn("no entries", str(action["context"]["notifications"]))

    # -------------------------------------------------------------------------
    # ANNOUNCED
    # -------------------------------------------------------------------------

    def test_announced_whole_and_booked_in_parts(self):
        self.announce(entry("100", "B"))
        result = self.take("0", "100", entry("30", "B/1"), entry("70", "B/2"))
        self.assertEqual((result.undone, self.amounts()), (1, [30, 70]))

    def test_announced_in_other_words_and_without_an_id(self):
        self.announce(entry("100", title="PRZELEW"))
        result = self.take("0", "100", entry("100", "R1", title="FV 1/2026"))
        self.assertEqual((result.finished, self.amounts()), (1, [100]))
        self.assertEqual(self.lines().statement_id, result.statement)

    def test_two_of_one_sum_that_are_told_apart_stay_two(self):
        self.announce(entry("12", "A"))
        self.assertEqual(self.announce(entry("12", "B")).new, 1)

    def test_taken_back_by_the_bank(self):
        self.announce(entry("100", "GONE"))
        documents, results = self.upload("day.xml", camt(stmt(["7.00"], "0", "7")))
        self.assertEqual(self.amounts(), [7])
        self.assertIn("were deleted: 1", documents.outcome)
        told = self.journal._tell_upload(documents, results)["context"]["notifications"]
        self.assertIn("were deleted: 1", told["day.xml"])

    def test_announced_for_a_day_that_is_stated(self):
        self.take("0", "7", entry("7"))
        result = self.announce(entry("7"), entry("9"))
        self.assertEqual((result.known, result.dropped, self.amounts()), (1, 1, [7]))

    def left_over(self):
        """An announced line on which a bill hangs, and the final statement without it."""
        self.announce(entry("-100", "GONE"))
        line = self.lines()
        bill = self.make_bill(100.0)
        line._reconcile_with(bill._bank_open_items())
        result = self.take("0", "7", entry("7", "STAY"))
        return line, result

    def test_taken_back_but_a_bill_hangs_on_it(self):
        line, result = self.left_over()
        self.assertEqual((result.undone, result.raised), (0, 1))
        self.assertTrue(line.exists() and line.bank_left_over)
        activity = line.move_id.activity_ids
        self.assertEqual(activity.user_id, self.user)
        self.assertIn("100.00", activity.note)
        card = self.journal._bank_cards()[self.journal]
        self.assertEqual((card["left_over"], card["not_imported"], card["doubles"]), (1, 0, 0))
        shown = self.journal.with_context(bank_look_at="left_over").action_look_at()
        self.assertEqual(self.lines().search(shown["domain"]), line)

    def test_a_person_is_told_once(self):
        line, _result = self.left_over()
        again = self.take("0", "7", entry("7", "STAY"))
        self.assertEqual((again.raised, len(line.move_id.activity_ids)), (0, 1))

    def test_the_bank_states_it_after_all(self):
        line, _result = self.left_over()
        result = self.take("7", "-93", entry("-100", "GONE", day=NEXT), day=NEXT)
        self.assertEqual((result.finished, line.statement_id), (1, result.statement))
        self.assertFalse(line.bank_left_over or line.move_id.activity_ids)

    def test_in_a_locked_period_it_is_left_to_a_person(self):
        self.announce(entry("100", "GONE"))
        self.journal.sudo().bank_locked_period = "first_open"
        self.env.flush_all()
        query = "UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s"
        self.env.cr.execute(query, [DAY, self.company.id])
        self.env.invalidate_all()
        result = self.take("0", "7", entry("7", "STAY"))
        self.assertEqual((result.undone, result.raised), (0, 1))

    # -------------------------------------------------------------------------
    # ACCOUNTS OF ONE FILE
    # -------------------------------------------------------------------------

    def test_one_number_in_two_currencies(self):
        euro = self.make_journal(
            self.company.sudo(), self.account.sudo(), "BWE", currency=self.env.ref("base.EUR")
        )
        content = camt(
            stmt(["10.00"], "0", "10"), stmt(["7.00"], "0", "7", currency="EUR", number="2")
        )
        documents, results = self.upload("two.xml", content)
        self.assertEqual((documents.state, documents.problem), ("done", False))
        self.assertEqual(
            [one.statement.bank_journal_id for one in results],
            [self.journal, euro.with_env(self.env)],
        )
        for name in (self.journal.display_name, euro.display_name):
            self.assertIn(f"{name}: new entries: 1", documents.outcome)

    def test_an_account_that_is_not_in_odoo_stops_only_itself(self):
        content = camt(
            stmt(["1.00"], "0", "1", account=FOREIGN, number="9"), stmt(["10.00"], "0", "10")
        )
        documents, results = self.upload("two.xml", content)
        self.assertEqual((documents.state, self.amounts()), ("partly", [10]))
        self.assertIn(FOREIGN, documents.problem)
        self.assertNotIn(ACCOUNT, documents.problem.partition(":")[0])
        told = self.journal._tell_upload(documents, results)["context"]["notifications"]["two.xml"]
        self.assertIn(FOREIGN, told)
        self.assertIn(f"{self.journal.display_name}: new entries: 1", told)

    def test_what_does_not_add_up_stops_only_its_account(self):
        euro = self.make_journal(
            self.company.sudo(), self.account.sudo(), "BWE", currency=self.env.ref("base.EUR")
        )
        content = camt(
            stmt(["10.00"], "0", "11"), stmt(["7.00"], "0", "7", currency="EUR", number="2")
        )
        documents, results = self.upload("two.xml", content)
        self.assertEqual((documents.state, self.amounts()), ("partly", []))
        self.assertEqual([one.journal for one in results], [euro.with_env(self.env)])

    # -------------------------------------------------------------------------
    # A PERSON CHOOSES
    # -------------------------------------------------------------------------

    def differing(self, amounts, opening="0", closing="100", stored=("40.00", "60.00")):
        self.upload("one.xml", camt(stmt(stored, "0", str(sum(map(Decimal, stored))))))
        content = camt(stmt(amounts, opening, closing))
        documents, _results = self.upload("other.xml", content)
        self.assertEqual((documents.state, documents.differs), ("failed", True))
        return documents

    def test_both_are_named_entry_by_entry(self):
        document = self.differing(["40.00", "61.00"], closing="101")
        self.assertRegex(document.problem, "Only in the statement: .*61.00")
        self.assertRegex(document.problem, "Only in the books: .*60.00")
        self.assertEqual(self.journal._bank_cards()[self.journal]["not_imported"], 1)
        self.assertEqual(self.amounts(), [40, 60])

    def test_confidential_entries_are_counted_and_not_named(self):
        for name in ("40.00", "60.00"):
            with self.subTest(name=name), self.env.cr.savepoint() as savepoint:
                self.upload("one.xml", camt(stmt(["40.00", "60.00"], "0", "100")))
                hidden = self.lines().filtered(lambda line, name=name: line.amount == float(name))
                hidden.sudo().bank_answers_confidential = True
                content = camt(stmt(["40.00", "61.00"], "0", "101"))
                documents, _results = self.upload("other.xml", content)
                only = documents.problem.partition("Only in the books: ")[2].partition("\n")[0]
                self.assertEqual("confidential entries: 1" in only, name == "60.00")
                self.assertEqual("60.00" in only, name == "40.00")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_who_may_not_import_may_not_decide(self):
        document = self.differing(["40.00", "61.00"], closing="101")
        reader = new_test_user(
            self.env(su=True), "reader", groups="base.group_user,account.group_account_readonly",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        with self.assertRaises(UserError):
            document.with_user(reader).action_take_instead()

    def test_the_same_they_cannot_be_where_the_sums_differ(self):
        document = self.differing(["40.00", "61.00"], closing="101")
        with self.assertRaisesRegex(UserError, "does not make the sums right"):
            document.action_same_entries()

    def test_the_same_entries(self):
        document = self.differing(["30.00", "70.00"], closing="100")
        document.action_same_entries()
        self.assertEqual((document.state, document.differs), ("done", False))
        self.assertEqual(self.amounts(), [40, 60])
        self.assertIn("the same entries", document.message_ids[:1].body)

    def test_this_one_instead_of_the_stored_one(self):
        document = self.differing(["40.00", "61.00"], closing="101")
        document.action_take_instead()
        self.assertEqual((document.state, self.amounts()), ("done", [40, 61]))
        statement = self.lines().statement_id
        self.assertEqual((len(statement), statement.balance_end_real), (1, 101))
        self.assertTrue(statement.is_complete)

    def test_instead_is_stopped_by_what_hangs_on_an_entry(self):
        document = self.differing(["40.00", "61.00"], closing="101")
        line = self.lines().filtered(lambda one: one.amount == 60)
        other = self.lines().create({
            "journal_id": self.journal.id, "date": DAY, "amount": -60.0, "payment_ref": "x"
        })  # fmt: skip
        items = (line | other).move_id.line_ids.filtered(
            lambda item: item.account_id == self.journal.suspense_account_id
        )
        items.account_id.sudo().reconcile = True
        items.reconcile()
        with self.assertRaisesRegex(UserError, "does not make the sums right"):
            document.action_take_instead()
        self.assertTrue(line.exists())

    def test_the_difference_as_new_entries(self):
        document = self.differing(["40.00", "61.00"], closing="101")
        document.action_book_difference()
        self.assertEqual((document.state, self.amounts()), ("done", [40, 60, 61]))

    # -------------------------------------------------------------------------
    # WHAT IS STORED
    # -------------------------------------------------------------------------

    def check(self):
        return self.journal.action_check_statements()["params"]

    def test_what_is_right(self):
        self.take("0", "10", entry("10"), number="1")
        self.take("10", "15", entry("5", day=NEXT), day=NEXT, number="2")
        self.assertEqual(self.check()["type"], "success")

    def test_a_cash_journal_has_none(self):
        cash = self.env["account.journal"].sudo().create(
            {"name": "Cash", "code": "CSX", "type": "cash", "company_id": self.company.id}
        )  # fmt: skip
        with self.assertRaises(UserError):
            cash.with_env(self.env).action_check_statements()

    def test_a_line_that_is_missing(self):
        statement = self.take("0", "30", entry("10", "a"), entry("20", "b"), number="1").statement
        first, _second = self.lines()
        first.sudo().statement_id = False
        check = self.check()
        self.assertEqual(check["type"], "warning")
        self.assertIn(f"{statement.name} does not add up: 10.00", check["message"])

    def test_a_day_that_was_booked_twice(self):
        """As earlier versions did with another format of it."""
        statement = self.take("0", "10", entry("10", "a")).statement
        statement.sudo().copy({
            "bank_journal_id": self.journal.id, "bank_opened_on": DAY, "bank_closed_on": DAY,
            "balance_start": 0, "balance_end_real": 10,
        })  # fmt: skip
        self.assertIn("twice", self.check()["message"])

    def test_announced_in_a_day_that_is_stated(self):
        self.announce(entry("9", "a", title="GONE", day=NEXT), day=NEXT)
        line = self.lines()
        self.take("0", "10", entry("10"))
        line.sudo().bank_booked_on = DAY
        self.assertIn("GONE", self.check()["message"])

    # -------------------------------------------------------------------------
    # TRUE MONTHS, TOLD IN PIECES; MANY MORE RUN WITHOUT ODOO
    # -------------------------------------------------------------------------

    def test_months_in_pieces_come_out_as_the_truth(self):
        for number in SMALL_MONTHS:
            with self.subTest(month=number), self.env.cr.savepoint() as savepoint:
                self.prove(f"odoo/{number}")
                savepoint.rollback()
            self.env.invalidate_all()

    def prove(self, seed):
        from tools.fuzz import months  # imported when a test needs it: see test_tests_for_odoo

        chosen = random.Random(seed)
        opening, truth = months.month(chosen)
        again = []
        for told in months.documents(chosen, opening, truth):
            try:
                self.take_told(told)
            except Differs:
                again.append(told)
        for told in again:
            self.take_told(told)
        store = months.Store(chosen)
        books = self.journal.sudo()._all_kept()
        store.kept = {kept.id: kept for kept in books}
        store.told = set(self.lines().filtered("bank_left_over").ids)
        store.announced = {
            line.id: matching.Line(line.id, entry(line.amount, day=line.bank_booked_on))
            for line in self.lines().filtered(lambda line: not line.statement_id)
        }
        store.check()
        months._check_end(store, opening, truth)
        statements = self.env["account.bank.statement"].browse(store.kept)
        self.assertTrue(all(statements.mapped("is_complete")))
        self.assertTrue(
            all(statements.mapped("is_valid")), statements.mapped("problem_description")
        )
        if all(one.day == one.booked_on for one in truth):  # Odoo's balances go by the day
            self.assertEqual(self.wrong_running_balances(statements), [])

    def take_told(self, told):
        entries = [
            Entry(
                one.booked_on, None, one.amount, one.title, one.counterparty_name,
                one.counterparty_account, operation_id=one.operation_id, details=one.details,
            )
            for one in told.entries
        ]  # fmt: skip
        said = told.statement
        return self.take(
            said.opening_balance, said.closing_balance, *entries, day=said.opened_on,
            until=said.closed_on, number=said.number, final=said.final,
        )  # fmt: skip

    def wrong_running_balances(self, statements):
        """Statements whose last line does not show their closing balance."""
        found = []
        for statement in statements:
            lines = statement.line_ids.sorted("internal_index")
            if lines and lines[-1].running_balance != statement.balance_end_real:
                found.append(
                    (statement.name, lines[-1].running_balance, statement.balance_end_real)
                )
        return found
