# SPDX-License-Identifier: LGPL-3.0-only
"""The token endpoint: what a code, a client or a refresh token is exchanged for.

All checks come before the first write, so that a refused request leaves nothing behind but what
the refusal itself means (a replay ends its family).
"""

import time

from odoo import api, fields, models

from ...protocol.access import dpop, failures, grants, scopes, tokens
from ...protocol.access.oauth_errors import (
    InvalidGrant,
    InvalidProof,
    InvalidRequest,
    TemporarilyUnavailable,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from .moedelo_grant import Given
from .moedelo_token import aware

GIVEN = ("family", "kind", "company_id", "user_id")


class MoedeloToken(models.Model):
    _inherit = "moedelo.token"

    # -------------------------------------------------------------------------
    # ENDPOINT
    # -------------------------------------------------------------------------

    @api.model
    def _answer(self, form, client, address, key=""):
        """The JSON members of a token answer, and the `Given` they belong to.

        `form`: name -> value; `client`: `Registered`, already authenticated; `key`: thumbprint of
        the key that it has shown to hold, see `_shown_key`.
        """
        if not self.env["moedelo.settings"]._issuer():
            raise TemporarilyUnavailable("The server has no issuer yet.")
        answers = {
            "authorization_code": self._answer_code,
            "client_credentials": self._answer_service,
            "refresh_token": self._answer_refresh,
        }
        if "grant_type" not in form:
            raise InvalidRequest("grant_type is missing.")
        if form["grant_type"] not in answers:
            raise UnsupportedGrantType()
        return answers[form["grant_type"]](form, client, address, key)

    @api.model
    def _shown_key(self, client, shown):
        """Thumbprint of the key that a request (`dpop.Shown`) proves to hold, empty where it shows
        none and needs none; InvalidProof otherwise."""
        settings = self.env["moedelo.settings"]
        if shown.proof is None:
            if client.only_bound or settings._only_bound():
                raise InvalidProof()
            return ""
        proof = dpop.read(shown, settings._issuer())
        if not self.env["moedelo.spent"]._spend_proof(proof):
            raise InvalidProof()
        return proof.key

    @api.model
    def _answer_code(self, form, client, address, key):
        if client.kind != "code":
            raise UnauthorizedClient()
        if "code" not in form:
            raise InvalidRequest("code is missing.")
        grant = self._lock_code(form["code"])
        if grant.code_used:
            # somebody has this code who should not: nothing that it gave may be used any longer
            grant._end("replay")
            raise InvalidGrant()
        grants.check_code(
            _stored_code(grant),
            client.identifier,
            form.get("redirect_uri"),
            form.get("code_verifier"),
            aware(fields.Datetime.now()),
            key,
        )
        given = self._covered(
            grant.company_id.id, scopes.narrow(form.get("scope"), grant.scope.split())
        )
        grant.write(
            {
                "code_used": True,
                "state": "live",
                "scope": scopes.render(given),
                "bound_to": key,
            }
        )
        self._touch(grant, address)
        answer = self._access_answer(grant._given(), client, given, key)
        if grant.kind == "connection":
            self._end_earlier(grant)
            answer["refresh_token"] = self._first(grant)
        return answer, grant._given()

    @api.model
    def _answer_service(self, form, client, address, key):
        grant = self.env["moedelo.grant"].sudo()
        if client.kind == "service":
            live = [("client_id", "=", client.id), ("kind", "=", "service"), ("state", "=", "live")]
            grant = grant.search([*live, ("expires_at", ">", fields.Datetime.now())], limit=1)
        if not grant:
            raise UnauthorizedClient()
        given = self._covered(grant.company_id.id, scopes.narrow(form.get("scope"), scopes.SERVICE))
        self._touch(grant, address)
        return self._access_answer(grant._given(), client, given, key), grant._given()

    @api.model
    def _answer_refresh(self, form, client, address, key):
        if client.kind != "code":
            raise UnauthorizedClient()
        if "refresh_token" not in form:
            raise InvalidRequest("refresh_token is missing.")
        presented = form["refresh_token"]
        row = self._lock_refresh(presented, client, address)
        try:
            return self._answer_known_refresh(row, form, client, address, key)
        except InvalidGrant as error:
            if row["client_id"] == client.id:
                error.family = row["family"]
            raise

    @api.model
    def _answer_known_refresh(self, row, form, client, address, key):
        """`row`: of a token that is known here, under the lock of its grant."""
        presented = form["refresh_token"]
        now = fields.Datetime.now()
        stored = _stored_refresh(row, client)
        decision = grants.decide_refresh(stored, client.identifier, aware(now), key)
        if decision == grants.REPLAY:
            self.env["moedelo.grant"].browse(row["grant_id"])._end("replay")
            raise InvalidGrant()
        if decision == grants.REPEAT:
            self._watch_repeat(row, client, address)
        given = self._covered(
            row["company_id"], scopes.narrow(form.get("scope"), row["scope"].split())
        )
        next_token = grants.successor(
            self.env["moedelo.key"]._refresh_key(), row["family"], row["generation"] + 1, presented
        )
        rotates = decision == grants.ROTATE
        grant = Given(row["grant_id"], *(row[name] for name in GIVEN), noted=rotates)
        if rotates:
            line = self.env["moedelo.audit"]._line(
                "issued",
                given=grant,
                client_text=client.identifier,
                grant_type="refresh_token",
                detail=scopes.render(given),
                address=address,
            )
            self._rotate(row, next_token, now, address, key, line)
        elif grants.hashed(next_token) != row["successor_hash"]:
            raise InvalidGrant()
        answer = self._access_answer(grant, client, given, key)
        return {**answer, "refresh_token": next_token}, grant

    @api.model
    def _watch_repeat(self, row, client, address):
        """A lost answer is asked for again by who asked first. From two networks within seconds it
        may be two who hold the same token: it is answered, and people are told."""
        if failures.network(address) == failures.network(row["retired_from"]):
            return
        grant = self.env["moedelo.grant"].sudo().browse(row["grant_id"])
        self.env["moedelo.audit"]._note(
            "alert",
            given=grant._given(),
            client_text=client.identifier,
            grant_type="refresh_token",
            detail=f"the same refresh token from {row['retired_from']} and {address}",
            address=address,
        )
        grant._tell_administrators_of_misuse(row["retired_from"] or "?", address)

    # -------------------------------------------------------------------------
    # ACCESS TOKENS
    # -------------------------------------------------------------------------

    @api.model
    def _access_answer(self, grant, client, given, key):
        settings = self.env["moedelo.settings"]
        lifetime = settings._access_seconds()
        now = int(time.time())
        claims = {
            "iss": settings._issuer(),
            "aud": settings._audience(),
            "sub": grant.subject,
            "client_id": client.identifier,
            "iat": now,
            "exp": now + lifetime,
            "jti": grants.new_secret(),
            "scope": scopes.render(given),
            "grant": grant.family,
            **({"cnf": {"jkt": key}} if key else {}),
        }
        signing = self.env["moedelo.key"]._signing_key("access")
        return {
            "access_token": tokens.issue(claims, signing, tokens.ACCESS),
            "token_type": "DPoP" if key else "Bearer",
            "expires_in": lifetime,
            "scope": claims["scope"],
        }

    @api.model
    def _covered(self, company_id, wanted):
        """The wanted scopes that licence and package of the company allow now."""
        given = wanted & self.env["moedelo.subscription"]._allowed_scopes(company_id)
        if not given:
            raise UnauthorizedClient("Licence or package do not allow this.")
        return given


def _stored_code(grant):
    return grants.StoredCode(
        client_id=grant.client_id.identifier,
        redirect_uri=grant.redirect_uri,
        challenge=grant.challenge,
        expires_at=aware(grant.code_expires_at),
        used=grant.code_used,
        bound_to=grant.bound_to or "",
    )


def _stored_refresh(row, client):
    """`client` is who presents the token; somebody else's token is nobody's here."""
    return grants.StoredRefresh(
        client_id=client.identifier if row["client_id"] == client.id else "",
        expires_at=aware(row["expires_at"]),
        family_ends_at=aware(row["ends_at"]),
        revoked=row["state"] != "live",
        retired_at=row["retired_at"] and aware(row["retired_at"]),
        successor_used=row["successor_used"],
        bound_to=row["bound_to"] or "",
    )
