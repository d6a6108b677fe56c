# SPDX-License-Identifier: LGPL-3.0-only
"""The audit's lines in chains: each carries the hash of the one before, see `access.ledger`.

Lines are written by requests that run beside each other, and none may wait for another one. So they
are chained a moment later, by a job each minute and before they are verified or exported.
"""

from datetime import timezone

from odoo import api, fields, models
from odoo.tools import SQL

from ...protocol.access import ledger
from ..connection.operation import notify
from ..connection.rights import require_right

# Two chains, since refusals are kept for a shorter time: a chain loses lines only at its beginning.
CHAINS = ("kept", "refused")
STEP = 10_000  # lines at a time
COLUMNS = ("event", "grant_type", "detail", "client_text", "address")
NUMBERS = ("grant_res_id", "company_res_id", "user_res_id")


class MoedeloAuditChain(models.Model):
    """Where a chain begins and ends."""

    _name = "moedelo.audit.chain"
    _description = "Chain of the audit's lines"
    _log_access = False

    name = fields.Char(required=True, readonly=True)
    first_position = fields.Integer(required=True, readonly=True, default=1)
    before_first = fields.Char(required=True, readonly=True, default=ledger.START)
    last_position = fields.Integer(required=True, readonly=True, default=0)
    last_hash = fields.Char(required=True, readonly=True, default=ledger.START)

    _name_unique = models.UniqueIndex("(name)")

    def _append(self, rows):
        """The next places of this chain, for these rows."""
        position, previous = self.last_position, self.last_hash
        sealed = []
        for number, _chain, _position, _previous, _own, members in rows:
            position += 1
            own = ledger.link(previous, {**members, "position": position})
            sealed.append((number, position, previous, own))
            previous = own
        values = SQL(", ").join(SQL("(%s, %s, %s, %s)", *row) for row in sealed)
        self.env.cr.execute(
            SQL(
                "UPDATE moedelo_audit SET chain = %s, position = sealed.position,"
                " previous = sealed.previous, hash = sealed.hash"
                " FROM (VALUES %s) AS sealed (id, position, previous, hash)"
                " WHERE moedelo_audit.id = sealed.id",
                self.name,
                values,
            )
        )
        self.env["moedelo.audit"].invalidate_model(["chain", "position", "previous", "hash"])
        self.write({"last_position": position, "last_hash": previous})
        self.flush_recordset()

    def _first_broken(self):
        """The place of the first line that is not as it was, or that is missing; else None."""
        position, previous = self.first_position, self.before_first
        audit = self.env["moedelo.audit"]
        while rows := audit._members(
            SQL("chain = %s AND position >= %s", self.name, position), limit=STEP
        ):
            lines = [
                ({**members, "position": place}, before, own)
                for _id, _chain, place, before, own, members in rows
            ]
            broken = ledger.first_broken(lines, previous, position)
            if broken is not None:
                return broken
            position, previous = rows[-1][2] + 1, rows[-1][4]
        whole = (position - 1, previous) == (self.last_position, self.last_hash)
        return None if whole else position


class MoedeloAudit(models.Model):
    _inherit = "moedelo.audit"

    chain = fields.Char(readonly=True)
    position = fields.Integer(readonly=True)
    previous = fields.Char("Hash of the line before", readonly=True)
    hash = fields.Char(readonly=True)

    _chain_order = models.UniqueIndex("(chain, position) WHERE position IS NOT NULL")
    _unchained = models.Index("(id) WHERE position IS NULL")

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_verify(self):
        """Button: is each line where it was, as it was written?"""
        require_right(self.env, "administrator")
        broken = self._verify()
        if not broken:
            return notify(self.env._("All lines are as they were written."), "success")
        words = self.env._(
            "Changed, taken out or slipped in: %(places)s. What stands before that is as it was.",
            places=", ".join(f"{name} {position}" for name, position in broken.items()),
        )
        return notify(words, "danger", sticky=True)

    def action_export_csv(self):
        """Button: all lines that the user may read, for a spreadsheet."""
        return self._export_action("csv")

    def action_export_lines(self):
        """Button: the same as JSON, one line each: the chain can be verified elsewhere by it."""
        return self._export_action("jsonl")

    def _export_action(self, form):
        require_right(self.env, "administrator")
        return {"type": "ir.actions.act_url", "url": f"/bank_webservice/audit.{form}"}

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _cron_seal(self):
        self._seal()

    @api.model
    def _seal(self):
        """Every line that has no place yet gets one."""
        self.flush_model()
        for name in CHAINS:
            chain = self._lock_chain(name)
            while rows := self._unsealed(name):
                chain._append(rows)

    @api.model
    def _lock_chain(self, name):
        chains = self.env["moedelo.audit.chain"].sudo()
        self.env.cr.execute(
            SQL(
                "INSERT INTO moedelo_audit_chain (name, first_position, before_first,"
                " last_position, last_hash) VALUES (%s, 1, %s, 0, %s) ON CONFLICT DO NOTHING",
                name,
                ledger.START,
                ledger.START,
            )
        )
        chain = chains.search([("name", "=", name)])
        chain.lock_for_update()
        return chain

    @api.model
    def _unsealed(self, name):
        return self._members(
            SQL("position IS NULL AND (event = 'refused') = %s", name == "refused"), limit=STEP
        )

    @api.model
    def _members(self, where, limit):
        """[(id, chain, position, previous, hash, members)] as they stand in the database."""
        names = SQL(", ").join(map(SQL.identifier, (*COLUMNS, *NUMBERS)))
        query = SQL(
            "SELECT id, chain, position, previous, hash, at, %s FROM moedelo_audit"
            " WHERE %s ORDER BY position, id LIMIT %s",
            names,
            where,
            limit,
        )
        found = []
        for number, chain, position, previous, own, at, *values in self.env.execute_query(query):
            members = dict(zip((*COLUMNS, *NUMBERS), values, strict=True))
            members["at"] = at.replace(tzinfo=timezone.utc).isoformat()
            found.append((number, chain, position, previous, own, members))
        return found

    @api.model
    def _raw_lines(self, numbers):
        """{id: members with chain, position, previous and hash}, for an export."""
        found = self._members(SQL("id IN %s", tuple(numbers)), limit=len(numbers))
        return {
            number: {**members, "chain": chain, "position": place, "previous": before, "hash": own}
            for number, chain, place, before, own, members in found
        }

    @api.model
    def _verify(self):
        """{chain: place of its first line that is not as it was}; empty when all is well."""
        self._seal()
        broken = {}
        for chain in self.env["moedelo.audit.chain"].sudo().search([("name", "in", CHAINS)]):
            place = chain._first_broken()
            if place is not None:
                broken[chain.name] = place
        return broken

    @api.model
    def _forget(self, name, before):
        """The lines of a chain from its beginning up to the first one that is younger."""
        chain = self._lock_chain(name)
        query = SQL(
            """
            DELETE FROM moedelo_audit WHERE chain = %s AND position < COALESCE(
                (SELECT min(position) FROM moedelo_audit WHERE chain = %s AND at >= %s), %s)
            RETURNING position, hash
            """,
            name,
            name,
            before,
            chain.last_position + 1,
        )
        gone = self.env.execute_query(query)
        if gone:
            position, own = max(gone)
            chain.write({"first_position": position + 1, "before_first": own})
