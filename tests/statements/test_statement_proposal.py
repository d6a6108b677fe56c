# SPDX-License-Identifier: LGPL-3.0-only
"""An invoice number in a title is proposed to a person; two that fit, or half a number, are not."""

import datetime
from decimal import Decimal
from unittest.mock import patch

from odoo.addons.bank_webservice.protocol.records import Document, Entry, Statement
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..common import ACCOUNT, BankCase

DAY = datetime.date(2026, 3, 3)


class ProposalCase(BankCase):
    def setUp(self):
        super().setUp()
        self.document = self.env["bank.document"]._keep(
            self.journal, [Document(b"as received", "mt940", "day.sta")]
        )
        self.customer = self.make_supplier("Klient", "PL52124010371111001000112233")

    def take(self, title, amount="100.00", name="", account="", details=None):
        """The line of an entry with this title."""
        key = f"{title} {amount} {details}"
        entry = Entry(
            DAY, DAY, Decimal(amount), title, name, account, operation_id=key, details=details or {}
        )
        statement = Statement(
            ACCOUNT, "PLN", "1", DAY, DAY, Decimal(0), Decimal(amount), [entry], final=False
        )
        self.journal._import_statement(statement, self.document)
        domain = [("bank_operation_key", "=", entry.operation_id)]
        return self.env["account.bank.statement.line"].search(domain)

    def invoice(self, number, amount=100.0, partner=None, kind="out_invoice"):
        """A posted invoice of ours, or a bill with the supplier's number."""
        sale = kind == "out_invoice"
        domain = [("type", "=", "sale" if sale else "purchase")]
        journals = self.env["account.journal"].search(
            [*domain, ("company_id", "=", self.company.id)], limit=1
        )
        invoice = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": (partner or self.customer).id,
                "invoice_date": "2026-02-10",
                "journal_id": journals.id,
                "ref": False if sale else number,
                "name": number if sale else "/",
                "invoice_line_ids": [
                    (0, 0, {"name": "X", "quantity": 1, "price_unit": amount, "tax_ids": []})
                ],
            }
        )
        invoice.action_post()
        return invoice


