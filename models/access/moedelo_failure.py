"""How often one may be wrong, and names that are good only once."""

import time

from odoo import api, fields, models
from odoo.tools import SQL

from ...protocol.access import failures, grants, tokens
from ...protocol.access.oauth_errors import TooManyFailures


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
    def _is_spent(self, name):
        query = SQL("SELECT FROM moedelo_spent WHERE hash = %s", grants.hashed(name))
        return bool(self.env.execute_query(query))

    @api.autovacuum
    def _gc_spent(self):
        over = SQL("DELETE FROM moedelo_spent WHERE until < %s", fields.Datetime.now())
        self.env.cr.execute(over)
