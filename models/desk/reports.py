# SPDX-License-Identifier: LGPL-3.0-only
"""Reports: what the accounts held week by week, what they will hold, and how orders fared.

Amounts are in the company's currency, at the rate of the day or today's: accounts in several
currencies are added up.
"""

from odoo import fields, models, tools
from odoo.tools import SQL

from ...protocol.states import STATES
from ...protocol.vocabulary import KINDS as ORDER_KINDS

KINDS = [
    ("balance", "At the bank"),
    ("ordered", "Ordered payments"),
    ("bills", "Bills to pay"),
    ("invoices", "Invoices to be paid"),
]
WEEKS = 53  # of history
AHEAD = 12  # weeks that the line has a point in, whether something moves in them or not


def _rate(currency, day):
    """SQL: units of `currency` for one of the currency in which rates are kept, as Odoo has it."""
    return SQL(
        """COALESCE((
            SELECT r.rate FROM res_currency_rate r
             WHERE r.currency_id = %s AND r.name <= %s AND (r.company_id IS NULL
                   OR r.company_id = split_part(c.parent_path, '/', 1)::int)
             ORDER BY r.company_id NULLS LAST, r.name DESC LIMIT 1), 1)""",
        currency,
        day,
    )


def _in_company_currency(amount, currency, day="CURRENT_DATE"):
    """SQL: the amount in the currency of the company `c`. All three are SQL as text."""
    amount, currency, day, own = map(SQL, (amount, currency, day, "c.currency_id"))
    return SQL(
        "CASE WHEN %s = c.currency_id THEN %s ELSE ROUND(%s * %s / %s, 2) END",
        currency,
        amount,
        amount,
        _rate(own, day),
        _rate(currency, day),
    )


