# SPDX-License-Identifier: LGPL-3.0-only
"""Signing packages: who may, who must, and what takes a signature away again."""

import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..common import GROUPS, BankCase


class SigningCase(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan, cls.ewa = cls.make_user("jan"), cls.make_user("ewa")

    def setUp(self):
        super().setUp()
        self.signers = {}
        self.jan = self.jan.with_env(self.env(su=True))
        self.ewa = self.ewa.with_env(self.env(su=True))
        for operator in self.operator.sudo().search([("certificate_id", "!=", False)]):
            # The bank forgot them when it was set back.
            pem = operator.certificate_id.certificate_pem
            self.sandbox.post("/control/certificates", login=operator.login, pem=pem)
        self.account.with_user(self.jan).action_test_connection()

    @classmethod
    def make_user(cls, login):
        user = new_test_user(
            cls.env,
            f"bank_{login}",
            groups=f"base.group_user,account.group_validate_bank_account,{GROUPS}",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.make_operator(user, login)
        return user

    def flush_tracking(self):
        """Changes are logged when the transaction ends."""
        self.env.flush_all()
        self.cr.flush()

    def prepare(self, *payments):
        """One package of these payments, prepared and not signed."""
        ids = [payment.id for payment in payments]
        self.env["bank.send"].create({"payment_ids": [(6, 0, ids)]}).action_prepare()
        return payments[0].bank_order_id.package_id

    def sign_by_card(self, package, user):
        """As the card's program does: the signature comes from outside and is verified here."""
        operator = self.env["bank.operator"]._of_user(self.bank, user)
        certificate = operator.certificate_id.sudo()
        signer = self.signers.setdefault(user, certificate._signer())
        certificate.source = "card"
        signature = base64.b64encode(signer.sign_document(package._raw_content())).decode()
        package.with_user(user).card_answer([signature])

    def send_now(self, package, user):
        package.with_user(user).action_send()
        self.env["bank.package"].sudo()._cron_send()


class TestSigning(SigningCase):
    def test_without_a_certificate_nobody_signs(self):
        package = self.prepare(self.make_payment())
        with self.assertRaisesRegex(UserError, "no valid certificate"):
            package.action_sign()

    def test_a_signature_of_the_own_certificate_is_accepted_by_the_bank(self):
        package = self.prepare(self.make_payment())
        package.with_user(self.jan).action_sign()
        self.assertEqual(package.state, "signed")
        self.send_now(package, self.jan)
        self.assertEqual(package.state, "accepted")


class TestTwoPeople(SigningCase):
    def setUp(self):
        super().setUp()
        self.journal.sudo().two_signers_above = 150.0

    def test_one_person_signs_once_and_not_twice(self):
        package = self.prepare(self.make_payment(200.0))
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.state, "partly_signed")
        with self.assertRaisesRegex(UserError, "counts once"):
            self.sign_by_card(package, self.jan)

    def test_one_signature_is_not_sent_above_the_limit(self):
        package = self.prepare(self.make_payment(200.0))
        self.sign_by_card(package, self.jan)
        with self.assertRaisesRegex(UserError, "two different people"):
            package.with_user(self.jan).action_send()
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])

    def test_no_signature_is_not_sent_above_the_limit(self):
        package = self.prepare(self.make_payment(200.0))
        with self.assertRaisesRegex(UserError, "two different people"):
            package.with_user(self.jan).action_send()

    def test_keys_on_the_server_are_nobodys_signature(self):
        package = self.prepare(self.make_payment(200.0))
        package.with_user(self.jan).action_sign()
        package.with_user(self.ewa).action_sign()
        self.assertEqual(package.state, "partly_signed")

    def test_two_packages_to_one_payee_on_one_day_are_added_up(self):
        first = self.prepare(self.make_payment(100.0))
        self.prepare(self.make_payment(100.0))
        self.sign_by_card(first, self.jan)
        self.assertEqual(first.state, "partly_signed")
        self.assertIn("Papier", first.two_signers_reason)

    def test_second_package_to_the_payee_asks_a_second_person_for_the_first_one_too(self):
        first = self.prepare(self.make_payment(100.0))
        self.sign_by_card(first, self.jan)
        self.assertEqual(first.state, "signed")
        self.prepare(self.make_payment(100.0))
        self.assertEqual(first.state, "partly_signed")
        with self.assertRaisesRegex(UserError, "two different people"):
            first.with_user(self.jan).action_send()
        self.sign_by_card(first, self.ewa)
        self.assertEqual(first.state, "signed")

    def test_accounts_of_one_payee_are_added_up(self):
        second = (
            self.env["res.partner.bank"]
            .sudo()
            .create(
                {
                    "acc_number": "PL52124010371111001000112233",
                    "partner_id": self.supplier.id,
                    "allow_out_payment": True,
                }
            )
        )
        second.trusted_at = fields.Datetime.now() - timedelta(days=8)
        first = self.prepare(self.make_payment(100.0))
        payment = self.make_payment(60.0, post=False)
        payment.partner_bank_id = second
        payment.action_post()
        other = self.prepare(payment)
        for package in (first, other):
            self.sign_by_card(package, self.jan)
            self.assertEqual(package.state, "partly_signed")

    def test_small_transfer_to_another_account_hides_no_large_ones(self):
        self.prepare(self.make_payment(100.0))
        package = self.prepare(self.make_payment(100.0))
        other = self.make_supplier("Papier i Biuro Sp. z o.o.", "PL52124010371111001000112233")
        self.prepare(self.make_payment(1.0, partner=other))
        self.assertIn("Papier", package.two_signers_reason)

    def test_other_days_and_other_payees_are_not_added_up(self):
        other = self.make_supplier("Other", "PL52124010371111001000112233")
        other.bank_ids.sudo().trusted_at = fields.Datetime.now() - timedelta(days=8)
        first = self.prepare(self.make_payment(100.0))
        self.prepare(self.make_payment(100.0, partner=other))
        later = self.make_payment(100.0, post=False)
        later.date = "2026-03-11"
        later.action_post()
        self.prepare(later)
        self.assertFalse(first.two_signers_reason)
        self.sign_by_card(first, self.jan)
        self.assertEqual(first.state, "signed")

    def test_total_of_the_package_counts_where_no_payee_gets_so_much(self):
        other = self.make_supplier("Other", "PL52124010371111001000112233")
        package = self.prepare(self.make_payment(100.0), self.make_payment(100.0, partner=other))
        self.assertIn("total of the package", package.two_signers_reason)
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.state, "partly_signed")

    def test_two_people_sign_and_the_bank_takes_both(self):
        package = self.prepare(self.make_payment(200.0))
        self.sign_by_card(package, self.jan)
        self.sign_by_card(package, self.ewa)
        self.assertEqual(package.state, "signed")
        self.send_now(package, self.jan)
        self.assertEqual(package.state, "accepted")
        signers = self.sandbox.get("/control/packages")["packages"][0]["signers"]
        self.assertEqual(sorted(signers), ["ewa", "jan"])

    def test_small_package_needs_one(self):
        package = self.prepare(self.make_payment(100.0))
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.state, "signed")

    def test_who_trusted_the_account_a_day_ago_does_not_sign_alone(self):
        supplier = self.make_supplier("New", "PL52124010371111001000112233", trusted=False)
        supplier.bank_ids.with_user(self.jan).sudo().allow_out_payment = True
        self.assertEqual(supplier.bank_ids.trusted_by_id, self.jan)
        package = self.prepare(self.make_payment(10.0, partner=supplier))
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.state, "partly_signed")

    def test_who_trusted_the_account_a_week_ago_signs_alone(self):
        supplier = self.make_supplier("New", "PL52124010371111001000112233", trusted=False)
        supplier.bank_ids.with_user(self.jan).sudo().allow_out_payment = True
        supplier.bank_ids.sudo().trusted_at = fields.Datetime.now() - timedelta(days=7, minutes=1)
        package = self.prepare(self.make_payment(10.0, partner=supplier))
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.state, "signed")

    def test_who_signed_and_then_trusts_the_account_anew_does_not_count_alone(self):
        package = self.prepare(self.make_payment(10.0))
        self.sign_by_card(package, self.jan)
        card = self.supplier.bank_ids.with_user(self.jan).sudo()
        card.allow_out_payment = False
        card.allow_out_payment = True
        self.assertEqual(package.state, "partly_signed")
        self.sign_by_card(package, self.ewa)
        self.assertEqual(package.state, "signed")

    def test_the_limit_is_the_administrators_and_its_change_drops_signatures(self):
        package = self.prepare(self.make_payment(200.0))
        self.sign_by_card(package, self.jan)
        accountant = new_test_user(
            self.env(su=True),
            "accountant",
            groups="account.group_account_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.journal.with_user(accountant).two_signers_above = 5000.0
        before = self.account.message_ids
        self.journal.sudo().two_signers_above = 5000.0
        self.assertEqual(package.state, "prepared")
        self.assertFalse(package.signature_ids)
        self.assertIn("the limit was changed", package.message_ids[:1].body)
        self.flush_tracking()
        logged = (self.account.message_ids - before).sudo().tracking_value_ids
        self.assertEqual(logged.field_id.name, "two_signers_above")
        self.assertEqual((logged.old_value_float, logged.new_value_float), (150.0, 5000.0))

    def test_forged_signature_is_found_by_the_button_and_before_sending(self):
        package = self.prepare(self.make_payment(50.0))
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.action_verify_signatures()["params"]["type"], "success")
        other = self.prepare(self.make_payment(51.0))
        self.sign_by_card(other, self.jan)
        package.signature_ids.sudo().content = other.signature_ids.content
        self.assertEqual(package.action_verify_signatures()["params"]["type"], "danger")
        self.send_now(package, self.jan)
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])
        self.assertEqual(package.state, "signed")
