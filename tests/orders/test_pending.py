# SPDX-License-Identifier: LGPL-3.0-only
"""*Waiting at the bank*: what nobody there has signed or confirmed yet."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..common import BankCase
from .test_confidential import AMOUNT, TITLE, ConfidentialCase


def unsigned(case, payment):
    """The payment's package, handed over without a signature: it waits at the bank."""
    package = case.prepare(payment).package_id
    package.action_send()
    case.env["bank.package"].sudo()._cron_send()
    return package


def asked(env, journal):
    wizard = env["bank.pending"].create({"journal_id": journal.id})
    wizard.action_ask()
    return wizard


class TestPending(BankCase):
    def test_without_the_right(self):
        groups = "base.group_user,account.group_account_manager"
        stranger = new_test_user(
            self.env(su=True), "stranger", groups=groups,
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        with self.assertRaises(AccessError):
            asked(self.env(user=stranger), self.journal)

    def test_a_bank_that_has_no_such_list_says_so(self):
        self.log_in()
        self.bank.sudo().bank_channel = "directbank"
        with self.assertRaisesRegex(UserError, "does not say what waits"):
            asked(self.env, self.journal)

    def test_it_waits_until_the_phone_confirms_it(self):
        self.log_in()
        self.trust_connection()
        self.assertFalse(asked(self.env, self.journal).line_ids)
        package = unsigned(self, self.make_payment(12.5))
        self.assertEqual(package.state, "waiting")
        line = asked(self.env, self.journal).line_ids
        self.assertEqual(
            (line.package_id, line.message_id, line.count, line.total, line.waits_for),
            (package, package.message_id, 1, 12.5, "phone"),
        )
        self.assertTrue(line.received_at)
        self.sandbox.phone("anna")
        self.assertFalse(asked(self.env, self.journal).line_ids)


class TestConfidentialPending(ConfidentialCase):
    def test_what_is_hidden_here_is_not_shown_from_there(self):
        self.make_operator(self.plain, "jan")
        package = unsigned(self, self.make_payment(AMOUNT, self.employee, memo=TITLE))
        self.assertEqual(asked(self.env, self.journal).line_ids.package_id, package)
        self.assertFalse(asked(self.env(user=self.plain), self.journal).line_ids)
