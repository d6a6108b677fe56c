# SPDX-License-Identifier: LGPL-3.0-only
"""What a person is asked, and what the browser carries away (rule 25, consent and jump)."""

import base64
import hashlib
import html
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import BACK, CHALLENGE, ISSUER, MoedeloHttp

PATH = "/moedelo/authorize"


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Consenting(MoedeloHttp):
    """An administrator before the page of consent; mixed into an HttpCase."""

    @classmethod
    def make_user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.login = "md-administrator"

    def ask(self, login="md-administrator", **change):
        if login:
            self.login = login
            self.authenticate(login, login)
        asked = {
            "response_type": "code",
            "client_id": self.client.identifier,
            "redirect_uri": BACK,
            "scope": "payments statements accounts",
            "state": "s t",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **change,
        }
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return self.get(f"{PATH}?{query}")

    def decide(self, page, decision="allow", company=None, accounts=None, way="POST", **change):
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        form = {
            **{name: html.unescape(value) for name, value in fields.items()},
            "company_id": (company or self.company).id,
            "account_ids": self.account.ids if accounts is None else accounts,
            "decision": decision,
            "password": self.login,  # new_test_user's is the same
            **change,
        }
        address = f"{self.base_url()}{PATH}/consent"
        return self.opener.request(way, address, data=form, timeout=30, allow_redirects=False)

    def sent(self, answer):
        """Where the browser is sent, with what."""
        self.assertEqual(answer.status_code, 303, answer.text[:500])
        target = urlsplit(answer.headers["Location"])
        self.assertEqual(f"{target.scheme}://{target.netloc}{target.path}", BACK)
        return {name: values[0] for name, values in parse_qs(target.query).items()}

    def assert_shown_here(self, answer, status=400):
        self.assertEqual(answer.status_code, status)
        self.assertNotIn("Location", answer.headers)
        self.assertIn("cannot be answered", answer.text)


