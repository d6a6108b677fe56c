# SPDX-License-Identifier: LGPL-3.0-only
"""The token endpoints over HTTP (rules 1 to 9, 15, 19, 21 to 24): first all that is refused."""

import base64
import json
import time
import uuid

from odoo.tests import HttpCase, tagged

from ...protocol.access import forms, signing_keys, tokens
from .common import INN, ISSUER, MoedeloHttp

TOKEN = "/moedelo/token"
REFRESH = {"grant_type": "refresh_token", "refresh_token": "x"}


@tagged("post_install", "-at_install")
class TestTokenHttp(MoedeloHttp, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()

    def connected(self, scope="payments statements accounts client"):
        answer = self.post(TOKEN, self.code_form(self.give_code(scope)))
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer

    # ---- rules 1 and 2

    def test_get_never_gives_a_token(self):
        answer = self.get(f"{TOKEN}?grant_type=client_credentials")
        self.assert_error(answer, "invalid_request", 405)
        self.assertIn("POST", answer.headers["Allow"])
        self.assertNotIn("access_token", answer.text)

    def test_only_forms(self):
        for content_type in ("application/json", "multipart/form-data; boundary=b", "text/plain"):
            body = json.dumps(REFRESH).encode()
            answer = self.post(TOKEN, data=body, headers={"Content-Type": content_type})
            self.assert_error(answer, "invalid_request")

    def test_parameters_in_the_address_are_refused(self):
        self.assert_error(self.post(f"{TOKEN}?refresh_token=x", REFRESH), "invalid_request")

    def test_a_repeated_parameter(self):
        body = "grant_type=refresh_token&refresh_token=a&refresh_token=b"
        self.assert_error(self.post(TOKEN, data=body), "invalid_request")

    def test_broken_utf8(self):
        self.assert_error(self.post(TOKEN, data=b"grant_type=\xff\xfe"), "invalid_request")

    def test_unknown_parameters_are_ignored_and_an_empty_value_is_none(self):
        form = {**self.code_form(self.give_code()), "device": "x", "scope": ""}
        answer = self.post(TOKEN, form)
        self.assertEqual(answer.json()["scope"], "payments statements accounts")
        self.assert_error(self.post(TOKEN, {"grant_type": ""}), "invalid_request")

    # ---- rules 3, 6, 7

    def test_two_ways_of_authentication(self):
        form = {**REFRESH, "client_id": self.client.identifier, "client_secret": self.secret}
        self.assert_error(self.post(TOKEN, form), "invalid_request")

    def test_wrong_client(self):
        answer = self.post(TOKEN, REFRESH, secret="wrong")
        self.assert_error(answer, "invalid_client", 401)
        self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Basic"))
        form = {**REFRESH, "client_id": self.client.identifier, "client_secret": "wrong"}
        self.assert_error(self.post(TOKEN, form, secret=False), "invalid_client", 401)
        self.assert_error(self.post(TOKEN, REFRESH, secret=False), "invalid_client", 401)

    def test_an_archived_client(self):
        self.client.active = False
        self.assert_error(self.post(TOKEN, REFRESH), "invalid_client", 401)

    def test_the_old_secret_is_void(self):
        self.client.overlap_hours = 0
        self.client.action_new_secret()
        self.assert_error(self.post(TOKEN, REFRESH), "invalid_client", 401)

    def test_error_codes(self):
        for form, error in (
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"grant_type": "client_credentials"}, "unauthorized_client"),
            (REFRESH, "invalid_grant"),
            ({"grant_type": "refresh_token"}, "invalid_request"),
            (self.code_form(self.give_code("client"), scope="payments"), "invalid_scope"),
        ):
            self.assert_error(self.post(TOKEN, form), error)

    # ---- rules 4, 5, 9

    def test_a_good_answer(self):
        answer = self.connected()
        said = answer.json()
        self.assertEqual(said["token_type"], "Bearer")
        self.assertIs(type(said["expires_in"]), int)
        self.assertEqual(said["scope"], "payments statements accounts client")
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Pragma"], "no-cache")
        self.assertNotIn("Set-Cookie", answer.headers)
        again = self.post("/moedelo/refresh", {"refresh_token": said["refresh_token"]})
        self.assertEqual(again.headers["Cache-Control"], "no-store")
        self.assertNotEqual(again.json()["refresh_token"], said["refresh_token"])

    def test_the_refresh_address_takes_only_refresh_tokens(self):
        code = self.give_code()
        answer = self.post("/moedelo/refresh", self.code_form(code))
        self.assert_error(answer, "unsupported_grant_type")
        self.assertEqual(self.post(TOKEN, self.code_form(code)).status_code, 200)

    def test_a_refresh_is_in_the_audit_once(self):
        said = self.connected().json()
        form = {**REFRESH, "refresh_token": said["refresh_token"]}
        for _again in range(2):  # the second one is a repeat within the grace of a lost answer
            self.assertEqual(self.post(TOKEN, form).status_code, 200)
        rows = self.env["moedelo.audit"].search([("grant_type", "=", "refresh_token")])
        told = [(row.event, row.detail, row.company_id, row.client_text) for row in rows]
        scope = "payments statements accounts client"
        line = ("issued", scope, self.company, self.client.identifier)
        self.assertEqual(told, [line, line])

    def test_every_issue_is_in_the_audit_without_secrets(self):
        said = self.connected().json()
        self.post(TOKEN, {**REFRESH, "refresh_token": "stolen-token"})
        self.post(TOKEN, REFRESH, secret="guessed-secret")
        rows = self.env["moedelo.audit"].search([], limit=3).sorted("id")
        told = [(row.event, row.grant_type, row.detail) for row in rows]
        self.assertEqual(
            told,
            [
                ("issued", "authorization_code", "payments statements accounts client"),
                ("refused", "refresh_token", "invalid_grant"),
                ("refused", "refresh_token", "invalid_client"),
            ],
        )
        self.assertEqual(set(rows.mapped("address")), {"127.0.0.1"})
        self.assertEqual(rows[0].company_id, self.company)
        self.env.cr.execute("SELECT string_agg(a::text, ' ') FROM moedelo_audit a")
        written = self.env.cr.fetchone()[0]
        for secret in (*said.values(), "stolen-token", "guessed-secret", self.secret):
            if isinstance(secret, str) and secret not in ("Bearer", said["scope"]):
                self.assertNotIn(secret, written)

    # ---- errors before our own code

    def test_errors_before_our_own_code_are_json_too(self):
        self.assert_error(self.get("/moedelo/nothing-here"), "invalid_request", 404)
        self.assert_problem(self.post("/moedelo/v1/nothing"), "not-found", 404)
        # Odoo looks for an attachment of that name, which no database can hold.
        self.assert_error(self.get("/moedelo/%00"), "invalid_request", 404)
        self.assert_problem(self.post("/moedelo/v1/%00"), "not-found", 404)
        self.assert_error(self.get("/moedelo/revoke"), "invalid_request", 405)
        self.assert_error(self.post("/moedelo/jwks.json"), "invalid_request", 405)
        # Odoo lets OPTIONS through to every route: it gives no token and reads nothing.
        basic = (self.client.identifier, self.secret)
        answer = self.opener.options(self.base_url() + TOKEN, data=REFRESH, auth=basic, timeout=60)
        self.assert_error(answer, "invalid_request", 405)
        self.assertEqual(answer.headers["Allow"], "POST")
        said = self.connected("accounts").json()
        answer = self.opener.options(
            f"{self.base_url()}/moedelo/v1/accounts",
            headers={"Authorization": f"Bearer {said['access_token']}"},
            timeout=60,
        )
        self.assert_problem(answer, "not-allowed", 405)
        self.assertEqual(answer.headers["Allow"], "GET, HEAD")
        for method, path, allowed in (
            ("OPTIONS", "/moedelo/v1/payment-orders", "GET, HEAD, POST"),
            ("PUT", "/moedelo/v1/payment-orders", "GET, HEAD, POST"),
            ("OPTIONS", "/moedelo/v1/payment-orders/x", "DELETE, GET, HEAD"),
            ("PUT", TOKEN, "POST"),
        ):
            answer = self.opener.request(method, self.base_url() + path, timeout=60)
            self.assertEqual((answer.status_code, answer.headers["Allow"]), (405, allowed))
        big = "refresh_token=" + "x" * (forms.MAX_BODY + 1)
        self.assert_error(self.post(TOKEN, data=big), "invalid_request", 413)

    # ---- rules 19 and 20

    def test_the_resource_side(self):
        answer = self.get("/moedelo/v1/client")
        self.assertEqual(answer.status_code, 401)
        told = answer.headers["WWW-Authenticate"]
        self.assertTrue(told.startswith('Bearer realm="moedelo", DPoP realm="moedelo", algs='))
        self.assertNotIn("error", told)
        self.assertNotIn("error", answer.json())  # nor in the body: RFC 6750 3.1
        answer = self.get("/moedelo/v1/client", "rubbish")
        self.assert_problem(answer, "unauthorized", 401)
        self.assertEqual(answer.json()["error"], "invalid_token")
        self.assertIn('error="invalid_token"', answer.headers["WWW-Authenticate"])
        said = self.connected("payments client").json()
        answer = self.get("/moedelo/v1/accounts", said["access_token"])
        self.assert_problem(answer, "forbidden", 403)
        self.assertIn('error="insufficient_scope"', answer.headers["WWW-Authenticate"])
        answer = self.get("/moedelo/v1/client", said["access_token"])
        self.assertEqual(answer.json(), {"name": "Romashka", "inn": INN, "kpp": ""})
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(self.get(f"/moedelo/v1/client?access_token={said}").status_code, 401)

    def test_last_use_is_shown(self):
        said = self.connected("accounts client").json()
        self.get("/moedelo/v1/client", said["access_token"])
        grant = self.grant_of(said)
        self.assertEqual(grant.last_address, "127.0.0.1")
        self.assertTrue(grant.last_used_at)

    # ---- rules 21 and 22

    def test_revocation(self):
        self.assert_error(
            self.post("/moedelo/revoke", {"token": "x"}, secret="no"), "invalid_client", 401
        )
        self.assert_error(self.post("/moedelo/revoke", {}), "invalid_request")
        self.assertEqual(self.post("/moedelo/revoke", {"token": "unknown"}).status_code, 200)
        said = self.connected().json()
        form = {"token": said["refresh_token"], "token_type_hint": "access_token"}
        self.assertEqual(self.post("/moedelo/revoke", form).status_code, 200)
        form = {"grant_type": "refresh_token", "refresh_token": said["refresh_token"]}
        self.assert_error(self.post(TOKEN, form), "invalid_grant")
        self.assertEqual(self.get("/moedelo/v1/client", said["access_token"]).status_code, 401)

    def test_introspection(self):
        answer = self.post("/moedelo/introspect", {"token": "x"}, secret=False)
        self.assert_error(answer, "invalid_client", 401)
        answer = self.post("/moedelo/introspect", {"token": "x"})
        self.assertEqual(answer.json(), {"active": False})
        said = self.connected("accounts client").json()
        told = self.post("/moedelo/introspect", {"token": said["access_token"]}).json()
        self.assertEqual((told["active"], told["scope"]), (True, "accounts client"))

    # ---- rule 23

    def test_metadata_and_keys(self):
        answer = self.get("/.well-known/oauth-authorization-server")
        self.assertEqual(answer.json()["issuer"], ISSUER)
        self.assertEqual(answer.json()["token_endpoint"], f"{ISSUER}{TOKEN}")
        said = self.connected("client").json()
        listed = self.get("/moedelo/jwks.json").json()
        self.assertFalse([key for key in listed["keys"] if "d" in key])
        known = signing_keys.read_jwks(json.dumps(listed))
        claims = tokens.verify(
            said["access_token"],
            known,
            typ=tokens.ACCESS,
            issuer=answer.json()["issuer"],
            audience=self.env["moedelo.settings"]._audience(),
        )
        self.assertEqual(claims["client_id"], self.client.identifier)

    def test_without_an_issuer_nothing_is_given(self):
        code = self.give_code()
        self.env["ir.config_parameter"].set_param("bank_webservice.moedelo_issuer", "")
        answer = self.get("/.well-known/oauth-authorization-server")
        self.assert_error(answer, "temporarily_unavailable", 503)
        answer = self.post(TOKEN, self.code_form(code))
        self.assert_error(answer, "temporarily_unavailable", 503)

    # ---- rule 24

    def asserted(self, client, key, **change):
        now = int(time.time())
        claims = {
            "iss": client.identifier,
            "sub": client.identifier,
            "aud": f"{ISSUER}{TOKEN}",
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
            **change,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": forms.ASSERTION_TYPE,
            "client_assertion": tokens.issue(claims, key, tokens.ASSERTION),
        }

    def test_private_key_jwt(self):
        key = signing_keys.make_key("ES256")
        client, _none = self.make_client(
            kind="service",
            auth_method="private_key_jwt",
            jwks=signing_keys.render_jwks([key.public]),
            company_id=self.company.id,
            account_ids=[(6, 0, self.account.ids)],
        )
        client.action_connect_service()
        wrong = [
            {"iss": "other"},
            {"aud": "https://other.example"},
            {"aud": None},
            {"exp": None},
            {"exp": 1},
            {"exp": int(time.time()) + 86_400},
            {"exp": 10**20},  # a year that no calendar has
            {"exp": str(10**20)},
            {"jti": None},
        ]
        for change in wrong:
            self.env["moedelo.failure"].sudo().search([]).unlink()
            answer = self.post(TOKEN, self.asserted(client, key, **change), secret=False)
            self.assert_error(answer, "invalid_client", 401)
        stranger = self.asserted(client, signing_keys.make_key("ES256"))
        self.assert_error(self.post(TOKEN, stranger, secret=False), "invalid_client", 401)
        once = self.asserted(client, key)
        self.assertEqual(self.post(TOKEN, once, secret=False).json()["scope"], "statements")
        self.assert_error(self.post(TOKEN, once, secret=False), "invalid_client", 401)

    def test_a_key_client_has_no_secret_and_a_secret_client_no_key(self):
        key = signing_keys.make_key("ES256")
        answer = self.post(TOKEN, self.asserted(self.client, key), secret=False)
        self.assert_error(answer, "invalid_client", 401)
        client, _none = self.make_client(
            auth_method="private_key_jwt", jwks=signing_keys.render_jwks([key.public])
        )
        pair = base64.b64encode(f"{client.identifier}:".encode()).decode()
        answer = self.post(TOKEN, REFRESH, headers={"Authorization": f"Basic {pair}"})
        self.assert_error(answer, "invalid_client", 401)
