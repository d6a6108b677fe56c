# SPDX-License-Identifier: LGPL-3.0-only
"""The Moe Delo part works only under a licence, and a package is not more than the licence says."""

import base64
from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ...protocol.access import signing_keys, tokens
from ...protocol.access.oauth_errors import InsufficientScope, InvalidToken, UnauthorizedClient
from ..common import ROOT
from .common import INN, MoedeloCase


@tagged("post_install", "-at_install")
class TestLicence(MoedeloCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()

    def upload(self, document, company=None):
        content = base64.b64encode(document.encode())
        return self.env["moedelo.licence"]._upload(content, company or self.company)

    def assert_refused(self, document, words, company=None):
        with self.assertRaisesRegex(UserError, words):
            self.upload(document, company)

    def test_rubbish_is_refused_in_words(self):
        self.assert_refused("rubbish", "not a licence")
        with self.assertRaisesRegex(UserError, "not a licence"):
            self.env["moedelo.licence"]._upload(base64.b64encode(b"\xff\xfe"), self.company)

    def test_a_stranger_signed_it(self):
        document = self.licence_document(self.company)
        claims = tokens.jwt.decode(document, options={"verify_signature": False})
        forged = tokens.issue(claims, signing_keys.make_key("EdDSA"), tokens.LICENCE)
        self.assert_refused(forged, "not signed by a vendor")

    def test_it_was_changed_after_signing(self):
        head, _payload, signature = self.licence_document(self.company).split(".")
        other = self.licence_document(self.company, packages=("integration",)).split(".")[1]
        self.assert_refused(f"{head}.{other}.{signature}", "changed after it was signed")

    def test_it_is_for_another_database(self):
        self.assert_refused(
            self.licence_document(self.company, database_uuid="other"), "another database"
        )

    def test_it_is_for_another_company(self):
        other = self.env["res.company"].create({"name": "Other", "vat": "7710140679"})
        self.assert_refused(self.licence_document(self.company), "another tax number", other)

    def test_it_has_ended(self):
        today = fields.Date.today()
        document = self.licence_document(
            self.company, valid_from=today - timedelta(9), valid_until=today - timedelta(1)
        )
        self.assert_refused(document, "has ended")

    def test_the_next_one_may_be_uploaded_early_and_says_so(self):
        soon = fields.Date.today() + timedelta(days=10)
        licence = self.upload(self.licence_document(self.company, valid_from=soon))
        self.assertEqual((licence.state, licence.problem), ("problem", "not_yet"))
        self.assertEqual(
            dict(licence._fields["problem"]._description_selection(self.env))["not_yet"],
            "The licence is not valid yet.",
        )

    def test_its_content_cannot_be_written_over_rpc(self):
        licence = self.env["moedelo.licence"].search([("company_id", "=", self.company.id)])
        for vals in ({"valid_until": "2099-01-01"}, {"packages": "moedelo"}, {"document": "x"}):
            with self.assertRaises(UserError):
                licence.write(vals)
        with self.assertRaises(UserError):
            self.env["moedelo.licence"].create(
                {"company_id": self.company.id, "document": "x", "valid_until": "2099-01-01"}
            )

    def test_columns_changed_past_the_orm_change_nothing(self):
        licence = self.env["moedelo.licence"].search([("company_id", "=", self.company.id)])
        ended = self.licence_document(
            self.company, valid_from=fields.Date.today(), valid_until=fields.Date.today()
        )
        self.env.cr.execute(
            "UPDATE moedelo_licence SET document = %s WHERE id = %s", (ended, licence.id)
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with freeze_time(fields.Date.today() + timedelta(days=2)):
            self.assertFalse(self.env["moedelo.subscription"]._allowed_scopes(self.company.id))

    def test_a_package_needs_a_licence_that_contains_it(self):
        other = self.env["res.company"].create({"name": "Other", "vat": "7710140679"})
        make = self.env["moedelo.subscription"].create
        with self.assertRaises(UserError):
            make({"company_id": other.id, "package": "integration"})
        self.give_licence(other, packages=("integration",))
        with self.assertRaises(UserError):
            make({"company_id": other.id, "package": "moedelo"})
        self.assertTrue(make({"company_id": other.id, "package": "integration"}).is_usable)

    def test_a_licence_that_ends_while_tokens_live(self):
        said = self.connect()
        self.assertEqual(self.check(said["access_token"]).company_id, self.company.id)
        licence = self.env["moedelo.licence"].search([("company_id", "=", self.company.id)])
        with freeze_time(licence.valid_until + timedelta(days=1, hours=1)) as clock:
            issued = clock()  # the token below is fresh: only the licence is over
            claims = {**self.claims(said["access_token"]), "iat": int(issued.timestamp())}
            claims["iat"] = int(fields.Datetime.now().timestamp())
            claims["exp"] = claims["iat"] + 86_400
            self.grant_of(said).expires_at = fields.Datetime.now() + timedelta(days=9)
            fresh = self.signed(claims)
            with self.assertRaises(InsufficientScope):
                self.check(fresh)
            stored = self.grant_of(said).token_ids
            stored.sudo().expires_at = fields.Datetime.now() + timedelta(days=9)
            with self.assertRaises(UnauthorizedClient):
                self.refresh(said["refresh_token"])
            self.assertTrue(self.subscription.package)  # the data stay readable
            self.give_licence(self.company)
            self.assertEqual(self.check(fresh).company_id, self.company.id)

    def test_a_licence_taken_away_ends_the_families(self):
        said = self.connect()
        self.env["moedelo.licence"].search([("company_id", "=", self.company.id)]).active = False
        self.assertEqual(self.grant_of(said).state, "ended")
        with self.assertRaises(InvalidToken):
            self.check(said["access_token"])

    def test_a_package_ended_ends_the_families(self):
        said = self.connect()
        self.subscription.active = False
        self.assertEqual(self.grant_of(said).reason, "subscription")

    def test_a_package_that_shrinks_while_tokens_live(self):
        said = self.connect("payments calendar")
        self.check(said["access_token"], "calendar")
        self.subscription.package = "integration"
        with self.assertRaises(InsufficientScope):
            self.check(said["access_token"], "calendar")
        self.assertEqual(self.check(said["access_token"]).scopes, {"payments"})
        self.assertEqual(self.refresh(said["refresh_token"])["scope"], "payments")

    def test_another_tax_number_shuts_the_door_at_once(self):
        said = self.connect()
        self.company.vat = "7710140679"
        with self.assertRaises(InsufficientScope):
            self.check(said["access_token"])
        self.company.vat = f"RU{INN}"
        self.check(said["access_token"])

    def test_a_neutralized_copy_refuses(self):
        said = self.connect()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        with self.assertRaises(InsufficientScope):
            self.check(said["access_token"])

    def test_the_administrator_is_warned_once_at_30_14_and_3_days(self):
        administrator = self.env.ref("bank_webservice.group_administrator")
        user = self.env["res.users"].create(
            {
                "name": "Licence watcher",
                "login": "licence-watcher",
                "group_ids": [(4, administrator.id), (4, self.env.ref("base.group_user").id)],
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        licence = self.env["moedelo.licence"].search([("company_id", "=", self.company.id)])
        warned = []
        for days in (31, 30, 29, 14, 14, 4, 3, 1):
            with freeze_time(licence.valid_until - timedelta(days=days)):
                self.env["moedelo.licence"]._cron_warn()
            warned.append(len(licence.activity_ids.filtered(lambda one: one.user_id == user)))
        self.assertEqual(warned, [0, 1, 1, 2, 2, 2, 3, 3])

    def test_no_warning_when_the_next_licence_is_here(self):
        licence = self.env["moedelo.licence"].search([("company_id", "=", self.company.id)])
        self.give_licence(self.company, valid_until=licence.valid_until + timedelta(days=365))
        with freeze_time(licence.valid_until - timedelta(days=2)):
            self.env["moedelo.licence"]._cron_warn()
        self.assertFalse(licence.warned_days)

    def test_menus_follow_the_package_at_once(self):
        menus = self.env["ir.ui.menu"]
        for name in ("calendar", "jump", "order"):
            menu = self.env.ref(f"bank_webservice.menu_moedelo_{name}", False) or menus.create(
                {"name": name, "parent_id": self.env.ref("bank_webservice.menu_moedelo").id}
            )
            self.env["ir.model.data"]._update_xmlids(
                [{"xml_id": f"bank_webservice.menu_moedelo_{name}", "record": menu}]
            )

        def hidden():
            ids = menus._load_menus_blacklist()
            names = self.env["ir.model.data"].search(
                [("model", "=", "ir.ui.menu"), ("res_id", "in", ids)]
            )
            return {name.removeprefix("menu_moedelo_") for name in names.mapped("name")}

        self.assertFalse(hidden() & {"calendar", "jump", "order"})
        self.subscription.package = "integration"
        self.assertEqual(hidden() & {"calendar", "jump", "order"}, {"calendar", "jump"})
        self.subscription.active = False
        self.assertEqual(hidden() & {"calendar", "jump", "order"}, {"calendar", "jump", "order"})

    def test_without_a_package_only_an_administrator_has_the_menu(self):
        root = self.env.ref("bank_webservice.menu_moedelo").id

        def shown(group):
            groups = f"base.group_user,bank_webservice.group_{group}"
            name = f"{group} {self.subscription.active}"
            companies = {"company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)]}
            user = new_test_user(self.env(su=True), name, groups=groups, **companies)
            return root not in self.env["ir.ui.menu"].with_user(user)._load_menus_blacklist()

        self.assertTrue(shown("reader"))
        self.subscription.active = False
        self.assertFalse(shown("reader"), "nothing is below it")
        self.assertTrue(shown("administrator"), "who connects the company")

    def test_the_menu_carries_the_name_of_the_service_that_this_company_uses(self):
        root = self.env.ref("bank_webservice.menu_moedelo").id
        self.client.name = "White Label"
        self.subscription.client_id = self.client
        self.make_client(name="Registered last")
        other = self.env["res.company"].create({"name": "Lutik", "vat": "7710140679"})
        user = new_test_user(
            self.env,
            "two_companies",
            groups="base.group_user,bank_webservice.group_administrator,account.group_account_basic",
            company_id=self.company.id,
            company_ids=[(6, 0, (self.company | other).ids)],
        )
        menus = self.env["ir.ui.menu"].with_user(user)

        def name(company):
            return menus.with_company(company).load_web_menus(False)[root]["name"]

        self.assertEqual(name(self.company), "White Label")
        self.assertEqual(name(other), "Moe Delo")
        self.client.name = "Another Label"
        self.assertEqual(name(self.company), "Another Label")

    def test_the_time_outs_have_the_model_systems_names(self):
        import polib  # of development

        lines = polib.pofile(str(ROOT / "i18n" / "ru.po"))
        words = {line.msgid: line.msgstr for line in lines}
        for field, said in (
            ("moedelo_access_timeout", "JWT. Таймаут токена доступа в секундах"),
            ("moedelo_refresh_timeout", "JWT. Таймаут токена обновления в секундах"),
        ):
            label = self.env["res.config.settings"]._fields[field].string
            self.assertEqual(words[label], said)
            view = self.env.ref("bank_webservice.res_config_settings_view_form_moedelo")
            self.assertIn(f'string="{label}"', view.arch)
