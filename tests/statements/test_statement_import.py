# SPDX-License-Identifier: LGPL-3.0-only
"""Into the books: no gap, no double, no entry on a wrong day, nobody's money at another's name."""

import base64
import datetime
import io
import zipfile
from decimal import Decimal

from odoo.addons.bank_webservice.protocol.records import Document, Entry, Statement
from odoo.exceptions import UserError

from ..common import ACCOUNT, BankCase

DAY = datetime.date(2026, 3, 3)
MT940 = """\x01
:20:ST260303CYC/1
:25:{account}
:28C:{number}/1
:60F:C260302PLN{opening}
:61:2603030303CN{amount}NTRFNONREF//MB1
770-UZNANIE
:86:770 PRZELEW; OD: JAN; TYT.: {title}; TNR: 260620{number:09}.000001
:62F:C260303PLN{closing}
-\x03
"""


def entry(amount="10.00", key=None, day=DAY, **more):
    values = {"title": "FV 1", "counterparty_name": "Jan", **more}
    return Entry(day, values.pop("value_on", day), Decimal(amount), operation_id=key, **values)


class TestStatementImport(BankCase):
    def setUp(self):
        super().setUp()
        self.document = self.env["bank.document"]._keep(
            self.journal, [Document(b"as received", "mt940", "day.sta")]
        )

    def statement(self, *entries, number="1", opening="0", day=DAY, closing=None, **more):
        total = Decimal(opening) + sum((one.amount for one in entries), Decimal(0))
        return Statement(
            ACCOUNT, "PLN", number, day, day, Decimal(opening),
            total if closing is None else Decimal(closing), entries, **more,
        )  # fmt: skip

    def take(self, *entries, **more):
        journal = self.journal.sudo()
        return journal._import_statement(self.statement(*entries, **more), self.document)

    def lines(self):
        domain = [("journal_id", "=", self.journal.id)]
        return self.env["account.bank.statement.line"].search(domain, order="internal_index")

    # -------------------------------------------------------------------------
    # REFUSALS
    # -------------------------------------------------------------------------

    def test_sum_that_is_wrong_names_the_entry(self):
        document = self.env["bank.document"]._keep(
            self.journal,
            [
                Document(
                    MT940.format(
                        account=ACCOUNT, number=1, opening="0,00", amount="7,50", closing="0,00",
                        title="X",
                    ).encode(), "mt940", "wrong.sta",
                )
            ],
        )  # fmt: skip
        document._process()
        self.assertEqual(document.state, "failed")
        self.assertIn("7.50", document.problem)
        self.assertIn("entry 1", document.problem)
        self.assertFalse(self.lines())
        self.assertTrue(document.content, "the raw document is kept")

    def test_locked_period_refused(self):
        self.company.sudo().fiscalyear_lock_date = DAY
        with self.assertRaisesRegex(UserError, "locked until"):
            self.take(entry(key="a"))

    def test_locked_period_of_known_entries_is_no_reason(self):
        self.take(entry(key="a"))
        # Odoo itself wants everything reconciled first; that is not what is tested here.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s", [DAY, self.company.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.take(entry(key="a")).new, 0)

    def test_locked_period_on_the_first_open_day(self):
        self.company.sudo().fiscalyear_lock_date = DAY
        self.journal.sudo().bank_locked_period = "first_open"
        self.take(entry(key="a"), entry(key="b", day=DAY + datetime.timedelta(days=3)))
        first, second = self.lines()
        self.assertEqual(first.date, DAY + datetime.timedelta(days=1))
        self.assertEqual(first.bank_booked_on, DAY)
        self.assertEqual(second.date, second.bank_booked_on)

    # -------------------------------------------------------------------------
    # DOUBLES
    # -------------------------------------------------------------------------

    def test_intraday_entries_become_final(self):
        self.take(entry(key="a"), entry("-3.00", key="b", value_on=None), final=False)
        intraday = self.lines()
        self.assertFalse(intraday.statement_id)
        result = self.take(
            entry(key="a"), entry("-3.00", key="b"), entry("5.00", key="c"), opening="100"
        )
        self.assertEqual((result.new, result.known, result.finished), (1, 2, 2))
        self.assertEqual(self.lines().statement_id, result.statement)
        self.assertEqual(len(self.lines()), 3)
        self.assertLess(intraday, self.lines())
        self.assertEqual(intraday[-1].bank_value_on, DAY)
        self.assertTrue(result.statement.is_complete)

    def test_two_equal_entries_without_an_id_are_two(self):
        self.take(entry(), entry(), final=False)
        self.assertEqual(self.take(entry(), entry()).new, 0)
        self.assertEqual(len(self.lines()), 2)

    def test_known_entries_take_as_many_queries_as_one_does(self):
        entries = [entry(key=str(number)) for number in range(50)]
        self.take(*entries)
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            books = self.journal.sudo()._stored_books(DAY, DAY)
        self.assertEqual([len(kept.lines) for kept in books.kept], [50])

    def test_entry_typed_in_by_hand_is_shown(self):
        line = {"journal_id": self.journal.id, "date": DAY, "payment_ref": "by hand"}
        typed, other, far = self.env["account.bank.statement.line"].create(
            [
                {**line, "amount": 10},
                {**line, "amount": 10, "account_number": "PL11"},
                {**line, "amount": 10, "date": "2026-03-01"},
            ]
        )
        account = "PL32102010264010200000012345"
        result = self.take(
            entry(key="a", counterparty_account=account),
            entry(key="b", counterparty_account=account),
        )
        self.assertEqual((result.new, result.doubles), (2, 1))
        doubles = self.lines().filtered("bank_double_of_id")
        self.assertEqual(doubles.bank_double_of_id, typed)
        self.assertTrue((typed | other | far).exists())
        doubles.action_not_a_double()
        self.assertFalse(doubles.bank_double_of_id)

    def test_empty_statement_is_legal(self):
        result = self.take(opening="5")
        self.assertTrue(result.statement.is_complete)
        self.assertEqual(result.statement.journal_id, self.journal)
        again = self.take(opening="5")
        self.assertEqual(again.statement, result.statement)

    # -------------------------------------------------------------------------
    # GAPS
    # -------------------------------------------------------------------------

    def day(self, number):
        return DAY + datetime.timedelta(days=number)

    def test_missing_number_is_shown(self):
        self.take(entry(key="a", day=self.day(0)), number="7", day=self.day(0))
        self.take(entry(key="b", day=self.day(3)), number="10", day=self.day(3), opening="10")
        (gap,) = self.journal._statement_gaps()
        self.assertEqual((gap.since, gap.until, gap.numbers), (self.day(1), self.day(2), "8–9"))

    def test_weekend_and_new_year_are_no_gaps(self):
        days = (datetime.date(2025, 12, 31), datetime.date(2026, 1, 5), datetime.date(2026, 1, 8))
        numbers, openings = ("250", "1", "2"), ("0", "10", "20")
        for number, day, opening in zip(numbers, days, openings, strict=True):
            self.take(entry(key=number, day=day), number=number, day=day, opening=opening)
        self.assertEqual(self.journal._statement_gaps(), [])

    def test_without_numbers_balances_show_the_gap(self):
        self.take(entry(key="a"), number="", day=self.day(0))
        self.take(entry(key="b", day=self.day(1)), number="", day=self.day(1), opening="10")
        self.assertEqual(self.journal._statement_gaps(), [])
        self.take(entry(key="c", day=self.day(5)), number="", day=self.day(5), opening="99")
        (gap,) = self.journal._statement_gaps()
        self.assertEqual((gap.since, gap.until), (self.day(2), self.day(4)))

    # -------------------------------------------------------------------------
    # WHO AND WHAT
    # -------------------------------------------------------------------------

    def test_partner_by_account_then_tax_id_then_name(self):
        partners = self.env["res.partner"].sudo()
        by_tax = partners.create({"name": "Tax", "vat": "PL5260001246"})
        by_name = partners.create({"name": "Żółta Łódź Sp. z o.o."})
        partners.create([{"name": "Jan Nowak"}, {"name": "Jan Nowak"}])
        german, russian = partners.create([{"name": "Groß & Weiß"}, {"name": "ООО «Ёлка»"}])
        number = self.supplier.bank_ids.acc_number
        nip = {"payer_tax_id": "526-000-12-46"}
        entries = [
            entry(key="1", counterparty_account=number[2:], details=nip),
            entry(key="2", details=nip),
            entry("-1.00", key="3", details=nip),
            entry(key="4", counterparty_name="ŻÓŁTA ŁÓDŹ  SP Z O O"),
            entry(key="5", counterparty_name="Jan Nowak"),
            entry(key="6", counterparty_name=""),
            entry(key="7", counterparty_name="GROSS + WEISS"),
            entry(key="8", counterparty_name="ооо ёлка"),
        ]
        found = self.journal.sudo()._find_partners(entries)
        none, known = False, [self.supplier.id, by_tax.id, False, by_name.id]
        self.assertEqual(found, [*known, none, none, german.id, russian.id])

    def test_own_transfer_fee_and_rule_of_the_journal(self):
        other = self.make_account(self.company.sudo(), "PL70114010100000100000020001", "1")
        self.make_journal(self.company.sudo(), other, "OTH")
        fees = (
            self.env["account.account"]
            .sudo()
            .search(
                [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)], limit=1
            )
        )
        self.journal.sudo().action_copy_operation_rules()
        rule = self.journal.bank_operation_rule_ids.filtered(lambda one: one.bank_code == "794")
        rule.sudo().account_id = fees
        self.take(
            entry("-5.00", key="fee", bank_code="794"),
            entry("-6.00", key="own", bank_code="963", counterparty_account=other.acc_number),
            entry("-7.00", key="tax", bank_code="946"),
            entry("-8.00", key="swift", details={"swift_code": "NCHG"}),
            entry("9.00", key="iso", details={"code_sub_family": "INTR"}),
        )
        fee, own, tax, swift, iso = self.lines()
        self.assertEqual((swift.bank_operation_kind, iso.bank_operation_kind), ("fee", "interest"))
        self.assertEqual(fee.bank_operation_kind, "fee")
        self.assertIn(fees, fee.line_ids.account_id)
        self.assertTrue(fee.is_reconciled)
        self.assertEqual(own.bank_operation_kind, "own")
        self.assertIn(self.company.transfer_account_id, own.line_ids.account_id)
        self.assertEqual(tax.bank_operation_kind, "tax")
        self.assertIn(self.journal.suspense_account_id, tax.line_ids.account_id)

    # -------------------------------------------------------------------------
    # FILES
    # -------------------------------------------------------------------------

    def drop(self, **files):
        attachments = self.env["ir.attachment"].create(
            [{"name": name, "datas": base64.b64encode(data)} for name, data in files.items()]
        )
        model = self.env["account.journal"].with_context(default_journal_id=self.journal.id)
        return model.create_document_from_attachment(attachments.ids)

    def mt940(self, number, title="Zażółć", account=ACCOUNT, charset="iso-8859-2"):
        opening, closing = (f"{7.5 * one:.2f}".replace(".", ",") for one in (number - 1, number))
        return MT940.format(
            account=account, number=number, opening=opening, amount="7,50", closing=closing,
            title=title,
        ).encode(charset)  # fmt: skip

    def test_dropped_file_that_is_no_statement(self):
        action = self.drop(photo=b"\x89PNG not a statement")
        self.assertIn("photo", action["context"]["notifications"])
        self.assertFalse(self.lines())
        kept = self.env["bank.document"].search([("name", "=", "photo")])
        self.assertEqual(kept.state, "failed")

    def test_dropped_archive(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("one.sta", self.mt940(1))
            archive.writestr("two.sta", self.mt940(2))
        action = self.drop(march=packed.getvalue())
        self.assertEqual(len(self.lines()), 2)
        self.assertEqual(self.lines().mapped("payment_ref"), ["Zażółć", "Zażółć"])
        self.assertEqual(action["res_model"], "account.bank.statement.line")
        again = self.drop(march=packed.getvalue())
        self.assertIn("Nothing new", str(again["context"]["notifications"]))
        self.assertEqual(len(self.lines()), 2)

    def test_dropped_intraday_file_shows_its_entries(self):
        day = self.mt940(1).decode("iso-8859-2").replace(":60F:C260302PLN0,00\n", ":34F:PLN0,\n")
        day = day.replace(":62F:C260303PLN7,50", ":90D:0PLN0,00\n:90C:1PLN7,50")
        action = self.drop(day=day.encode("iso-8859-2"))
        self.assertFalse(action["context"])
        found = self.env["account.bank.statement.line"].search(action["domain"])
        self.assertEqual(found, self.lines())
        self.assertEqual(len(found), 1)

    def test_file_of_several_accounts_goes_to_their_journals(self):
        number = "PL70114010100000100000020001"
        other = self.make_account(self.company.sudo(), number, "1")
        journal = self.make_journal(self.company.sudo(), other, "OTH")
        self.drop(both=self.mt940(1) + self.mt940(2, account=number))
        lines = self.env["account.bank.statement.line"].search([("journal_id", "=", journal.id)])
        self.assertEqual((len(self.lines()), len(lines)), (1, 1))

    def test_file_with_a_confidential_account_is_hidden_wherever_it_was_uploaded(self):
        number = "PL70114010100000100000020001"
        other = self.make_account(self.company.sudo(), number, "1")
        self.make_journal(self.company.sudo(), other, "OTH").bank_confidential = True
        self.drop(one=self.mt940(1))
        self.drop(both=self.mt940(2) + self.mt940(3, account=number))
        documents = self.env["bank.document"].sudo().search([("name", "in", ("one", "both"))])
        hidden = documents.filtered("confidential")
        self.assertEqual((len(documents), hidden.mapped("name")), (2, ["both"]))

    def test_file_that_names_bank_and_number_goes_to_the_account_of_that_iban(self):
        other = self.make_account(self.company.sudo(), "PL70114010100000100000020001", "1")
        journal = self.make_journal(self.company.sudo(), other, "OTH")
        self.drop(day=self.mt940(1, account="BREXPLPW/100000020001"))
        lines = self.env["account.bank.statement.line"].search([("journal_id", "=", journal.id)])
        self.assertEqual((len(self.lines()), len(lines)), (0, 1))

    def test_charset_of_the_journal_and_process_again(self):
        self.journal.sudo().statement_charset = "utf-8"
        self.drop(day=self.mt940(1))
        document = self.env["bank.document"].search([("name", "=", "day")])
        self.assertEqual(document.state, "failed")
        self.assertIn("utf-8", document.problem)
        self.journal.sudo().statement_charset = "iso-8859-2"
        document.action_process()
        self.assertEqual(document.state, "done")
        self.assertEqual(self.lines().payment_ref, "Zażółć")
