# SPDX-License-Identifier: LGPL-3.0-only
"""The resource side: what a bearer token allows now; introspection and revocation."""

from dataclasses import dataclass
from datetime import datetime, timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...protocol.access import dpop, grants, proved_tokens, scopes, tokens
from ...protocol.access.oauth_errors import (
    BearerError,
    InsufficientScope,
    InvalidProof,
    InvalidToken,
    NoCredentials,
    ProofRefused,
)
from .moedelo_grant import is_other_use

SCHEMES = {"bearer": "Bearer", "dpop": "DPoP"}


@dataclass(frozen=True)
class Access:
    """Who calls, and what he may: valid for this one call."""

    grant_id: int
    kind: str
    client_id: int
    company_id: int
    user_id: int | None
    scopes: frozenset
    expires_at: int
    key: str = ""  # thumbprint of the key that the token is bound to


class MoedeloAccess(models.AbstractModel):
    _name = "moedelo.access"
    _description = "Access with a bearer token"

    @api.model
    def _check(self, authorization, scope, address="", shown=None):
        """The `Access` behind an Authorization header, for one scope; one query.

        `shown`: `dpop.Shown` of the request. Raises NoCredentials (401), InvalidToken (401),
        ProofRefused (401) or InsufficientScope (403).
        """
        scheme, token = _presented(authorization)
        try:
            access = self._read(token, address)
            # A token without a key cannot be used as one that has one, nor the other way round.
            if access is None or bool(access.key) != (scheme == "DPoP"):
                raise InvalidToken()
            if access.key:
                self._check_proof(access, token, shown)
            if scope not in access.scopes:
                raise InsufficientScope()
        except BearerError as refusal:
            refusal.scheme = scheme
            self.env["moedelo.audit"]._note_rejected(token, refusal.error, address)
            raise
        return access

    @api.model
    def _check_proof(self, access, token, shown):
        """Who calls holds the key of his token, and shows so for this very call."""
        try:
            proof = dpop.read(shown, self.env["moedelo.settings"]._issuer(), token)
        except InvalidProof:
            raise ProofRefused() from None
        if proof.key != access.key or not self.env["moedelo.spent"]._spend_proof(proof):
            raise ProofRefused()

    @api.model
    def _read(self, token, address=""):
        """The `Access` of a token that is good now, else None."""
        claims = self._verified(token)
        row = claims and self._live_grant(claims)
        if not row:
            return None
        grant_id, kind, client_id, company_id, user_id, scope, last_used_at, used_from = row[:8]
        if address and is_other_use(last_used_at, used_from, address):
            self._touch(grant_id, fields.Datetime.now(), address)
        allowed = self.env["moedelo.subscription"]._allowed_scopes(company_id)
        held = frozenset(str(claims.get("scope", "")).split()) & frozenset(scope.split())
        return Access(
            *(grant_id, kind, client_id, company_id, user_id),
            scopes=held & allowed,
            expires_at=claims["exp"],
            key=_key_of(claims),
        )

    @api.model
    def _verified(self, token):
        settings = self.env["moedelo.settings"]
        issuer = settings._issuer()
        if not issuer:
            return None
        try:
            return proved_tokens.verify(
                token,
                self.env["moedelo.key"]._public_keys("access"),
                typ=tokens.ACCESS,
                issuer=issuer,
                audience=settings._audience(),
                required=("exp", "iat", "sub", "jti", "client_id", "grant"),
            )
        except tokens.TokenRefused:
            return None

    @api.model
    def _live_grant(self, claims):
        """One row when grant, client and user are alive and the token was not revoked."""
        client = self.env["moedelo.client"]._registered(str(claims["client_id"]))
        if not client or not (_key_of(claims) or self._may_be_unbound(client)):
            return None
        self.env.flush_all()
        # One table: every call of a service waits for this query to be planned.
        query = SQL(
            """
            SELECT id, kind, client_id, company_id, user_id, scope, last_used_at, last_address,
                   expires_at, revoked_until
              FROM moedelo_grant
             WHERE family = %s AND client_id = %s AND state = 'live'
            """,
            str(claims["grant"]),
            client.id,
        )
        rows = self.env.execute_query(query)
        return rows[0] if rows and self._is_alive(rows[0], claims) else None

    @api.model
    def _may_be_unbound(self, client):
        return not (client.only_bound or self.env["moedelo.settings"]._only_bound())

    @api.model
    def _is_alive(self, row, claims):
        """What is asked further only where it can matter: of a jump, and after a revocation."""
        kind, expires_at, revoked_until = row[1], row[8], row[9]
        now = fields.Datetime.now()
        if expires_at <= now:
            return False
        if kind == "jump" and not self._may_still_jump(*row[2:5]):
            return False
        watched = revoked_until and revoked_until > now
        return not (watched and self.env["moedelo.spent"]._is_spent(_token_name(claims)))

    @api.model
    def _may_still_jump(self, client_id, company_id, user_id):
        """A jump ends with the user's rights and with the company's connection."""
        user = self.env["res.users"].sudo().browse(user_id)
        company = self.env["res.company"].sudo().browse(company_id)
        try:
            self.env["moedelo.grant"].with_user(user)._check_may_jump(company, client_id)
        except (AccessError, UserError):
            return False
        return user.active

    @api.model
    def _touch(self, grant_id, now, address):
        """Last use, for the administrator's list; another worker's write is as good as ours."""
        self.env.cr.execute(
            SQL(
                """UPDATE moedelo_grant SET last_used_at = %s, last_address = %s
                    WHERE id = (SELECT id FROM moedelo_grant WHERE id = %s
                                   FOR UPDATE SKIP LOCKED)""",
                now,
                address[:60],
                grant_id,
            )
        )

    # -------------------------------------------------------------------------
    # INTROSPECTION AND REVOCATION
    # -------------------------------------------------------------------------

    @api.model
    def _introspect(self, token, client):
        """RFC 7662. A token that is not good, or not the caller's, is just inactive."""
        access = self._read(token)
        if access is not None:
            if access.client_id != client.id or not access.scopes:
                return {"active": False}
            return self._said_of_access(token, access)
        return self._introspect_refresh(token, client)

    @api.model
    def _said_of_access(self, token, access):
        claims = self._verified(token)
        said = {
            name: claims[name] for name in ("iss", "aud", "sub", "client_id", "iat", "jti", "exp")
        }
        return {
            "active": True,
            "token_type": "DPoP" if access.key else "Bearer",
            **({"cnf": claims["cnf"]} if access.key else {}),
            **said,
            "scope": scopes.render(access.scopes),
        }

    @api.model
    def _introspect_refresh(self, token, client):
        row = self._refresh_token(token)
        now = fields.Datetime.now()
        if (
            not row
            or row.grant_id.client_id.id != client.id
            or row.retired_at
            or row.expires_at <= now
            or row.grant_id.expires_at <= now
            or row.grant_id.state != "live"
        ):
            return {"active": False}
        allowed = self.env["moedelo.subscription"]._allowed_scopes(row.grant_id.company_id.id)
        given = allowed & frozenset(row.grant_id.scope.split())
        if not given:
            return {"active": False}
        return {
            "active": True,
            "client_id": client.identifier,
            "scope": scopes.render(given),
            "exp": int(row.expires_at.replace(tzinfo=timezone.utc).timestamp()),
        }

    @api.model
    def _revoke(self, token, client):
        """RFC 7009. The grant that ended, or None; somebody else's token is left alone."""
        row = self._refresh_token(token)
        if row:
            if row.grant_id.client_id.id != client.id:
                return None
            row.grant_id._end("service")
            return row.grant_id
        claims = self._verified(token)
        if claims and claims["client_id"] == client.identifier:
            until = datetime.fromtimestamp(claims["exp"], timezone.utc).replace(tzinfo=None)
            self.env["moedelo.spent"]._spend(_token_name(claims), until)
            self._watch(str(claims["grant"]), until + tokens.AFTER_EXPIRY)
        return None

    @api.model
    def _watch(self, family, until):
        """From now on tokens of this grant are looked up among the revoked ones, until `until`."""
        self.env.cr.execute(
            SQL(
                "UPDATE moedelo_grant SET revoked_until = GREATEST(revoked_until, %s)"
                " WHERE family = %s",
                until,
                family,
            )
        )
        self.env["moedelo.grant"].invalidate_model(["revoked_until"])

    @api.model
    def _refresh_token(self, token):
        return (
            self.env["moedelo.token"].sudo().search([("hash", "=", grants.hashed(token))], limit=1)
        )


def _token_name(claims):
    return f"access|{claims['jti']}"


def _key_of(claims):
    """Thumbprint of the key that a token of ours is bound to, or an empty string."""
    return claims.get("cnf", {}).get("jkt", "")


def _presented(authorization):
    """(scheme, token) of an Authorization header."""
    scheme, _blank, token = (authorization or "").partition(" ")
    named = SCHEMES.get(scheme.lower())
    if not named or not token.strip():
        raise NoCredentials()
    return named, token.strip()
