# SPDX-License-Identifier: LGPL-3.0-only
"""The pretend Moe Delo believes nobody: what it turns away, what it keeps, how it misbehaves."""

import base64
import hashlib
import json
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.moedelo import calendar, jws
from sandbox.moedelo.office import Office
from sandbox.moedelo.routes import ROUTES
from sandbox.server import Server, threading

ISSUER = "http://127.0.0.1:9"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
NOTICE = {"id": "n-1", "document": "d-1", "number": 1, "code": "01"}


def jwks(key=KEY, kid="k"):
    return {"keys": [{**jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), True), "kid": kid}]}


@pytest.fixture
def office(tmp_path):
    office = Office(str(tmp_path / "state.json"))
    server = Server(office, "127.0.0.1", 0, routes=ROUTES)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    office.bank.update(issuer=ISSUER, client_id="us", client_secret="s", jwks=jwks())
    yield office
    server.shutdown()
    server.server_close()


def signed(claims, typ, key=KEY, alg="ES256", kid="k"):
    return jwt.encode(claims, key, algorithm=alg, headers={"typ": typ, "kid": kid})


def assertion(office, **change):
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": ISSUER, "aud": f"{office.api}/token", "exp": now + 60,
              "jti": str(time.perf_counter()), **change}  # fmt: skip
    return claims


def ask_token(office, signed_assertion, **change):
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed_assertion,
        **change,
    }
    return requests.post(f"{office.api}/token", data=form, timeout=10)


def tell(office, body, token=None, key=KEY, typ="notice+jwt", **change):
    if token is None:
        token = ask_token(office, signed(assertion(office), "JWT")).json()["access_token"]
    claims = {"iss": ISSUER, "aud": office.api, "exp": int(time.time()) + 60,
              "body_sha256": hashlib.sha256(body).hexdigest(), **change}  # fmt: skip
    headers = {"Authorization": f"Bearer {token}", "Notice-Signature": signed(claims, typ, key)}
    return requests.post(f"{office.api}/notices", body, headers=headers, timeout=10)


def body_of(*notices):
    return json.dumps({"notices": notices}).encode()


@pytest.mark.parametrize(
    "change",
    [{"iss": "other"}, {"sub": "other"}, {"aud": "other"}, {"exp": 1}, {"exp": 1 << 40},
     {"jti": ""}, {"jti": None}],
)  # fmt: skip
def test_an_assertion_that_does_not_hold(office, change):
    answer = ask_token(office, signed(assertion(office, **change), "JWT"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert office.state["forged"]


def test_an_assertion_used_twice_or_of_another_kind_or_key(office):
    once = signed(assertion(office), "JWT")
    assert ask_token(office, once).status_code == 200
    assert ask_token(office, once).status_code == 401
    assert ask_token(office, signed(assertion(office), "notice+jwt")).status_code == 401
    assert ask_token(office, signed(assertion(office), "JWT", OTHER)).status_code == 401
    assert ask_token(office, "a.b.c").status_code == 401
    assert ask_token(office, once, grant_type="password").status_code == 401


def test_an_unknown_key_is_looked_for_and_not_found(office):
    office.bank["jwks"] = jwks(OTHER, "another")  # and nobody answers at the issuer's address
    assert ask_token(office, signed(assertion(office), "JWT")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"token": "stolen"}, {"key": OTHER}, {"typ": "JWT"}, {"typ": "at+jwt"}, {"aud": "other"},
     {"iss": "other"}, {"exp": 1}, {"body_sha256": "0" * 64}],
)  # fmt: skip
def test_a_notice_that_does_not_hold(office, change):
    assert tell(office, body_of(NOTICE), **change).status_code == 401
    assert not office.state["notices"]


def test_none_is_no_algorithm():
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT","kid":"k"}').rstrip(b"=").decode()
    with pytest.raises(jws.Forged):
        jws.verify(f"{head}.e30.", jwks(), typ="JWT", issuer=ISSUER, audience="x")


def test_notices_are_kept_once_and_their_order_is_watched(office):
    second = {**NOTICE, "id": "n-2", "number": 2}
    assert tell(office, body_of(NOTICE)).json() == {"taken": ["n-1"], "refused": []}
    assert tell(office, body_of(NOTICE, second)).json()["taken"] == ["n-1", "n-2"]
    assert (len(office.state["notices"]), office.state["repeats"]) == (2, 1)
    tell(office, body_of({**NOTICE, "id": "n-0", "number": 1}))
    assert office.state["late"] == 1


def test_moods(office):
    token = ask_token(office, signed(assertion(office), "JWT")).json()["access_token"]

    def in_mood(kind, **more):
        control(office, "mood", kind=kind, operation="notices", **more)
        return tell(office, body_of({**NOTICE, "id": kind}), token)

    assert in_mood("error").status_code == 500
    for kind in ("down", "lose"):
        with pytest.raises(requests.ConnectionError):
            in_mood(kind)
    assert [one["id"] for one in office.state["notices"]] == ["lose"]
    assert in_mood("refuse").json()["refused"][0]["id"] == "refuse"
    assert in_mood("slow", seconds=0.1).status_code == 200
    assert in_mood("error", count=1).status_code == 500
    assert tell(office, body_of(NOTICE), token).status_code == 200
    with pytest.raises(requests.HTTPError):
        control(office, "mood", kind="strange")


def control(office, path, **body):
    answer = requests.post(f"{office.settings.banner}/control/{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


def test_a_jump_from_a_stranger_or_to_one(office):
    base = office.settings.banner
    for query in ({"iss": "http://stranger"}, {},
                  {"iss": ISSUER, "target_link_uri": "https://stranger/"}):  # fmt: skip
        answer = requests.get(f"{base}/login", params=query, timeout=10, allow_redirects=False)
        assert answer.status_code == 400
    assert requests.get(f"{base}/cabinet", timeout=10).status_code == 401
    assert requests.get(f"{base}/back?state=x&code=y", timeout=10).status_code == 400


def test_a_browser_is_sent_to_the_banks_system_with_pkce(office):
    browser = requests.Session()
    base = office.settings.banner
    asked = browser.get(f"{base}/login", params={"iss": ISSUER}, timeout=10, allow_redirects=False)
    address = urlsplit(asked.headers["Location"])
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}" == ISSUER
    assert (query["scope"], query["code_challenge_method"]) == ("client", "S256")
    # the answer in another browser, or from another system, is not taken
    back = f"{base}/back?" + urlencode({"state": query["state"], "code": "c", "iss": ISSUER})
    assert requests.get(back, timeout=10).status_code == 400


def test_the_state_survives_a_restart(office, tmp_path):
    tell(office, body_of(NOTICE))
    office.save()
    again = Office(str(tmp_path / "state.json"))
    assert (again.state["notices"], again.known) == ([NOTICE], {"n-1"})


def test_the_example_calendar_has_every_state(office):
    events = calendar.example(office, "7707083893")
    assert {event["kind"] for event in events} == {"payment", "report"}
    assert any(event["done"] for event in events)
