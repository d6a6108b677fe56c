# SPDX-License-Identifier: LGPL-3.0-only
"""The form of a token request, and how a client says who it is (rules 1, 2, 3, 6 and 7)."""

import base64
import json

import pytest

from protocol.access import forms, oauth_errors, scopes
from protocol.access.oauth_errors import InvalidClient, InvalidRequest, InvalidScope

FORM = forms.FORM


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("body", "content_type", "query"),
    [
        (b"a=1&a=2", FORM, ""),
        (b"a=1&a=", FORM, ""),
        (b"a=1", "application/json", ""),
        (b"a=1", "multipart/form-data; boundary=x", ""),
        (b"a=1", "", ""),
        (b"a=1", FORM, "grant_type=refresh_token"),
        (b"a=\xff\xfe", FORM, ""),
        (b"a=%ff", FORM, ""),
        (b"a", FORM, ""),
        (b"a=x%00y", FORM, ""),
        (b"&".join(b"a%d=1" % number for number in range(60)), FORM, ""),
        (b"a=" + b"x" * 70_000, FORM, ""),
    ],
)
def test_forms_that_cannot_be_read(body, content_type, query):
    with pytest.raises(InvalidRequest):
        forms.parse_form(body, content_type, query)


def test_an_empty_value_counts_as_left_out():
    body = "grant_type=refresh_token&scope=&имя=да+%26".encode()
    read = forms.parse_form(body, f"{FORM}; charset=UTF-8")
    assert read == {"grant_type": "refresh_token", "имя": "да &"}
    assert forms.parse_form(b"", FORM) == {}


ASSERTED = {"client_assertion": "a.b.c", "client_assertion_type": forms.ASSERTION_TYPE}


@pytest.mark.parametrize(
    ("form", "authorization", "error"),
    [
        ({}, None, InvalidClient),
        ({"client_id": "x"}, None, InvalidClient),
        ({"client_secret": "s", "client_id": "x"}, basic("x:s"), InvalidRequest),
        ({**ASSERTED, "client_secret": "s", "client_id": "x"}, None, InvalidRequest),
        (ASSERTED, basic("x:s"), InvalidRequest),
        ({"client_secret": "s"}, None, InvalidRequest),
        ({"client_assertion": "a.b.c"}, None, InvalidRequest),
        ({"client_assertion": "a", "client_assertion_type": "other"}, None, InvalidRequest),
        ({"client_assertion_type": forms.ASSERTION_TYPE}, None, InvalidRequest),
        ({"client_assertion_type": "other"}, basic("x:s"), InvalidRequest),
        ({"client_id": "y"}, basic("x:s"), InvalidRequest),
        ({}, "Bearer abc", InvalidRequest),
        ({}, "Basic !!!", InvalidClient),
        ({}, "Basic " + base64.b64encode(b"\xff:x").decode(), InvalidClient),
        ({}, basic("nocolon"), InvalidClient),
        ({}, basic(":secret"), InvalidClient),
    ],
)
def test_client_authentication_that_is_refused(form, authorization, error):
    with pytest.raises(error):
        forms.read_client(form, authorization)


def test_the_three_ways():
    read = forms.read_client({}, basic("a%3Ab:c%20d%25"))
    assert (read.method, read.client_id, read.secret) == ("basic", "a:b", "c d%")
    read = forms.read_client({"client_id": "x", "client_secret": "s"}, None)
    assert (read.method, read.client_id, read.secret) == ("post", "x", "s")
    assert forms.read_client(ASSERTED, None).assertion == "a.b.c"


def test_a_proof_does_not_show_its_secret():
    assert "s3cret" not in repr(forms.read_client({}, basic("x:s3cret")))


def every_error(kind=oauth_errors.OAuthError):
    for child in kind.__subclasses__():
        yield child
        yield from every_error(child)


@pytest.mark.parametrize("kind", list(every_error()))
def test_every_error_is_an_answer(kind):
    error = kind(5) if kind is oauth_errors.TooManyFailures else kind()
    said = json.loads(error.body)
    assert said["error"] == kind.error
    assert said["error_description"].isascii()
    assert said["error_description"]
    assert '"' not in said["error_description"]
    assert "\\" not in said["error_description"]
    assert error.headers["Cache-Control"] == "no-store"
    assert error.headers["Content-Type"] == "application/json"
    assert 400 <= error.status < 600


def test_headers_that_belong_to_an_error():
    assert oauth_errors.InvalidClient().headers["WWW-Authenticate"].startswith("Basic ")
    assert "error" not in oauth_errors.NoCredentials().headers["WWW-Authenticate"]
    assert 'error="invalid_token"' in oauth_errors.InvalidToken().headers["WWW-Authenticate"]
    assert oauth_errors.TooManyFailures(61).headers["Retry-After"] == "61"


@pytest.mark.parametrize(
    "text", ["payments admin", "Payments", " payments", "payments  client", "а"]
)
def test_scopes_that_do_not_exist(text):
    with pytest.raises(InvalidScope):
        scopes.parse(text)


def test_scope_never_grows():
    granted = {"statements", "accounts"}
    with pytest.raises(InvalidScope):
        scopes.narrow("statements payments", granted)
    assert scopes.narrow("statements", granted) == {"statements"}
    assert scopes.narrow(None, granted) == granted
    assert scopes.render({"client", "payments"}) == "payments client"


def test_the_small_package_has_no_calendar():
    assert "calendar" not in scopes.of_package("integration")
    assert "calendar" in scopes.of_package("moedelo")
    assert scopes.of_package(None) == scopes.of_package("other") == frozenset()
