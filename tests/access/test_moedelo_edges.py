# SPDX-License-Identifier: LGPL-3.0-only
"""Whatever strangers put into headers and bodies: an answer in JSON, counted, audited, no 500."""

import base64
import io
import json
import socket
from unittest.mock import patch
from urllib.parse import quote_from_bytes

from odoo.tests import HttpCase, TransactionCase, tagged

from ...controllers import moedelo_token
from ...controllers.slow_body import Timed, limit
from ...protocol.access import forms, signing_keys
from ...protocol.access.oauth_errors import TooSlow
from .common import MoedeloCase, MoedeloHttp

PATHS = ("/moedelo/token", "/moedelo/refresh", "/moedelo/revoke", "/moedelo/introspect")
DEEP = "[" * 5_000


def part(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@tagged("post_install", "-at_install")
class TestEdges(MoedeloHttp, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()
        cls.key = signing_keys.make_key("EdDSA")
        cls.keyed, _none = cls.make_client(
            auth_method="private_key_jwt", jwks=signing_keys.render_jwks([cls.key.public])
        )

    def setUp(self):
        super().setUp()
        self.heard = self.env["moedelo.audit"].search_count([])

    def forget(self):
        self.env["moedelo.failure"].search([]).unlink()

    def assertion(self, header=None, **claims):
        """Signed by the client's own key, with any claims, also ones that JSON does not know."""
        header = {"alg": "EdDSA", "typ": "JWT", "kid": self.key.kid, **(header or {})}
        now = 4_000_000_000
        issuer = self.env["moedelo.settings"]._issuer()
        said = {"iss": self.keyed.identifier, "sub": self.keyed.identifier, "aud": issuer}
        signed = f"{part(header)}.{part({**said, 'exp': now, 'jti': 'j', **claims})}"
        return f"{signed}.{part(self.key.private.sign(signed.encode()))}"

    def assert_refused(self, answer, *about):
        self.assertIn(answer.status_code, (400, 401, 429), (answer.text[:300], *about))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertTrue(answer.json()["error_description"].isascii())

    def assert_audited(self):
        now = self.env["moedelo.audit"].search_count([])
        self.assertGreater(now, self.heard)
        self.heard = now

    def test_assertions_that_no_client_writes(self):
        issuer = self.env["moedelo.settings"]._issuer()
        self.assertTrue(issuer)
        good_header = part({"alg": "EdDSA", "typ": "JWT", "kid": self.key.kid})
        for made in (
            self.assertion(sub="\ud800"),
            self.assertion(jti="\ud800"),
            self.assertion(jti=["j"]),
            self.assertion(exp=[]),
            self.assertion(exp=float("inf")),
            self.assertion(exp=float("nan")),
            self.assertion(exp=10**300),
            self.assertion(iat=[]),
            self.assertion(nbf=float("-inf")),
            self.assertion(aud=[[]]),
            self.assertion(header={"kid": "\ud800"}),
            self.assertion(header={"alg": ["EdDSA"]}),
            f"{part(DEEP.encode())}.e30.AA",
            f"{good_header}.{part(DEEP.encode())}.AA",
        ):
            self.forget()
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": forms.ASSERTION_TYPE,
                "client_assertion": made,
            }
            answer = self.post("/moedelo/token", form, secret=False)
            self.assert_refused(answer, made[:200])
            self.assertEqual(self.env["moedelo.failure"].search_count([]), 1, made[:200])
            self.assert_audited()

    def test_headers_that_no_client_writes(self):
        for value in (
            "Basic ÿþ",
            "Basic żółć".encode().decode("latin-1"),
            "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
            "Basic " + base64.b64encode(b"\0:\0").decode(),
            "Basic %ZZ",
            "Basic",
            "Bearer ÿ",
            "\x7f",
        ):
            for path in PATHS:
                self.forget()
                answer = self.post(
                    path, {"token": "x"}, headers={"Authorization": value.encode("latin-1")},
                    secret=False,
                )  # fmt: skip
                self.assert_refused(answer, value)
                self.assert_audited()

    def test_bearer_tokens_that_no_service_has(self):
        for token in (
            "ÿ",
            "a.b.c",
            f"{part(DEEP.encode())}.e30.AA",
            f"{part({'alg': 'ES256', 'typ': 'at+jwt'})}.{part(DEEP.encode())}.AA",
            f"{part({'alg': 'ES256', 'typ': 'at+jwt'})}.{part({'client_id': chr(0xD800)})}.AA",
            f"{part({'alg': 'ES256', 'typ': 'at+jwt'})}.{part({'client_id': chr(0)})}.AA",
        ):
            answer = self.opener.get(
                f"{self.base_url()}/moedelo/v1/client",
                headers={"Authorization": f"Bearer {token}".encode("latin-1")},
                timeout=30,
            )
            self.assertEqual(answer.status_code, 401, token[:100])

    def test_anything_at_all(self):
        """By hypothesis: late, since servers without the packages of development import this."""
        from hypothesis import HealthCheck, given, settings
        from hypothesis import strategies as some

        text = some.text(some.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40)
        scheme = some.sampled_from(["", "Basic ", "basic ", "Bearer ", "DPoP "])
        names = some.sampled_from(
            ["grant_type", "code", "refresh_token", "scope", "token", "client_id", "client_secret",
             "client_assertion", "client_assertion_type", "code_verifier", "redirect_uri", "x"]
        )  # fmt: skip
        raw = some.binary(max_size=60)
        form = some.lists(some.tuples(names, raw), max_size=6).map(
            lambda pairs: "&".join(f"{n}={quote_from_bytes(v)}" for n, v in pairs).encode()
        )

        @settings(
            max_examples=60,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(some.sampled_from(PATHS), scheme, text, some.one_of(form, raw))
        def attempt(path, scheme, value, data):
            self.forget()
            headers = {"Authorization": (scheme + value).strip().encode("latin-1")}
            answer = self.post(path, headers=headers, data=data, secret=False)
            self.assert_refused(answer, path, scheme, value, data)

        attempt()

    def test_a_body_that_drips_is_given_up_with_408(self):
        self.assert_given_up("Content-Length: 50", b"grant_type=r")

    def test_a_body_in_chunks_is_given_up_too(self):
        self.assert_given_up("Transfer-Encoding: chunked", b"50\r\ngrant_type=r")

    def assert_given_up(self, header, begun):
        self.authenticate(None, None)  # a session, which names the database
        place = (self.base_url().split("://")[1].split(":")[0], self.http_port())
        slow = patch.object(moedelo_token, "BODY_SECONDS", 0.2)
        with slow, self.allow_requests(), socket.create_connection(place, timeout=20) as caller:
            cookies = "; ".join(f"{one.name}={one.value}" for one in self.opener.cookies)
            head = (
                f"POST /moedelo/token HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n"
                f"Cookie: {cookies}\r\nContent-Type: {forms.FORM}\r\n\r\n"
            )
            caller.sendall(head.encode() + begun)
            said = caller.recv(4096)
        self.assertIn(b" 408 ", said.partition(b"\r\n")[0], said)


@tagged("post_install", "-at_install")
class TestOwnLife(MoedeloCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()

    def test_the_configured_life_is_the_life(self):
        from freezegun import freeze_time
        from odoo import fields

        from ...protocol.access.oauth_errors import InvalidToken

        self.env["ir.config_parameter"].set_param("bank_webservice.jwt_access_timeout", "5")
        start = fields.Datetime.now()
        with freeze_time(start):
            said = self.connect()
        token = said["access_token"]
        with freeze_time(start.replace(microsecond=0)) as clock:
            clock.tick(4)
            self.check(token)
            self.assertTrue(self.introspected(token)["active"])
            clock.tick(2)
            with self.refuses(InvalidToken):
                self.check(token)
            self.assertEqual(self.introspected(token), {"active": False})

    def introspected(self, token):
        return self.env["moedelo.access"]._introspect(token, self.registered())


class Dripping:
    """A stream that gives one byte at a time, and what it has cost."""

    def __init__(self, clock, cost):
        self.clock = clock
        self.cost = cost

    def read1(self, _most):
        self.clock[0] += self.cost
        return b"x"


def test_a_body_is_read_within_its_time_or_not_at_all(monkeypatch):
    import pytest  # of development
    from werkzeug.serving import DechunkedInput

    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    assert Timed(Dripping(clock, 0.1), 5, TooSlow).read(10) == b"x" * 10
    with pytest.raises(TooSlow):
        Timed(Dripping(clock, 1), 5, TooSlow).read(10)
    with pytest.raises(TooSlow):
        Timed(Dripping(clock, 1), 5, TooSlow).readline(100)
    assert Timed(io.BytesIO(b"1f\r\nabc"), 5, TooSlow).readline() == b"1f\r\n"
    assert Timed(io.BytesIO(b"abc"), 5, TooSlow).read(10) == b"abc"
    assert Timed(io.BytesIO(b"abc"), 5, TooSlow).read() == b"abc"
    environ = {"wsgi.input": DechunkedInput(Dripping(clock, 1))}
    limit(environ, 5, TooSlow)
    with pytest.raises(TooSlow):  # of the length of its first chunk
        environ["wsgi.input"].read(10)
