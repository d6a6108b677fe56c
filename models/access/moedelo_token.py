# SPDX-License-Identifier: LGPL-3.0-only
"""Refresh tokens as they are kept: hashes, generation after generation, under their grant's lock.

Everything that changes a grant happens under the lock of its row. With Odoo's REPEATABLE READ a
request that waited for the lock fails with a serialization error and is run again by Odoo, then
with the other one's result before its eyes: so two refreshes at once see each other.

Beside them: how often one may be wrong, and names that are good only once.
"""

import time
from datetime import datetime, timedelta, timezone

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL

from ...protocol.access import failures, grants, tokens
from ...protocol.access.oauth_errors import InvalidGrant, TooManyFailures
from .moedelo_grant import is_other_use

PROOF = "bank_webservice.proof"  # in a request's environment: the one that it has used


class MoedeloToken(models.Model):
    _name = "moedelo.token"
    _description = "Refresh token"
    _log_access = False
    _order = "id desc"

    grant_id = fields.Many2one("moedelo.grant", required=True, readonly=True, ondelete="cascade")
    generation = fields.Integer(required=True, readonly=True)
    hash = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    issued_at = fields.Datetime(required=True, readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True)
    retired_at = fields.Datetime(readonly=True)
    retired_from = fields.Char(readonly=True, help="The address that used it first.")

    _hash_unique = models.UniqueIndex("(hash)")
    _generation_unique = models.UniqueIndex("(grant_id, generation)")

    @api.model
    def _lock_code(self, code):
        self.env.flush_all()
        query = "SELECT id FROM moedelo_grant WHERE code_hash = %s FOR UPDATE"
        found = self._locked(SQL(query, grants.hashed(code)))
        grant = self.env["moedelo.grant"].sudo().browse(found[0])
        if grant.state == "ended":
            raise InvalidGrant()
        return grant

    @api.model
    def _lock_refresh(self, presented, client, address):
        """Token and grant in one query, under the lock of the grant; of a token that was used
        already its successor, too. TooManyFailures, told by the same query, comes first."""
        failures = self.env["moedelo.failure"]
        self.env.flush_all()
        query = SQL(
            """
            SELECT token.id, token.generation, token.expires_at, token.retired_at,
                   token.retired_from,
                   g.id, g.family, g.kind, g.company_id, g.user_id,
                   g.scope, g.state, g.expires_at, g.client_id, g.bound_to,
                   g.last_used_at, g.last_address, %s
              FROM moedelo_token token
              JOIN moedelo_grant g ON g.id = token.grant_id
             WHERE token.hash = %s
               FOR UPDATE OF g
            """,
            failures._failed_at(address, client.identifier),
            grants.hashed(presented),
        )
        names = (
            *("id", "generation", "expires_at", "retired_at", "retired_from"),
            *("grant_id", "family", "kind", "company_id", "user_id"),
            *("scope", "state", "ends_at", "client_id", "bound_to"),
            *("last_used_at", "last_address", "failed_at"),
        )
        row = dict(zip(names, self._locked(query), strict=True))
        failures._judge(row["failed_at"])
        return {**row, **self._successor(row)}

    @api.model
    def _successor(self, row):
        """Hash of the token after this one, and whether that was used, too."""
        rows = row["retired_at"] and self.env.execute_query(
            SQL(
                "SELECT hash, retired_at IS NOT NULL FROM moedelo_token"
                " WHERE grant_id = %s AND generation = %s",
                row["grant_id"],
                row["generation"] + 1,
            )
        )
        found = rows[0] if rows else (None, False)
        return {"successor_hash": found[0], "successor_used": found[1]}

    @api.model
    def _locked(self, query):
        """The one row of a locking query; `invalid_grant` when there is none. A conflict with
        another worker is no error to be logged: Odoo runs the request again."""
        self.env.cr.execute(query, log_exceptions=False)
        row = self.env.cr.fetchone()
        if not row:
            raise InvalidGrant()
        return row

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
    def _rotate(self, row, next_token, now, address, key, line):
        """Retire the presented token, store its successor, and write the audit's `line` (SQL): all
        of it in one go, since the service waits for each round, and in this order, since of two
        refreshes at once the later one has to stumble over what is retired.

        A family belongs to the first `key` it sees.
        """
        lifetime = timedelta(seconds=self.env["moedelo.settings"]._refresh_seconds())
        used, binds = SQL(), key and not row["bound_to"]
        if binds or is_other_use(row["last_used_at"], row["last_address"], address):
            used = SQL(
                "UPDATE moedelo_grant SET last_used_at = %s, last_address = %s, bound_to = %s"
                " WHERE id = %s;",
                *(now, address, row["bound_to"] or key or None, row["grant_id"]),
            )
        query = SQL(
            """
            UPDATE moedelo_token SET retired_at = %s, retired_from = %s WHERE id = %s;
            %s %s;
            INSERT INTO moedelo_token (grant_id, generation, hash, issued_at, expires_at)
            VALUES (%s, %s, %s, %s, %s)
            """,
            *(now, address, row["id"], used, line),
            *(row["grant_id"], row["generation"] + 1, grants.hashed(next_token)),
            *(now, now + lifetime),
        )
        self.env.cr.execute(query, log_exceptions=False)
        self.env["moedelo.grant"].invalidate_model(
            ["last_used_at", "last_address", "bound_to", "token_ids"], flush=False
        )

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
        """An expired token is refused whether it is known or not. The last one of a connection
        stays as long as that: what its holder tries with it is held against that connection."""
        self.env.cr.execute(
            "DELETE FROM moedelo_token WHERE expires_at < %s AND retired_at IS NOT NULL",
            (fields.Datetime.now(),),
        )


