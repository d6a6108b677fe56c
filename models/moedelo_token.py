"""The token endpoint: what a code, a client or a refresh token is exchanged for.

Everything that changes a grant happens under the lock of its row. With Odoo's REPEATABLE READ a
request that waited for the lock fails with a serialization error and is run again by Odoo, then
with the other one's result before its eyes: so two refreshes at once see each other.
"""

import time
from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.tools import SQL

from ..protocol import tokens
from ..protocol.moedelo import grants, scopes
from ..protocol.moedelo.oauth_errors import (
    InvalidGrant,
    InvalidRequest,
    TemporarilyUnavailable,
    UnauthorizedClient,
    UnsupportedGrantType,
)


class MoedeloToken(models.Model):
    _name = "moedelo.token"
    _description = "Refresh token"
    _log_access = False
    _order = "id desc"

    grant_id = fields.Many2one("moedelo.grant", required=True, readonly=True, ondelete="cascade")
    generation = fields.Integer(required=True, readonly=True)
    hash = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    issued_at = fields.Datetime(required=True, readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True, index=True)
    retired_at = fields.Datetime(readonly=True)

    _hash_unique = models.UniqueIndex("(hash)")
    _generation_unique = models.UniqueIndex("(grant_id, generation)")

    # -------------------------------------------------------------------------
    # ENDPOINT
    # -------------------------------------------------------------------------

    @api.model
    def _answer(self, form, client, address):
        """The JSON members of a token answer, and the grant they belong to.

        `form`: name -> value; `client`: `Registered`, already authenticated.
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
        return answers[form["grant_type"]](form, client, address)

    @api.model
    def _answer_code(self, form, client, address):
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
            self._stored_code(grant),
            client.identifier,
            form.get("redirect_uri"),
            form.get("code_verifier"),
            _aware(fields.Datetime.now()),
        )
        given = self._covered(
            grant.company_id.id, scopes.narrow(form.get("scope"), grant.scope.split())
        )
        grant.write({"code_used": True, "state": "live", "scope": scopes.render(given)})
        self._touch(grant, address)
        answer = self._access_answer(grant, client, given)
        if grant.kind == "connection":
            self._end_earlier(grant)
            answer["refresh_token"] = self._first(grant)
        return answer, grant

    @api.model
    def _answer_service(self, form, client, address):
        grant = self.env["moedelo.grant"].sudo()
        if client.kind == "service":
            live = [("client_id", "=", client.id), ("kind", "=", "service"), ("state", "=", "live")]
            grant = grant.search([*live, ("expires_at", ">", fields.Datetime.now())], limit=1)
        if not grant:
            raise UnauthorizedClient()
        given = self._covered(grant.company_id.id, scopes.narrow(form.get("scope"), scopes.SERVICE))
        self._touch(grant, address)
        return self._access_answer(grant, client, given), grant

    @api.model
    def _answer_refresh(self, form, client, address):
        if client.kind != "code":
            raise UnauthorizedClient()
        if "refresh_token" not in form:
            raise InvalidRequest("refresh_token is missing.")
        presented = form["refresh_token"]
        row = self._lock_refresh(presented)
        now = fields.Datetime.now()
        decision = grants.decide_refresh(_stored_refresh(row), client.identifier, _aware(now))
        grant = self.env["moedelo.grant"].sudo().browse(row["grant_id"])
        if decision == grants.REPLAY:
            grant._end("replay")
            raise InvalidGrant()
        given = self._covered(
            row["company_id"], scopes.narrow(form.get("scope"), row["scope"].split())
        )
        next_token = grants.successor(
            self.env["moedelo.key"]._refresh_key(), row["family"], row["generation"] + 1, presented
        )
        if decision == grants.ROTATE:
            self._rotate(row, next_token, now, address)
        elif grants.hashed(next_token) != row["successor_hash"]:
            raise InvalidGrant()
        return {**self._access_answer(grant, client, given), "refresh_token": next_token}, grant

    # -------------------------------------------------------------------------
    # ACCESS TOKENS
    # -------------------------------------------------------------------------

    @api.model
    def _access_answer(self, grant, client, given):
        settings = self.env["moedelo.settings"]
        lifetime = settings._access_seconds()
        now = int(time.time())
        claims = {
            "iss": settings._issuer(),
            "aud": settings._audience(),
            "sub": grant._subject(),
            "client_id": client.identifier,
            "iat": now,
            "exp": now + lifetime,
            "jti": grants.new_secret(),
            "scope": scopes.render(given),
            "grant": grant.family,
        }
        key = self.env["moedelo.key"]._signing_key("access")
        return {
            "access_token": tokens.issue(claims, key, tokens.ACCESS),
            "token_type": "Bearer",
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

    # -------------------------------------------------------------------------
    # ROWS
    # -------------------------------------------------------------------------

    @api.model
    def _lock_code(self, code):
        self.env["moedelo.grant"].flush_model()
        found = self.env.execute_query(
            SQL("SELECT id FROM moedelo_grant WHERE code_hash = %s FOR UPDATE", grants.hashed(code))
        )
        if not found:
            raise InvalidGrant()
        grant = self.env["moedelo.grant"].sudo().browse(found[0][0])
        if grant.state == "ended":
            raise InvalidGrant()
        return grant

    @api.model
    def _stored_code(self, grant):
        return grants.StoredCode(
            client_id=grant.client_id.identifier,
            redirect_uri=grant.redirect_uri,
            challenge=grant.challenge,
            expires_at=_aware(grant.code_expires_at),
            used=grant.code_used,
        )

    @api.model
    def _lock_refresh(self, presented):
        """Token, grant and successor in one query, under the lock of the grant."""
        self.env["moedelo.grant"].flush_model()
        self.flush_model()
        query = SQL(
            """
            SELECT token.id, token.generation, token.expires_at, token.retired_at,
                   successor.hash, successor.retired_at IS NOT NULL,
                   g.id, g.family, g.scope, g.company_id, g.state, g.expires_at, client.identifier
              FROM moedelo_token token
              JOIN moedelo_grant g ON g.id = token.grant_id
              JOIN moedelo_client client ON client.id = g.client_id
              LEFT JOIN moedelo_token successor
                ON successor.grant_id = token.grant_id
               AND successor.generation = token.generation + 1
             WHERE token.hash = %s
               FOR UPDATE OF g
            """,
            grants.hashed(presented),
        )
        rows = self.env.execute_query(query)
        if not rows:
            raise InvalidGrant()
        names = (
            *("id", "generation", "expires_at", "retired_at", "successor_hash", "successor_used"),
            *("grant_id", "family", "scope", "company_id", "state", "ends_at", "identifier"),
        )
        return dict(zip(names, rows[0], strict=True))

    @api.model
    def _first(self, grant):
        token = grants.new_secret()
        now = fields.Datetime.now()
        self.sudo().create(
            {
                "grant_id": grant.id,
                "generation": 1,
                "hash": grants.hashed(token),
                "issued_at": now,
                "expires_at": now
                + timedelta(seconds=self.env["moedelo.settings"]._refresh_seconds()),
            }
        )
        return token

    @api.model
    def _rotate(self, row, next_token, now, address):
        """Retire the presented token and store its successor, in one statement."""
        lifetime = timedelta(seconds=self.env["moedelo.settings"]._refresh_seconds())
        self.env.cr.execute(
            SQL(
                """
                WITH retired AS (
                    UPDATE moedelo_token SET retired_at = %(now)s WHERE id = %(id)s
                ), used AS (
                    UPDATE moedelo_grant SET last_used_at = %(now)s, last_address = %(address)s
                     WHERE id = %(grant)s
                )
                INSERT INTO moedelo_token (grant_id, generation, hash, issued_at, expires_at)
                VALUES (%(grant)s, %(generation)s, %(hash)s, %(now)s, %(expires)s)
                """,
                now=now,
                id=row["id"],
                address=address,
                grant=row["grant_id"],
                generation=row["generation"] + 1,
                hash=grants.hashed(next_token),
                expires=now + lifetime,
            )
        )
        self.env["moedelo.grant"].invalidate_model(["last_used_at", "last_address", "token_ids"])

    @api.model
    def _touch(self, grant, address):
        grant.write({"last_used_at": fields.Datetime.now(), "last_address": address})

    @api.model
    def _end_earlier(self, grant):
        """A company is connected to a service once: the new consent replaces the old one."""
        earlier = [
            ("client_id", "=", grant.client_id.id),
            ("company_id", "=", grant.company_id.id),
            ("kind", "=", "connection"),
            ("state", "=", "live"),
            ("id", "!=", grant.id),
        ]
        self.env["moedelo.grant"].sudo().search(earlier)._end("replaced")

    @api.autovacuum
    def _gc_tokens(self):
        """An expired token is refused whether it is known or not."""
        self.env.cr.execute(
            "DELETE FROM moedelo_token WHERE expires_at < %s", (fields.Datetime.now(),)
        )


class MoedeloGrant(models.Model):
    _inherit = "moedelo.grant"

    token_ids = fields.One2many("moedelo.token", "grant_id", "Refresh tokens")

    def _subject(self):
        """`sub`: the company that is connected, or the user who jumps; meaningless elsewhere."""
        if self.kind == "jump":
            return f"user:{self.user_id.id}:company:{self.company_id.id}"
        return f"company:{self.company_id.id}"


def _stored_refresh(row):
    return grants.StoredRefresh(
        client_id=row["identifier"],
        expires_at=_aware(row["expires_at"]),
        family_ends_at=_aware(row["ends_at"]),
        revoked=row["state"] != "live",
        retired_at=row["retired_at"] and _aware(row["retired_at"]),
        successor_used=row["successor_used"],
    )


def _aware(moment):
    return moment.replace(tzinfo=timezone.utc)
