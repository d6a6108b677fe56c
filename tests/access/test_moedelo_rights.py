# SPDX-License-Identifier: LGPL-3.0-only
"""Administrators see services and connections of the own companies; nobody sees a secret."""

from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from ...models.access.moedelo_grant import Given
from ...protocol.access import signing_keys, tokens
from .common import BACK, ISSUER, MoedeloCase

MODELS = (
    "moedelo.licence",
    "moedelo.subscription",
    "moedelo.client",
    "moedelo.grant",
    "moedelo.token",
    "moedelo.key",
    "moedelo.audit",
)


@tagged("post_install", "-at_install")
class TestRights(MoedeloCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()
        cls.other = cls.env["res.company"].create({"name": "Other", "vat": "7710140679"})
        cls.administrator = cls.make_user(
            "administrator", "bank_webservice.group_administrator", "base.group_allow_export"
        )
        cls.accountant = cls.make_user(
            "accountant", "account.group_account_manager", "base.group_system"
        )

    @classmethod
    def make_user(cls, login, *groups):
        wanted = [cls.env.ref(group).id for group in ("base.group_user", *groups)]
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": f"moedelo-{login}",
                "company_id": cls.company.id,
                "company_ids": [(6, 0, cls.company.ids)],
                "group_ids": [(6, 0, wanted)],
            }
        )

    def test_nobody_else_sees_anything(self):
        self.connect()
        for name in MODELS:
            with self.assertRaises(AccessError):
                self.env[name].with_user(self.accountant).search([])

    def test_counters_and_used_names_are_seen_by_nobody(self):
        for name in ("moedelo.failure", "moedelo.spent"):
            with self.assertRaises(AccessError):
                self.env[name].with_user(self.administrator).search([])

    def test_an_administrator_of_one_company_sees_that_one_only(self):
        self.connect()
        self.give_licence(self.other)
        self.env["moedelo.subscription"].create({"company_id": self.other.id, "package": "moedelo"})
        foreign, _secret = self.make_client(name="Foreign", company_id=self.other.id)
        self.connect(company=self.other)
        for name in ("moedelo.licence", "moedelo.subscription", "moedelo.grant"):
            seen = self.env[name].with_user(self.administrator).search([])
            self.assertEqual(seen.company_id, self.company, name)
        seen = self.env["moedelo.client"].with_user(self.administrator).search([])
        self.assertIn(self.client, seen)
        self.assertNotIn(foreign, seen)
        seen = self.env["moedelo.token"].with_user(self.administrator).search([])
        self.assertEqual(seen.grant_id.company_id, self.company)

    def test_an_administrator_sees_the_audit_of_his_company_and_of_strangers(self):
        audit = self.env["moedelo.audit"]
        audit._note("refused", client_text="stranger")
        for company in (self.company, self.other):
            given = Given(None, "family", "jump", company.id, self.administrator.id)
            audit._note("issued", given=given, client_text=company.name)
        asked = [("event", "in", ("refused", "issued"))]
        seen = audit.with_user(self.administrator).search(asked)
        self.assertEqual(
            [(line.client_text, line.company_id, line.user_id) for line in seen],
            [
                (self.company.name, self.company, self.administrator),
                ("stranger", self.env["res.company"], self.env["res.users"]),
            ],
        )

    def test_the_audit_outlives_those_it_is_about(self):
        leaving = self.make_user("leaving")
        given = Given(None, "family", "jump", self.company.id, leaving.id)
        self.env["moedelo.audit"]._note("issued", given=given, detail="client")
        number = leaving.id
        leaving.unlink()
        line = self.env["moedelo.audit"].search([], limit=1)
        read = line.web_read({"user_id": {"fields": {"display_name": {}}}, "detail": {}})
        self.assertEqual(read, [{"id": line.id, "user_id": False, "detail": "client"}])
        self.assertEqual(line.user_res_id, number)

    def test_the_audit_is_searched_by_company_and_user(self):
        given = Given(None, "family", "jump", self.company.id, self.accountant.id)
        self.env["moedelo.audit"]._note("issued", given=given)
        self.env["moedelo.audit"]._note("refused", client_text="stranger")
        audit = self.env["moedelo.audit"].with_user(self.administrator)
        about, nobody = audit.search([], limit=2).sorted("id")
        for domain, found in (
            ([("company_id", "=", self.company.id)], about),
            ([("company_id", "!=", self.company.id)], nobody),
            ([("company_id", "ilike", self.company.name)], about),
            ([("company_id.name", "=", self.company.name)], about),
            ([("user_id", "=", False)], nobody),
            ([("user_id", "not ilike", "accountant")], nobody),
            ([("user_id", "in", [self.accountant.id, False])], about | nobody),
            ([("user_id.login", "=", self.accountant.login)], about),
            ([("user_id", "=", self.administrator.id)], audit),
        ):
            self.assertEqual(
                audit.search([("id", "in", (about | nobody).ids), *domain]), found, domain
            )

    def test_no_secret_can_be_read_or_exported_or_copied(self):
        self.connect()
        for model, field in (
            ("moedelo.client", "secret_hash"),
            ("moedelo.key", "private_sealed"),
            ("moedelo.token", "hash"),
            ("moedelo.grant", "code_hash"),
        ):
            records = self.env[model].with_user(self.administrator)
            self.assertNotIn(field, records.fields_get())
            with self.assertRaises(AccessError):
                records.search([], limit=1).read([field])
            with self.assertRaises(AccessError):
                records.search([], limit=1).export_data([field])
        self.assertFalse(self.client.copy().sudo().secret_hash)

    def test_a_connection_cannot_be_written_not_even_by_an_administrator(self):
        grant = self.grant_of(self.connect("statements")).with_user(self.administrator)
        for vals in ({"scope": "payments"}, {"state": "live"}, {"company_id": self.other.id}):
            with self.assertRaises(AccessError):
                grant.write(vals)
        with self.assertRaises(AccessError):
            grant.create({"client_id": self.client.id, "company_id": self.company.id})
        grant.action_end()
        self.assertEqual((grant.state, grant.reason), ("ended", "administrator"))

    def test_the_audit_cannot_be_changed(self):
        self.env["moedelo.audit"]._note("refused", client_text="x\0y")
        row = self.env["moedelo.audit"].search([], limit=1)
        for act in (lambda: row.write({"detail": "x"}), row.unlink):
            with self.assertRaises(UserError):
                act()

    def test_what_cannot_be_registered(self):
        for vals in (
            {"redirect_uris": f"{BACK}\nhttp://service.example/back"},
            {"redirect_uris": BACK + "#fragment"},
            {"api_address": "http://service.example"},
            {"auth_method": "private_key_jwt"},
            {"auth_method": "private_key_jwt", "jwks": '{"keys": []}'},
            {"jwks": '{"keys": [{"kty": "oct", "k": "AAAA"}]}'},
            {"kind": "service"},
        ):
            with self.assertRaises(ValidationError):
                self.make_client(**vals)

    def test_a_client_keeps_its_identifier_and_its_company(self):
        with self.assertRaises(UserError):
            self.client.identifier = "mine"
        made, _secret = self.make_client(identifier="mine")
        self.assertNotEqual(made.identifier, "mine")
        self.connect()
        with self.assertRaises(UserError):
            self.client.company_id = self.other

    def test_foreign_accounts_are_no_accounts_of_the_service(self):
        foreign = self._make_account(self.other, "40702810900000000009")
        with self.assertRaises(ValidationError):
            self.make_client(
                kind="service", company_id=self.company.id, account_ids=[(6, 0, foreign.ids)]
            )

    def test_settings(self):
        settings = self.env["res.config.settings"].with_company(self.company)
        for vals in (
            {"moedelo_access_timeout": 0},
            {"moedelo_access_timeout": 600, "moedelo_refresh_timeout": 600},
            {"moedelo_issuer": "http://odoo.example"},
            {"moedelo_issuer": "https://odoo.example/odoo"},
        ):
            with self.assertRaises(UserError):
                settings.create(vals).execute()
        with Form(settings) as form:
            form.moedelo_access_timeout = 60
            self.assertIn("60 seconds", form.moedelo_timeout_warning)
            form.moedelo_access_timeout = 61
            self.assertFalse(form.moedelo_timeout_warning)
            self.assertEqual(form.moedelo_issuer, ISSUER)

    def test_the_issuer_is_frozen_while_connections_exist(self):
        self.connect()
        settings = self.env["res.config.settings"].create({"moedelo_issuer": "https://new.example"})
        with self.assertRaises(UserError):
            settings.execute()
        self.client.action_revoke_everything()
        settings.execute()
        self.assertEqual(self.env["moedelo.settings"]._issuer(), "https://new.example")

    def test_a_neutralized_copy_has_nothing_to_let_anybody_in(self):
        said = self.connect()
        self.env.flush_all()
        wipe = Path(__file__).parents[2] / "data" / "neutralize.sql"
        self.env.cr.execute(wipe.read_text())
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertIsNone(self.registered())
        self.assertFalse(self.env["moedelo.key"].search([]))
        self.assertIsNone(self.env["moedelo.access"]._read(said["access_token"]))

    def test_the_private_key_is_in_the_vault(self):
        key = self.env["moedelo.key"]._signing_key("access")
        record = self.env["moedelo.key"].search([("kid", "=", key.kid)])
        self.assertNotIn("PRIVATE", record.sudo().private_sealed)
        self.assertEqual(signing_keys.read_jwk(tokens.json.loads(record.public_jwk)).kid, key.kid)
