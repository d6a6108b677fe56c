# SPDX-License-Identifier: LGPL-3.0-only
"""Statements into the books: whole or not at all, safe to repeat, and judged by their own sums.

`protocol.matching` says which entries are which lines, and what becomes of the stored statements.
Here its plan is carried out, in the transaction of the caller, who undoes it when something cannot
be right; and what stands in the books afterwards is read back and held against the plan.
"""

from collections import Counter
from dataclasses import dataclass

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...protocol import formats, matching


@dataclass(frozen=True)
class ImportResult:
    """What one statement gave. `statement`: empty recordset when nothing changed in it."""

    statement: object
    new: int
    known: int
    finished: int = 0  # intraday entries that this final statement took in
    doubles: int = 0  # new entries that look like one typed in by hand
    announced: object = ()  # the new entries, where they wait for a final statement
    undone: int = 0  # announced entries that the final statement does not have
    raised: int = 0  # the same, but something hangs on them: a person has to look
    dropped: int = 0  # announced for a day that is stated finally
    journal: object = None
    empty: bool = False  # a statement without entries
    more: bool = False  # only a step: imported again, it goes on


class Differs(UserError):
    """The sums of a statement and of the books cannot both be right: a person has to choose."""


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _import_statement(self, statement, document, choice=None, most=None):
        """Imports one protocol statement into this journal.

        choice: what a person decided after `Differs`, a word of `matching`.
        most: so many new entries; see `more` of the result.
        UserError or InvalidDocument where it cannot be right; then nothing of it may be kept.
        """
        self.ensure_one()
        self = self.with_company(self.company_id)  # whoever imports, wherever he works
        self._check_statement_account(statement)
        entries = list(formats.check(statement).entries)
        self._check_amounts(statement, entries)
        self._hold_packages(entries)
        plan = self._plan(statement, entries, choice, most)
        return self._carry_out(plan, statement, entries, document, choice)

    def _hold_packages(self, entries):
        """Locks the packages whose orders the statement proves, before the long work begins.

        The job that asks for their status passes over them meanwhile; else one of the two would
        find out at its end that the other one has written the same rows, and begin again.
        """
        references = [entry.our_reference for entry in entries if entry.our_reference]
        orders = self.env["bank.order"].sudo().search([("end_to_end_id", "in", references)])
        packages = orders.package_id
        if packages:
            self.env.cr.execute(
                "SELECT id FROM bank_package WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                [packages.ids],
            )

    # -------------------------------------------------------------------------
    # CHECKS
    # -------------------------------------------------------------------------

    def _check_statement_account(self, statement):
        account = self.bank_account_id
        if not formats.is_of(statement, account.acc_number or ""):
            raise UserError(
                self.env._(
                    "The statement is of the account %(theirs)s, the journal %(journal)s has the "
                    "account %(ours)s. Nothing was imported.",
                    theirs=statement.account_number,
                    journal=self.display_name,
                    ours=account.acc_number,
                )
            )
        currency = self.currency_id or self.company_id.currency_id
        if statement.currency and statement.currency != currency.name:
            raise UserError(
                self.env._(
                    "The statement is in %(theirs)s, the journal %(journal)s is in %(ours)s. "
                    "Nothing was imported.",
                    theirs=statement.currency,
                    journal=self.display_name,
                    ours=currency.name,
                )
            )

    # -------------------------------------------------------------------------
    # THE PLAN
    # -------------------------------------------------------------------------

    def _plan(self, statement, entries, choice=None, most=None):
        """`matching.Plan`, or Differs with the entries that make the difference."""
        days = [entry.booked_on for entry in entries]
        days += [day for day in (statement.opened_on, statement.closed_on) if day]
        if not days:
            return matching.Plan()
        books = self._stored_books(min(days), max(days), bool(choice))
        try:
            return matching.plan(books, statement, entries, choice, most)
        except matching.Difference as difference:
            raise Differs(self._difference_words(statement, difference)) from None

    def _operation_keys(self, entries):
        """The bank's own id, else a fingerprint with its occurrence on that day."""
        seen, keys = Counter(), []
        for entry in entries:
            key = entry.operation_id
            if not key:
                mark = (entry.booked_on, formats.fingerprint(entry))
                seen[mark] += 1
                key = f"{mark[0]}/{mark[1]}/{seen[mark]}"
            keys.append(key)
        return keys

    # -------------------------------------------------------------------------
    # CARRYING IT OUT
    # -------------------------------------------------------------------------

    def _carry_out(self, plan, statement, entries, document, choice):
        model = self.env["account.bank.statement"]
        for kept in plan.moved:
            model.browse(kept.id).write(_balances(kept))
        model.browse(kept.id for kept in plan.replaced).unlink()
        self._entry_lines(plan.removed)._take_out()
        pieces = [(piece, self._record_of(piece, document)) for piece in plan.pieces]
        finished = self._finish(plan, pieces, entries)
        records = {index: record for piece, record in pieces for index in piece.entries}
        records |= dict.fromkeys(plan.announced, model)
        new = {index: record for index, record in records.items() if index not in plan.finished}
        lines = self._create_statement_lines(new, entries, statement)
        undone, raised = self._undo_announced(plan)
        (lines | finished)._settle_orders()
        doubles = lines._mark_doubles()
        self._verify(plan, {record.id: piece.into for piece, record in pieces}, choice)
        statements = model.union(*(record for _piece, record in pieces))
        statements._put_in_order()
        if plan.same and not entries:
            statements = model.browse(plan.same.id)
        return ImportResult(
            statement=statements,
            new=len(lines),
            known=len(plan.known) + len(plan.finished),
            finished=len(plan.finished),
            doubles=len(doubles),
            announced=lines if plan.announced else (),
            undone=undone,
            raised=len(raised),
            dropped=len(plan.dropped),
            journal=self,
            empty=not entries,
            more=plan.more,
        )

    def _entry_lines(self, lines):
        ids = [line.id for line in lines]
        return self.env["account.bank.statement.line"].sudo().browse(ids)

    def _record_of(self, piece, document):
        """The record of a piece: the stored one, which grows, or a new one."""
        kept = piece.into
        model = self.env["account.bank.statement"]
        if kept.id is None:
            return model.create(self._prepare_statement_vals(kept, document))
        record = model.browse(kept.id)
        record.sudo().write(
            {
                **_balances(kept),
                "bank_opened_on": kept.opened_on,
                "bank_closed_on": kept.closed_on,
                "bank_assumed": kept.assumed,
                "name": self._statement_name(kept),
            }
        )
        return record

    def _finish(self, plan, pieces, entries):
        """Takes what was announced into its final statement. Returns the lines whose orders have to
        be looked for anew."""
        again = self.env["account.bank.statement.line"]
        for piece, record in pieces:
            mine = {plan.finished[i].id: entries[i] for i in piece.entries if i in plan.finished}
            again |= (
                self.env["account.bank.statement.line"]
                .sudo()
                .browse(mine)
                ._become_final(record, mine)
            )
        return again

    def _undo_announced(self, plan):
        """Deletes what was announced and did not come. Returns (how many, what a person has to look
        at from now on)."""
        raised, undone = self._entry_lines(plan.raised), 0
        for line in self._entry_lines(plan.undone):
            try:
                with self.env.cr.savepoint():
                    line._take_out()
                    undone += 1
            except UserError:  # a locked period, a hashed journal
                raised |= line
        return undone, raised._tell_left_over()

    def _verify(self, plan, records, choice):
        """What is written is what was planned, read back: each adds up, and neighbours meet."""
        wanted = {kept.id: kept for kept in plan.moved} | records
        self.env.flush_all()
        lines = self._book_lines(SQL("l.statement_id = ANY(%s)", list(wanted)))
        stored = {kept.id: kept for kept in self._kept(lines)}
        for record, planned in wanted.items():
            kept = stored[record]
            if (kept.opening, kept.closing) != (planned.opening, planned.closing):
                raise UserError(self._wrong_words(kept))
        for problem in matching.problems(stored.values()):
            mine = problem.of.id in wanted
            if problem.before is None and mine:
                raise UserError(self._wrong_words(problem.of))
            if problem.before and choice != matching.NEW and (mine or problem.before.id in wanted):
                raise UserError(self._problem_words(problem))

    def _wrong_words(self, kept):
        return self.env._(
            "Statement %(name)s would not add up in the books: from %(opening)s to %(closing)s, "
            "and its entries make %(moved)s. Nothing was imported.",
            name=self._statement_name(kept),
            opening=self._money(kept.opening),
            closing=self._money(kept.closing),
            moved=self._money(matching.total(line.entry for line in kept.lines)),
        )

    # -------------------------------------------------------------------------
    # VALUES
    # -------------------------------------------------------------------------

    def _create_statement_lines(self, records, entries, statement):
        """New lines of `records`, {index of the entry: its statement}, in the bank's order: Odoo
        shows the last one of a day first."""
        if not records:
            return self.env["account.bank.statement.line"]
        keys = self._free_keys(entries, records)
        new = [entries[index] for index in records]
        days = self._days_in_the_books(new, statement)
        partners = self._find_partners(new)
        rules, own_accounts = self._operation_rules(), self._own_account_keys()
        values = [
            {
                **self._prepare_statement_line_vals(keys[index], entry),
                **rules._prepare_line_vals(self, entry, own_accounts),
                "date": days[entry.booked_on],
                "partner_id": partner,
                "statement_id": record.id,
            }
            for (index, record), entry, partner in zip(records.items(), new, partners, strict=True)
        ]
        return self.env["account.bank.statement.line"]._create_entries(values)

    def _prepare_statement_line_vals(self, key, entry):
        return {
            "journal_id": self.id,
            "amount": float(entry.amount),
            "payment_ref": entry.title or entry.counterparty_name or entry.bank_code or "/",
            "partner_name": entry.counterparty_name or False,
            "account_number": entry.counterparty_account or False,
            "transaction_type": entry.bank_code or False,
            "transaction_details": self._operation_details(entry),
            "bank_operation_key": key,
            "bank_booked_on": entry.booked_on,
            "bank_value_on": entry.value_on or False,
        }

    def _operation_details(self, entry):
        """The whole operation as the bank told it, for people and for later rules."""
        details = {"operation_id": entry.operation_id, "our_reference": entry.our_reference}
        return {**entry.details, **{name: text for name, text in details.items() if text}}

    def _prepare_statement_vals(self, kept, document):
        return {
            # Odoo takes the journal from the lines; a statement may have none.
            "bank_journal_id": self.id,
            "name": self._statement_name(kept),
            "reference": document.name,
            **_balances(kept),
            "bank_document_id": document.id,
            "bank_number": kept.number or False,
            "bank_opened_on": kept.opened_on,
            "bank_closed_on": kept.closed_on,
            "bank_assumed": kept.assumed,
        }


def _balances(kept):
    return {"balance_start": float(kept.opening), "balance_end_real": float(kept.closing)}
