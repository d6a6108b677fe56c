# SPDX-License-Identifier: LGPL-3.0-only
"""The quick jump: who may not, where it may not lead, and that it tells nothing of the user."""

from urllib.parse import parse_qs, urlsplit

from odoo.exceptions import AccessError, UserError

from ..access.common import ISSUER
from .pretend import PretendCase


class TestJump(PretendCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        url = cls.pretend.url
        cls.client.write(
            {"initiate_login_uri": f"{url}/login", "cabinet_address": f"{url}/cabinet"}
        )
        cls.reader = cls.make_user("jumper", "operator")

    def subscriptions(self, user=None):
        user = user or self.reader
        return self.env["moedelo.subscription"].with_user(user).with_company(user.company_id)

    def asked(self, action):
        self.assertEqual(action["type"], "ir.actions.act_url")
        return {name: one[0] for name, one in parse_qs(urlsplit(action["url"]).query).items()}

    def test_without_the_right(self):
        self.connect()
        clerk = self.make_user("clerk_jump")
        with self.assertRaises(AccessError):
            self.subscriptions(clerk).action_jump_now()
        self.assertFalse(self.subscriptions(clerk)._jump_companies())

    def test_from_a_company_that_is_not_ones_own(self):
        self.connect()
        other = self.env["res.company"].create({"name": "Lutik"})
        stranger = self.make_user("stranger_jump", "operator", other)
        with self.assertRaises(UserError):
            self.subscriptions(stranger).action_jump_now()
        with self.assertRaises(AccessError):
            self.subscriptions(stranger)._action_jump_to(self.company)

    def test_with_the_restricted_package_or_without_licence(self):
        self.connect()
        self.assertEqual(self.subscriptions()._jump_companies(), {self.company.id: "Moe Delo"})
        self.subscription.package = "integration"
        with self.assertRaisesRegex(UserError, "Licence or package"):
            self.subscriptions().action_jump_now()
        self.assertFalse(self.subscriptions()._jump_companies())
        self.subscription.package = "moedelo"
        self.env["moedelo.licence"].search([("company_id", "=", self.company.id)]).active = False
        with self.assertRaisesRegex(UserError, "Licence or package"):
            self.subscriptions().action_jump_now()
        self.assertFalse(self.subscriptions()._jump_companies())

    def test_before_the_company_is_connected(self):
        with self.assertRaisesRegex(UserError, "not connected"):
            self.subscriptions().action_jump_now()

    def test_a_page_of_somebody_else(self):
        self.connect()
        url = self.pretend.url
        for page in ("https://elsewhere.example/", "javascript:alert(1)", f"{url}.example/",
                     f"{url}@evil/"):  # fmt: skip
            action = self.subscriptions()._action_jump_to(self.company, page)
            self.assertEqual(self.asked(action), {"iss": ISSUER})

    def test_it_leads_to_the_services_log_in_and_says_only_who_we_are(self):
        self.connect()
        action = self.subscriptions().action_jump_now()
        self.assertTrue(action["url"].startswith(f"{self.pretend.url}/login?"))
        self.assertEqual(self.asked(action), {"iss": ISSUER})

    def test_to_a_page_of_the_cabinet(self):
        self.connect()
        page = f"{self.pretend.url}/cabinet/event/ndfl"
        action = self.subscriptions()._action_jump_to(self.company, page)
        self.assertEqual(self.asked(action), {"iss": ISSUER, "target_link_uri": page})
