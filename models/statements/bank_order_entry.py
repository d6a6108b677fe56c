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

    def _payment_taken(self):
        """True when this order was given up and its payment went into another one."""
        return self.bank_state in OVER and bool(self.payment_id.bank_order_id)

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