class BankBalanceHistory(models.Model):
    _name = "bank.balance.history"
    _description = "Balances of bank accounts by week"
    _auto = False
    _order = "day desc, journal_id"
    _rec_name = "journal_id"

    day = fields.Date("Week", readonly=True, help="Its Sunday; of this week, today.")
    company_id = fields.Many2one("res.company", readonly=True)
    journal_id = fields.Many2one("account.journal", "Account", readonly=True)
    bank_id = fields.Many2one("res.bank", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    balance_own = fields.Monetary("Balance in the account's currency", aggregator=None,
                                  readonly=True)  # fmt: skip
    balance = fields.Monetary(currency_field="company_currency_id", readonly=True)

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        own = "COALESCE(j.currency_id, c.currency_id)"
        query = SQL(
            """
            CREATE VIEW bank_balance_history AS
            SELECT j.id * 1000 + w.ago AS id, w.day, j.company_id, j.id AS journal_id, a.bank_id,
                   %(own)s AS currency_id, c.currency_id AS company_currency_id,
                   s.balance_end_real AS balance_own,
                   %(balance)s AS balance
              FROM account_journal j
              JOIN res_company c ON c.id = j.company_id
              LEFT JOIN res_partner_bank a ON a.id = j.bank_account_id
             CROSS JOIN (
                   SELECT ago, LEAST(CURRENT_DATE, date_trunc('week', CURRENT_DATE)::date + 6
                          - 7 * ago) AS day
                     FROM generate_series(0, %(weeks)s) ago
                   ) w
             CROSS JOIN LATERAL (
                   SELECT balance_end_real FROM account_bank_statement
                    WHERE journal_id = j.id AND bank_closed_on <= w.day
                    ORDER BY bank_closed_on DESC, id DESC LIMIT 1
                   ) s
             WHERE j.type = 'bank'
            """,
            own=SQL(own),
            balance=_in_company_currency("s.balance_end_real", own, "w.day"),
            weeks=WEEKS - 1,
        )
        self.env.cr.execute(query)


class BankCashForecast(models.Model):
    _name = "bank.cash.forecast"
    _description = "Cash forecast"
    _auto = False
    _order = "day, kind, id"
    _rec_name = "kind"

    day = fields.Date(readonly=True, help="What is overdue counts for today.")
    kind = fields.Selection(KINDS, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    journal_id = fields.Many2one("account.journal", "Account", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    move_id = fields.Many2one("account.move", "Bill or invoice", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)
    confidential = fields.Boolean(readonly=True)

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        own = "COALESCE(j.currency_id, c.currency_id)"
        query = SQL(
            """
            CREATE VIEW bank_cash_forecast AS
            SELECT f.id * 4::bigint AS id, CURRENT_DATE AS day, 'balance' AS kind, j.company_id,
                   j.id AS journal_id, NULL::int AS partner_id, NULL::int AS move_id,
                   c.currency_id, %(booked)s AS amount, FALSE AS confidential
              FROM bank_feed f
              JOIN account_journal j ON j.id = f.journal_id
              JOIN res_company c ON c.id = j.company_id
             WHERE f.balance_at IS NOT NULL
            UNION ALL
            SELECT (c.id * 100 + week) * 4::bigint + 3, CURRENT_DATE + 7 * week, 'balance', c.id,
                   NULL, NULL, NULL, c.currency_id, 0, FALSE
              FROM res_company c CROSS JOIN generate_series(1, %(ahead)s) week
             WHERE EXISTS (SELECT FROM bank_feed f JOIN account_journal j ON j.id = f.journal_id
                            WHERE j.company_id = c.id)
            UNION ALL
            SELECT p.id * 4::bigint + 1, GREATEST(COALESCE(o.execute_on, p.date), CURRENT_DATE),
                   'ordered', p.company_id, p.journal_id, p.partner_id, NULL,
                   c.currency_id, -%(paid)s, p.bank_confidential IS TRUE
              FROM account_payment p
              JOIN account_payment_method_line line ON line.id = p.payment_method_line_id
              JOIN account_payment_method m ON m.id = line.payment_method_id
              JOIN res_company c ON c.id = p.company_id
              LEFT JOIN LATERAL (
                   SELECT execute_on FROM bank_order
                    WHERE payment_id = p.id
                      AND bank_state NOT IN ('rejected', 'cancelled', 'recalled', 'returned')
                    LIMIT 1
                   ) o ON TRUE
             WHERE m.code = 'bank_webservice' AND p.payment_type = 'outbound'
               AND p.state = 'in_process' AND p.is_matched IS NOT TRUE
            UNION ALL
            SELECT l.id * 4::bigint + 2, GREATEST(COALESCE(l.date_maturity, l.date), CURRENT_DATE),
                   CASE t.account_type WHEN 'liability_payable' THEN 'bills' ELSE 'invoices' END,
                   l.company_id, NULL, l.partner_id, l.move_id, c.currency_id, l.amount_residual,
                   l.bank_confidential IS TRUE
              FROM account_move_line l
              JOIN account_account t ON t.id = l.account_id
              JOIN res_company c ON c.id = l.company_id
             WHERE t.account_type IN ('liability_payable', 'asset_receivable')
               AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
               AND l.amount_residual != 0
            """,
            booked=_in_company_currency("f.balance_booked", own),
            paid=_in_company_currency("p.amount", "p.currency_id"),
            ahead=AHEAD,
        )
        self.env.cr.execute(query)


class BankOrderReport(models.Model):
    """Orders by state and bank, and the days from sent to executed."""

    _name = "bank.order.report"
    _description = "Payment orders: analysis"
    _auto = False
    _order = "execute_on desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("bank.order", "Payment order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    bank_id = fields.Many2one("res.bank", readonly=True)
    partner_id = fields.Many2one("res.partner", "Payee", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection([*ORDER_KINDS.items()], readonly=True)
    bank_state = fields.Selection(STATES, "State", readonly=True)
    execute_on = fields.Date("Execution date", readonly=True)
    sent_on = fields.Date("Sent on", readonly=True)
    executed_on = fields.Date("Executed on", readonly=True)
    amount = fields.Monetary(readonly=True)
    days = fields.Float("Days from sent to executed", aggregator="avg", readonly=True)
    confidential = fields.Boolean(readonly=True)

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            """
            CREATE VIEW bank_order_report AS
            SELECT o.id, o.id AS order_id, o.company_id, o.journal_id,
                   COALESCE(p.bank_id, a.bank_id) AS bank_id, o.partner_id, o.currency_id,
                   o.kind, o.bank_state, o.execute_on, p.handed_over_at::date AS sent_on,
                   o.executed_on, o.amount, o.confidential,
                   (o.executed_on - p.handed_over_at::date)::float AS days
              FROM bank_order o
              LEFT JOIN bank_package p ON p.id = o.package_id
              LEFT JOIN account_journal j ON j.id = o.journal_id
              LEFT JOIN res_partner_bank a ON a.id = j.bank_account_id
            """
        )
