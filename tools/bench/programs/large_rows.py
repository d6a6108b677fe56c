# SPDX-License-Identifier: LGPL-3.0-only
"""In Odoo's shell: what each operation costs in this database. Prints one line of JSON:
{name: [seconds, queries, slowest query]}; every one is undone.
"""

import json
import os
import statistics
import time
from contextlib import contextmanager
from types import SimpleNamespace

from odoo.sql_db import Cursor

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
ENTRY = {
    name: {} for name in ("date", "payment_ref", "amount", "bank_operation_kind", "is_reconciled")
} | {
    name: {"fields": {"display_name": {}}}
    for name in (
        "journal_id",
        "partner_id",
        "bank_proposal_id",
        "statement_id",
        "bank_double_of_id",
    )
}
ORDER = {name: {} for name in ("name", "execute_on", "payee_name", "amount", "bank_state")}
root = env(user=env.ref("base.user_root"), su=True)  # noqa: F821
company = root["res.company"].search([("name", "=", "Bench")])
root = root(context={"allowed_company_ids": company.ids, "lang": "en_US"})
person = root["res.users"].search([("login", "=", "bench")])
env = root(user=person.id, su=False)
journals = root["account.journal"].search(
    [("company_id", "=", company.id), ("code", "like", "L"), ("type", "=", "bank")]
)
slow = SimpleNamespace(text="", seconds=0.0)
_execute = Cursor.execute


def execute(self, query, params=None, **more):
    started = time.perf_counter()
    result = _execute(self, query, params, **more)
    spent = time.perf_counter() - started
    if spent > slow.seconds:
        slow.seconds, slow.text = spent, self._obj.query.decode(errors="replace")
    return result


Cursor.execute = execute
figures = {}
FAMILY = (
    "bank_operation_key IS NOT NULL"
    " AND regexp_replace(bank_operation_key, '/[0-9]+$', '') = ANY(%s)"
)


def measure(name, work):
    """Median seconds, queries, and the slowest query, with nothing kept from the run before."""
    spent, queries = [], 0
    slow.seconds = 0.0
    for _run in range(RUNS + 1):
        root.invalidate_all()
        before, started = root.cr.sql_log_count, time.perf_counter()
        work()
        root.flush_all()
        spent.append(time.perf_counter() - started)
        queries = root.cr.sql_log_count - before
    figures[name] = [statistics.median(spent[1:]), queries, slow.text]


@contextmanager
def undone():
    """What is done inside is rolled back, and forgotten."""
    try:
        with root.cr.savepoint(flush=False) as savepoint:
            yield
            savepoint.rollback()
    finally:
        root.transaction.clear()
        root.registry.clear_cache()


lines, items = env["account.bank.statement.line"], env["account.move.line"]
unmatched = lines.search([("is_reconciled", "=", False), ("payment_ref", "like", "FV %")], limit=1)
keys = [
    f"op{number}" for number in lines.search([("journal_id", "=", journals[0].id)], limit=1000).ids
]
package = root["bank.package"].search([("name", "=", "PK7")])
newest = root["bank.order"].search([("name", "like", "PO")], limit=1).create_date.date()


def entries(domain=(), specification=ENTRY):
    return lines.web_search_read(list(domain), specification, limit=80, count_limit=10001)


def dashboard(which):
    which.with_env(env).web_read({"kanban_dashboard": {}, "kanban_dashboard_graph": {}})


def items_of_odoo():
    items.search_count([])
    items.formatted_read_group([], ["journal_id"], ["balance:sum"])
    account = journals[0].default_account_id
    items.formatted_read_group([("account_id", "=", account.id)], [], ["balance:sum"])


def access():
    return SimpleNamespace(
        company_id=company.id, client_id=root["moedelo.client"].search([], limit=1).id
    )


measure("entries: list", entries)
measure("entries: list of the open", lambda: entries([("is_reconciled", "=", False)]))
measure("entries: filter With a proposal", lambda: entries([("bank_proposal_id", "!=", False)]))
measure("entries: form of an open one", lambda: unmatched.web_read(ENTRY))
measure(
    "entries grouped by journal",
    lambda: lines.formatted_read_group([], ["journal_id"], ["amount:sum", "__count"]),
)
measure(
    "entries of a month",
    lambda: entries([("date", ">=", "2026-01-01"), ("date", "<", "2026-02-01")]),
)
measure("dashboard of 20 journals", lambda: dashboard(journals[:20]))
measure("dashboard of all journals", lambda: dashboard(journals))
measure(
    "which entries are known, 1,000",
    lambda: journals[0]._taken_keys("bank_operation_key = ANY(%s)", keys),
)
measure("other numbers of a key", lambda: journals[0]._taken_keys(FAMILY, keys[:1]))
measure(
    "orders: list",
    lambda: env["bank.order"].web_search_read([], ORDER, limit=80, count_limit=10001),
)
measure("Moe Delo: list of 100", lambda: root["bank.order"]._moedelo_page(access(), 0, 100))
measure("two signers: sums of a day", package._payee_day_totals)
measure("orders of the last days", lambda: root["bank.order"]._past_orders(journals[0], newest))
measure(
    "bill: its orders",
    lambda: package.order_ids.payment_id.move_id._refuse_when_bill_ordered(("sent",)),
)
measure(
    "a statement's record",
    lambda: root["account.bank.statement"].search(
        [
            ("bank_journal_id", "=", journals[0].id),
            ("bank_number", "=", "1"),
            ("bank_closed_on", "=", "2026-01-15"),
        ],
        limit=1,
    ),
)
measure("Odoo's journal items", items_of_odoo)
with undone():
    root.cr.execute("UPDATE account_journal SET bank_statements_source = 'undefined'")
    root.cr.execute("UPDATE account_bank_statement SET bank_opened_on = NULL")
    root.invalidate_all()
    measure("Odoo's own: dashboard of 20 journals", lambda: dashboard(journals[:20]))
    measure("Odoo's own: dashboard of all journals", lambda: dashboard(journals))
with undone():
    root.cr.execute(
        "UPDATE ir_rule SET active = false WHERE domain_force LIKE '%bank_confidential%'"
    )
    root.registry.clear_cache()
    root.invalidate_all()
    measure("Odoo's own: journal items", items_of_odoo)
    measure(
        "Odoo's own: entries grouped by journal",
        lambda: lines.formatted_read_group([], ["journal_id"], ["amount:sum", "__count"]),
    )
print("BENCH", json.dumps(figures), flush=True)
root.cr.rollback()
