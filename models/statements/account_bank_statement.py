# SPDX-License-Identifier: LGPL-3.0-only
"""The bank's statements and entries: what Odoo's own records keep of what the bank said."""

from itertools import pairwise

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL, float_compare

from ...protocol import matching
from ...protocol.formats import details
from ..connection.tables import found_by
from ..connection.words import translated

# In the order of `matching.ordered`, but for several of one day.
DAYS_APART = """
    WITH placed AS (
        SELECT s.id, s.bank_journal_id AS journal_id, s.bank_number, s.bank_opened_on,
               s.bank_closed_on, s.balance_start, s.balance_end_real, s.bank_assumed,
               ROW_NUMBER() OVER chain AS place,
               LAG(s.bank_closed_on) OVER chain AS day_before,
               ROUND(LAG(s.balance_end_real) OVER chain, currency.decimal_places)
                   != ROUND(s.balance_start, currency.decimal_places) AS apart
          FROM account_bank_statement s
          JOIN account_journal journal ON journal.id = s.bank_journal_id
          JOIN res_company company ON company.id = journal.company_id
          JOIN res_currency currency
            ON currency.id = COALESCE(journal.currency_id, company.currency_id)
         WHERE s.bank_opened_on IS NOT NULL AND %(these)s
        WINDOW chain AS (
            PARTITION BY s.bank_journal_id
                ORDER BY s.bank_closed_on, s.bank_opened_on, COALESCE(
                    substring(s.bank_number FROM '^\\s*([0-9]+)\\s*(?:/|$)')::numeric, 0), s.id
        )
    ), spans AS (
        SELECT placed.journal_id, MIN(place) - 1 AS first, MAX(place) + 1 AS last
          FROM placed
          JOIN (SELECT journal_id, bank_closed_on AS day FROM placed WHERE apart
                 UNION SELECT journal_id, day_before FROM placed WHERE apart) AS days
            ON days.journal_id = placed.journal_id AND days.day = placed.bank_closed_on
         GROUP BY placed.journal_id, placed.bank_closed_on
    )
    SELECT DISTINCT placed.* FROM placed
      JOIN spans ON spans.journal_id = placed.journal_id
       AND placed.place BETWEEN spans.first AND spans.last
     ORDER BY placed.journal_id, placed.place
"""
ENTRY_FOUND_BY = ("payment_ref", "partner_name", "partner_id.name")


