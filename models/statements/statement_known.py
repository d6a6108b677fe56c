"""Which entries of a statement are in the journal already.

By the bank's own operation id, else by a fingerprint of the content with its occurrence on that
day. Banks overlap statements, so the same entry comes again; they also use an id twice (a fee under
the id of its transfer) and book late, so an entry that looks the same may be another one. What
tells them apart: the amount, and a final statement that lies apart from the one that has the line.
"""

import re
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_repr

# Ids that a statement has twice end so, and so do occurrences: see `protocol.formats.sums.tidy`.
_NUMBER = r"/[0-9]+$"
EXACT = 1e11  # up to here Odoo rounds every amount to itself


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _match_known(self, statement, entries):
        """({operation key: entry}, the lines of those that are in the journal): one query, and
        two more where a known key stands for something else."""
        keys = self._operation_keys(entries)
        known = {line.bank_operation_key: line for line in self._known_lines(keys)}
        others = [
            index
            for index, (key, entry) in enumerate(zip(keys, entries, strict=True))
            if key in known and self._is_another(known[key], entry, statement)
        ]
        if others:
            keys, known = self._match_others(statement, entries, keys, known, others)
        matched = [known[key].id for key in keys if key in known]
        lines = self.env["account.bank.statement.line"].sudo().browse(matched)
        return dict(zip(keys, entries, strict=True)), lines

    def _is_another(self, line, entry, statement):
        """True where a line in a final statement is not this entry, although it has its key."""
        if not line.statement_id:
            return False  # intraday: it waits for this one, whatever the bank says of it by now
        if entry.operation_id:
            return bool(line.currency_id.compare_amounts(line.amount, float(entry.amount)))
        return statement.final and _lies_apart(line.statement_id, statement)

    def _match_others(self, statement, entries, keys, known, others):
        """Finds those entries under the other numbers of their keys, or gives them new ones."""
        keys, wanted = list(keys), {keys[index] for index in others}
        known = {key: line for key, line in known.items() if key not in wanted}
        used = {key for index, key in enumerate(keys) if index not in set(others)}
        family = self._lines_of_family({re.sub(_NUMBER, "", key) for key in wanted})
        for index in others:
            base, entry = re.sub(_NUMBER, "", keys[index]), entries[index]
            lines = [line for line in family.get(base, ()) if line.bank_operation_key not in used]
            line = next((one for one in lines if not self._is_another(one, entry, statement)), None)
            if line is None:
                self._refuse_changed(lines, entry, statement)
                taken = used | {one.bank_operation_key for one in family.get(base, ())}
                number = 2
                while f"{base}/{number}" in taken:
                    number += 1
                keys[index] = f"{base}/{number}"
            else:
                keys[index] = line.bank_operation_key
                known[line.bank_operation_key] = line
            used.add(keys[index])
        return keys, known

    def _lines_of_family(self, bases):
        """{key without its number: lines of this journal}, oldest first."""
        lines = self.env["account.bank.statement.line"].sudo()
        lines.flush_model(["journal_id", "bank_operation_key"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM account_bank_statement_line WHERE journal_id = %s"  # noqa: S608
                " AND bank_operation_key IS NOT NULL"
                # Word for word as in the index.
                f" AND regexp_replace(bank_operation_key, '{_NUMBER}', '') = ANY(%s) ORDER BY id",
                self.id,
                list(bases),
            )
        )
        found = {}
        for line in lines.browse(row[0] for row in rows):
            found.setdefault(re.sub(_NUMBER, "", line.bank_operation_key), []).append(line)
        return found

    def _refuse_changed(self, lines, entry, statement):
        """The same statement cannot say two things of one operation."""
        this = (statement.number, statement.closed_on or statement.opened_on)
        for line in lines:
            record = line.statement_id
            if statement.number and (record.bank_number, record.bank_closed_on) == this:
                raise UserError(
                    self.env._(
                        "Statement %(number)s is in the journal already, and there the operation "
                        "%(operation)s is over %(known)s, not over %(amount)s. Nothing was "
                        "imported.",
                        number=statement.number,
                        operation=entry.operation_id,
                        known=line.currency_id.format(line.amount),
                        amount=entry.amount,
                    )
                )

    # -------------------------------------------------------------------------
    # AMOUNTS
    # -------------------------------------------------------------------------

    def _check_amounts(self, statement, entries):
        """Refuses what the books could hold rounded only: too fine, or of too many digits."""
        currency = self.currency_id or self.company_id.currency_id
        for balance in (statement.opening_balance, statement.closing_balance):
            if balance is not None and not _is_exact(balance, currency):
                raise UserError(
                    self.env._(
                        "The balance %(amount)s %(currency)s of the statement cannot be booked "
                        "exactly. Nothing was imported.",
                        amount=balance,
                        currency=currency.name,
                    )
                )
        for entry in entries:
            if not _is_exact(entry.amount, currency):
                raise UserError(
                    self.env._(
                        "The entry of %(day)s over %(amount)s %(currency)s cannot be booked "
                        "exactly. Nothing was imported.",
                        day=entry.booked_on,
                        amount=entry.amount,
                        currency=currency.name,
                    )
                )


def _is_exact(amount, currency):
    """Whether Odoo's rounding of floats gives back the same amount. It fails from 10**12 on."""
    value = float(amount)
    if abs(value) >= EXACT:
        value = currency.round(value)
    return Decimal(float_repr(value, currency.decimal_places)) == amount


def _lies_apart(record, statement):
    """Whether two final statements have no day in common, or the one goes on where the other ends.

    Only then the same content in both is two entries: a bank that booked late.
    """
    ours = (statement.opened_on or statement.closed_on, statement.closed_on or statement.opened_on)
    theirs = (record.bank_opened_on, record.bank_closed_on)
    if not all((*ours, *theirs)):
        return False
    if ours[0] > theirs[1] or theirs[0] > ours[1]:
        return True
    touching = ours[0] == theirs[1] or theirs[0] == ours[1]
    numbered = statement.number and record.bank_number and statement.number != record.bank_number
    if not (touching and numbered) or None in (
        statement.opening_balance,
        statement.closing_balance,
    ):
        return False
    digits = record.currency_id.decimal_places
    mine = [
        float_repr(float(one), digits)
        for one in (statement.opening_balance, statement.closing_balance)
    ]
    other = [float_repr(one, digits) for one in (record.balance_start, record.balance_end_real)]
    return mine != other and (mine[0] == other[1] or mine[1] == other[0])
