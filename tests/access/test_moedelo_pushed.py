# SPDX-License-Identifier: LGPL-3.0-only
"""Authorization requests that the service hands over itself (RFC 9126)."""

from datetime import timedelta
from urllib.parse import urlencode

from odoo import fields
from odoo.tests import HttpCase, tagged

from ...protocol.access import authorize
from .common import BACK, CHALLENGE, VERIFIER
from .test_moedelo_authorize import PATH, Consenting

PUSH = "/moedelo/par"


@tagged("post_install", "-at_install")
class TestPushed(Consenting, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()
        cls.make_user("md-administrator", "bank_webservice.group_administrator")

    def push(self, client=None, **change):
        form = {
            "response_type": "code",
            "redirect_uri": BACK,
            "scope": "payments accounts",
            "state": "pushed",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **change,
        }
        form = {name: value for name, value in form.items() if value is not None}
        return self.post(PUSH, form, client=client)

    def pushed(self):
        answer = self.push()
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.json()["expires_in"], 600)
        return answer.json()["request_uri"]

    def open(self, uri, client=None, **more):
        self.authenticate(self.login, self.login)
        asked = {"client_id": (client or self.client).identifier, "request_uri": uri, **more}
        return self.get(f"{PATH}?{urlencode(asked)}")

    # ---- refused

    def test_a_request_that_would_be_refused_is_refused_now(self):
        for change, error in (
            ({"redirect_uri": "https://evil.example"}, "invalid_request"),
            ({"redirect_uri": None}, "invalid_request"),
            ({"scope": "everything"}, "invalid_scope"),
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"request": "a.b.c"}, "request_not_supported"),
            ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
            ({"dpop_jkt": "short"}, "invalid_request"),
            ({"client_id": "another"}, "invalid_request"),
        ):
            self.assert_error(self.push(**change), error)
        self.assert_error(self.post(PUSH, {}, secret="wrong"), "invalid_client", 401)
        self.assertFalse(self.env["moedelo.pushed"].search_count([]))

    def test_the_statement_service_asks_nobody(self):
        service, self.secret = self.make_client(kind="service", company_id=self.company.id)
        self.assert_error(self.push(client=service), "unauthorized_client")

    def test_a_reference_that_is_none_is_shown_here(self):
        uri = self.pushed()
        stranger, _secret = self.make_client()
        self.assert_shown_here(self.open(uri, stranger))
        self.assert_shown_here(self.open(authorize.REFERENCE + "made-up"))
        over = fields.Datetime.now() - timedelta(seconds=1)
        self.env["moedelo.pushed"].search([]).until = over
        self.assert_shown_here(self.open(uri))

    def test_a_foreign_reference_is_told_to_the_service(self):
        told = self.sent(self.open("https://service.example/request", redirect_uri=BACK))
        self.assertEqual(told["error"], "request_uri_not_supported")

    def test_an_address_taken_back_meanwhile(self):
        uri = self.pushed()
        self.client.redirect_uris = "https://service.example/new"
        self.assert_shown_here(self.open(uri))

    def test_where_it_is_wanted_nothing_else_is_taken(self):
        plain = {
            "response_type": "code",
            "client_id": self.client.identifier,
            "redirect_uri": BACK,
            "scope": "payments",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        self.authenticate(self.login, self.login)
        for switch in (
            lambda on: self.client.write({"only_pushed": on}),
            lambda on: self.env["ir.config_parameter"].set_param(
                "bank_webservice.moedelo_only_pushed", str(on)
            ),
        ):
            switch(True)
            told = self.sent(self.get(f"{PATH}?{urlencode(plain)}"))
            self.assertEqual(told["error"], "invalid_request")
            self.assertEqual(self.open(self.pushed()).status_code, 200)
            switch(False)
        self.assertEqual(self.get(f"{PATH}?{urlencode(plain)}").status_code, 200)

    def test_the_metadata_says_so(self):
        address = "/.well-known/oauth-authorization-server"
        self.assertFalse(self.get(address).json()["require_pushed_authorization_requests"])
        self.env["ir.config_parameter"].set_param("bank_webservice.moedelo_only_pushed", "True")
        self.assertTrue(self.get(address).json()["require_pushed_authorization_requests"])

    # ---- used

    def test_it_is_good_for_one_consent_and_what_stands_beside_it_for_nothing(self):
        uri = self.pushed()
        page = self.open(uri, scope="statements", redirect_uri="https://evil.example")
        self.assertNotIn("Receive statements", page.text)
        told = self.sent(self.decide(page))
        self.assertEqual(told["state"], "pushed")
        said = self.post("/moedelo/token", self.code_form(told["code"], code_verifier=VERIFIER))
        self.assertEqual(said.json()["scope"], "payments accounts")
        self.assert_shown_here(self.decide(page))
        self.assert_shown_here(self.open(uri))

    def test_a_wrong_password_does_not_use_it_up_but_a_no_does(self):
        page = self.open(self.pushed())
        self.assertEqual(self.decide(page, password="wrong").status_code, 403)
        self.assertEqual(self.sent(self.decide(page, "deny"))["error"], "access_denied")
        self.assert_shown_here(self.decide(page))

    def test_nothing_secret_is_kept_of_it(self):
        self.pushed()
        self.assertNotIn(self.secret, self.env["moedelo.pushed"].search([]).parameters)
