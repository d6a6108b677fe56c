# SPDX-License-Identifier: LGPL-3.0-only
"""Matching by hand: refused where nothing waits; several items, a part, a rest; booked as a fee."""

from odoo.addons.bank_webservice.protocol.records import Document
from odoo.exceptions import UserError
from odoo.tests import Form

from ..common import BankCase
from . import test_statement_proposal as proposal


class TestMatching(BankCase):
    take = proposal.TestProposal.take
    invoice = proposal.TestProposal.invoice

    def setUp(self):
        super().setUp()
        self.document = self.env["bank.document"]._keep(
            self.journal, [Document(b"as received", "mt940", "day.sta")]
        )
        self.customer = self.make_supplier("Klient", "PL52124010371111001000112233")

    def booking_account(self, kind="expense"):
        domain = [("account_type", "=", kind), ("company_ids", "in", self.company.ids)]
        return self.env["account.account"].search(domain, limit=1)

    def match(self, line, *invoices, **more):
        wizard = self.env["bank.match"].browse(line.action_match()["res_id"])
        for row in wizard.row_ids:
            row.chosen = row.move_id in sum(invoices, self.env["account.move"])
        wizard.write(more)
        wizard.action_match()
        return wizard

    # -------------------------------------------------------------------------
    # REFUSED
    # -------------------------------------------------------------------------

    def test_what_is_matched_is_not_matched_again(self):
        line = self.take("zapłata")
        self.match(line, self.invoice("FV/1/2026"))
        self.assertEqual(line.bank_match_state, "matched")
        for button in ("action_match", "action_book_as"):
            with self.assertRaisesRegex(UserError, "matched already"):
                getattr(line, button)()

    def test_nothing_chosen_matches_nothing(self):
        line = self.take("zapłata")
        wizard = self.env["bank.match"].browse(line.action_match()["res_id"])
        with self.assertRaisesRegex(UserError, "Choose what"):
            wizard.action_match()

    def test_entries_without_a_proposal_are_not_accepted(self):
        with self.assertRaisesRegex(UserError, "None of these"):
            self.take("zapłata").action_accept_proposals()

    # -------------------------------------------------------------------------
    # MATCHED
    # -------------------------------------------------------------------------

    def test_several_and_a_part(self):
        line = self.take("zapłata", "130.00")
        one, two = self.invoice("FV/1/2026"), self.invoice("FV/2/2026")
        wizard = self.env["bank.match"].browse(line.action_match()["res_id"])
        wizard.row_ids.chosen = True
        self.assertEqual((wizard.rest, wizard.lacking), (0, 70))
        self.match(line, one, two)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(sorted((one | two).mapped("amount_residual")), [0, 70])
        self.assertEqual(line.partner_id, self.customer)
        line.action_undo_matches()
        self.assertEqual((one | two).mapped("amount_residual"), [100, 100])
        self.assertEqual(line.bank_match_state, "open")

    def test_the_rest_waits_on_or_goes_to_an_account(self):
        line = self.take("zapłata", "103.00")
        invoice = self.invoice("FV/1/2026")
        wizard = self.match(line, invoice)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(line.is_reconciled)
        self.assertEqual((line.bank_match_state, line.bank_still_open), ("part", 3))
        line.action_undo_matches()
        self.assertEqual((line.bank_match_state, invoice.amount_residual), ("open", 100))
        wizard = self.match(line, invoice, rest_account_id=self.booking_account("income_other").id)
        self.assertEqual(wizard.line_id.move_id.line_ids.mapped("balance")[-1], -3)
        self.assertTrue(line.is_reconciled)

    def test_a_credit_note_counts_against_what_is_paid(self):
        invoice = self.invoice("FV/1/2026")
        note = invoice._reverse_moves([{"invoice_date": "2026-02-11", "date": "2026-02-11"}])
        note.invoice_line_ids.price_unit = 30
        note.action_post()
        line = self.take("zapłata", "70.00")
        self.match(line, invoice, note)
        self.assertTrue(line.is_reconciled)
        self.assertEqual((invoice | note).mapped("amount_residual"), [0, 0])

    def test_the_search_finds_number_name_and_sum(self):
        line = self.take("zapłata", "55.50")
        one, two = self.invoice("FV/123/2026", 55.5), self.invoice("FV/200/2026", 70)
        wizard = self.env["bank.match"].browse(line.action_match()["res_id"])
        self.assertEqual(wizard.row_ids[0].move_id, one, "the one of this very sum comes first")
        for text, found in (("200/2026", two), ("70,00", two), ("55.5", one)):
            form = Form(wizard)
            form.search_text = text
            form.save()
            self.assertEqual(wizard.row_ids.move_id, found, text)
        form = Form(wizard)
        form.search_text = "klient"
        form.save()
        self.assertEqual(wizard.row_ids.move_id, one | two)

    def test_the_invoice_that_the_title_names_comes_first(self):
        """Paid by another sum it stood behind everything older, or was not shown at all."""
        line = self.take("zapłata FV/200/2026", "55.50")
        one, two = self.invoice("FV/123/2026", 55.5), self.invoice("FV/200/2026", 70)
        line.invalidate_recordset(["bank_proposal_id"])
        wizard = self.env["bank.match"].browse(line.action_match()["res_id"])
        self.assertEqual(wizard.row_ids.mapped("move_id").ids, [two.id, one.id])
        form = Form(wizard)
        form.search_text = "123/2026"
        form.save()
        self.assertEqual(wizard.row_ids.move_id, one, "and is searched for as any other")

    def test_accept_all_takes_those_with_a_proposal(self):
        lines = self.take("FV/1/2026") | self.take("no number", "7.00")
        self.invoice("FV/1/2026")
        lines.invalidate_recordset(["bank_proposal_id"])
        self.assertEqual(lines.mapped("bank_match_state"), ["proposed", "open"])
        lines.action_accept_proposals()
        self.assertEqual(lines.mapped("bank_match_state"), ["matched", "open"])

    # -------------------------------------------------------------------------
    # BOOKED
    # -------------------------------------------------------------------------

    def test_a_fee_knows_its_account_the_second_time_and_a_rule_the_third(self):
        fees = [self.take(f"opłata {number}", "-5.00") for number in range(3)]
        for fee in fees:
            fee.sudo().write({"transaction_type": "S77"})
        account = self.booking_account()
        self.user.sudo().group_ids |= self.env.ref("account.group_account_manager")  # makes rules

        def book(fee):
            wizard = self.env["bank.book"].browse(fee.action_book_as()["res_id"])
            wizard.kind = "fee"
            return wizard

        first = book(fees[0])
        first.account_id = False
        with self.assertRaisesRegex(UserError, "Choose an account"):
            first.action_book()
        first.account_id = account
        self.assertFalse(first.may_make_rule)
        first.action_book()
        second = book(fees[1])
        self.assertEqual(second.account_id, account)
        self.assertTrue(second.may_make_rule, "offered from the second time on")
        second.make_rule = True
        second.action_book()
        rule = self.env["bank.operation.rule"].search([("journal_id", "=", self.journal.id)])
        self.assertEqual((rule.bank_code, rule.kind, rule.account_id), ("S77", "fee", account))
        self.assertEqual([fee.is_reconciled for fee in fees], [True, True, False])
        self.assertIn(account, fees[1].move_id.line_ids.account_id)
        fees[0].action_undo_matches()
        self.assertNotIn(account, fees[0].move_id.line_ids.account_id)

    def test_the_dialog_says_what_is_booked(self):
        one, other = self.take("opłata", "-5.00"), self.take("inna", "-2.50")
        book = self.env["bank.book"]
        about = book.browse(one.action_book_as()["res_id"]).about
        self.assertIn("opłata", about)
        self.assertIn("5.00", about)
        about = book.browse((one | other).action_book_as()["res_id"]).about
        self.assertIn("2", about)
        self.assertIn("7.50", about)

    def test_an_own_transfer_goes_to_the_transfer_account(self):
        line = self.take("między rachunkami", "-9.00")
        wizard = self.env["bank.book"].browse(line.action_book_as()["res_id"])
        wizard.kind = "own"
        wizard.action_book()
        self.assertIn(self.company.transfer_account_id, line.move_id.line_ids.account_id)
