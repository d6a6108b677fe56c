# SPDX-License-Identifier: LGPL-3.0-only
"""Documents too large for one transaction: nothing by half, no double, no gap."""

import contextlib
from unittest.mock import patch

from odoo.addons.bank_webservice.models.statements import bank_document_large
from odoo.addons.bank_webservice.protocol.formats import cut
from odoo.addons.bank_webservice.protocol.records import Document
from odoo.exceptions import UserError

from ..common import ACCOUNT, BankCase

DAYS = ("260302", "260303", "260304")
EACH = 3  # entries a day
LOCKED = "The period is locked."


def mt940(
    closing="00000190,00", account=ACCOUNT, days=DAYS, each=EACH, currency="PLN", amount="10,00"
):
    entries = "".join(
        f":61:{day}{day[2:]}CN{amount}NTRFNONREF//MB{day}{number}\n"
        f":86:770 PRZELEW; TYT.: FV {day} {number}; TNR: 26062{day}0{number}.000001\n"
        for day in days
        for number in range(each)
    )
    return (
        f":20:ST\n:25:{account}\n:28C:5\n:60F:C260301{currency}100,00\n{entries}"
        f":62F:C{days[-1]}{currency}{closing}\n-\n"
    ).encode()


class TestLargeDocument(BankCase):
    def setUp(self):
        super().setUp()
        for name, value in (("LARGE", 100), ("MOST", EACH)):
            patcher = patch.object(bank_document_large, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def keep(self, content):
        return self.env["bank.document"]._keep(
            self.journal, [Document(content, "mt940", "large.sta")]
        )

    def keep_file(self, *contents):
        """A file from a person: it may hold several accounts."""
        documents = [Document(b"".join(contents), "mt940", "accounts.sta")]
        return self.env["bank.document"]._keep(self.journal, documents, uploaded=True)

    def make_euro_journal(self):
        currency = self.env.ref("base.EUR")
        return self.make_journal(self.company.sudo(), self.account.sudo(), "BWE", currency=currency)

    def lines(self):
        domain = [("journal_id", "=", self.journal.id)]
        return self.env["account.bank.statement.line"].search(domain)

    def run_job(self):
        self.env["bank.document"].sudo()._cron_import_large()

    def test_wrong_sum_leaves_not_even_the_first_day(self):
        document = self.keep(mt940(closing="190,01"))
        document._process()
        self.run_job()
        self.assertEqual(document.state, "failed")
        self.assertIn("does not add up", document.problem)
        self.assertFalse(self.lines())

    def test_the_same_entries_are_as_large_in_every_kind_of_file(self):
        text = mt940()
        with patch.object(bank_document_large, "LARGE", len(text) - 1):
            for content, large in (
                (text, True),
                (text[:-2], False),
                (b"<" + text, False),
                (b"<" + text * 3, True),
                (b"PK" + text[: len(text) // 9], True),
                (b"PK" + text[: len(text) // 11], False),
            ):
                found = self.keep(content)._large()
                self.assertEqual(bool(found), large, f"{content[:2]} {len(content)}")

    def test_document_that_kills_its_worker_three_times_is_left_alone(self):
        document = self.keep(mt940())
        document._process()
        with patch.object(type(document), "_troubles", side_effect=MemoryError):
            for _attempt in range(3):
                # Not `assertRaises`, which takes back what was written before the work began.
                with contextlib.suppress(MemoryError):
                    self.run_job()
                self.assertEqual(document.state, "queued")
            self.run_job()
        self.assertEqual(document.state, "failed")
        self.assertIn("broken off 3 times", document.problem)
        self.assertIn("broken off 3 times", document.message_ids[:1].body)
        document.action_process()
        self.run_job()
        self.assertEqual(document.state, "done", "a person lets it be tried again")

    def test_import_waits_where_a_fetch_is_at_work(self):
        document = self.keep(mt940())
        document._process()
        feeds = type(self.env["bank.feed"])
        with patch.object(feeds, "try_lock_for_update", return_value=self.env["bank.feed"]):
            document.sudo()._import_large()
        self.assertEqual((document.state, document.attempts), ("queued", 0))
        self.assertFalse(self.lines())

    def test_another_account_is_refused_before_the_first_day(self):
        document = self.keep(mt940(account="PL83101010230000261395100000"))
        document._process()
        self.run_job()
        self.assertEqual(document.state, "failed")
        self.assertFalse(self.lines())

    def test_one_account_of_a_large_file_that_is_wrong_stops_only_itself(self):
        euro = self.make_euro_journal()
        foreign = mt940(account="PL83101010230000261395100000")
        document = self.keep_file(foreign, mt940(currency="EUR", closing="190,01"), mt940())
        document._process()
        self.run_job()
        self.assertEqual((document.state, len(self.lines())), ("partly", EACH * len(DAYS)))
        self.assertIn("PL83101010230000261395100000 PLN: ", document.problem)
        self.assertRegex(document.problem, f"(?s){ACCOUNT} EUR: .*does not add up")
        self.assertFalse(document.statement_ids.filtered(lambda one: one.journal_id == euro))

    def test_accounts_of_a_large_file_go_to_their_journals(self):
        euro = self.make_euro_journal()
        document = self.keep_file(mt940(currency="EUR"), mt940())
        document._process()
        self.run_job()
        self.assertEqual((document.state, document.problem), ("done", False))
        for journal in (self.journal, euro):
            words = f"{journal.display_name}: new entries: 9, in the books already: 0."
            self.assertIn(words, document.outcome)
        self.assertEqual(document.statement_ids.mapped("is_complete"), [True] * 2 * len(DAYS))

    def test_what_a_person_decides_of_a_large_document_is_carried_out(self):
        self.keep(mt940(closing="111,00", days=DAYS[-1:], each=1, amount="11,00"))._process()
        self.run_job()
        other = self.keep(mt940(closing="220,00", each=EACH + 1))
        other._process()
        self.run_job()
        self.assertEqual((other.state, other.differs), ("failed", True))
        self.assertEqual(len(self.lines()), 1, "not even the days before")
        other.action_take_instead()
        self.assertEqual(other.state, "queued")
        self.run_job()
        self.assertEqual((other.state, len(self.lines())), ("done", len(DAYS) * (EACH + 1)))
        self.assertIn("Taken instead", other.message_ids[:1].body)

    def test_one_long_day_goes_in_by_steps_that_add_up(self):
        document = self.keep(mt940(closing="180,00", days=DAYS[:1], each=8))
        document._process()
        with patch.object(bank_document_large, "commit_step", return_value=0):  # time is up
            for count in (3, 6, 8):
                self.run_job()
                self.assertEqual((document.state, len(self.lines())), ("queued", count))
                (statement,) = document.statement_ids
                self.assertTrue(statement.is_complete)
                self.assertEqual(statement.balance_end_real, 100 + 10 * count)
                self.assertEqual(statement.bank_assumed, count < 8)
        self.run_job()
        self.assertEqual(document.state, "done")
        self.assertIn("new entries: 8, in the books already: 0.", document.outcome)
        self.assertFalse(self.journal.sudo()._statement_gaps())

    def test_a_long_day_whose_worker_dies_goes_on_where_it_was(self):
        document = self.keep(mt940(closing="180,00", days=DAYS[:1], each=8))
        document._process()
        take = type(self.journal)._import_statement

        def die_at_the_second(journal, *words):
            if self.lines():
                raise MemoryError
            return take(journal, *words)

        with (
            patch.object(type(self.journal), "_import_statement", die_at_the_second),
            contextlib.suppress(MemoryError),
        ):
            self.run_job()
        self.assertEqual((document.state, len(self.lines())), ("queued", 3))
        self.assertTrue(document.statement_ids.is_complete)
        self.run_job()
        self.assertEqual((document.state, len(self.lines())), ("done", 8))
        self.assertIn("new entries: 8, in the books already: 0.", document.outcome)

    def test_days_that_are_in_stay_and_the_rest_follows_once(self):
        document = self.keep(mt940())
        document._process()
        self.assertEqual(document.state, "queued")
        self.assertFalse(self.lines(), "nothing is imported in the user's own request")
        take = type(self.journal)._import_statement
        with patch.object(type(self.journal), "_import_statement", autospec=True) as importing:
            first = take(self.journal.sudo(), *self.first(document))
            importing.side_effect = [first, UserError(LOCKED)]
            self.run_job()
        self.assertEqual(document.state, "partly")
        self.assertIn("locked", document.problem)
        self.assertEqual(len(self.lines()), EACH, "the first day is whole")
        document.action_process()
        self.run_job()
        self.assertEqual(document.state, "done")
        lines = self.lines()
        self.assertEqual(len(lines), EACH * len(DAYS))
        self.assertEqual(len(set(lines.mapped("bank_operation_key"))), len(lines))

    def first(self, document):
        (statement,) = document.sudo()._statements()
        return next(cut.by_days(statement, EACH)), document.sudo()

    def test_parts_are_statements_whose_balances_meet(self):
        document = self.keep(mt940())
        document._process()
        self.run_job()
        statements = document.statement_ids.sorted("bank_closed_on")
        self.assertEqual(len(statements), len(DAYS))
        self.assertEqual(
            [(one.balance_start, one.balance_end_real) for one in statements],
            [(100, 130), (130, 160), (160, 190)],
        )
        self.assertTrue(all(statements.mapped("is_complete")))
        self.assertFalse(self.journal.sudo()._statement_gaps())

    def test_failed_one_that_is_fetched_again_stays_the_failure_it_is(self):
        document = self.keep(mt940(closing="190,01"))
        document._process()
        self.run_job()
        document._process(again=False)
        self.assertEqual(document.state, "failed", "else no fetch would ever count as failed")
        self.assertIn("does not add up", document.problem)

    def test_fetched_again_it_is_not_imported_again(self):
        document = self.keep(mt940())
        document._process()
        self.run_job()
        document._process()
        self.assertEqual(document.state, "done")

    def test_file_of_a_person_says_that_it_goes_on_in_the_background(self):
        journal = self.journal.with_user(self.user)
        documents, results = journal._upload_statements([("large.sta", mt940())])
        self.assertFalse(results)
        action = journal._tell_upload(documents, results)
        self.assertIn("in the background", str(action["context"]["notifications"]))
