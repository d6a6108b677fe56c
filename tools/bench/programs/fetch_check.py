"""Whether every journal was fetched, and every entry once."""

from fetch_odoo import environment

with environment() as env:
    feeds = env["bank.feed"].search([])
    env.cr.execute(
        "SELECT count(*), count(DISTINCT (journal_id, bank_operation_key))"
        " FROM account_bank_statement_line"
    )
    lines, operations = env.cr.fetchone()
    # One question a journal: more would mean that two workers took the same.
    calls = env["bank.call"].search_count([("operation", "=", "statements")])
    good = all(feed.fetched_until and not feed.last_error for feed in feeds)
    if good and lines == operations > 0 and calls == len(feeds):
        print("FETCHED", lines)
    else:
        print(lines, operations, calls, feeds.mapped("last_error"))
