"""Entries that look like one that somebody typed in by hand: shown, never dropped."""

from odoo import fields, models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

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
