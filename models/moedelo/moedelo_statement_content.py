# SPDX-License-Identifier: LGPL-3.0-only
"""The statement behind a request: imported entries, read in portions, written in pieces."""

from dataclasses import dataclass
from datetime import date, timezone
from decimal import Decimal

from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules.registry import Registry
from odoo.tools import SQL

from ...protocol import records
from ...protocol.formats.client_bank_1c import statement as client_bank_1c_statement
from ...protocol.moedelo import statement_json

PORTION = 1000  # entries of one question to the database


@dataclass(frozen=True)
class Wanted:
    """What is to be read, as plain values: the request's own transaction is over by then."""

    journal_id: int
    client_id: int
    since: date
    until: date
    final: bool

    def where(self):
        """Entries of the bank, also those of today where the statement is not a final one."""
        only = SQL("AND l.statement_id IS NOT NULL") if self.final else SQL()
        return SQL(
            "l.journal_id = %s AND l.bank_operation_key IS NOT NULL"
            " AND l.bank_booked_on BETWEEN %s AND %s %s",
            self.journal_id,
            self.since,
            self.until,
            only,
        )


class MoedeloStatementRequest(models.Model):
    _inherit = "moedelo.statement.request"

    def _answer_of_balance(self):
        """The balance as the bank said it last."""
        feed = self.journal_id._bank_feed()
        said = self._said()
        if self.kind == "balance" and self.state == "ready":
            at = feed.balance_at.replace(tzinfo=timezone.utc)
            said["balance"] = {
                "currency": self._currency(),
                "booked": f"{feed.balance_booked:.2f}",
                "available": f"{feed.balance_available:.2f}",
                "at": at.isoformat().replace("+00:00", "Z"),
            }
        return said

    def _media_type(self):
        return client_bank_1c_statement.MEDIA_TYPE if self.format == "1c" else "application/json"

    def _pieces(self):
        """An iterator of bytes that reads with a cursor of its own, after this transaction."""
        self.ensure_one()
        self.served_at = fields.Datetime.now()
        wanted = Wanted(
            self.journal_id.id, self.client_id.id, self.since, self.until, self.kind == "final"
        )
        opening, closing = self._balances(wanted)
        values = {
            "account_number": self.account_number,
            "currency": self._currency(),
            "number": "",
            "opened_on": self.since,
            "closed_on": self.until,
            "opening_balance": opening,
            "closing_balance": closing,
            "final": wanted.final,
        }
        about = self._said()
        owner = _owner(self.journal_id)
        at = fields.Datetime.now().replace(tzinfo=timezone.utc)
        database = self.env.cr.dbname

        def pieces():
            with Registry(database).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                entries = env["moedelo.statement.request"]._entries(wanted)
                statement = records.Statement(**values, entries=entries)
                if about["format"] == "1c":
                    yield from client_bank_1c_statement.render(statement, owner, at)
                else:
                    yield from statement_json.render(about, statement)

        return pieces()

    def _currency(self):
        journal = self.journal_id
        return (journal.currency_id or journal.company_id.currency_id).name

    # -------------------------------------------------------------------------
    # BALANCES
    # -------------------------------------------------------------------------

    def _balances(self, wanted):
        """(before the first day, after the last one) as Decimal; None where no statement says."""
        self.env.flush_all()
        opening = self._opening_balance(wanted)
        query = SQL(
            "SELECT COALESCE(SUM(l.amount), 0) FROM account_bank_statement_line l WHERE %s",
            wanted.where(),
        )
        moved = Decimal(str(self.env.execute_query(query)[0][0]))
        return opening, None if opening is None else opening + moved

    def _opening_balance(self, wanted):
        statements = self.env["account.bank.statement"].sudo()
        journal = ("bank_journal_id", "=", self.journal_id.id)
        before = statements.search(
            [journal, ("bank_opened_on", "<=", wanted.since)],
            order="bank_opened_on desc, id desc",
            limit=1,
        )
        if before and before.bank_closed_on < wanted.since:
            return _money(before.balance_end_real)
        if before:
            query = SQL(
                "SELECT COALESCE(SUM(amount), 0) FROM account_bank_statement_line"
                " WHERE statement_id = %s AND bank_booked_on < %s",
                before.id,
                wanted.since,
            )
            moved = self.env.execute_query(query)[0][0]
            return _money(before.balance_start) + Decimal(str(moved))
        within = [journal, ("bank_opened_on", "<=", wanted.until)]
        first = statements.search(within, order="bank_opened_on, id", limit=1)
        return _money(first.balance_start) if first else None

    # -------------------------------------------------------------------------
    # ENTRIES
    # -------------------------------------------------------------------------

    @api.model
    def _entries(self, wanted):
        """`records.Entry`, in the bank's order; a cursor of the database gives them in portions."""
        cr = self.env.cr
        cr.execute("SET LOCAL cursor_tuple_fraction = 1")  # all of them are wanted
        cr.execute(SQL("DECLARE moedelo_entries NO SCROLL CURSOR FOR %s", self._query(wanted)))
        while True:
            cr.execute(SQL("FETCH %s FROM moedelo_entries", PORTION))
            rows = cr.fetchall()
            yield from map(_entry, rows)
            if len(rows) < PORTION:
                break
        cr.execute("CLOSE moedelo_entries")

    @api.model
    def _query(self, wanted):
        return SQL(
            """
            SELECT l.bank_booked_on, l.bank_value_on, l.amount, l.payment_ref, l.partner_name,
                   l.account_number, l.transaction_details, l.transaction_type,
                   l.bank_operation_key, o.moedelo_external_id
              FROM account_bank_statement_line l
              LEFT JOIN bank_order o ON o.id = l.bank_order_id AND o.moedelo_client_id = %s
             WHERE %s
             ORDER BY l.bank_booked_on, l.id
            """,
            wanted.client_id,
            wanted.where(),
        )


def _owner(journal):
    """Whose account a journal's is, as protocol record."""
    company = journal.company_id
    return records.Party(
        name=company.partner_id.name,
        account=journal.bank_account_id.sanitized_acc_number,
        tax_id=company.partner_id._bank_inn(),
    )


def _money(value):
    return Decimal(f"{value:.2f}")


def _entry(row):
    """A row of `_query`. The bank's own id stays what it was; ours is the service's document."""
    booked, value, amount, title, name, account, details, code, key, external_id = row
    details = details or {}
    return records.Entry(
        booked_on=booked,
        value_on=value,
        amount=Decimal(str(amount)),
        title=title or "",
        counterparty_name=name or "",
        counterparty_account=account or "",
        operation_id=key,
        bank_code=code or "",
        our_reference=external_id,
        details={key: text for key, text in details.items() if isinstance(text, str)},
    )
