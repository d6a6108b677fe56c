# SPDX-License-Identifier: LGPL-3.0-only
"""Tokens that are bound to a key of the service (RFC 9449): first all that opens nothing."""

import time
import uuid

from odoo.tests import HttpCase, tagged

from ...protocol.access import dpop, signing_keys, tokens
from .common import ISSUER, MoedeloHttp

TOKEN = "/moedelo/token"
REFRESH = "/moedelo/refresh"
CLIENT = "/moedelo/v1/client"
ORDERS = "/moedelo/v1/payment-orders"


@tagged("post_install", "-at_install")
class TestBound(MoedeloHttp, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()
        cls.key = signing_keys.make_key("ES256")
        cls.thumbprint = signing_keys.thumbprint(cls.key.public.key)

    def proof(self, path, method="POST", token=None, key=None, **change):
        key = key or self.key
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": ISSUER + path,
            "iat": int(time.time()),
            **({"ath": dpop.token_hash(token)} if token else {}),
            **change,
        }
        headers = {"typ": tokens.PROOF, "jwk": key.public.jwk()}
        return tokens.jwt.encode(claims, key.private, key.algorithm, headers=headers)

    def ask(self, form, proof=None, path=TOKEN):
        return self.post(path, form, headers={"DPoP": proof} if proof else {})

    def bound(self, scope="payments client", key=None):
        """Tokens of a new connection that are bound to the key."""
        form = self.code_form(self.give_code(scope))
        answer = self.ask(form, self.proof(TOKEN, key=key))
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def renew(self, said, proof=None):
        return self.ask({"refresh_token": said["refresh_token"]}, proof, REFRESH)

    def call(self, token, proof=None, scheme="DPoP"):
        headers = {"Authorization": f"{scheme} {token}", **({"DPoP": proof} if proof else {})}
        return self.get(CLIENT, **headers)

    def assert_refused(self, answer, error, scheme="DPoP"):
        self.assert_problem(answer, "unauthorized", 401)
        told = answer.headers["WWW-Authenticate"]
        self.assertTrue(told.startswith(f'{scheme} realm="moedelo", error="{error}"'), told)

    # ---- the token endpoints

    def test_a_proof_that_is_none_gives_no_token_and_costs_no_code(self):
        form = self.code_form(self.give_code())
        for wrong in (
            "x",
            self.proof(REFRESH),
            self.proof(TOKEN, method="GET"),
            self.proof(TOKEN, iat=int(time.time()) - 100),
        ):
            self.assert_error(self.ask(form, wrong), "invalid_dpop_proof")
        self.assertEqual(self.ask(form, self.proof(TOKEN)).json()["token_type"], "DPoP")

    def test_a_proof_is_good_once_even_for_what_was_refused(self):
        proof = self.proof(TOKEN)
        form = {"grant_type": "refresh_token", "refresh_token": "x"}
        self.assert_error(self.ask(form, proof), "invalid_grant")
        self.assert_error(self.ask(self.code_form(self.give_code()), proof), "invalid_dpop_proof")

    def test_a_stranger_uses_up_no_name(self):
        spent = self.env["moedelo.spent"]
        before = spent.search_count([])
        headers = {"DPoP": self.proof(TOKEN)}
        self.post(TOKEN, self.code_form("x"), secret="wrong", headers=headers)
        self.call("x", self.proof(CLIENT, "GET", "x"))
        self.assertEqual(spent.search_count([]), before)

    def test_where_it_is_wanted_nothing_is_given_without(self):
        said = self.bound()
        for switch in (
            lambda on: self.client.write({"only_bound": on}),
            lambda on: self.env["ir.config_parameter"].set_param(
                "bank_webservice.moedelo_only_bound", str(on)
            ),
        ):
            switch(True)
            form = self.code_form(self.give_code())
            self.assert_error(self.ask(form), "invalid_dpop_proof")
            self.assert_error(self.renew(said), "invalid_dpop_proof")
            said = self.renew(said, self.proof(REFRESH)).json()
            self.assertEqual(said["token_type"], "DPoP")
            switch(False)
        self.assertEqual(self.ask(form).json()["token_type"], "Bearer")

    def test_a_family_belongs_to_its_key(self):
        said = self.bound()
        grant = self.grant_of(said)
        self.assertEqual(grant.bound_to, self.thumbprint)
        self.assert_error(self.renew(said), "invalid_grant")
        stranger = signing_keys.make_key("EdDSA")
        self.assert_error(self.renew(said, self.proof(REFRESH, key=stranger)), "invalid_grant")
        again = self.renew(said, self.proof(REFRESH)).json()
        lost = self.renew(said, self.proof(REFRESH)).json()  # its answer was lost
        self.assertEqual(lost["refresh_token"], again["refresh_token"])
        self.renew(again, self.proof(REFRESH))
        # Without the key nobody ends a family either, with whatever old token of it.
        self.assert_error(self.renew(said, self.proof(REFRESH, key=stranger)), "invalid_grant")
        self.assertEqual(grant.state, "live")
        self.env["moedelo.failure"].search([]).unlink()
        self.assert_error(self.renew(said, self.proof(REFRESH)), "invalid_grant")
        self.assertEqual((grant.state, grant.reason), ("ended", "replay"))

    def test_a_family_without_a_key_takes_the_first_that_comes(self):
        said = self.connect("payments client")
        self.assertFalse(self.grant_of(said).bound_to)
        said = self.renew(said, self.proof(REFRESH)).json()
        self.assertEqual(self.grant_of(said).bound_to, self.thumbprint)
        self.assert_error(self.renew(said), "invalid_grant")

    # ---- each call

    def test_a_copied_token_opens_nothing(self):
        token = self.bound()["access_token"]
        stranger = signing_keys.make_key("ES256")
        self.assert_refused(self.call(token, scheme="Bearer"), "invalid_token", "Bearer")
        for proof in (
            None,
            "x",
            self.proof(CLIENT, "GET"),
            self.proof(CLIENT, "GET", "another"),
            self.proof(CLIENT, "POST", token),
            self.proof(ORDERS, "GET", token),
            self.proof(CLIENT, "GET", token, key=stranger),
            self.proof(CLIENT, "GET", token, htu="https://other.example" + CLIENT),
        ):
            self.assert_refused(self.call(token, proof), "invalid_dpop_proof")
        self.assertEqual(self.call(token, self.proof(CLIENT, "GET", token)).status_code, 200)

    def test_a_token_without_a_key_is_none_with_one(self):
        token = self.connect("payments client")["access_token"]
        self.assert_refused(self.call(token, self.proof(CLIENT, "GET", token)), "invalid_token")

    def test_a_token_without_a_key_is_void_once_all_need_one(self):
        token = self.connect("payments client")["access_token"]
        self.assertEqual(self.call(token, scheme="Bearer").status_code, 200)
        self.client.only_bound = True
        self.assert_refused(self.call(token, scheme="Bearer"), "invalid_token", "Bearer")

    def test_a_proof_opens_once(self):
        token = self.bound()["access_token"]
        proof = self.proof(CLIENT, "GET", token)
        self.assertEqual(self.call(token, proof).status_code, 200)
        self.assert_refused(self.call(token, proof), "invalid_dpop_proof")

    def test_introspection_names_the_key(self):
        said = self.bound()
        told = self.post("/moedelo/introspect", {"token": said["access_token"]}).json()
        self.assertEqual((told["token_type"], told["cnf"]), ("DPoP", {"jkt": self.thumbprint}))

    def test_the_metadata_says_which_keys(self):
        told = self.get("/.well-known/oauth-authorization-server").json()
        self.assertIn("Ed25519", told["dpop_signing_alg_values_supported"])

    def test_the_change_is_in_the_audit(self):
        self.client.only_bound = True
        self.env["ir.config_parameter"].set_param("bank_webservice.moedelo_only_bound", "True")
        lines = self.env["moedelo.audit"].search([("event", "=", "changed")], limit=2)
        self.assertIn("only_bound: - -> True", lines[1].detail)
        self.assertIn("moedelo_only_bound", lines[0].detail)