class TestProposal(ProposalCase):
    # -------------------------------------------------------------------------
    # WHAT IS NOT PROPOSED
    # -------------------------------------------------------------------------

    def test_part_of_a_longer_number_is_no_number(self):
        self.invoice("FV/1/2026")
        self.assertFalse(self.take("Zapłata FV/11/2026").bank_proposal_id)
        self.assertFalse(self.take("Zapłata FV/1/20261").bank_proposal_id)
        self.assertFalse(self.take("Zapłata KFV/1/2026").bank_proposal_id)

    def test_two_candidates_are_none(self):
        self.invoice("FV/1/2026")
        self.invoice("FV/2/2026")
        self.assertFalse(self.take("FV/1/2026, FV/2/2026", "200.00").bank_proposal_id)

    def test_two_suppliers_with_the_same_number_are_none(self):
        self.invoice("7/2026/F", partner=self.supplier, kind="in_invoice")
        self.invoice("7/2026/F", partner=self.customer, kind="in_invoice")
        self.assertFalse(self.take("7/2026/F", "-100.00").bank_proposal_id)
        named = self.take("faktura 7/2026/F", "-100.00", self.supplier.name)
        self.assertEqual(named.bank_proposal_id.commercial_partner_id, self.supplier)

    def test_money_in_the_other_direction_is_no_payment(self):
        self.invoice("FV/1/2026")
        self.assertFalse(self.take("FV/1/2026", "-100.00").bank_proposal_id)

    def test_invoice_of_another_partner(self):
        self.invoice("FV/1/2026")
        self.assertFalse(self.take("FV/1/2026", name=self.supplier.name).bank_proposal_id)

    def test_short_number_stands_in_titles_by_chance(self):
        self.invoice("17", kind="in_invoice")
        self.assertFalse(self.take("lokal 17", "-100.00").bank_proposal_id)

    def test_paid_invoice_is_not_proposed_again(self):
        self.invoice("FV/1/2026")
        self.take("FV/1/2026").action_accept_proposal()
        self.assertFalse(self.take("FV/1/2026 jeszcze raz").bank_proposal_id)

    def test_a_full_page_of_the_filter_is_not_looked_for_twice(self):
        lines = self.env["account.bank.statement.line"]
        for number in (1, 2, 3):
            self.invoice(f"FV/{number}/2026")
            self.take(f"FV/{number}/2026")

        def page(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            domain = ["!", ("bank_proposal_id", "=", False)]
            found = lines.web_search_read(domain, {"payment_ref": {}}, limit=limit)
            return found["length"], self.env.cr.sql_log_count - before

        page(2)
        (whole, few), (counted, full) = page(4), page(3)
        self.assertEqual([whole, counted], [3, 3])
        self.assertEqual(full, few + 1)  # the count, of what was found

    def test_nothing_is_reconciled_by_itself(self):
        invoice = self.invoice("FV/1/2026")
        line = self.take("FV/1/2026")
        self.assertEqual(line.bank_proposal_id, invoice)
        self.assertFalse(line.is_reconciled)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_accepting_what_is_not_proposed_any_more_is_refused(self):
        invoice = self.invoice("FV/1/2026")
        line = self.take("FV/1/2026")
        self.assertTrue(line.bank_proposal_id)
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, "any more"):
            line.action_accept_proposal()

    # -------------------------------------------------------------------------
    # WHAT IS
    # -------------------------------------------------------------------------

    def test_number_is_found_however_it_is_written_and_the_longest_one_counts(self):
        long, _short = self.invoice("FV/5/2026/01"), self.invoice("2026/01")
        for title in ("ZAPLATA ZA FV 5/2026/01.", "fv5/2026/01", "/INV/FV/5/2026/01/TXT/X"):
            self.assertEqual(self.take(title).bank_proposal_id, long, title)

    def test_accepted_by_one_click_and_undone_by_another(self):
        invoice = self.invoice("FV/1/2026")
        line = self.take("Zapłata FV 1/2026")
        line.action_accept_proposal()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.partner_id, self.customer)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        line.action_undo_reconciliation()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(line.bank_proposal_id, invoice)

    def test_part_payment_leaves_the_rest_open(self):
        bill = self.invoice("A-77/26", 100.0, self.supplier, "in_invoice")
        line = self.take("za A-77/26", "-40.00")
        self.assertEqual(line.bank_proposal_residual, 100.0)
        line.action_accept_proposal()
        self.assertEqual((bill.amount_residual, bill.payment_state), (60.0, "partial"))

    def test_filter_finds_the_lines_with_a_proposal(self):
        self.invoice("FV/1/2026")
        line, other = self.take("FV/1/2026"), self.take("czynsz")
        lines = self.env["account.bank.statement.line"]
        found = lines.search([("bank_proposal_id", "!=", False)])
        self.assertIn(line, found)
        self.assertNotIn(other, found)
        self.assertIn(other, lines.search([("bank_proposal_id", "=", False)]))


