# SPDX-License-Identifier: LGPL-3.0-only
"""Whether every journal was fetched, and every entry once; and how often the bank was asked."""

from fetch_odoo import environment

with environment() as env:
    feeds = env["bank.feed"].search([])
    env.cr.execute(
        "SELECT count(*), count(DISTINCT (journal_id, bank_operation_key))"
        " FROM account_bank_statement_line"
    )
    lines, operations = env.cr.fetchone()
    calls = env["bank.call"].search_count([("operation", "=", "statements")])
    if lines == operations > 0 and all(one.fetched_until and not one.last_error for one in feeds):
        print("FETCHED", lines, calls)
    else:
        print(lines, operations, calls, feeds.mapped("last_error"))