class AccountBankStatement(models.Model):
    _inherit = "account.bank.statement"

    bank_document_id = fields.Many2one(
        "bank.document",
        "Bank document",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="bank_webservice.group_reader",
    )
    bank_journal_id = fields.Many2one(
        "account.journal", readonly=True, copy=False, help="Odoo takes it from the entries."
    )
    bank_number = fields.Char("Number at the bank", readonly=True, copy=False)
    bank_opened_on = fields.Date("From (bank)", readonly=True, copy=False)
    bank_closed_on = fields.Date("To (bank)", readonly=True, copy=False)
    bank_assumed = fields.Boolean(
        "Balances assumed",
        readonly=True,
        copy=False,
        help="The bank stated no balances: they go on from the statement before.",
    )

    bank_money_in = fields.Monetary("In", compute="_compute_bank_money")
    bank_money_out = fields.Monetary("Out", compute="_compute_bank_money")
    bank_difference = fields.Monetary("Difference", compute="_compute_bank_money")

    _bank_days = models.Index(
        "(journal_id, bank_closed_on DESC, id DESC) WHERE bank_closed_on IS NOT NULL"
    )
    _bank_record = models.Index("(bank_journal_id, bank_closed_on)")

    @api.depends("bank_journal_id")
    def _compute_journal_id(self):
        result = super()._compute_journal_id()
        for statement in self.filtered(lambda one: not one.journal_id):
            statement.journal_id = statement.bank_journal_id
        return result

    @api.depends("line_ids.amount", "balance_start", "balance_end_real")
    def _compute_bank_money(self):
        """The statement's own sum, entries that somebody may not see in it too: it has to be right
        for everybody."""
        for statement in self:
            lines = statement.sudo().line_ids.filtered(lambda one: one.state == "posted")
            amounts = lines.mapped("amount")
            statement.bank_money_in = sum(amount for amount in amounts if amount > 0)
            statement.bank_money_out = sum(amount for amount in amounts if amount < 0)
            reached = statement.balance_start + sum(amounts)
            difference = statement.balance_end_real - reached
            currency = statement.currency_id
            statement.bank_difference = currency.round(difference) if currency else difference

    def _compute_is_complete(self):
        """A day without movements is a statement too: complete when its balances are equal."""
        result = super()._compute_is_complete()
        for statement in self:
            if statement.bank_closed_on and not statement.line_ids:
                statement.is_complete = not float_compare(
                    statement.balance_start,
                    statement.balance_end_real,
                    precision_digits=statement.currency_id.decimal_places or 2,
                )
        return result

    # -------------------------------------------------------------------------
    # THE BANK'S ORDER
    # -------------------------------------------------------------------------

    # Odoo orders statements by the day of their first entries, which a bank may have booked late:
    # a statement is then said to be wrong for ever. Those of the bank go by their own days.

    def _compute_is_valid(self):
        ours = self.filtered("bank_opened_on")
        apart = _apart(self.env, SQL("s.bank_journal_id = ANY(%s)", ours.bank_journal_id.ids))
        for statement in ours:
            statement.is_valid = statement._origin.id not in apart
        return super(AccountBankStatement, self - ours)._compute_is_valid()

    def _get_invalid_statement_ids(self, all_statements=None):
        found = super()._get_invalid_statement_ids(all_statements)
        if not all_statements:
            return found
        ours = self.sudo().search([("id", "in", found), ("bank_opened_on", "!=", False)])
        return list(set(found).difference(ours.ids) | _apart(self.env, SQL("TRUE")))

    def _put_in_order(self):
        """Lines of one day in the order of their statements: Odoo's running balances go by it."""
        for journal in self.bank_journal_id:
            mine = self.filtered(lambda one, journal=journal: one.bank_journal_id == journal)
            days = mine.line_ids.mapped("date")
            if days:
                journal._order_lines(min(days), max(days))


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_operation_key = fields.Char(
        readonly=True,
        copy=False,
        help="The bank's own operation id, or a fingerprint of the entry's content with its "
        "number on that day.",
    )
    bank_booked_on = fields.Date(
        "Booked by the bank", readonly=True, copy=False, help="Kept whatever the books do."
    )
    bank_value_on = fields.Date("Value date", readonly=True, copy=False)
    bank_order_id = fields.Many2one(
        "bank.order", "Payment order", readonly=True, copy=False, index="btree_not_null"
    )
    bank_double_of_id = fields.Many2one(
        "account.bank.statement.line",
        "Probable double of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="An entry of the same day and amount, typed in by hand or imported another way. "
        "Delete one of the two, or press “Not a double”.",
    )
    bank_original_amount = fields.Char("Original amount", compute="_compute_bank_details")
    bank_exchange_rate = fields.Char("Rate of the bank", compute="_compute_bank_details")
    bank_fee = fields.Char("Fee in it", compute="_compute_bank_details")
    bank_vat = fields.Char("VAT (split payment)", compute="_compute_bank_details")
    bank_said = fields.Html("What the bank said", compute="_compute_bank_said")

    bank_find = fields.Char(
        "Payee, title, account or sum", store=False, search="_search_bank_find", exportable=False
    )

    _bank_operation_unique = models.UniqueIndex(
        "(journal_id, bank_operation_key) WHERE bank_operation_key IS NOT NULL",
        "This bank operation is in the journal already.",
    )
    # The numbers of one key: see `statement_books`.
    _bank_key_family = models.Index(
        "(journal_id, regexp_replace(bank_operation_key, '/[0-9]+$', ''))"
        " WHERE bank_operation_key IS NOT NULL"
    )
    _bank_booked = models.Index("(journal_id, bank_booked_on) WHERE bank_booked_on IS NOT NULL")
    _bank_newest = models.Index("(internal_index DESC)")

    @api.depends("transaction_details")
    def _compute_bank_details(self):
        """What an entry says beside its amount in the account's currency: shown, and not booked.

        The original amount is the one that was ordered, before charges and at the bank's own rate.
        Odoo's foreign currency of an entry would put it into the books as what settles an invoice;
        whether it does is for a person to decide.
        """
        for line in self:
            said = line.transaction_details or {}

            def money(name, said=said):
                amount, currency = said.get(f"{name}_amount"), said.get(f"{name}_currency")
                return " ".join(filter(None, (amount, currency))) or False

            line.bank_original_amount = money("original")
            line.bank_exchange_rate = said.get("exchange_rate", False)
            line.bank_fee = money("fee")
            line.bank_vat = money("vat")

    @api.depends("transaction_details")
    @api.depends_context("lang")
    def _compute_bank_said(self):
        """Line by line, whatever stands in the document."""
        row = Markup("<tr><th scope='row' class='fw-normal'>{}</th><td>{}</td></tr>")
        for line in self:
            said = details.lines(line.transaction_details or {})
            rows = Markup().join(
                row.format(translated(self.env, label), translated(self.env, value))
                for label, value in said
            )
            table = Markup("<table class='table table-sm o_bank_said'><tbody>{}</tbody></table>")
            line.bank_said = table.format(rows) if rows else False

    def _search_bank_find(self, operator, value):
        if operator != "ilike":
            return NotImplemented
        return found_by(value, ENTRY_FOUND_BY, ("account_number",), ("amount",))

    # -------------------------------------------------------------------------
    # ENTRIES THAT LOOK LIKE ONE THAT SOMEBODY TYPED IN BY HAND: SHOWN, NEVER DROPPED
    # -------------------------------------------------------------------------

    def _mark_doubles(self):
        """Holds new lines against those without a bank operation. Returns the marked ones."""
        marked = self.browse()
        candidates = self._typed_by_hand()
        if not candidates:
            return marked
        for line in self:
            mark = (line.bank_booked_on, line.currency_id.round(line.amount))
            typed = next(
                (one for one in candidates.get(mark, ()) if line._may_be_same_account(one)), None
            )
            if typed:
                # One typed entry explains one entry of the bank, not two.
                candidates[mark].remove(typed)
                line.bank_double_of_id = typed
                marked |= line
        return marked

    def _typed_by_hand(self):
        """{(day, amount): lines that came another way}: one query."""
        if not self:
            return {}
        lines = self.search(
            [
                ("journal_id", "in", self.journal_id.ids),
                ("bank_operation_key", "=", False),
                ("move_id.date", "in", list(set(self.mapped("bank_booked_on")))),
                ("state", "!=", "cancel"),
            ]
        )
        found = {}
        for line in lines:
            mark = (line.date, line.currency_id.round(line.amount))
            found.setdefault(mark, []).append(line)
        return found

    def _may_be_same_account(self, typed):
        key = self.journal_id.bank_account_id._number_key
        theirs = key(typed.account_number)
        return not theirs or theirs == key(self.account_number)

    def action_not_a_double(self):
        """Button: both entries are real."""
        self.check_access("write")
        self.write({"bank_double_of_id": False})


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _in_bank_order(self, statements):
        """Statements of the bank, the oldest first: by days, those of one day by their balances."""
        kept = {
            one.id: self._as_kept(
                {
                    "id": one.id,
                    "bank_number": one.bank_number,
                    "bank_opened_on": one.bank_opened_on or one.bank_closed_on,
                    "bank_closed_on": one.bank_closed_on,
                    "balance_start": one.balance_start,
                    "balance_end_real": one.balance_end_real,
                    "bank_assumed": one.bank_assumed,
                }
            )
            for one in statements
        }
        return statements.browse(one.id for one in matching.ordered(kept.values()))

    def _order_lines(self, since, until):
        """Gives the lines of these days a sequence where their ids do not say the bank's order."""
        lines = self.env["account.bank.statement.line"].sudo()
        found = lines.search(
            [
                ("journal_id", "=", self.id),
                ("move_id.date", ">=", since),
                ("move_id.date", "<=", until),
                ("statement_id.bank_closed_on", "!=", False),
            ],
            order="internal_index",
        )
        if len(found.statement_id) < 2:
            return
        place = {
            one.id: number for number, one in enumerate(self._in_bank_order(found.statement_id))
        }
        for group in found.grouped("date").values():
            places = [place[line.statement_id.id] for line in group]
            if places != sorted(places):
                # The higher the sequence, the earlier: see `internal_index`.
                ordered = group.sorted(lambda line: (place[line.statement_id.id], line.id))
                for number, line in enumerate(ordered):
                    line.sequence = len(ordered) - number


def _apart(env, these):
    """Ids of the bank's statements that do not begin where the one before ended.

    these: SQL condition of statements, whole journals. PostgreSQL finds neighbours that do not meet
    as they stand; since several of one day may stand in another order, only their days are looked
    at here, with a statement on each side.
    """
    env["account.bank.statement"].flush_model()
    runs, last = [], None
    for row in env.execute_query_dict(SQL(DAYS_APART, these=these)):
        if last != (row["journal_id"], row["place"] - 1):
            runs.append([])
        runs[-1].append(row)
        last = row["journal_id"], row["place"]
    apart = set()
    for run in runs:
        journal = env["account.journal"].browse(run[0]["journal_id"]).sudo()
        chain = matching.ordered(map(journal._as_kept, run))
        apart |= {after.id for before, after in pairwise(chain) if before.closing != after.opening}
    return apart
