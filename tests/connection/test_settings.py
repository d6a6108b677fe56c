# SPDX-License-Identifier: LGPL-3.0-only
"""Who may change what decides where money goes. Over RPC as well: readonly is not protection."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from ...protocol.banks import BANKS


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = new_test_user(
            cls.env,
            "contacts",
            groups="base.group_user,base.group_partner_manager,account.group_account_manager",
        )
        cls.administrator = new_test_user(
            cls.env,
            "bank_administrator",
            groups="base.group_user,bank_webservice.group_administrator",
        )
        cls.bank = cls.env["res.bank"].create({"name": "Bank"})
        cls.account = cls.env["res.partner.bank"].create(
            {
                "acc_number": "PL22114010100000100000010001",
                "partner_id": cls.env.company.partner_id.id,
                "bank_id": cls.bank.id,
            }
        )

    def test_contact_manager_cannot_change_the_banks_card(self):
        for values in (
            {"bank_channel": "mbank"},
            {"webservice_address": "https://evil.example"},
            {"webservice_ca": "-----BEGIN CERTIFICATE-----"},
            {"session_idle_minutes": 600},
            {"webservice_tested_at": "2026-01-01 00:00:00"},
            {"operator_ids": [(0, 0, {"user_id": self.contacts.id, "login": "evil"})]},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.bank.with_user(self.contacts).write(values)

    def test_contact_manager_cannot_make_a_bank_with_an_address(self):
        banks = self.env["res.bank"].with_user(self.contacts)
        values = {"bank_channel": "mbank", "webservice_address": "https://evil.example"}
        with self.assertRaises(AccessError):
            banks.create({"name": "Evil", **values})
        self.assertTrue(banks.create({"name": "Plain"}), "a plain bank is everybody's to make")

    def test_contact_manager_cannot_change_a_client_identifier(self):
        account = self.account.with_user(self.contacts)
        with self.assertRaises(AccessError):
            account.write({"client_identifier": "10000002"})
        with self.assertRaises(AccessError):
            account.write({"webservice_tested_at": "2026-01-01 00:00:00"})
        with self.assertRaises(AccessError):
            account.create(
                {
                    "acc_number": "PL70114010100000100000020001",
                    "partner_id": self.env.company.partner_id.id,
                    "client_identifier": "10000002",
                }
            )

    def test_nobody_makes_himself_an_operator(self):
        operators = self.env["bank.operator"].with_user(self.contacts)
        with self.assertRaises(AccessError):
            operators.create(
                {"bank_id": self.bank.id, "user_id": self.contacts.id, "login": "anna"}
            )

    def test_administrator_configures_and_does_not_thereby_move_money(self):
        bank = self.bank.with_user(self.administrator)
        bank.write({"bank_channel": "mbank", "webservice_address": "https://bank.example/ws"})
        account = self.account.with_user(self.administrator)
        account.write({"client_identifier": "10000001"})
        self.env["account.journal"].create(
            {"name": "Bank", "code": "BWX", "type": "bank", "bank_account_id": account.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()  # as in a request of his own: nothing is known from ours
        account.write({"client_identifier": "10000002"})
        self.assertEqual(self.account.client_identifier, "10000002")
        for name in ("operator", "signer", "sender"):
            self.assertFalse(self.administrator.has_group(f"bank_webservice.group_{name}"))

    def test_no_script_gets_into_the_guide_over_rpc(self):
        guide = self.env["bank.setup"].with_user(self.administrator).create({})
        works = "<ul><li><i class='fa fa-check text-success' title='works'></i> good</li></ul>"
        guide.write({"test_result": f"{works}<img src='x' onerror='alert(1)'/>"})
        self.assertNotIn("onerror", guide.test_result)
        self.assertIn("fa fa-check text-success", guide.test_result)

    def test_administrator_without_rights_in_accounting_finds_his_menus(self):
        menus = self.env["ir.ui.menu"].with_user(self.administrator).load_menus(False)
        seen = {menu.get("xmlid"): menu for menu in menus.values()}
        self.assertIn(seen["account.menu_finance"]["id"], menus["root"]["children"])
        for name in ("", "_certificate", "_certificate_authority", "_call", "_setup"):
            self.assertIn(f"bank_webservice.menu_bank{name}", seen)
        for name in ("_order", "_package", "_fetch"):
            self.assertNotIn(f"bank_webservice.menu_bank{name}", seen)

    def test_russian_budget_is_in_the_menu_of_russian_companies_only(self):
        menus = self.env["ir.ui.menu"].with_user(self.administrator)
        menu = self.env.ref("bank_webservice.menu_bank_budget_template")
        self.administrator.company_ids.sudo().country_id = self.env.ref("base.pl")
        self.assertIn(menu.id, menus._load_menus_blacklist())
        self.administrator.company_id.sudo().country_id = self.env.ref("base.ru")
        self.assertNotIn(menu.id, menus._load_menus_blacklist())

    def test_what_the_screens_ask_of_a_channel_the_bank_says_itself(self):
        values = {"name": "Own", "code": "OWN", "type": "bank", "bank_account_id": self.account.id}
        journal = self.env["account.journal"].create(values)
        self.assertEqual((self.bank.wants_password, journal.has_bank_charges), (False, True))
        for name, offered in BANKS.items():
            with self.subTest(name):
                self.bank.write(
                    {"bank_channel": name, "webservice_address": "https://bank.example"}
                )
                said = (self.bank.wants_password, journal.has_bank_charges)
                self.assertEqual(said, (offered.wants_password, offered.has_charges))
                labels = dict(self.bank._fields["bank_channel"]._description_selection(self.env))
                self.assertEqual(labels[name], offered.title)

    def test_operator_sees_only_himself_and_chooses_only_his_method(self):
        user = new_test_user(
            self.env, "operator_a", groups="base.group_user,bank_webservice.group_operator"
        )
        other = new_test_user(
            self.env, "operator_b", groups="base.group_user,bank_webservice.group_operator"
        )
        operators = self.env["bank.operator"].create(
            [
                {"bank_id": self.bank.id, "user_id": one.id, "login": one.login}
                for one in (user, other)
            ]
        )
        own, foreign = operators.with_user(user)
        self.assertEqual(self.env["bank.operator"].with_user(user).search([]), own)
        own.default_method = "certificate"
        with self.assertRaises(AccessError):
            own.login = "boss"
        with self.assertRaises(AccessError):
            foreign.default_method = "certificate"
        with self.assertRaises(AccessError):
            own.read(["password_sealed"])
