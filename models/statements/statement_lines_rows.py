"""Rows of a statement line, its entry and its two items, copied from a template of the same sort.

A row is {column: value}, as the database gives it. Everything is the template's except what is
named here.
"""

from dataclasses import dataclass

LINE, MOVE, ITEM = "account_bank_statement_line", "account_move", "account_move_line"
# Columns that are the line's amount, or its opposite, or zero: as in the template.
AMOUNTS = {
    LINE: ("amount_residual",),
    MOVE: ("amount_total", "amount_total_in_currency_signed"),
    ITEM: ("amount_currency", "amount_residual_currency", "price_subtotal", "price_total"),
}
# The same for its amount in the company's currency.
BALANCES = {
    LINE: (),
    MOVE: ("amount_total_signed",),
    ITEM: ("debit", "credit", "balance", "amount_residual"),
}
# Values of a line that are no columns of its table.
ELSEWHERE = ("date", "counterpart_account_id")
HIGHEST = 2**31 - 1  # of `sequence`, which Odoo writes reversed into internal_index


@dataclass
class Copy:
    """One line to be made. `balance`: its amount in the company's currency."""

    vals: dict
    amount: float
    balance: float
    name: str = ""
    prefix: str = ""  # name = prefix + number, as Odoo splits it
    number: int = 0

    @property
    def sort(self):
        """Lines of one sort differ in nothing but what is named in this file."""
        counterpart = self.vals.get("counterpart_account_id") or 0
        return (_sign(self.amount), _sign(self.balance), counterpart)

    @property
    def partner(self):
        return self.vals.get("partner_id") or False


@dataclass
class Template:
    """What Odoo made of `copy`: {table: rows}; items in Odoo's order.

    partners: {partner or False: columns of an entry that depend on him}.
    """

    copy: Copy
    rows: dict
    partners: dict

    @property
    def item_count(self):
        return len(self.rows[ITEM])

    def make(self, copy, line_id, move_id, item_ids):
        """{table: rows} of another line of the same sort."""
        line = self._row(LINE, self.rows[LINE][0], copy)
        line |= {name: _column(copy.vals[name]) for name in copy.vals if name not in ELSEWHERE}
        line |= {"id": line_id, "move_id": move_id, "amount": copy.amount}
        line["internal_index"] = (
            f"{copy.vals['date']:%Y%m%d}{HIGHEST - line['sequence']:0>10}{line_id:0>10}"
        )
        move = self._row(MOVE, self.rows[MOVE][0], copy) | self.partners[copy.partner]
        move |= {"id": move_id, "statement_line_id": line_id, "date": copy.vals["date"]}
        move |= {"name": copy.name, "sequence_prefix": copy.prefix}
        move["sequence_number"] = copy.number
        both = zip(self.rows[ITEM], item_ids, strict=True)
        items = [self._item(row, copy, line_id, move_id, item_id) for row, item_id in both]
        return {LINE: [line], MOVE: [move], ITEM: items}

    def _item(self, row, copy, line_id, move_id, item_id):
        item = self._row(ITEM, row, copy)
        return item | {
            "id": item_id,
            "move_id": move_id,
            "statement_line_id": line_id,
            "statement_id": _column(copy.vals.get("statement_id")),
            "partner_id": copy.partner or None,
            "move_name": copy.name,
            "name": _column(copy.vals.get("payment_ref")),
            "date": copy.vals["date"],
        }

    def _row(self, table, row, copy):
        scaled = {
            name: _scaled(row[name], theirs, ours)
            for names, theirs, ours in (
                (AMOUNTS[table], self.copy.amount, copy.amount),
                (BALANCES[table], self.copy.balance, copy.balance),
            )
            for name in names
        }
        return row | scaled


def _scaled(value, theirs, ours):
    """`ours` with the sign that `value` has beside `theirs`; what is nothing stays nothing."""
    if not value or not theirs:
        return value
    return ours if (value > 0) == (theirs > 0) else -ours


def _column(value):
    return None if value is False else value


def _sign(value):
    return (value > 0) - (value < 0)
