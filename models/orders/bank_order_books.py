# SPDX-License-Identifier: LGPL-3.0-only
"""One story: order, payment, entry and bills belong together until the bank has spoken.

The order keeps what each bill owes through it. What would part them is refused by the guards of
payment, entry, bill and reconciliation; here they are held against each other again, since code
in sudo and requests at the same moment pass every guard.
"""

from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL

from ...protocol.errors import Problem
from ...protocol.states import OPEN


def paid_bills(payments):
    """{payment id: {key: amount as text}} as the field `bills` has it, one question for all."""
    if not payments.ids:
        return {}
    # These alone: what else waits to be written is written once, at the end.
    payments.env["account.payment"].flush_model(["move_id"])
    payments.env["account.partial.reconcile"].flush_model()
    payments.env["account.move"].flush_model(["reversed_entry_id", "state", "amount_residual"])
    query = SQL(
        """
        WITH paid AS (
            SELECT payment.id AS payment, theirs.move_id AS bill,
                   SUM(part.debit_amount_currency) AS amount
              FROM account_payment payment
              JOIN account_move_line ours ON ours.move_id = payment.move_id
              JOIN account_partial_reconcile part ON part.debit_move_id = ours.id
              JOIN account_move_line theirs ON theirs.id = part.credit_move_id
             WHERE payment.id IN %(ids)s
             GROUP BY payment.id, theirs.move_id
            -- What only takes up a difference of rates pays nothing.
            HAVING SUM(part.debit_amount_currency) <> 0)
        SELECT payment, bill, ROUND(amount::numeric, 3)::text FROM paid
         UNION ALL
        SELECT paid.payment, -note.id, ROUND(note.amount_residual::numeric, 3)::text
          FROM paid
          JOIN account_move note ON note.reversed_entry_id = paid.bill
         WHERE note.state = 'posted' AND note.amount_residual > 0
        """,
        ids=tuple(payments.ids),
    )
    paid = {}
    for payment_id, key, amount in payments.env.execute_query(query):
        paid.setdefault(payment_id, {})[str(key)] = amount
    return paid


def paid_otherwise(payments, paid):
    """A payment that was taken off its bill, which something else has paid meanwhile or may pay."""
    problems, env = [], payments.env
    for payment in payments:
        own = paid.get(payment.id, {})
        matched = sum(float(amount) for key, amount in own.items() if int(key) > 0)
        if payment.currency_id.compare_amounts(matched, payment.amount) >= 0:
            continue
        problems += [
            Problem(
                payment.name or payment.display_name,
                env._("Bill"),
                env._("%s is paid by something else already.", bill.name)
                if bill.currency_id.is_zero(bill.amount_residual)
                else env._(
                    "%s is not matched with this payment any more. Match them again, or cancel "
                    "the payment.",
                    bill.name,
                ),
            )
            for bill in payment.invoice_ids
            if str(bill.id) not in own and bill.state == "posted"
        ]
    return problems


def keep_matched_bills(orders):
    """A bill that finds its payment late belongs to the order from then on, too."""
    paid = paid_bills(orders.payment_id)
    for order in orders:
        known = order.bills or {}
        now = paid.get(order.payment_id.id, {}).items()
        late = {key: amount for key, amount in now if int(key) > 0 and key not in known}
        if late:
            order.bills = {**known, **late}


def bill_moves(orders):
    """The bills that these orders pay."""
    keys = {int(key) for order in orders for key in order.bills or {}}
    return orders.env["account.move"].browse(sorted(key for key in keys if key > 0))


def open_items(order, bill):
    """What is open of a bill; of another entry, such as the payroll, what is the payee's."""
    payee = order.partner_id.commercial_partner_id
    whole = bill.is_invoice(include_receipts=True)
    return bill.line_ids.filtered(
        lambda item: (
            item.account_type in ("asset_receivable", "liability_payable")
            and not item.reconciled
            and (whole or item.partner_id.commercial_partner_id == payee)
        )
    )


def open_amount(order, bill):
    """Its sum: Odoo knows none of an entry that is no bill."""
    if bill.is_invoice(include_receipts=True):
        return bill.amount_residual
    return abs(sum(open_items(order, bill).mapped("amount_residual_currency")))


def orders_of_bills(moves, states):
    """The orders in `states` that pay these bills; only so many live at a time."""
    orders = moves.env["bank.order"].sudo()
    if not moves.ids:
        return orders
    orders.flush_model(["bank_state", "bills"])
    query = SQL(
        "SELECT id FROM bank_order WHERE bank_state IN %s AND jsonb_exists_any(bills, %s)",
        tuple(states),
        [str(number) for number in moves.ids],
    )
    return orders.browse(row[0] for row in orders.env.execute_query(query))


def refuse_parting(orders, record):
    """UserError that names the way out. `record`: what somebody wants to change, in words."""
    for order in orders[:1].sudo():
        words = order.env._(
            "%(record)s is in the payment order %(order)s (%(state)s): it cannot be changed, "
            "cancelled or deleted.",
            record=record,
            order=order.name,
            state=order._state_label(),
        )
        if order.bank_state in OPEN and order.package_id:
            way = order.env._("Cancel the package %s first.", order.package_id.name)
        elif order.bank_state in OPEN:
            way = order.env._("Cancel the payment order %s first.", order.name)
        else:
            way = ""
        raise UserError(f"{words} {way}".strip())


