# SPDX-License-Identifier: LGPL-3.0-only
"""What a bearer token allows (rules 15 to 20): checked on every call, against the state of now."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.tests import TransactionCase, tagged

from ...protocol.access import signing_keys, tokens
from ...protocol.access.oauth_errors import InsufficientScope, InvalidToken, NoCredentials
from .common import EVERYTHING, ISSUER, MoedeloCase


@tagged("post_install", "-at_install")
class TestAccess(MoedeloCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()

    def setUp(self):
        super().setUp()
        self.said = self.connect(EVERYTHING)
        self.good = self.claims(self.said["access_token"])

    def assert_invalid(self, token):
        with self.refuses(InvalidToken):
            self.check(token)

    def test_no_credentials(self):
        for header in (None, "", "Basic abc", "Bearer", "Bearer  "):
            with self.refuses(NoCredentials):
                self.env["moedelo.access"]._check(header, "payments")

    def test_alg_none(self):
        head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
        body = self.said["access_token"].split(".")[1]
        self.assert_invalid(f"{head}.{body}.")

    def test_hs256_with_the_public_key(self):
        jwks = json.dumps(self.env["moedelo.key"]._signing_key("access").public.jwk())
        key = self.env["moedelo.key"]._signing_key("access")
        header = json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": key.kid}).encode()
        signed = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
        signed += "." + self.said["access_token"].split(".")[1]
        mac = hmac.new(jwks.encode(), signed.encode(), hashlib.sha256).digest()
        self.assert_invalid(f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")

    def test_a_strangers_key_under_our_name(self):
        ours = self.env["moedelo.key"]._signing_key("access")
        stranger = signing_keys.make_key("ES256")
        for extra in ({}, {"jku": "https://evil.example/k"}, {"jwk": stranger.public.jwk()}):
            headers = {"typ": "at+jwt", "kid": ours.kid, **extra}
            self.assert_invalid(
                tokens.jwt.encode(self.good, stranger.private, algorithm="ES256", headers=headers)
            )

    def test_wrong_claims(self):
        now = int(time.time())
        for change in (
            {"exp": now - 200},
            {"iat": now + 3600, "nbf": now + 3600},
            {"aud": "urn:uuid:another-database"},
            {"iss": ISSUER + "/"},
            {"grant": "unknown"},
            {"client_id": "unknown"},
        ):
            self.assert_invalid(self.signed({**self.good, **change}))
        for name in ("exp", "aud", "iss", "iat", "sub", "jti", "client_id", "grant"):
            self.assert_invalid(self.signed({k: v for k, v in self.good.items() if k != name}))

    def test_another_kind_of_token(self):
        for typ in ("JWT", tokens.NOTICE, tokens.LICENCE):
            self.assert_invalid(self.signed(self.good, typ))

    def test_a_notice_key_signs_no_access(self):
        notice = self.env["moedelo.key"]._signing_key("notice")
        self.assert_invalid(self.signed(self.good, key=notice))

    def test_claims_and_header_of_a_good_one(self):
        self.assertLessEqual(
            {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"}, set(self.good)
        )
        header = tokens.jwt.get_unverified_header(self.said["access_token"])
        self.assertEqual((header["typ"], header["alg"]), ("at+jwt", "ES256"))
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        self.assertEqual(self.good["aud"], f"urn:uuid:{uuid}")

    def test_the_clock_moved(self):
        self.check(self.said["access_token"])  # being good now says nothing about then
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)):
            self.assert_invalid(self.said["access_token"])
        with freeze_time(fields.Datetime.now() - timedelta(hours=2)):
            self.assert_invalid(self.said["access_token"])

    def test_scope_missing(self):
        narrow = self.refresh(self.said["refresh_token"], scope="statements")
        self.check(narrow["access_token"], "statements")
        with self.refuses(InsufficientScope):
            self.check(narrow["access_token"], "payments")

    def test_a_token_claims_no_more_than_was_granted(self):
        narrow = self.connect("statements")
        grown = {**self.claims(narrow["access_token"]), "scope": EVERYTHING}
        with self.refuses(InsufficientScope):
            self.check(self.signed(grown), "payments")

    def test_a_user_who_left_jumps_no_more(self):
        user = self.env["res.users"].create(
            {
                "name": "Jumper",
                "login": "jumper",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [(4, self.env.ref("bank_webservice.group_reader").id)],
            }
        )
        self.subscription.client_id = self.client
        said = self.answer(self.code_form(self.with_user_code(user)))
        self.check(said["access_token"], "client")
        user.active = False
        with self.refuses(InvalidToken):
            self.check(said["access_token"], "client")

    def with_user_code(self, user):
        mine = self.env
        try:
            self.env = self.env(user=user)
            return self.give_code("client")
        finally:
            self.env = mine

    def test_two_companies_see_nothing_of_each_other(self):
        other = self.env["res.company"].create({"name": "Other", "vat": "7710140679"})
        self.give_licence(other)
        self.env["moedelo.subscription"].create({"company_id": other.id, "package": "moedelo"})
        self._make_account(other, "40702810900000000002")
        theirs = self.connect(EVERYTHING, other)
        numbers = {}
        for token in (self.said["access_token"], theirs["access_token"]):
            access = self.check(token, "accounts")
            told = self.env["moedelo.grant"]._account_info(access)
            numbers[access.company_id] = [one["number"] for one in told]
        self.assertEqual(
            numbers,
            {self.company.id: ["40702810900000000001"], other.id: ["40702810900000000002"]},
        )
        self.subscription.active = False
        self.assert_invalid(self.said["access_token"])
        self.check(theirs["access_token"])

    def test_a_renamed_company_is_told_at_once(self):
        access = self.check(self.said["access_token"], "client")
        grant_model = self.env["moedelo.grant"]
        self.assertEqual(grant_model._client_info(access)["name"], "Romashka")
        self.company.name = "Vasilyok"
        self.assertEqual(grant_model._client_info(access)["name"], "Vasilyok")

    def test_old_tokens_live_on_when_the_key_changes(self):
        before = self.said["access_token"]
        old = self.env["moedelo.key"]._in_use("access")
        old.action_rotate()
        self.assertFalse(old.active)
        self.assertFalse(old.sudo().private_sealed)
        self.check(before)
        after = self.refresh(self.said["refresh_token"])["access_token"]
        kids = [tokens.jwt.get_unverified_header(one)["kid"] for one in (before, after)]
        self.assertNotEqual(*kids)
        self.assertEqual(set(kids), set(self.env["moedelo.key"]._public_keys("access")))
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            self.assertNotIn(kids[0], self.env["moedelo.key"]._public_keys("access"))

    def test_keys_change_by_age(self):
        old = self.env["moedelo.key"]._in_use("access")
        old.flush_recordset()
        self.env.cr.execute(
            "UPDATE moedelo_key SET create_date = create_date - interval '91 days' WHERE id = %s",
            (old.id,),
        )
        self.env.invalidate_all()
        self.env["moedelo.key"]._cron_rotate()
        self.assertNotEqual(self.env["moedelo.key"]._in_use("access"), old)
        self.check(self.said["access_token"])

    def test_a_call_costs_two_queries_however_many_tokens_there_are(self):
        self.env["moedelo.access"]._check(f"Bearer {self.said['access_token']}", "payments", "::1")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["moedelo.access"]._check(
                f"Bearer {self.said['access_token']}", "payments", "::1"
            )

    # ---- introspection and revocation

    def introspect(self, token, client=None):
        return self.env["moedelo.access"]._introspect(token, self.registered(client))

    def revoke(self, token, client=None):
        return self.env["moedelo.access"]._revoke(token, self.registered(client))

    def test_introspection_of_what_is_not_good(self):
        other, _secret = self.make_client()
        for token, client in (
            ("rubbish", None),
            (self.signed({**self.good, "exp": 1}), None),
            (self.said["access_token"], other),
            (self.said["refresh_token"], other),
        ):
            self.assertEqual(self.introspect(token, client), {"active": False})

    def test_introspection_of_what_is_good(self):
        told = self.introspect(self.said["access_token"])
        self.assertEqual((told["active"], told["scope"]), (True, EVERYTHING))
        self.assertEqual(told["exp"], self.good["exp"])
        self.assertTrue(self.introspect(self.said["refresh_token"])["active"])

    def test_revoking_a_refresh_token_ends_the_family(self):
        self.revoke(self.said["refresh_token"])
        self.assert_invalid(self.said["access_token"])
        self.assertEqual(self.introspect(self.said["refresh_token"]), {"active": False})

    def test_revoking_an_access_token_spares_the_family(self):
        self.revoke(self.said["access_token"])
        self.assert_invalid(self.said["access_token"])
        self.check(self.refresh(self.said["refresh_token"])["access_token"])

    def test_nobody_revokes_anothers_token(self):
        other, _secret = self.make_client()
        self.revoke(self.said["refresh_token"], other)
        self.revoke(self.said["access_token"], other)
        self.check(self.said["access_token"])
