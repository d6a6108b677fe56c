"""Who may change what decides where money goes."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user


class TestSettings(TransactionCase):
    def test_contact_manager_cannot_change_the_banks_address(self):
        bank = self.env["res.bank"].create({"name": "Bank"})
        user = new_test_user(
            self.env, "contacts", groups="base.group_user,base.group_partner_manager"
        )
        for values in (
            {"bank_channel": "mbank"},
            {"webservice_address": "https://evil.example"},
            {"session_idle_minutes": 600},
        ):
            with self.assertRaises(AccessError):
                bank.with_user(user).write(values)