def problems_of_books(orders):
    """[Problem] of every order whose payment, entry or bills are not what it was made from."""
    orders = orders.filtered("payment_id")
    paid = paid_bills(orders.payment_id)
    bills = bill_moves(orders).exists()
    known = {str(bill.id): bill for bill in bills}
    astray = _bills_astray(bills)
    problems = []
    for order in orders:
        found = _problems_of_payment_now(order)
        found += _problems_of_bills_now(order, paid.get(order.payment_id.id, {}), known, astray)
        problems += [Problem(order.name, field, words) for field, words in found]
    return problems


def _problems_of_payment_now(order):
    """[(field, words)]: payment and entry against the frozen order."""
    payment, move = order.payment_id, order.payment_id.move_id
    name = payment.name or payment.display_name
    if (payment.state, move.state) != ("in_process", "posted"):
        words = order.env._(
            "%(payment)s is not posted any more, or is paid already. Cancel the package.",
            payment=name,
        )
        return [(order.env._("Payment"), words)]
    found = []
    outstanding = move.line_ids.filtered(
        lambda line: line.account_id == payment.outstanding_account_id
    )
    booked = -sum(outstanding.mapped("amount_currency"))
    same = order.currency_id.compare_amounts
    if (
        payment.currency_id != order.currency_id
        or same(payment.amount, order.amount)
        or same(booked, order.amount)
    ):
        words = order.env._(
            "%(payment)s is of %(amount)s now, and its entry of %(booked)s. Cancel the package.",
            payment=name,
            amount=payment.currency_id.format(payment.amount),
            booked=payment.currency_id.format(booked),
        )
        found.append((order.env._("Amount"), words))
    if (payment.partner_id, payment.partner_bank_id) != (order.partner_id, order.partner_bank_id):
        words = order.env._("%s has another payee or account now. Cancel the package.", name)
        found.append((order.env._("Payee's account"), words))
    journal = payment.journal_id
    if (journal, journal.bank_account_id.sanitized_acc_number) != (
        order.journal_id,
        order.payer_account,
    ):
        words = order.env._(
            "the journal pays from another account now than the order. Cancel the package."
        )
        found.append((order.env._("Journal"), words))
    return found


def _problems_of_bills_now(order, paid, known, astray):
    """[(field, words)]. `paid`: see `_paid_bills`; `known`: {key: bill}; `astray`: bills."""
    found, frozen = [], order.bills or {}
    for key, amount in frozen.items():
        bill = known.get(key)
        if key.startswith("-"):
            continue
        if not bill or bill.state != "posted" or bill.payment_state in ("blocked", "reversed"):
            found.append(
                order.env._(
                    "%s is not open for payment any more. Cancel the package.",
                    bill.name if bill else key,
                )
            )
        elif paid.get(key) != amount or bill in astray:
            found.append(
                order.env._(
                    "%s does not owe through this payment what it did when the order was "
                    "made. Cancel the package.",
                    bill.name,
                )
            )
    for key, amount in paid.items():
        if key.startswith("-") and float(amount) > float(frozen.get(key, 0)):
            note = order.env["account.move"].browse(-int(key))
            found.append(
                order.env._(
                    "the credit note %s has come since the order was made. Cancel the package.",
                    note.name,
                )
            )
    return [(order.env._("Bill"), words) for words in found]


def _bills_astray(bills):
    """Bills of which the open amount does not follow from what is matched, or is below zero."""
    if not bills:
        return bills
    bills.env["account.move.line"].flush_model(["balance", "amount_residual"])
    query = SQL(
        """
        SELECT DISTINCT move_id
          FROM (SELECT item.move_id, item.balance, item.amount_residual,
                       item.balance
                       - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile part
                                    WHERE part.debit_move_id = item.id), 0)
                       + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile part
                                    WHERE part.credit_move_id = item.id), 0) AS open
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                 WHERE item.move_id IN %s AND account.reconcile) AS items
         WHERE ABS(open - amount_residual) > 0.004 OR open * SIGN(balance) < -0.004
        """,
        tuple(bills.ids),
    )
    return bills.browse(row[0] for row in bills.env.execute_query(query))


def open_bills_again(order):
    """The bills to pay anew, each open by what this order paid of it; empty where it had none.

    RedirectWarning, to what paid it, where a bill is not open by that sum any more.
    """
    order.ensure_one()
    owed = {key: float(sum_) for key, sum_ in (order.bills or {}).items() if int(key) > 0}
    bills = _bills_to_pay_again(order)
    for bill in bills:
        # Of a bill in another currency, and of one that was not kept: whatever is open.
        same = bill.currency_id == order.currency_id
        amount = (same and owed.get(str(bill.id))) or bill.currency_id.rounding
        if (
            bill.state != "posted"
            or bill.payment_state == "blocked"
            or bill.currency_id.compare_amounts(open_amount(order, bill), amount) < 0
        ):
            by = bill.sudo()._get_reconciled_payments().with_env(order.env)
            raise RedirectWarning(
                order.env._(
                    "%(bill)s is not open by %(amount)s any more: %(open)s of it are open. "
                    "What is still to be paid is paid from the bill itself.",
                    bill=bill.name,
                    amount=bill.currency_id.format(amount),
                    open=bill.currency_id.format(open_amount(order, bill)),
                ),
                (by._filtered_access("read") or bill)._get_records_action(),
                order.env._("Show what paid it") if by else order.env._("Show the bill"),
            )
    if len(bills) < len(owed):
        raise UserError(order.env._("A bill that this order paid does not exist any more."))
    return bills


def items_to_pay_again(order):
    """What is open of them."""
    items = (open_items(order, bill) for bill in _bills_to_pay_again(order))
    return order.env["account.move.line"].union(*items)


def _bills_to_pay_again(order):
    # Orders from before the bills were kept have those of their payment.
    return bill_moves(order).exists() or order.payment_id.invoice_ids
