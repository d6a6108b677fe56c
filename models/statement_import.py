"""Statements into the books: whole or not at all, safe to repeat."""

from collections import Counter
from dataclasses import dataclass

from odoo import models
from odoo.exceptions import UserError

from ..protocol import formats


@dataclass(frozen=True)
class ImportResult:
    """What one statement gave. `statement`: empty recordset when nothing was new."""

    statement: object
    new: int
    known: int


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _import_statement(self, statement, document):
        """Imports one protocol statement into this journal.

        UserError or InvalidDocument where it cannot be right; then nothing of it is kept.
        """
        self.ensure_one()
        self._check_statement_account(statement)
        entries = list(formats.check(statement).entries)
        self._check_lock_dates(statement, entries)
        keys = self._operation_keys(entries)
        known = self._known_lines(keys)
        known_keys = set(known.mapped("bank_operation_key"))
        new = [
            (key, entry) for key, entry in zip(keys, entries, strict=True) if key not in known_keys
        ]
        lines = self._create_statement_lines(new)
        # Intraday entries wait without a statement until the final one takes them in.
        lines_of_statement = lines | known.filtered(lambda line: not line.statement_id)
        record = self.env["account.bank.statement"]
        if statement.final and lines_of_statement:
            record = self._create_statement(statement, document, lines_of_statement)
        lines._settle_orders()
        return ImportResult(record, len(new), len(known_keys))

    # -------------------------------------------------------------------------
    # CHECKS
    # -------------------------------------------------------------------------

    def _check_statement_account(self, statement):
        account = self.bank_account_id
        if account._number_key(statement.account_number) != account._number_key(
            account.sanitized_acc_number
        ):
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
        if statement.currency != currency.name:
            raise UserError(
                self.env._(
                    "The statement is in %(theirs)s, the journal %(journal)s is in %(ours)s. "
                    "Nothing was imported.",
                    theirs=statement.currency,
                    journal=self.display_name,
                    ours=currency.name,
                )
            )

    def _check_lock_dates(self, statement, entries):
        """Odoo would silently move the date of an entry in a locked period: refused instead."""
        for day in sorted({entry.booked_on for entry in entries}):
            locks = self.company_id._get_violated_lock_dates(day, False, self)
            if locks:
                raise UserError(
                    self.env._(
                        "Statement %(number)s has an entry of %(day)s, and the books are locked "
                        "until %(lock)s. Nothing was imported.",
                        number=statement.number,
                        day=day,
                        lock=locks[-1][0],
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
        domain = [("journal_id", "=", self.id), ("bank_operation_key", "in", keys)]
        return self.env["account.bank.statement.line"].search(domain)

    # -------------------------------------------------------------------------
    # WRITING
    # -------------------------------------------------------------------------

    def _create_statement_lines(self, keyed_entries):
        # The newest entry comes first in Odoo's order of a day: lines are made in the bank's order.
        values = [self._prepare_statement_line_vals(key, entry) for key, entry in keyed_entries]
        return self.env["account.bank.statement.line"].create(values)

    def _prepare_statement_line_vals(self, key, entry):
        partner = self._find_partner(entry)
        return {
            "journal_id": self.id,
            "date": entry.booked_on,
            "amount": float(entry.amount),
            "payment_ref": entry.title or entry.counterparty_name or entry.bank_code or "/",
            "partner_name": entry.counterparty_name or False,
            "account_number": entry.counterparty_account or False,
            "partner_id": partner.id,
            "transaction_type": entry.bank_code or False,
            "transaction_details": self._operation_details(entry),
            "bank_operation_key": key,
            "bank_booked_on": entry.booked_on,
            "bank_value_on": entry.value_on,
        }

    def _operation_details(self, entry):
        """The whole operation as the bank told it, for people and for later rules."""
        details = {"operation_id": entry.operation_id, "our_reference": entry.our_reference}
        return {**dict(entry.details), **{name: text for name, text in details.items() if text}}

    def _find_partner(self, entry):
        """The partner by account number, when it belongs to one partner only."""
        accounts = self.env["res.partner.bank"]
        if not entry.counterparty_account:
            return self.env["res.partner"]
        number = self.bank_account_id._number_key(entry.counterparty_account)
        accounts = accounts.search(
            [
                ("sanitized_acc_number", "in", (number, f"PL{number}", entry.counterparty_account)),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        )
        partners = accounts.partner_id
        return partners if len(partners) == 1 else self.env["res.partner"]

    def _create_statement(self, statement, document, lines):
        record = self.env["account.bank.statement"].create(
            {
                "name": self._statement_name(statement),
                "reference": document.name,
                "balance_start": float(statement.opening_balance or 0),
                "balance_end_real": float(statement.closing_balance or 0),
                "line_ids": [(6, 0, lines.ids)],
                "bank_document_id": document.id,
                "bank_number": statement.number,
            }
        )
        return record

    def _statement_name(self, statement):
        return f"{self.code} {statement.number} ({statement.closed_on or statement.opened_on})"


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _settle_orders(self):
        """Links each line to the order of ours that the bank gives back, and proves it executed."""
        references = {line: (line.transaction_details or {}).get("our_reference") for line in self}
        orders = (
            self.env["bank.order"]
            .sudo()
            .search(
                [
                    ("end_to_end_id", "in", list(filter(None, references.values()))),
                    ("company_id", "in", self.company_id.ids),
                ]
            )
        )
        order_of = {order.end_to_end_id: order for order in orders}
        for line, reference in references.items():
            order = order_of.get(reference)
            if order and order.journal_id == line.journal_id:
                order._take_statement_line(line)
