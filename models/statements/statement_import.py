"""Statements into the books: whole or not at all, safe to repeat.

Everything happens in the transaction of the caller, who undoes it when one entry cannot be right.
"""

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_repr

from ...protocol import formats


@dataclass(frozen=True)
class ImportResult:
    """What one statement gave. `statement`: empty recordset when nothing changed in it."""

    statement: object
    new: int
    known: int
    finished: int = 0  # intraday entries that this final statement took in
    doubles: int = 0  # new entries that look like one typed in by hand
    announced: object = ()  # the new entries, where they wait for a final statement


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _import_statement(self, statement, document):
        """Imports one protocol statement into this journal.

        UserError or InvalidDocument where it cannot be right; then nothing of it may be kept.
        """
        self.ensure_one()
        self = self.with_company(self.company_id)  # whoever imports, wherever he works
        self._check_statement_account(statement)
        entries = list(formats.check(statement).entries)
        self._check_amounts(statement, entries)
        statement = self._with_balances(statement, entries)
        self._hold_packages(entries)
        keyed, known = self._match_known(statement, entries)
        known_keys = set(known.mapped("bank_operation_key"))
        new = {key: entry for key, entry in keyed.items() if key not in known_keys}
        # Intraday entries wait without a statement until the final one takes them in.
        waiting = known.filtered(lambda line: not line.statement_id)
        record = self.env["account.bank.statement"]
        if statement.final and (new or waiting or not entries):
            record = self._statement_of(statement, document)
        lines = self._create_statement_lines(new, record, statement)
        waiting._become_final(record, keyed)
        lines._settle_orders()
        doubles = lines._mark_doubles()
        return ImportResult(
            statement=record,
            new=len(lines),
            known=len(known),
            finished=len(waiting) if record else 0,
            doubles=len(doubles),
            announced=() if record else lines,
        )

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
    # WHAT IS KNOWN ALREADY
    # -------------------------------------------------------------------------

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

    def _known_lines(self, keys):
        """The lines of these operations: one query, whatever the number of entries."""
        # The line's own column, which the unique index has; Odoo would ask its entry's.
        ours = Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s = %s", SQL.identifier(alias, "journal_id"), self.id
            )
        )
        domain = ours & Domain("bank_operation_key", "in", keys)
        names = ["bank_operation_key", "statement_id", "amount"]
        lines = self.env["account.bank.statement.line"]
        lines.flush_model(["journal_id"])
        return lines.search_fetch(domain, names, order="id")

    def _with_balances(self, statement, entries):
        """The same statement; a balance that it does not name follows from the other one."""
        opening, closing = statement.opening_balance, statement.closing_balance
        if None not in (opening, closing):
            return statement
        total = sum((entry.amount for entry in entries), Decimal(0))
        if opening is None:
            opening = self._balance_before(statement) if closing is None else closing - total
        return replace(statement, opening_balance=opening, closing_balance=opening + total)

    def _balance_before(self, statement):
        """Where the statement before it ended; zero without one."""
        day = statement.opened_on or statement.closed_on
        last = self.env["account.bank.statement"].search(
            [("journal_id", "=", self.id), ("bank_closed_on", "<", day)],
            order="bank_closed_on desc, id desc",
            limit=1,
        )
        return Decimal(float_repr(last.balance_end_real, 2))

    def _statement_of(self, statement, document):
        """The statement's record: the one that is there from an earlier import, or a new one."""
        values = self._prepare_statement_vals(statement, document)
        same = ["bank_journal_id", "bank_number", "bank_closed_on"]
        if not statement.number:
            same += ["balance_start", "balance_end_real"]
        domain = [(name, "=", values[name]) for name in same]
        model = self.env["account.bank.statement"]
        return model.search(domain, limit=1) or model.create(values)

    # -------------------------------------------------------------------------
    # WRITING
    # -------------------------------------------------------------------------

    def _create_statement_lines(self, keyed_entries, record, statement):
        """New lines in the bank's order: Odoo shows the last one of a day first."""
        entries = list(keyed_entries.values())
        if not entries:
            return self.env["account.bank.statement.line"]
        days = self._days_in_the_books(entries, statement)
        partners = self._find_partners(entries)
        rules, own_accounts = self._operation_rules(), self._own_account_keys()
        values = [
            {
                **self._prepare_statement_line_vals(key, entry),
                **rules._prepare_line_vals(self, entry, own_accounts),
                "date": days[entry.booked_on],
                "partner_id": partner,
                "statement_id": record.id,
            }
            for (key, entry), partner in zip(keyed_entries.items(), partners, strict=True)
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
        return {**dict(entry.details), **{name: text for name, text in details.items() if text}}

    def _prepare_statement_vals(self, statement, document):
        return {
            # Odoo takes the journal from the lines; a statement may have none.
            "bank_journal_id": self.id,
            "name": self._statement_name(statement),
            "reference": document.name,
            "balance_start": float(statement.opening_balance or 0),
            "balance_end_real": float(statement.closing_balance or 0),
            "bank_document_id": document.id,
            "bank_number": statement.number or False,
            "bank_opened_on": statement.opened_on or statement.closed_on or False,
            "bank_closed_on": statement.closed_on or statement.opened_on or False,
        }

    def _statement_name(self, statement):
        return f"{self.code} {statement.number} ({statement.closed_on or statement.opened_on})"


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _become_final(self, record, entries):
        """Takes intraday lines into the final statement, with what the bank says now.

        entries: by operation key.
        """
        if not record or not self:
            return
        self.write({"statement_id": record.id})
        for line in self:
            entry = entries[line.bank_operation_key]
            said = {"bank_booked_on": entry.booked_on, "bank_value_on": entry.value_on or False}
            if line.currency_id.compare_amounts(line.amount, float(entry.amount)):
                said |= line._final_amount(entry)
            if line._may_move_to(entry.booked_on):
                said["date"] = entry.booked_on
            changed = {name: value for name, value in said.items() if line[name] != value}
            if changed:
                line.write(changed)

    def _final_amount(self, entry):
        """Values for an entry that was announced over another amount than it was booked over."""
        if self.line_ids.matched_debit_ids or self.line_ids.matched_credit_ids:
            raise UserError(
                self.env._(
                    "The entry “%(title)s” of %(day)s was announced over %(known)s and is "
                    "reconciled; the final statement has %(amount)s. Undo its reconciliation and "
                    "process the document again.",
                    title=self.payment_ref,
                    day=self.date,
                    known=self.currency_id.format(self.amount),
                    amount=entry.amount,
                )
            )
        values = self.journal_id._prepare_statement_line_vals(self.bank_operation_key, entry)
        return {name: value for name, value in values.items() if name != "journal_id"}

    def _may_move_to(self, day):
        """Whether the books can follow the bank to another day than it announced."""
        if self.date != self.bank_booked_on or self.date == day or self.is_reconciled:
            return False
        journal = self.journal_id
        return not journal._locks(self.date) and not journal._locks(day)