def aware(moment):
    """Odoo's UTC without a zone, as protocol wants it."""
    return moment.replace(tzinfo=timezone.utc)


class MoedeloFailure(models.Model):
    """One failed attempt. Rows are bounded: see `failures.MOST`, `TOTAL` and `KEEP`."""

    _name = "moedelo.failure"
    _description = "Failed attempt at the token endpoints"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    at = fields.Float(required=True, readonly=True, help="Seconds since the epoch.")

    _by_key = models.Index("(key, at)")
    _by_time = models.Index("(at)")

    @api.model
    def _check(self, address, identifier, family=""):
        """TooManyFailures while this address is blocked for this client, or for this family."""
        query = SQL("SELECT %s", self._failed_at(address, identifier, family))
        ((failed_at,),) = self.env.execute_query(query)
        self._judge(failed_at)

    @api.model
    def _failed_at(self, address, identifier, family=""):
        """An SQL value for `_judge`; it may be a column of a query that is asked anyway."""
        return SQL(
            "ARRAY(SELECT at FROM moedelo_failure WHERE key = %s AND at > %s)",
            failures.key(address, identifier, family),
            time.time() - failures.KEEP,
        )

    @api.model
    def _judge(self, failed_at):
        wait = failures.blocked_for(failed_at, time.time())
        if wait:
            raise TooManyFailures(wait)

    @api.model
    def _count(self, address, identifier, family=""):
        """Note a failure, in a transaction of its own: it stays whatever becomes of the request.

        The request itself never writes this table, so the two cursors cannot wait for each other.
        Gives False when so many fail at once that this one has to wait, too.
        """
        now = time.time()
        with self.env.registry.cursor() as cr:
            cr.execute(SQL("DELETE FROM moedelo_failure WHERE at < %s", now - failures.KEEP))
            recent = SQL(
                "SELECT count(*) FROM moedelo_failure WHERE at > %s", now - failures.TOTAL_WITHIN
            )
            cr.execute(recent)
            flooded = cr.fetchone()[0] >= failures.TOTAL
            if flooded and not self.env["moedelo.client"]._registered(identifier):
                identifier = ""
            key = failures.key(address, identifier, family)
            cr.execute(
                SQL(
                    "INSERT INTO moedelo_failure (key, at) SELECT %s, %s"
                    " WHERE (SELECT count(*) FROM moedelo_failure WHERE key = %s) < %s",
                    key,
                    now,
                    key,
                    failures.MOST,
                )
            )
        return not flooded


class MoedeloSpent(models.Model):
    """Names that are good only once, or no longer: assertions used, access tokens revoked."""

    _name = "moedelo.spent"
    _description = "Used or revoked token id"
    _log_access = False

    hash = fields.Char(required=True, readonly=True)
    until = fields.Datetime(required=True, readonly=True, index=True)

    _hash_unique = models.UniqueIndex("(hash)")

    @api.model
    def _spend(self, name, until):
        """True the first time. Two at once: the second one's request runs again and gets False."""
        query = SQL(
            "INSERT INTO moedelo_spent (hash, until) VALUES (%s, %s)"
            " ON CONFLICT (hash) DO NOTHING RETURNING id",
            grants.hashed(name),
            until + tokens.AFTER_EXPIRY,
        )
        return bool(self.env.execute_query(query))

    @api.model
    def _spend_proof(self, proof):
        """As `_spend`, for a `dpop.Proof`, in a transaction of its own: it stays used whatever
        becomes of the request. When Odoo runs that again, it is no second use."""
        ours = request.httprequest.environ if request else {}
        if ours.get(PROOF) == proof.name:
            return True
        until = datetime.fromtimestamp(proof.until, timezone.utc).replace(tzinfo=None)
        with self.env.registry.cursor() as cr:
            first = self.with_env(self.env(cr=cr))._spend(proof.name, until)
        if first:
            ours[PROOF] = proof.name
        return first

    @api.model
    def _is_spent(self, name):
        query = SQL("SELECT FROM moedelo_spent WHERE hash = %s", grants.hashed(name))
        return bool(self.env.execute_query(query))

    @api.autovacuum
    def _gc_spent(self):
        over = SQL("DELETE FROM moedelo_spent WHERE until < %s", fields.Datetime.now())
        self.env.cr.execute(over)
