# SPDX-License-Identifier: LGPL-3.0-only
"""What happens to a bill between its order and the bank's last word: paid once, or still open.

Every case has a bill of its own. At the end the bank's books are held against what each bill owes.
"""

import threading
import xmlrpc.client

from tools.faults.run import fetch
from tools.faults.settle import Settling
from tools.faults.shop import LOST
from tools.ground.say import Stop

AMOUNT = 60.0
SENT = ("sent", "waiting", "accepted")


def between(shop, phase):
    """All cases, one after the other; their rows."""
    town = Between(shop)
    rows = [town.lock_date(), town.parted(), town.two_users()]
    rows += [town.refused_after_execution(), town.out_of_order()]
    town.compare()
    phase.ends("the bill changes in between")
    return rows


class Between:
    def __init__(self, shop):
        self.shop, self.bank, self.sql = shop, shop.bank, shop.stack.sql
        self.settling = Settling(shop.stack, shop)
        self.bills = []
        shop.patience(30)

    # -- the cases ------------------------------------------------------------

    def lock_date(self):
        """The bank refuses, and before Odoo asks the books are closed."""
        bill, payment, order = self.sent()
        self.bank.refuse_next()
        self.bank.execute()
        self._lock(self.shop.dated())
        self._ask()
        self._lock(False)
        self._expect(bill, order, "rejected", AMOUNT)
        entry = f"SELECT move_id FROM account_payment WHERE id = {payment}"
        if not self.sql(f"SELECT id FROM account_move WHERE reversed_entry_id = ({entry})"):
            raise Stop("The lock date was in nobody's way.")
        if "Correct a copy" not in self._refusal(self.shop.wizard, [payment]):
            raise Stop("A payment that the bank refused was sent once more.")
        return "lock date set before the refusal is read", 1, "reversed later", "bill open"

    def parted(self):
        """An accountant takes the bill off; refused, and found where it is done all the same."""
        ways = (self._unreconcile, self._cancel, self._credit)
        for way in ways:
            bill, _payment, package, order = self.prepared()
            calls = len(self.bank.calls())
            if "cannot be changed" not in self._refusal(way, bill):
                raise Stop(f"{way.__name__} is possible while an order pays the bill.")
            # As code does that no guard sees: the button refuses, and the job before its call.
            way(bill, by_sql=True)
            send = self.shop.user(), "bank.package", "action_send", [package]
            if "Cancel the package" not in self._refusal(*send):
                raise Stop("“Send” takes an order whose bill was taken off.")
            self.sql(f"UPDATE bank_order SET bank_state = 'to_send' WHERE id = {order}")
            self.sql(
                "UPDATE bank_package SET state = 'to_send', sender_id = create_uid "
                f"WHERE id = {package}"
            )
            self.settling.until_quiet()
            state, reason = self.sql(
                f"SELECT state, bank_reason FROM bank_package WHERE id = {package}"
            )[0]
            if state != "prepared" or not reason or len(self.bank.calls()) > calls:
                raise Stop(f"After {way.__name__} the package is {state}: {reason}")
            self.shop.user()("bank.package", "action_cancel", [package])
        return "bill unreconciled, cancelled, credited", len(ways), "refused each time", "0 sent"

    def two_users(self):
        """Two users pay one bill at the same moment, each in a dialog of his own."""
        self.bank.next_day()
        bill = self.bill()
        dialogs = {login: self._dialog(bill, login) for login in self.shop.people}
        ready, taken = threading.Barrier(len(dialogs)), []

        def pay(login):
            call = self.shop.user(login)
            ready.wait()
            try:
                call("account.payment.register", "action_create_payments", [dialogs[login]])
                taken.append(login)
            except (*LOST, xmlrpc.client.Fault):
                pass
            for payment in self._payments(bill):
                self._refusal(self.shop.wizard, [payment], login)

        people = [threading.Thread(target=pay, args=(login,)) for login in dialogs]
        for person in people:
            person.start()
        for person in people:
            person.join()
        self.settling.until_settled()
        self._execute_and_fetch()
        orders = self._orders(bill)
        if len(orders) != 1:
            raise Stop(f"Two users made these orders for one bill: {orders}")
        self._expect(bill, orders[0], "executed", 0)
        return "two users pay one bill at once", 2, f"{len(taken)} payments", "1 order, executed"

    def refused_after_execution(self):
        """The bank executes, says that it refused, and the bill is ordered once more."""
        self.bank.next_day()
        bill, _payment, order = self.sent()
        self.bank.execute()
        self.bank.contradict(self._reference(order))
        self._ask()
        self._expect(bill, order, "rejected", AMOUNT)
        second = self.prepared(bill)
        fetch(self.shop)
        self._expect(bill, order, "executed", 0)
        self._expect(bill, second[3], "cancelled", 0)
        activity = "SELECT count(*) FROM mail_activity WHERE res_model = 'bank.order'"
        if self.sql(f"{activity} AND res_id = {order}") == [["0"]]:
            raise Stop("Nobody was told that a refused order was executed.")
        return "executed, then called refused", 1, "2nd payment stopped", "1 execution"

    def out_of_order(self):
        """Two days, of which the later one is read first: the money comes back on it, or, where no
        return names its order, it has another one."""
        self.bank.next_day()
        if self.shop.returns:
            self.bank.close(self.shop.numbers[0])
        orders = [self.sent()]
        self.bank.execute()
        day = self.shop.booked_on()
        self.bank.next_day()
        if not self.shop.returns:
            orders.append(self.sent())
        self.bank.execute()
        fetch(self.shop)
        fetch(self.shop, day)
        for bill, _payment, order in orders:
            state = ("returned", AMOUNT) if self.shop.returns else ("executed", 0)
            self._expect(bill, order, *state)
        ends = "returned, bill open" if self.shop.returns else "executed"
        return "the later of two days read first", len(orders), "", ends

    # -- work -----------------------------------------------------------------

    def bill(self):
        call, (partner, _account) = self.shop.user(), self.shop.suppliers[0]
        line = {"name": "Papier", "quantity": 1, "price_unit": AMOUNT, "tax_ids": [(6, 0, [])]}
        day = self.shop.dated()
        values = {"move_type": "in_invoice", "partner_id": partner, "invoice_date": day}
        values |= {"date": day, "ref": f"R {len(self.bills) + 1}"}
        bill = call("account.move", "create", {**values, "invoice_line_ids": [(0, 0, line)]})
        call("account.move", "action_post", [bill])
        self.bills.append(bill)
        return bill

    def _dialog(self, bill, login=""):
        """Odoo's own dialog *Pay*."""
        values = {
            "journal_id": self.shop.journal,
            "payment_method_line_id": self.shop.method,
            "partner_bank_id": self.shop.suppliers[0][1],
            "payment_date": self.shop.dated(),
            "communication": self.shop.title(9000 + len(self.bills)),
        }
        context = {"active_model": "account.move", "active_ids": [bill]}
        call = self.shop.user(login)
        return call("account.payment.register", "create", values, context=context)

    def prepared(self, bill=None):
        """(bill, payment, package, order)."""
        bill = bill or self.bill()
        dialog = self._dialog(bill)
        self.shop.user()("account.payment.register", "action_create_payments", [dialog])
        payment = self._payments(bill)[-1]
        self.shop.wizard([payment], action="action_prepare")
        query = f"SELECT package_id, id FROM bank_order WHERE payment_id = {payment}"
        return bill, payment, *map(int, self.sql(query)[-1])

    def sent(self):
        """(bill, payment, order), which the bank has."""
        bill, payment, package, order = self.prepared()
        self.shop.user()("bank.package", "action_send", [package])
        self.settling.until_settled()
        return bill, payment, order

    def _ask(self):
        """The status of what the bank has, some hours later."""
        self.settling.ask(600, SENT)

    def _execute_and_fetch(self):
        self.bank.execute()
        fetch(self.shop)

    def _lock(self, day):
        """In the company's own form; what is cached of it is forgotten there."""
        self.shop.admin("res.company", "write", [self.shop.company], {"fiscalyear_lock_date": day})

    def _refusal(self, press, *args):
        """Odoo's words when it does not let a person do that, else empty."""
        try:
            press(*args)
        except xmlrpc.client.Fault as fault:
            return fault.faultString
        return ""

    # -- how a bill is taken off its payment ----------------------------------

    def _unreconcile(self, bill, by_sql=False):
        items = f"SELECT id FROM account_move_line WHERE move_id = {bill}"
        if by_sql:
            self.sql(f"DELETE FROM account_partial_reconcile WHERE credit_move_id IN ({items})")
            return self.sql(
                "UPDATE account_move_line SET amount_residual = balance, reconciled = false, "
                "amount_residual_currency = amount_currency, full_reconcile_id = NULL "
                f"WHERE move_id = {bill} AND balance < 0"
            )
        ids = [int(row[0]) for row in self.sql(items)]
        return self.shop.user()("account.move.line", "remove_move_reconcile", ids)

    def _cancel(self, bill, by_sql=False):
        if by_sql:
            return self.sql(f"UPDATE account_move SET state = 'cancel' WHERE id = {bill}")
        return self.shop.user()("account.move", "button_draft", [bill])

    def _credit(self, bill, by_sql=False):
        call, row = self.shop.user(), {"move_type": "in_refund", "invoice_date": self.shop.dated()}
        row["partner_id"] = self.shop.suppliers[0][0]
        line = {"name": "Papier", "quantity": 1, "price_unit": AMOUNT, "tax_ids": [(6, 0, [])]}
        row |= {"invoice_line_ids": [(0, 0, line)]}
        if not by_sql:
            row["reversed_entry_id"] = bill
        note = call("account.move", "create", row)
        call("account.move", "action_post", [note])
        return self.sql(f"UPDATE account_move SET reversed_entry_id = {bill} WHERE id = {note}")

    # -- what became of it ----------------------------------------------------

    def _payments(self, bill):
        return self.shop.user()(
            "account.payment", "search", [["invoice_ids", "in", [bill]]], order="id"
        )

    def _orders(self, bill):
        query = f"SELECT id FROM bank_order WHERE bills ? '{bill}' AND bank_state != 'cancelled'"
        return [int(row[0]) for row in self.sql(query)]

    def _reference(self, order):
        return self.sql(f"SELECT end_to_end_id FROM bank_order WHERE id = {order}")[0][0]

    def _expect(self, bill, order, state, owed):
        found = self.sql(f"SELECT bank_state, books_problem FROM bank_order WHERE id = {order}")
        left = float(self.sql(f"SELECT amount_residual FROM account_move WHERE id = {bill}")[0][0])
        if found[0][0] != state or abs(left - owed) > 0.001:
            raise Stop(f"Not {state} with {owed} open, but {found[0]} with {left}.")

    def compare(self):
        """What the bank has for each bill, against what it owes; a bill is never paid twice."""
        for bill in self.bills:
            query = f"SELECT end_to_end_id FROM bank_order WHERE bills ? '{bill}'"
            references = [row[0] for row in self.sql(query)]
            paid = self.bank.balance(self.shop.account_number, references)
            row = self.sql(f"SELECT state, amount_residual FROM account_move WHERE id = {bill}")[0]
            taken_off = row[0] == "cancel"  # behind Odoo's back, see `parted`
            if paid not in (0, AMOUNT) or (paid and float(row[1]) + paid != AMOUNT):
                raise Stop(f"Bill {bill}: {paid} paid, {row[1]} open.")
            if taken_off and paid:
                raise Stop(f"Bill {bill} was cancelled, and {paid} paid.")