@tagged("post_install", "-at_install")
class TestAuthorize(Consenting, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()
        cls.make_user("md-administrator", "bank_webservice.group_administrator")
        cls.make_user("md-reader", "bank_webservice.group_reader")
        cls.make_user("md-nobody", "base.group_user")

    # ---- refused without sending the browser anywhere

    def test_a_stranger_or_a_wrong_address_is_shown_here(self):
        for change in (
            {"client_id": "unknown"},
            {"client_id": None},
            {"redirect_uri": None},
            {"redirect_uri": BACK + "/"},
            {"redirect_uri": BACK + "/../evil"},
            {"redirect_uri": "https://service.example:8443/back"},
            {"redirect_uri": BACK + "#fragment"},
            {"redirect_uri": "https://evil.example/back"},
        ):
            self.assert_shown_here(self.ask(**change))

    def test_a_repeated_parameter_is_shown_here(self):
        self.authenticate("md-administrator", "md-administrator")
        query = f"client_id={self.client.identifier}&client_id=x&redirect_uri={BACK}"
        self.assert_shown_here(self.get(f"{PATH}?{query}"))

    # ---- refused by sending the browser back

    def test_what_the_service_did_wrong_is_told_to_it(self):
        for change, error in (
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "everything"}, "invalid_scope"),
            ({"scope": None}, "invalid_scope"),
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
        ):
            told = self.sent(self.ask(**change))
            self.assertEqual((told["error"], told["iss"], told["state"]), (error, ISSUER, "s t"))

    def test_only_administrators_connect(self):
        for login in ("md-reader", "md-nobody"):
            self.assertEqual(self.sent(self.ask(login))["error"], "access_denied")

    def test_who_is_not_logged_in_logs_in_first(self):
        answer = self.ask(None)
        self.assertEqual(urlsplit(answer.headers["Location"]).path, "/web/login")

    def test_refused_by_the_person(self):
        told = self.sent(self.decide(self.ask(), "deny"))
        self.assertEqual(told["error"], "access_denied")
        self.assertFalse(self.env["moedelo.grant"].search_count([]))

    # ---- the consent

    def test_the_page_names_company_accounts_and_rights_and_cannot_be_framed(self):
        page = self.ask()
        self.assertEqual(page.status_code, 200)
        for text in ("Romashka", self.account.acc_number, "Receive statements", "Moe Delo"):
            self.assertIn(text, page.text)
        self.assertEqual(page.headers["X-Frame-Options"], "DENY")
        self.assertIn("frame-ancestors 'none'", page.headers["Content-Security-Policy"])
        self.assertEqual(page.headers["Cache-Control"], "no-store")

    def test_a_consent_needs_its_csrf_token(self):
        answer = self.decide(self.ask(), csrf_token="")
        self.assertEqual(answer.status_code, 400)
        answer = self.decide(self.ask(), csrf_token="made-up")
        self.assertEqual(answer.status_code, 400)
        answer = self.decide(self.ask(), csrf_token="", way="OPTIONS")  # Odoo asks for none here
        self.assertEqual(answer.status_code, 405)
        self.assertFalse(self.env["moedelo.grant"].search_count([]))

    def test_a_code_becomes_a_connection_of_the_chosen_accounts(self):
        told = self.sent(self.decide(self.ask()))
        self.assertEqual((told["state"], told["iss"]), ("s t", ISSUER))
        said = self.post("/moedelo/token", self.code_form(told["code"])).json()
        grant = self.grant_of(said)
        self.assertEqual((grant.company_id, grant.account_ids), (self.company, self.account))
        self.assertEqual(grant.user_id.login, "md-administrator")
        self.assertEqual(self.subscription.client_id, self.client)
        noted = self.env["moedelo.audit"].search([("event", "=", "consented")])
        self.assertEqual((noted.address, noted.user_id), ("127.0.0.1", grant.user_id))
        told = self.get("/moedelo/v1/accounts", said["access_token"]).json()
        self.assertEqual([one["number"] for one in told["accounts"]], ["40702810900000000001"])

    def test_a_foreign_company_or_account_cannot_be_slipped_in(self):
        other = self.env["res.company"].create({"name": "Other", "vat": "7710140679"})
        self.give_licence(other)
        self.env["moedelo.subscription"].create({"company_id": other.id, "package": "moedelo"})
        told = self.sent(self.decide(self.ask(), company=other))
        self.assertEqual(told["error"], "access_denied")
        foreign = self._make_account(other, "40702810900000000002")
        told = self.sent(self.decide(self.ask(), accounts=foreign.ids))
        grant = self.env["moedelo.grant"].search([], limit=1)
        self.assertFalse(grant.account_ids)

    def test_the_request_in_the_form_is_judged_again(self):
        page = self.ask()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self.client.identifier,
                "redirect_uri": "https://evil.example",
                "scope": "payments",
                "code_challenge": CHALLENGE,
                "code_challenge_method": "S256",
            }
        )
        self.assert_shown_here(self.decide(page, request=query))

    def test_rights_are_those_of_the_package(self):
        self.subscription.package = "integration"
        page = self.ask(scope="payments calendar")
        self.assertNotIn("Fill the tax calendar", page.text)
        told = self.sent(self.decide(page))
        said = self.post("/moedelo/token", self.code_form(told["code"])).json()
        self.assertEqual(said["scope"], "payments")

    def test_without_a_licence_there_is_nothing_to_choose(self):
        page = self.ask()
        self.env["moedelo.licence"].search([]).active = False
        self.assertIn("None of your companies", self.ask(None).text)
        self.assertEqual(self.sent(self.decide(page))["error"], "access_denied")

    def test_a_consent_needs_the_password_once_more(self):
        for password in ("", "wrong"):
            answer = self.decide(self.ask(), password=password)
            self.assertEqual(answer.status_code, 403)
            self.assertIn("not your password", answer.text)
        self.assertFalse(self.env["moedelo.grant"].search_count([]))
        refused = self.env["moedelo.audit"].search([("event", "=", "refused")])
        self.assertEqual(refused.mapped("grant_type"), ["consent", "consent"])
        self.assertEqual(refused.user_id.login, "md-administrator")
        self.assertIn("code", self.sent(self.decide(answer)))

    def test_a_passkey_that_is_none_connects_nothing(self):
        for made_up in ("{}", "[]", "no json", '{"id": "x"}', "[" * 100_000, "null", '{"id": 5}'):
            answer = self.decide(self.ask(), password="", webauthn_response=made_up)
            self.assertEqual(answer.status_code, 403)
            self.assertIn("passkey was not accepted", answer.text)
            self.assertNotIn("not your password", answer.text)
        self.assertFalse(self.env["moedelo.grant"].search_count([]))
        refused = self.env["moedelo.audit"].search([("event", "=", "refused")])
        self.assertEqual(set(refused.mapped("detail")), {"passkey"})

    def passkey_of(self, login):
        """A new passkey of the user, on P-256: as Odoo keeps it (COSE, RFC 9053 7.1.1)."""
        private = ec.generate_private_key(ec.SECP256R1())
        point = private.public_key().public_numbers()
        cose = bytes.fromhex("a5010203262001215820") + point.x.to_bytes(32, "big")
        cose += bytes.fromhex("225820") + point.y.to_bytes(32, "big")
        user = self.env["res.users"].search([("login", "=", login)])
        self.env.cr.execute(
            "INSERT INTO auth_passkey_key"
            " (name, credential_identifier, public_key, sign_count, create_uid)"
            " VALUES ('Phone', %s, %s, 0, %s)",
            (part(login.encode()), part(cose), user.id),
        )
        self.env.invalidate_all()
        return private

    def shown_passkey(self, private, login):
        """What a browser makes of a passkey for the challenge of this session (WebAuthn)."""
        address = f"{self.base_url()}/auth/passkey/start-auth"
        asked = {"jsonrpc": "2.0", "method": "call", "params": {}}
        options = self.opener.post(address, json=asked, timeout=30).json()["result"]
        said = {"type": "webauthn.get", "challenge": options["challenge"]}
        said = json.dumps({**said, "origin": self.base_url(), "crossOrigin": False}).encode()
        present_and_verified = b"\x05" + (1).to_bytes(4, "big")
        data = hashlib.sha256(options["rpId"].encode()).digest() + present_and_verified
        signed = data + hashlib.sha256(said).digest()
        signature = private.sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": said, "authenticatorData": data, "signature": signature}
        name = part(login.encode())
        return json.dumps(
            {
                **{"id": name, "rawId": name, "type": "public-key"},
                "response": {name: part(value) for name, value in response.items()},
            }
        )

    def test_a_passkey_of_ones_own_connects(self):
        self.make_user("md-another", "bank_webservice.group_administrator")
        own, foreign = (self.passkey_of(name) for name in ("md-administrator", "md-another"))
        for private, name in (
            (foreign, "md-another"),  # somebody else's
            (foreign, "md-administrator"),  # a key that is none of his under his name
        ):
            page = self.ask("md-administrator")
            self.assertIn("passkey_login_link", page.text)
            shown = self.shown_passkey(private, name)
            answer = self.decide(page, password="", webauthn_response=shown)
            self.assertEqual(answer.status_code, 403)
        page = self.ask("md-administrator")
        self.env["ir.config_parameter"].set_param("base.login_cooldown_after", "0")
        for broken in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
            for value in ("AA", "", 5, None, {}):
                shown = json.loads(self.shown_passkey(own, "md-administrator"))
                shown["response"][broken] = value
                if broken == "userHandle":
                    shown["response"]["authenticatorData"] = part(b"\xff" * 40)
                answer = self.decide(page, password="", webauthn_response=json.dumps(shown))
                self.assertEqual(answer.status_code, 403, (broken, value))
        shown = self.shown_passkey(own, "md-administrator")
        page = self.ask("md-administrator")
        answer = self.decide(page, password="", webauthn_response=shown)
        self.assertEqual(answer.status_code, 403)  # a challenge of another session
        page = self.ask("md-administrator")
        shown = self.shown_passkey(own, "md-administrator")
        told = self.sent(self.decide(page, password="", webauthn_response=shown))
        self.assertIn("code", told)
        again = self.decide(page, password="", webauthn_response=shown)
        self.assertEqual(again.status_code, 403)  # its challenge is used up

    def test_a_consent_says_until_when_it_holds(self):
        today = fields.Date.today()
        page = self.ask()
        self.assertIn(f'value="{today + timedelta(days=365)}"', page.text)
        for wrong in (today - timedelta(days=1), today + timedelta(days=367), "soon"):
            self.assertEqual(self.sent(self.decide(page, until=wrong))["error"], "access_denied")
        self.sent(self.decide(page, until=today + timedelta(days=7)))
        grant = self.env["moedelo.grant"].search([])
        self.assertEqual(grant.expires_at.date(), today + timedelta(days=8))  # its very beginning
        self.env["ir.config_parameter"].set_param("bank_webservice.moedelo_grant_days", "30")
        self.assertIn(f'value="{today + timedelta(days=30)}"', self.ask().text)
        self.sent(self.decide(self.ask()))
        latest = self.env["moedelo.grant"].search([], limit=1).expires_at
        self.assertLessEqual(latest, fields.Datetime.now() + timedelta(days=30))

    # ---- the jump

    def make_jumpable(self):
        self.subscription.client_id = self.client
        self.client.initiate_login_uri = "https://service.example/login"
        return self.connect()

    def click(self, login):
        """Press the button as the web client does."""
        self.authenticate(login, login)
        return self.make_jsonrpc_request(
            "/web/dataset/call_button/moedelo.subscription/action_jump",
            {
                "model": "moedelo.subscription",
                "method": "action_jump",
                "args": [self.subscription.ids],
                "kwargs": {},
            },
        )

    def test_a_jump_without_a_click_asks_first(self):
        self.make_jumpable()
        page = self.ask("md-reader", scope="client")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Go on as", page.text)
        self.assertEqual(page.headers["X-Frame-Options"], "DENY")
        self.assertTrue(self.sent(self.decide(page))["code"])

    def test_a_jump_is_refused_without_right_package_or_connection(self):
        self.make_jumpable()
        page = self.ask("md-reader", scope="client")
        self.subscription.package = "integration"
        self.assertEqual(self.sent(self.decide(page))["error"], "access_denied")
        self.subscription.package = "moedelo"
        self.assertIn("None of your companies", self.ask("md-nobody", scope="client").text)
        self.client.action_revoke_everything()
        page = self.ask("md-reader", scope="client")
        self.assertIn("None of your companies", page.text)

    def test_a_jump_that_asks_for_more_is_no_jump(self):
        self.make_jumpable()
        told = self.sent(self.ask("md-reader", scope="client payments"))
        self.assertEqual(told["error"], "access_denied")

    def test_a_click_jumps_without_a_question_once(self):
        self.make_jumpable()
        administrator = self.env["res.users"].search([("login", "=", "md-administrator")])
        opened = self.click("md-administrator")
        self.assertEqual(
            opened["url"], "https://service.example/login?iss=https%3A%2F%2Fodoo.example"
        )
        told = self.sent(self.ask(None, scope="client"))
        said = self.post("/moedelo/token", self.code_form(told["code"])).json()
        self.assertEqual(said["scope"], "client")
        self.assertNotIn("refresh_token", said)
        told = self.get("/moedelo/v1/client", said["access_token"]).json()
        self.assertEqual(told["user"]["id"], str(administrator.id))
        self.assertEqual(self.get("/moedelo/v1/accounts", said["access_token"]).status_code, 403)
        self.assertEqual(self.ask(None, scope="client").status_code, 200)
