"""The statement entries that answer an order: they prove that the money moved, and came back.

The state follows from all of them by their days and signs, never from the one that was read last:
statements are fetched out of order, some list the newest entry first, and lines are deleted and
fetched again.
"""

from collections import defaultdict

from odoo import fields, models

from ..orders.states import GONE, OVER, STATES


class BankOrder(models.Model):
    _inherit = "bank.order"

    statement_line_ids = fields.One2many(
        "account.bank.statement.line", "bank_order_id", "Statement entries", readonly=True
    )
    # What the bank had said before a statement spoke: it holds again when the entries are deleted.
    state_before_entries = fields.Selection(STATES, readonly=True, copy=False)

    def _take_entries(self, lines, pairs=None):
        """New statement entries under this order, in whatever state it is.

        pairs: a list that takes what is to be reconciled, for a caller with many entries.
        """
        self.ensure_one()
        ours = lines.filtered(
            lambda line: not self.currency_id.compare_amounts(abs(line.amount), self.amount)
        )
        if self._payment_taken():
            ours = ours.browse()
        for line in lines - ours:
            self._tell_of_entry(line)
        if ours:
            ours.sudo().write({"bank_order_id": self.id})
            self._settle_by_entries(pairs)

    # -------------------------------------------------------------------------
    # THE STATE
    # -------------------------------------------------------------------------

    def _debits_and_credits(self):
        """The linked entries, each side in the order of the bank's days."""
        lines = self.sudo().statement_line_ids.sorted(
            lambda line: (line.bank_booked_on or line.date, line.bank_operation_key or "", line.id)
        )
        return lines.filtered(lambda one: one.amount < 0), lines.filtered(
            lambda one: one.amount > 0
        )

    def _settle_by_entries(self, pairs=None):
        """State, payment, entry and bill as all linked entries say."""
        self.ensure_one()
        debits, credits = self._debits_and_credits()
        before = self.bank_state
        values = {"statement_line_id": debits[:1].id, "executed_on": debits[:1].bank_booked_on}
        if not self.state_before_entries:
            values["state_before_entries"] = before
        if len(debits) > len(credits):
            state = "executed"
        elif credits:
            state = "returned"
            values["bank_reason"] = credits[-1:].payment_ref
        else:
            state = self.state_before_entries or "accepted"
            values["state_before_entries"] = False
        if state == "executed" and before in OVER:
            values["bank_reason"] = False
        stands = not self.payment_id or self.payment_id.sudo().state in ("in_process", "paid")
        if state == "executed" and before not in OVER and stands and len(debits | credits) == 1:
            # A thousand of these in one statement are reconciled together, at its end.
            self._set_state(state, **values)
            self._reconcile_entry(debits, self._open_items(debits), pairs)
        else:
            self._settle(state, lambda order: order._follow_in_books(), **values)
        if debits and self.state_before_entries in OVER:
            self._tell_of_execution(self.state_before_entries)
        if len(debits) > 1 or len(credits) > max(len(debits), 1):
            self._tell_of_many(debits, credits)
        self.package_id._follow_orders()

    # -------------------------------------------------------------------------
    # THE BOOKS
    # -------------------------------------------------------------------------

    def _follow_in_books(self):
        """Safe to repeat; the same whatever was read, and undone, before."""
        debits, credits = self._debits_and_credits()
        payment = self.payment_id.sudo()
        if not (debits or credits):
            if self.bank_state not in OVER:
                self._revive_payment()
            return super()._follow_in_books()
        if not payment:
            return None
        executed = self.bank_state == "executed"
        given_up = payment.state not in ("in_process", "paid")
        self._revive_entry()
        outstanding, item = self._own_items()
        answers = ((outstanding, debits[:1]), (item, credits[:1] if not executed else credits[:0]))
        for mine, line in answers:
            (self._entries_of(mine) & (debits | credits) - line).action_undo_reconciliation()
        if not executed and item and self._entries_of(item) != credits[:1]:
            # The money that came back settles what the payment had settled: the bill is open.
            item.remove_move_reconcile()
        for mine, line in answers:
            if line and mine and not mine.reconciled and mine.account_id.reconcile:
                self._give_partner(line)
                line._reconcile_with(mine)
        if not executed:
            payment.action_reject()
        elif given_up:
            self._pay_bills()
            payment._compute_state()
        return None

    def _own_items(self):
        """(outstanding item, payable item) of the payment's entry."""
        outstanding, items, _writeoff = self.payment_id.sudo()._seek_for_lines()
        items = items.filtered(
            lambda item: item.account_type in ("liability_payable", "asset_receivable")
        )
        return outstanding[:1], items if len(items) == 1 else items.browse()

    def _entries_of(self, item):
        """The statement entries that an item is reconciled with."""
        partials = item.matched_debit_ids | item.matched_credit_ids
        moves = (partials.debit_move_id | partials.credit_move_id).move_id
        return moves.statement_line_id

    def _reconcile_entry(self, line, items, pairs):
        if pairs is None:
            line._reconcile_with(items)
        else:
            pairs.append((line, items))

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
        self._give_partner(line)
        return outstanding

    def _give_partner(self, line):
        """Writing it makes Odoo rebuild the entry's lines: before all else, and only if needed."""
        if line.partner_id != self.payment_id.partner_id:
            line.partner_id = self.payment_id.partner_id

    # -------------------------------------------------------------------------
    # TELLING A PERSON
    # -------------------------------------------------------------------------

    def _tell_of_entry(self, line):
        """An entry with our id that does not fit: never linked by itself, never hidden."""
        note = self.env._(
            "The statement has an entry of %(amount)s on %(day)s under the id of the payment order "
            "%(order)s, which is over %(ordered)s and %(state)s. Look at both: nothing was linked.",
            amount=self.currency_id.format(line.amount),
            day=line.bank_booked_on,
            order=self.name,
            ordered=self.currency_id.format(self.amount),
            state=self._state_label().lower(),
        )
        if -self.amount < line.amount < 0:
            # A fee: banks book it under the id of its transfer.
            self.message_post(body=note)
        elif line.amount > 0:
            self._ask_person(self.env._("Did a part of the money come back?"), note)
        else:
            self._ask_person(self.env._("Was more paid than was ordered?"), note)

    def _tell_of_many(self, debits, credits):
        """The bank paid twice, or gave back more than it took: a person has to look."""
        note = self.env._(
            "The statements have these entries under the id of the payment order %(order)s: "
            "%(entries)s. Only the first one settles the payment. Look at the others.",
            order=self.name,
            entries=", ".join(
                f"{self.currency_id.format(line.amount)} ({line.bank_booked_on})"
                for line in debits | credits
            ),
        )
        self._ask_person(self.env._("Paid twice?"), note)

    def _tell_of_execution(self, before):
        note = self.env._(
            "Payment order %(order)s was %(before)s, and the statement shows that the bank "
            "executed it. Now it is %(state)s, and payment and bill follow as far as they can. "
            "Look at both.",
            order=self.name,
            before=dict(self._fields["bank_state"]._description_selection(self.env))[
                before
            ].lower(),
            state=self._state_label().lower(),
        )
        self._ask_person(self.env._("Executed all the same"), note)


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

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
        self._reconcile_pairs(pairs)

    def _by_reference(self):
        """[(order, line)]: the bank gives our own end-to-end id back."""
        references = {line: (line.transaction_details or {}).get("our_reference") for line in self}
        wanted = list(filter(None, references.values()))
        if not wanted:
            return []
        orders = (
            self.env["bank.order"]
            .sudo()
            .search([("end_to_end_id", "in", wanted), ("company_id", "in", self.company_id.ids)])
        )
        # A cancelled order may share its id with the one that came after it: that one counts.
        orders = orders.sorted(
            lambda order: (order.bank_state != "cancelled", bool(order.package_id.handed_over_at))
        )
        order_of = {order.end_to_end_id: order for order in orders}
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
                order = line._order_given_by_file(number, details.get("document_date"))
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
                order.details.get("document_number") == number
                and order.details.get("document_date") == day
                and not order.currency_id.compare_amounts(order.amount, -self.amount)
            )
        )
        under_way = orders.filtered(
            lambda order: order.bank_state in GONE and not order.statement_line_ids
        )
        orders = under_way or orders
        return orders if len(orders) == 1 else orders.browse()


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
