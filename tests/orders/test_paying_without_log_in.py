# SPDX-License-Identifier: LGPL-3.0-only
"""Payments to a bank without log-in: apart by kind, signed in XAdES, proved by the statement."""

import base64
from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..common import GROUPS
from ..common_cdc import CdcCase

SEPA_ACCOUNT = "DE89370400440532013000"


@tagged("post_install", "-at_install")
class TestPaymentsWithoutLogIn(CdcCase):
    def setUp(self):
        super().setUp()
        self.introduce()
        self.account.action_test_connection()

    def prepare(self, *payments):
        ids = [payment.id for payment in payments]
        self.env["bank.send"].create({"payment_ids": [(6, 0, ids)]}).action_prepare()
        return self.env["bank.package"].browse(
            {one.bank_order_id.package_id.id for one in payments}
        )

    def hand_over(self, packages):
        packages.action_send()
        self.env["bank.package"].sudo()._cron_send()

    def sign_by_card(self, package, user):
        """As the signer does: the key stays outside, the envelope comes back."""
        certificate = self.env["bank.operator"]._of_user(self.ing, user).certificate_id.sudo()
        signer = certificate._signer()
        certificate.source = "card"
        signature = signer.sign_document(package._raw_content(), "xades")
        package = package.with_user(user)
        (asked,) = package.card_request()
        self.assertEqual(asked["form"], "xades")
        package.card_answer([base64.b64encode(signature).decode()])

    def test_nothing_is_sent_before_the_connection_was_tested(self):
        package = self.prepare(self.make_payment())
        self.identity.sudo().value_ids[:1].value = "changed"
        with self.assertRaisesRegex(UserError, "Test connection"):
            package.action_send()
        self.assertFalse(self.sandbox.ledger())

    def test_a_key_on_the_server_signs_only_where_an_administrator_allows_it(self):
        package = self.prepare(self.make_payment())
        with self.assertRaisesRegex(UserError, "no valid certificate"):
            package.action_sign()
        certificate = self.give_key(may_sign=False)
        with self.assertRaisesRegex(UserError, "may not sign payments"):
            package.action_sign()
        certificate.may_sign_payments = True
        package.action_sign()
        self.hand_over(package)
        self.assertEqual(package.state, "accepted", package.bank_reason)

    def test_without_a_signature_it_waits_at_the_bank(self):
        package = self.prepare(self.make_payment())
        self.hand_over(package)
        self.assertEqual(package.state, "waiting", package.bank_reason)
        self.sandbox.post("/control/cdc/release", message_id=package.message_id)
        package.action_refresh_status()
        self.assertEqual(package.state, "accepted")

    def test_a_lost_answer_is_settled_by_asking(self):
        self.give_key()
        package = self.prepare(self.make_payment())
        package.action_sign()
        self.sandbox.fault("DomesticTransfer", "drop_after")
        self.hand_over(package)
        self.assertEqual(package.state, "unknown")
        package.action_refresh_status()
        self.assertEqual(package.state, "accepted")
        self.sandbox.post("/control/run")
        self.assertEqual(len(self.sandbox.ledger()), 1)

    def test_papers_are_kept_and_one_that_the_bank_refuses_stops_nothing(self):
        self.give_key()
        payments = [self.make_payment(), self.make_payment()]
        package = self.prepare(*payments)
        package.action_sign()
        self.hand_over(package)
        self.sandbox.post("/control/run")
        self.journal._fetch_history()
        orders = package.order_ids
        self.assertEqual(set(orders.mapped("bank_state")), {"executed"})
        self.journal.sudo().fetch_pdf = True
        self.sandbox.fault("GetTransferConfirmation", "busy")
        until = self.journal._bank_today()
        for kept in (1, 2, 2):
            self.journal._fetch_statements(until - timedelta(days=6), until)
            self.assertFalse(self.journal._bank_feed().last_error)
            self.assertEqual(len(orders.confirmation_ids), kept)
        papers = self.env["bank.document"].search(
            [("format", "=", "pdf"), ("journal_id", "=", self.journal.id)]
        )
        self.assertGreater(len(papers), kept)  # statements of days before too
        self.assertEqual(set(papers.mapped("state")), {"kept"})
        for paper in papers:
            self.assertTrue(base64.b64decode(paper.content).startswith(b"%PDF"), paper.name)
        self.assertEqual(len(set(papers.mapped("name"))), len(papers))

    def test_a_certificate_that_went_missing_gives_the_package_back(self):
        package = self.prepare(self.make_payment())
        package.action_send()
        self.identity.sudo().write({"pkcs12_sealed": False})
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual(package.state, "prepared")
        self.assertIn("communication certificate is missing", package.bank_reason)

    def test_domestic_and_internal_and_sepa_transfers_are_put_apart(self):
        split = self.make_payment(123.0, memo="FV 2/2026")
        self.company.sudo().partner_id.city = "Warszawa"
        other = self.make_supplier("Lieferant GmbH", SEPA_ACCOUNT)
        bank = {"name": "Hausbank", "bic": "DEUTDEFFXXX"}
        other.bank_ids.bank_id = self.env["res.bank"].sudo().create(bank)
        payments = [self.make_payment(100.0), split, self.make_payment(50.0, other)]
        packages = self.prepare(*payments)
        self.assertEqual(len(packages), 2)
        by_kind = packages.grouped(lambda one: tuple(sorted(one.order_ids.mapped("kind"))))
        self.assertIn(("domestic", "domestic"), by_kind)

    def test_two_people_sign_here_and_the_bank_gets_one_signature(self):
        self.journal.sudo().two_signers_above = 150.0
        package = self.prepare(self.make_payment(200.0))
        second = new_test_user(
            self.env(su=True),
            "second",
            groups=f"base.group_user,{GROUPS}",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.give_key()
        self.sign_by_card(package, self.user)
        self.assertEqual(package.state, "partly_signed")
        with self.assertRaisesRegex(UserError, "two different people"):
            self.hand_over(package)
        self.give_key_of_bank_two(second)
        self.sign_by_card(package, second)
        self.hand_over(package)
        self.assertEqual(package.state, "accepted", package.bank_reason)

    def give_key_of_bank_two(self, user):
        """A second person's certificate: the portal gives one for his request."""
        self.key_file = lambda *_: self.download("10500002/authorisation.p12")
        self.give_key(user)

    def test_executed_is_proved_by_the_statement(self):
        self.give_key()
        package = self.prepare(self.make_payment(77.0))
        self.sign_by_card(package, self.user)
        self.hand_over(package)
        self.sandbox.post("/control/run")
        package.action_refresh_status()
        self.assertEqual(package.state, "accepted")
        self.sandbox.post("/control/clock", days=1)
        day = date.fromisoformat(self.today[:10])
        self.journal._fetch_statements(day, day)
        self.assertEqual(package.order_ids.bank_state, "executed")
        self.assertEqual(package.state, "executed")
