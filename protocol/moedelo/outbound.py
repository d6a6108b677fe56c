# SPDX-License-Identifier: LGPL-3.0-only
"""Our calls to the service: we prove who we are with a key of ours (RFC 7523), then we speak.

The service lives at one address that an administrator has written; nothing that it answers can
send us elsewhere: no redirects, no private addresses (this machine itself excepted, for the
sandbox), https, one limit of time for each call and one of size for each answer.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone
from urllib.parse import urlencode

from ..access import signing_keys, tokens
from ..bank import Connection
from ..errors import BadAnswer
from ..wire.http import Answer, Http, check_status
from . import notices, tax_events

TIMEOUT = 20.0  # seconds for one call
LARGEST_ANSWER = 4 * 1024 * 1024  # bytes
ASSERTION_LIFE = 60  # seconds
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

NO_TOKEN = "The service gave no token that can be used."  # noqa: S105 - a sentence


class Outbound:
    """One service, as seen from here. `issuer`: our name in its books.

    Keeps the service's token for the next call; make a new object for each run.
    """

    def __init__(
        self,
        address: str,
        issuer: str,
        key: signing_keys.SigningKey,
        *,
        timeout: float = TIMEOUT,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ):
        self.address = address.rstrip("/")
        self.issuer = issuer
        self.key = key
        self.now = now
        connection = Connection(self.address, timeout=timeout)
        self._http = Http(connection, LARGEST_ANSWER, public_only=True)
        self._token = ""

    def deliver(self, contents: Sequence[str], ids: Sequence[str]) -> notices.Taken:
        """Hand over rendered notices with these ids. May be repeated: the ids are fixed."""
        body = notices.body_of(contents)
        headers = {"Content-Type": "application/json"}

        def post(url, authorization):
            signed = notices.sign(body, self.key, self.issuer, self.address, self.now())
            said = {**headers, **authorization, notices.SIGNATURE: signed}
            return self._http.post(url, body, said, "notices")

        return notices.parse_answer(self._ask(f"{self.address}/notices", post).content, ids)

    def tax_events(self, inn: str, since: date, until: date) -> list[tax_events.TaxEvent]:
        """The calendar of one organisation, both days included."""
        asked = urlencode({"inn": inn, "from": since.isoformat(), "to": until.isoformat()})

        def get(url, authorization):
            headers = {"Accept": "application/json", **authorization}
            return self._http.get(url, headers, "tax-events")

        answer = self._ask(f"{self.address}/tax-events?{asked}", get)
        return tax_events.parse(answer.content)

    def _ask(self, url: str, call: Callable[[str, dict], Answer]) -> Answer:
        """One call with our token; with a new one when the old one is over."""
        known = bool(self._token)
        answer = call(url, self._authorization())
        if answer.status == 401 and known:
            self._token = ""
            answer = call(url, self._authorization())
        return check_status(answer, url)

    def _authorization(self) -> dict[str, str]:
        self._token = self._token or self._fetch_token()
        return {"Authorization": f"Bearer {self._token}"}

    def _fetch_token(self) -> str:
        url = f"{self.address}/token"
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(url),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = check_status(self._http.post(url, urlencode(form).encode(), headers, "token"), url)
        try:
            said = json.loads(answer.content)
            token, kind = said["access_token"], said["token_type"]
            usable = kind.lower() == "bearer" and token.isascii() and token.isprintable()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BadAnswer(NO_TOKEN) from error
        if not usable or not token or " " in token:
            raise BadAnswer(NO_TOKEN)
        return token

    def _assertion(self, audience: str) -> str:
        moment = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": self.issuer,
            "aud": audience,
            "iat": moment,
            "exp": moment + ASSERTION_LIFE,
            "jti": str(uuid.uuid4()),
        }
        return tokens.issue(claims, self.key, tokens.ASSERTION)