class TestVirtualAccount(ProposalCase):
    """mBank Collect: the id of the account says whose money it is, and perhaps for what."""

    def setUp(self):
        super().setUp()
        self.journal.sudo().bank_collect_rule = "XX{ref:12}"
        self.customer.sudo().ref = "K-2052402"

    def collect(self, identifier="XX000002052402", amount="100.00", title="wpłata", **more):
        details = {"collect_id": identifier}
        return self.take(title, amount, details=details, **more)

    def test_what_is_no_rule_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "XX{ref:12}"):
            self.journal.sudo().bank_collect_rule = "XX{name:12}"

    def test_id_of_nobody_or_of_two_and_money_that_goes(self):
        self.invoice("FV/2026/0801")
        self.assertFalse(self.collect("XX000000000001").partner_id)
        self.assertFalse(self.collect(amount="-100.00").partner_id)
        self.make_supplier("Drugi", "PL61109010140000071219812874").sudo().ref = "2052402"
        line = self.collect(amount="99.00")
        self.assertFalse(line.partner_id or line.bank_proposal_id)

    def test_no_search_reads_all_customers_or_all_invoices(self):
        """However many there are: each number and each name by its index."""
        plans, ask = [], type(self.env).execute_query

        def explain(env, query):
            plans.append(str(ask(env, SQL("EXPLAIN %s", query))))
            return ask(env, query)

        # The tables of a test are so small that PostgreSQL would rather read all of them.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.journal.sudo().bank_collect_rule = "XX{ref:12}{invoice:12}"
        with patch.object(type(self.env), "execute_query", explain):
            line = self.collect("XX000002052402000020260801", name="Kto To")
            self.assertFalse(line.partner_id)
        sought = [plan for plan in plans if "sought" in plan]
        indexes = ("partner_bank_ref_digits", "move_bank_digits", "partner_bank_letters")
        for index in indexes:
            self.assertTrue(any(index in plan for plan in sought), (index, sought))
        self.assertNotIn("Seq Scan", str(sought))

    def test_invoice_of_who_is_not_meant_by_the_id_is_not_proposed(self):
        """By the amount alone, or against the customer that the id names beside the invoice."""
        other = self.make_supplier("Inny", "PL61109010140000071219812874")
        self.invoice("FV/2026/0808", 70.0, partner=other)
        line = self.collect("XX000000000001", "70.00", account="61109010140000071219812874")
        self.assertEqual(line.partner_id, other)  # by the account that paid
        self.assertFalse(line.bank_proposal_id)
        self.journal.sudo().bank_collect_rule = "XX{ref:9}{invoice:9}"
        line = self.collect("XX002052402020260808", "71.00")
        self.assertFalse(line.partner_id or line.bank_proposal_id)

    def test_rule_that_was_changed_says_nothing_of_older_money(self):
        self.invoice("FV/2026/0809")
        line = self.collect()
        self.assertTrue(line.bank_proposal_id)
        self.journal.sudo().bank_collect_rule = "XX{id:12}"
        line.invalidate_recordset()
        self.assertFalse(line.bank_proposal_id)

    def test_archived_customer_and_that_of_another_company_are_not_meant(self):
        self.customer.sudo().company_id = self.env["res.company"].sudo().create({"name": "Other"})
        self.assertFalse(self.collect().partner_id)
        self.customer.sudo().write({"company_id": False, "active": False})
        self.assertFalse(self.collect(amount="101.00").partner_id)

    def test_contact_of_the_customer_with_its_reference_is_the_customer(self):
        contact = {"name": "Anna", "parent_id": self.customer.id, "ref": "2052402"}
        self.env["res.partner"].sudo().create(contact)
        invoice = self.invoice("FV/2026/0810")
        line = self.collect()
        self.assertEqual((line.partner_id, line.bank_proposal_id), (self.customer, invoice))

    def test_more_than_the_invoice_that_the_id_names_leaves_the_rest_open(self):
        self.journal.sudo().bank_collect_rule = "XX{invoice:12}"
        invoice = self.invoice("FV/2026/0811")
        line = self.collect("XX000020260811", "150.00")
        line.action_accept_proposal()
        owed = line.move_id.line_ids.filtered(lambda item: item.account_id.reconcile)
        self.assertEqual((invoice.payment_state, owed.amount_residual), ("paid", -50.0))
        self.assertEqual(owed.partner_id, self.customer)

    def test_two_invoices_of_one_amount_and_a_part_propose_nothing(self):
        self.invoice("FV/2026/0802")
        self.assertFalse(self.collect(amount="60.00").bank_proposal_id)
        self.invoice("FV/2026/0803")
        line = self.collect()
        self.assertEqual(line.partner_id, self.customer)
        self.assertFalse(line.bank_proposal_id)

    def test_id_names_the_customer_whatever_account_the_money_comes_from(self):
        other = self.make_supplier("Inny", "PL61109010140000071219812874")
        invoice = self.invoice("FV/2026/0804")
        self.invoice("FV/2026/0805", 50.0)
        line = self.collect(account="61109010140000071219812874")
        self.assertNotEqual(line.partner_id, other)
        self.assertEqual((line.partner_id, line.bank_proposal_id), (self.customer, invoice))
        line.action_accept_proposal()
        self.assertEqual(invoice.payment_state, "paid")

    def test_id_by_tax_id_and_by_number_here(self):
        self.customer.sudo().vat = "PL5260001246"
        for rule, identifier in (
            ("DH{nip:10}", "DH5260001246"),
            ("{id:9}", f"{self.customer.id:09}"),
            ("PL??11401010{nip:14}", "PL451140101000005260001246"),
        ):
            self.journal.sudo().bank_collect_rule = rule
            line = self.collect(identifier, title=rule)
            self.assertEqual(line.partner_id, self.customer, rule)

    def test_id_of_the_invoice_names_it_and_its_customer(self):
        self.journal.sudo().bank_collect_rule = "XX{invoice:12}"
        invoice = self.invoice("FV/2026/0806")
        line = self.collect("XX000020260806", "40.00")
        self.assertEqual((line.partner_id, line.bank_proposal_id), (self.customer, invoice))
        other = self.invoice("FV/2026/0807")
        line = self.collect("XX000020260806", "41.00", title=other.name)
        self.assertFalse(line.bank_proposal_id)
