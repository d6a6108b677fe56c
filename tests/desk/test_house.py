# SPDX-License-Identifier: LGPL-3.0-only
"""The add-on is there, as Odoo sees it."""

from odoo.tests import HttpCase, TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestInstalled(TransactionCase):
    def test_addon_is_installed(self):
        module = self.env.ref("base.module_bank_webservice")
        self.assertEqual(module.state, "installed")
        self.assertEqual(module.license, "LGPL-3")


@tagged("post_install", "-at_install")
class TestWeb(HttpCase):
    def test_log_in_page_is_served(self):
        self.assertEqual(self.url_open("/web/login").status_code, 200)
