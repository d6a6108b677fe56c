# SPDX-License-Identifier: LGPL-3.0-only
"""One entry for a whole payroll: the orders that the bank booked together.

The entry names the part of our message that ordered it (`PmtInfId`), or the message alone; which
orders these are stands in the bytes that were signed. Only the sum, and the count where the bank
says it, link them: to the grosz, or a person is asked and nothing is linked.
"""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from ...protocol.errors import BankError
from ...protocol.formats import pain001
from ...protocol.states import GONE

# Of an entry: what may name a part of a message, or a message. Banks write the first as our
# reference, too, where their statements have no other place (MT940).
NAMES = ("batch_id", "payment_information_id", "our_reference", "batch_message_id", "message_id")
# Nobody has refused them: returned ones left with the others, and came back alone.
BOOKABLE = (*GONE, "returned")


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_batch_order_ids = fields.One2many(
        "bank.order", "batch_line_id", "Booked together", readonly=True
    )

    def _given_as_one(self):
        """[(all orders of a part of a message, the entry that may be of it)]."""
        named = {
            line: names
            for line in self
            if line.amount < 0
            and (names := names_in(line.transaction_details))
            and not line._has_orders()
        }
        ids = {name.rpartition("-")[0] or name for names in named.values() for name in names}
        packages = self.env["bank.package"].sudo().search([("message_id", "in", [*ids])])
        package_of = {package.message_id: package for package in packages}
        parts = {package: _parts(package) for package in packages}
        found = []
        for line, names in named.items():
            for name in names:
                package = package_of.get(name.rpartition("-")[0] or name)
                if package and (orders := line._orders_of_part(name, package, parts[package])):
                    found.append((orders, line))
                    break
        return found

    def _has_orders(self):
        return bool(self.bank_order_id or self.bank_batch_order_ids)

    def _orders_of_part(self, name, package, parts):
        """By the part's own name; where only the message is named, the one part of this sum."""
        orders = package.order_ids.filtered(lambda order: order.journal_id == self.journal_id)
        groups = {
            part: orders.filtered(lambda order, ids=ids: order.end_to_end_id in ids)
            for part, ids in parts.items()
        }
        if name in groups:
            return groups[name]
        fitting = [group for group in groups.values() if _booked(group, self)]
        return fitting[0] if len(fitting) == 1 and name == package.message_id else orders.browse()

    def _batch_items(self):
        """What the payments of all its orders have open; nothing where that is not its sum."""
        none = self.env["account.move.line"]
        items = none.union(*(order._own_items()[0] for order in self.bank_batch_order_ids))
        items = items.filtered(lambda item: item.parent_state == "posted" and not item.reconciled)
        fits = not self.currency_id.compare_amounts(
            sum(items.mapped("amount_residual_currency")), self.amount
        )
        reconcilable = len(items.account_id) == 1 and items.account_id.reconcile
        return items if fits and reconcilable else none

    def _take_batch(self, orders, pairs):
        """The entry of all these orders; `pairs` takes what is to be reconciled."""
        booked = _booked(orders, self)
        if not booked:
            self._tell_of_batch(orders)
            return
        booked.write({"batch_line_id": self.id})
        for order in booked:
            order._settle_by_entries([])
        pairs.append((self, self._batch_items()))

    def _tell_of_batch(self, orders):
        """Not of a fee, which banks book under the id of what it was taken for."""
        if self.bank_operation_kind == "fee":
            return
        left = orders.filtered(lambda order: not order._debits_and_credits()[0])
        orders[:1]._ask_person(
            self.env._("Which orders were booked together?"),
            self.env._(
                "The statement has one entry of %(amount)s on %(day)s for the orders of the "
                "package %(package)s, of which %(count)s over %(ordered)s are not in a statement "
                "yet. That is not its sum, or not its number of orders: nothing was linked. Look "
                "at the bank which of them it paid.",
                amount=self.currency_id.format(self.amount),
                day=self.bank_booked_on,
                package=orders.package_id.name,
                count=len(left),
                ordered=self.currency_id.format(sum(left.mapped("amount"))),
            ),
        )


def _booked(orders, line):
    """Those of a part of a message that the entry is of; none where it does not add up."""
    left = orders.filtered(
        lambda order: order.bank_state in BOOKABLE and not order._debits_and_credits()[0]
    )
    total = sum((Decimal(str(order.amount)) for order in left), Decimal(0))
    count = (line.transaction_details or {}).get("batch_count")
    agree = (
        left.currency_id == line.currency_id
        and not line.currency_id.compare_amounts(float(total), -line.amount)
        and count in (None, "", str(len(left)))
    )
    return left if agree else left.browse()


def names_in(said):
    """The names in an entry's details, in the order of NAMES; ours have small letters."""
    said = said or {}
    return list(dict.fromkeys(said[key].strip().lower() for key in NAMES if said.get(key)))


def _parts(package):
    """{PmtInfId: end-to-end ids} of parts with several orders."""
    if not (package.format or "").startswith("pain.001"):
        return {}
    try:
        parts = pain001.payments_of(package._raw_content())
    except (UserError, BankError):  # a statement is not kept out by what became of a message
        return {}
    return {part.lower(): ids for part, ids in parts.items() if len(ids) > 1}
