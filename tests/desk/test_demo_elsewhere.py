# SPDX-License-Identifier: LGPL-3.0-only
"""Demo data in an Odoo that is somebody's: nobody there is touched, and nothing stays in sight."""

import os
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ...models.demo.bank_demo import LOGIN, PERSON

WATCHED = ("group_ids", "company_ids", "company_id", "lang", "name", "password")
COMPANIES = [f"bank_webservice.demo_company_{number}" for number in (1, 2, 3)]


@tagged("post_install", "-at_install")
class TestDemoElsewhere(TransactionCase):
    """As without the Polish chart, which nobody has to install."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        charts = type(cls.env["account.chart.template"])
        known = charts._get_chart_template_mapping

        def mapping(self, get_all=False):
            found = known(self, get_all)
            return {**found, "pl": {**found.get("pl", {}), "installed": False}}

        cls.before = cls._people()
        cls.startClassPatcher(patch.object(charts, "_get_chart_template_mapping", mapping))
        cls.startClassPatcher(patch.dict(os.environ))
        os.environ.pop(PERSON, None)
        cls.env["bank.demo"]._load()
        cls.companies = cls.env["res.company"].union(*(cls.env.ref(name) for name in COMPANIES))

    @classmethod
    def _people(cls):
        cls.env.invalidate_all()
        everybody = cls.env["res.users"].with_context(active_test=False).search([])
        everybody -= cls.env.ref("base.user_root")
        return {one.login: {name: one[name] for name in WATCHED} for one in everybody}

    def test_nobody_who_was_there_is_changed(self):
        people = self._people()
        self.assertEqual(people.keys() - self.before.keys(), {LOGIN})
        people.pop(LOGIN)
        self.assertEqual(people, self.before)

    def test_the_own_user_cannot_log_in_until_he_gets_a_password(self):
        self.env.cr.execute("SELECT password FROM res_users WHERE login = %s", [LOGIN])
        self.assertEqual(self.env.cr.fetchall(), [(None,)])

    def test_it_works_with_the_generic_chart(self):
        self.assertEqual(set(self.companies.mapped("chart_template")), {"generic_coa"})
        currencies = self.companies.mapped("currency_id.name")
        self.assertEqual(currencies, ["PLN", "RUB"])
        accounts = self.env["res.partner.bank"].search(
            [("partner_id", "in", self.companies.partner_id.ids)]
        )
        self.assertGreaterEqual(len(accounts), 5)
        bills = self.env["account.move"].search([("company_id", "in", self.companies.ids)])
        self.assertIn("in_invoice", bills.mapped("move_type"))

    def test_all_of_it_is_put_away_with_the_addon(self):
        domain = [("module", "=", "bank_webservice"), ("name", "=like", r"demo\_%")]
        names = self.env["ir.model.data"].search(domain)
        records = [self.env[one.model].browse(one.res_id) for one in names]
        self.assertGreater(len(records), 15)
        self.env["bank.demo"]._retire()
        self.assertEqual([one for one in records if one.active], [])
        self.assertFalse(names.exists(), "Odoo would try to delete what has entries")

    def test_a_company_where_somebody_works_stays(self):
        somebody = self.env.ref("base.user_admin")
        somebody.company_ids |= self.companies[0]
        somebody.company_id = self.companies[0]
        self.env["bank.demo"]._retire()
        self.assertEqual(self.companies.mapped("active"), [True, False, False])

    def test_nothing_is_put_away_where_somebody_works_in_all_of_them(self):
        """A throw-away database, whose administrator has the demo companies."""
        self.env["ir.model.data"].search([("name", "=", "demo_user")]).unlink()
        self.env["bank.demo"]._retire()
        self.assertEqual(self.companies.mapped("active"), [True, True, True])
