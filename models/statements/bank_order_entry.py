"""The statement entry that answers an order: it proves that the money moved."""

from odoo import models

from ..orders.states import GONE, OVER


class BankOrder(models.Model):
    _inherit = "bank.order"

    def _take_statement_line(self, line, pairs=None):
        """The statement entry proves that the money moved, whatever was thought before.

        pairs: a list that takes what is to be reconciled, for a caller with many entries.
        """
        self.ensure_one()
        if self.bank_state == "executed" and line.amount < 0:
            if self.statement_line_id != line:
                self._tell_of_second_entry(line)
            return
        if line.amount > 0:
            if self.currency_id.compare_amounts(line.amount, self.amount):
                # A part of it, or a fee given back: what was paid was not returned.
                self._tell_of_entry(line)
            elif self.bank_state in GONE + OVER:
                if self.bank_state == "executed":
                    self._reconcile_return(line, pairs)
                self._set_state("returned", bank_reason=line.payment_ref)
                self.package_id._follow_orders()
            return
        if self.currency_id.compare_amounts(-line.amount, self.amount) or self._payment_taken():
            self._tell_of_entry(line)
            return
        self._set_state("executed", statement_line_id=line.id, executed_on=line.bank_booked_on)
        line.sudo().write({"bank_order_id": self.id})
        self._reconcile_entry(line, self._open_items(line), pairs)
        self.package_id._follow_orders()

    def _reconcile_entry(self, line, items, pairs):
        if pairs is None:
            line._reconcile_with(items)
        else:
            pairs.append((line, items))

    def _reconcile_return(self, line, pairs):
        """The money that came back settles what the payment had settled: the bill is open again."""
        payment = self.payment_id
        if payment.move_id.state != "posted":
            return
        _outstanding, items, _writeoff = payment._seek_for_lines()
        items = items.filtered(
            lambda item: item.account_type in ("liability_payable", "asset_receivable")
        )
        if len(items) != 1:
            return
        items.remove_move_reconcile()
        if line.partner_id != payment.partner_id:
            line.partner_id = payment.partner_id
        line.sudo().write({"bank_order_id": self.id})
        self._reconcile_entry(line, items, pairs)

    def _tell_of_entry(self, line):
        """An entry with our id that does not fit: never linked by itself, never hidden."""
        self.message_post(
            body=self.env._(
                "The statement has an entry of %(amount)s on %(day)s under the id of this order, "
                "which is over %(ordered)s. Look at both: nothing was linked.",
                amount=self.currency_id.format(line.amount),
                day=line.bank_booked_on,
                ordered=self.currency_id.format(self.amount),
            )
        )

    def _tell_of_second_entry(self, line):
        """A fee under the order's id, or the bank paid twice: a person has to look."""
        self.message_post(
            body=self.env._(
                "The statement has a second entry of %(amount)s on %(day)s under the id of this "
                "order, which is executed already. Look at it: nothing was linked.",
                amount=self.currency_id.format(line.amount),
                day=line.bank_booked_on,
            )
        )

    def _open_items(self, line):
        """The payment's outstanding item that the entry answers; none where it is not open."""
        payment = self.payment_id
        none = self.env["account.move.line"]
        if payment.move_id.state != "posted":
            return none
        outstanding, _counterpart, _writeoff = payment._seek_for_lines()
        outstanding = outstanding.filtered(lambda item: not item.reconciled)
        if not outstanding or not outstanding.account_id.reconcile:
            return none
        # Writing the partner makes Odoo rebuild the entry's lines: first, and only if needed.
        if line.partner_id != payment.partner_id:
            line.partner_id = payment.partner_id
        return outstanding


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _settle_orders(self):
        """Links each line to the order of ours that it answers, and proves that one executed."""
        self._settle_by_reference()
        self._settle_given_by_file()

    def _settle_by_reference(self):
        """The bank gives our own end-to-end id back."""
        references = {line: (line.transaction_details or {}).get("our_reference") for line in self}
        wanted = list(filter(None, references.values()))
        if not wanted:
            return
        orders = (
            self.env["bank.order"]
            .sudo()
            .search([("end_to_end_id", "in", wanted), ("company_id", "in", self.company_id.ids)])
        )
        # A cancelled order may share its id with the one that came after it: that one counts.
        orders = orders.sorted(lambda order: order.bank_state != "cancelled")
        order_of = {order.end_to_end_id: order for order in orders}
        pairs = []
        for line, reference in references.items():
            order = order_of.get(reference)
            if order and order.journal_id == line.journal_id:
                order._take_statement_line(line, pairs)
        self._reconcile_pairs(pairs)

    def _settle_given_by_file(self):
        """A file of rouble orders carries no id of ours: known by number, date, amount, payee."""
        for line in self.filtered(lambda item: item.amount < 0):
            details = line.transaction_details or {}
            number = details.get("document_number")
            if number and not details.get("our_reference"):
                order = line._order_given_by_file(number, details.get("document_date"))
                if len(order) == 1:
                    order._take_statement_line(line)

    def _order_given_by_file(self, number, day):
        """The orders of this account, given as a file, that the entry can be about."""
        orders = (
            self.env["bank.order"]
            .sudo()
            .search(
                [
                    ("journal_id", "=", self.journal_id.id),
                    ("package_id.by_hand_at", "!=", False),
                    ("bank_state", "=", "sent"),
                    ("payee_account", "=", self.account_number),
                ]
            )
        )
        return orders.filtered(
            lambda order: (
                order.details.get("document_number") == number
                and order.details.get("document_date") == day
                and not order.currency_id.compare_amounts(order.amount, -self.amount)
            )
        )
