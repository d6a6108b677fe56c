# SPDX-License-Identifier: LGPL-3.0-only
"""Codes and refresh tokens (rules 8, 10 to 14, 18, 25): at most one live branch of a family."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.tests import TransactionCase, tagged

from ...protocol.access import grants
from ...protocol.access.oauth_errors import (
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidToken,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from .common import MoedeloCase


@tagged("post_install", "-at_install")
class TestRefresh(MoedeloCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()

    def later(self, **more):
        return freeze_time(fields.Datetime.now() + timedelta(**more))

    # ---- codes

    def test_codes_that_are_no_good_say_the_same(self):
        code = self.give_code()
        other, _secret = self.make_client()
        wrong = [
            (self.code_form("unknown"), None),
            (self.code_form(code), other),
            (self.code_form(code, redirect_uri="https://service.example/back?x=1"), None),
            (self.code_form(code, redirect_uri=None), None),
            (self.code_form(code, code_verifier="w" * 64), None),
        ]
        for form, client in wrong:
            with self.refuses(InvalidGrant) as caught:
                self.answer(form, client)
            self.assertEqual(caught[0].description, InvalidGrant().description)
        with self.refuses(InvalidRequest):
            self.answer(self.code_form(code, code_verifier=None))
        self.assertTrue(self.answer(self.code_form(code))["refresh_token"])

    def test_a_code_lives_sixty_seconds(self):
        code = self.give_code()
        with self.later(seconds=61), self.refuses(InvalidGrant):
            self.answer(self.code_form(code))

    def test_a_replayed_code_revokes_what_it_gave(self):
        code = self.give_code()
        said = self.answer(self.code_form(code))
        with self.refuses(InvalidGrant):
            self.answer(self.code_form(code))
        self.assertEqual(self.grant_of(said).reason, "replay")
        with self.refuses(InvalidToken):
            self.check(said["access_token"])
        with self.refuses(InvalidGrant):
            self.refresh(said["refresh_token"])

    def test_a_jumps_code_that_asks_for_payments(self):
        code = self.give_code("client")
        with self.refuses(InvalidScope):
            self.answer(self.code_form(code, scope="client payments"))
        said = self.answer(self.code_form(code))
        self.assertEqual(said["scope"], "client")
        self.assertNotIn("refresh_token", said)
        self.assertIn(f"user:{self.env.uid}", self.claims(said["access_token"])["sub"])

    def test_a_new_connection_replaces_the_old_one(self):
        first = self.connect()
        second = self.connect()
        self.assertEqual(self.grant_of(first).reason, "replaced")
        self.check(second["access_token"])

    # ---- refresh tokens

    def test_refresh_tokens_that_are_no_good_say_the_same(self):
        said = self.connect()
        other, _secret = self.make_client()
        self.connect(client=other)
        for token, client in (
            ("unknown", None),
            (said["access_token"], None),
            (said["refresh_token"], other),
            (said["refresh_token"] + " ", None),
        ):
            with self.refuses(InvalidGrant) as caught:
                self.refresh(token, client)
            self.assertEqual(caught[0].description, InvalidGrant().description)
        self.assertEqual(self.grant_of(said).state, "live")

    def test_a_refresh_token_is_no_bearer_token(self):
        with self.refuses(InvalidToken):
            self.check(self.connect()["refresh_token"])

    def test_only_hashes_are_stored(self):
        said = self.connect()
        again = self.refresh(said["refresh_token"])
        rows = self.grant_of(said).token_ids.sudo().mapped("hash")
        self.assertEqual(
            set(rows),
            {grants.hashed(said["refresh_token"]), grants.hashed(again["refresh_token"])},
        )
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT t::text FROM moedelo_token t UNION SELECT g::text FROM moedelo_grant g"
        )
        stored = " ".join(row[0] for row in self.env.cr.fetchall())
        for secret in (said["refresh_token"], again["refresh_token"], said["access_token"]):
            self.assertNotIn(secret, stored)

    def test_last_use_is_written_once_a_minute_and_at_a_new_address(self):
        said = self.connect()
        grant = self.grant_of(said)
        first = grant.last_used_at
        with self.later(seconds=30):
            said = self.refresh(said["refresh_token"])
            self.assertEqual(grant.last_used_at, first)
        with self.later(seconds=61):
            said = self.refresh(said["refresh_token"])
            self.assertGreaterEqual(grant.last_used_at, first + timedelta(seconds=61))
        form = {"grant_type": "refresh_token", "refresh_token": said["refresh_token"]}
        with self.later(seconds=70):
            self.env["moedelo.token"]._answer(form, self.registered(), "10.0.0.2")
        self.assertEqual(grant.last_address, "10.0.0.2")

    def test_scope_never_grows_and_stays_when_left_out(self):
        said = self.connect("statements accounts")
        with self.refuses(InvalidScope):
            self.refresh(said["refresh_token"], scope="statements payments")
        narrow = self.refresh(said["refresh_token"], scope="statements")
        self.assertEqual(narrow["scope"], "statements")
        self.assertEqual(self.refresh(narrow["refresh_token"])["scope"], "statements accounts")

    def test_a_lost_answer_can_be_asked_for_again(self):
        said = self.connect()
        first = self.refresh(said["refresh_token"])
        with self.later(seconds=20):
            again = self.refresh(said["refresh_token"])
            self.assertEqual(again["refresh_token"], first["refresh_token"])
            self.assertEqual(len(self.grant_of(said).token_ids), 2)
            self.assertTrue(self.refresh(again["refresh_token"]))

    def test_the_grace_ends_with_the_successors_first_use(self):
        said = self.connect()
        first = self.refresh(said["refresh_token"])
        self.refresh(first["refresh_token"])
        with self.refuses(InvalidGrant):
            self.refresh(said["refresh_token"])
        self.assertEqual(self.grant_of(said).reason, "replay")

    def test_a_late_replay_revokes_the_family(self):
        said = self.connect()
        first = self.refresh(said["refresh_token"])
        with self.later(seconds=31):
            with self.refuses(InvalidGrant):
                self.refresh(said["refresh_token"])
            with self.refuses(InvalidGrant):
                self.refresh(first["refresh_token"])
            with self.refuses(InvalidToken):
                self.check(first["access_token"])
        self.assertEqual(self.grant_of(said).reason, "replay")

    def test_an_idle_family_expires(self):
        self.env["ir.config_parameter"].set_param("bank_webservice.jwt_refresh_timeout", "3600")
        said = self.connect()
        with self.later(seconds=3500):
            again = self.refresh(said["refresh_token"])
        with self.later(seconds=3500 + 3700), self.refuses(InvalidGrant):
            self.refresh(again["refresh_token"])

    def test_a_connection_has_an_absolute_life(self):
        said = self.connect()
        self.grant_of(said).expires_at = fields.Datetime.now() + timedelta(seconds=10)
        with self.later(seconds=11):
            with self.refuses(InvalidGrant):
                self.refresh(said["refresh_token"])
            with self.refuses(InvalidToken):
                self.check(said["access_token"])

    def test_times_hold_for_tokens_issued_from_then_on(self):
        before = self.connect()
        self.env["ir.config_parameter"].set_param("bank_webservice.jwt_access_timeout", "120")
        claims = self.claims(before["access_token"])
        self.assertEqual(claims["exp"] - claims["iat"], before["expires_in"])
        after = self.refresh(before["refresh_token"])
        claims = self.claims(after["access_token"])
        self.assertEqual((after["expires_in"], claims["exp"] - claims["iat"]), (120, 120))

    def test_grant_types(self):
        with self.refuses(UnsupportedGrantType):
            self.answer({"grant_type": "password", "username": "admin", "password": "admin"})
        with self.refuses(InvalidRequest):
            self.answer({})
        with self.refuses(UnauthorizedClient):
            self.answer({"grant_type": "client_credentials"})

    # ---- the statement-only service

    def service(self):
        client, _secret = self.make_client(
            kind="service", company_id=self.company.id, account_ids=[(6, 0, self.account.ids)]
        )
        return client

    def test_the_service_needs_an_administrators_consent(self):
        client = self.service()
        with self.refuses(UnauthorizedClient):
            self.answer({"grant_type": "client_credentials"}, client)

    def test_the_service_gets_statements_and_nothing_else(self):
        client = self.service()
        client.action_connect_service()
        with self.refuses(InvalidScope):
            self.answer({"grant_type": "client_credentials", "scope": "payments"}, client)
        said = self.answer({"grant_type": "client_credentials"}, client)
        self.assertEqual(said["scope"], "statements")
        self.assertNotIn("refresh_token", said)
        access = self.check(said["access_token"], "statements")
        self.assertEqual((access.kind, access.company_id), ("service", self.company.id))
        with self.refuses(UnauthorizedClient):
            self.refresh("x", client)
        with self.refuses(UnauthorizedClient):
            self.answer(self.code_form("x"), client)

    def test_revoke_everything(self):
        said, jump = self.connect(), self.answer(self.code_form(self.give_code("client")))
        self.client.action_revoke_everything()
        for token in (said["access_token"], jump["access_token"]):
            with self.refuses(InvalidToken):
                self.check(token, "client")
        self.assertEqual(self.client.live_grants, 0)

    def test_old_rows_leave(self):
        said = self.connect()
        self.refresh(said["refresh_token"])
        with self.later(days=40):
            self.env["moedelo.token"]._gc_tokens()
            # the last one says to which dead connection its holder belongs
            self.assertEqual(self.env["moedelo.token"].search([]).mapped("generation"), [2])
