"""Signing packages: who may, who must, and what takes a signature away again."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import GROUPS, BankCase


class SigningCase(BankCase):
    def setUp(self):
        super().setUp()
        self.jan = self.make_user("jan")
        self.ewa = self.make_user("ewa")
        self.account.with_user(self.jan).action_test_connection()

    def make_user(self, login):
        user = new_test_user(
            self.env(su=True),
            f"bank_{login}",
            groups=f"base.group_user,account.group_validate_bank_account,{GROUPS}",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.make_operator(user, login)
        return user

    def prepare(self, *payments):
        """One package of these payments, prepared and not signed."""
        ids = [payment.id for payment in payments]
        self.env["bank.send"].create({"payment_ids": [(6, 0, ids)]}).action_prepare()
        return payments[0].bank_order_id.package_id

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
