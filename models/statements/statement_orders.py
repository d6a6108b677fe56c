"""Which order of ours an entry answers: by our end-to-end id, or as a file's order is known.

What is deleted is not proved any more: the orders follow.
"""

import re
from collections import defaultdict

import psycopg2
from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError

from ..orders.bank_order_restored import look_for_restore
from ..orders.states import GONE

# Of an entry: what it proves of an order.
PROVES = {"amount", "journal_id"}


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_proof(any(vals.get("bank_order_id") for vals in vals_list))
        return super().create(vals_list)

    def write(self, vals):
        """The import alone says what answers an order: it opens bills, and closes them."""
        proving = PROVES & vals.keys() and self.sudo().bank_order_id
        self._refuse_proof(proving or "bank_order_id" in vals)
        return super().write(vals)

    def _refuse_proof(self, refused):
        if refused and not self.env.su:
            raise UserError(
                self.env._(
                    "What a statement entry says of a payment order cannot be edited. Delete the "
                    "entry, and fetch the statement again."
                )
            )

    def unlink(self):
        """What the deleted entries had proved is not proved any more."""
        orders = self.sudo().bank_order_id
        result = super().unlink()
        for order in orders:
            order._settle_by_entries()
        return result

    def _settle_orders(self):
        """Links each line to the order of ours that it answers; the orders follow."""
        found = defaultdict(list)
        for order, line in (*self._by_reference(), *self._given_by_file()):
            found[order].append(line.id)
        pairs = []
        for order, ids in found.items():
            order._take_entries(self.browse(ids), pairs)
        self._reconcile_executed(pairs)

    def _reconcile_executed(self, pairs):
        """All in one go; where the books of one order fail, the statement comes in all the same."""
        try:
            with self.env.cr.savepoint():
                self._reconcile_pairs(pairs)
        except (psycopg2.OperationalError, ConcurrencyError):
            raise
        except Exception:
            # One by one: an order whose books fail says so, and the others are reconciled.
            for line, items in pairs:
                line.bank_order_id._settle(
                    line.bank_order_id.bank_state,
                    lambda _order, line=line, items=items: line._reconcile_with(items),
                )

    def _by_reference(self):
        """[(order, line)]: the bank gives our own end-to-end id back."""
        references = {line: (line.transaction_details or {}).get("our_reference") for line in self}
        wanted = list(filter(None, references.values()))
        if not wanted:
            return []
        # By the account: an order of a branch has another company than the journal it pays from.
        orders = (
            self.env["bank.order"]
            .sudo()
            .search([("end_to_end_id", "in", wanted), ("journal_id", "in", self.journal_id.ids)])
        )
        # A cancelled order may share its id with the one that came after it: that one counts.
        orders = orders.sorted(
            lambda order: (order.bank_state != "cancelled", bool(order.package_id.handed_over_at))
        )
        order_of = {order.end_to_end_id: order for order in orders}
        look_for_restore(self.env, wanted, order_of)
        return [
            (order_of[reference], line)
            for line, reference in references.items()
            if reference in order_of and order_of[reference].journal_id == line.journal_id
        ]

    def _given_by_file(self):
        """[(order, line)]: a file of rouble orders carries no id of ours; they are known by number,
        date, amount, payee."""
        found = []
        for line in self.filtered(lambda item: item.amount < 0):
            details = line.transaction_details or {}
            number = details.get("document_number")
            if number and not details.get("our_reference"):
                order = line._order_given_by_file(number, _iso(details.get("document_date")))
                if order:
                    found.append((order, line))
        return found

    def _order_given_by_file(self, number, day):
        """The one order of this account, given as a file, that the entry can be about.

        One that is under way, else one that was given up or is executed already.
        """
        orders = (
            self.env["bank.order"]
            .sudo()
            .search(
                [
                    ("journal_id", "=", self.journal_id.id),
                    ("package_id.by_hand_at", "!=", False),
                    ("payee_account", "=", self.account_number),
                ]
            )
        )
        orders = orders.filtered(
            lambda order: (
                _bare(order.details.get("document_number")) == _bare(number)
                and order.details.get("document_date") == day
                and not order.currency_id.compare_amounts(order.amount, -self.amount)
            )
        )
        under_way = orders.filtered(
            lambda order: order.bank_state in GONE and not order.statement_line_ids
        )
        orders = under_way or orders
        return orders if len(orders) == 1 else orders.browse()


def _iso(day):
    """The day of a 1C file (10.03.2026) as DirectBank and our orders have it (2026-03-10)."""
    return re.sub(r"^(\d\d)\.(\d\d)\.(\d{4})$", r"\3-\2-\1", day or "")


def _bare(number):
    """A number without the zeros with which some banks fill it up."""
    return (number or "").strip().lstrip("0")


class AccountMove(models.Model):
    _inherit = "account.move"

    def unlink(self):
        """The database deletes a statement line with its entry, and asks nobody."""
        orders = self.sudo().statement_line_id.bank_order_id
        result = super().unlink()
        orders.invalidate_recordset(["statement_line_id", "statement_line_ids"])
        for order in orders:
            order._settle_by_entries()
        return result
