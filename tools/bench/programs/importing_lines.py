# SPDX-License-Identifier: LGPL-3.0-only
"""In Odoo's shell: 5,000 statement lines by `create`, and the fast way; and a whole file.

Every run is rolled back and swept away, so that each finds the same tables: without VACUUM the
rows of the runs before make every later one slower. There are some entries before, and ANALYZE
saw them: of an empty table PostgreSQL expects that reading the whole of it is quickest, which makes
each way slower the more it writes. Prints one line of JSON.
"""

import datetime
import json
import os
import time
from contextlib import closing
from pathlib import Path

import psycopg2

BEFORE = 2000
ENTRIES, RUNS = int(os.environ["BENCH_ENTRIES"]), int(os.environ["BENCH_RUNS"])
FILE, WITH_OCA = os.environ["BENCH_FILE"], bool(os.environ.get("BENCH_OCA"))
PARTNERS = 200
env = env(user=env.ref("base.user_root"), su=True)  # noqa: F821

zloty, euro = env.ref("base.PLN"), env.ref("base.EUR")
(zloty | euro).active = True
company = env["res.company"].create({"name": "Bench", "currency_id": zloty.id})
env["account.chart.template"].try_loading("pl", company, install_demo=False)
env = env(context={"allowed_company_ids": [company.id], "lang": "en_US"})
company = company.with_env(env)
env["res.currency.rate"].create(
    {"currency_id": euro.id, "company_id": company.id, "name": "2026-01-01", "rate": 0.23}
)
partners = env["res.partner"].create([{"name": f"Partner {n}"} for n in range(PARTNERS)])
account = env["res.partner.bank"].create(
    {"acc_number": "PL27114020040000300201355387", "partner_id": company.partner_id.id}
)


def journal(code, currency=False, account=False):
    values = {"name": code, "code": code, "type": "bank", "company_id": company.id}
    more = {"currency_id": currency and currency.id, "bank_account_id": account and account.id}
    return env["account.journal"].create({**values, **more})


def values(journal, entries=ENTRIES):
    statement = env["account.bank.statement"].create({"name": "S", "bank_journal_id": journal.id})
    day = datetime.date(2026, 2, 1)
    return [
        {
            "journal_id": journal.id,
            "date": day + datetime.timedelta(days=number // 250),
            "amount": round((number % 997 - 400) * 1.01, 2) or 1.0,
            "payment_ref": f"FV {number}/2026",
            "partner_name": f"Partner {number % PARTNERS}",
            "account_number": f"PL{number:026}",
            "partner_id": number % 5 > 1 and partners[number % PARTNERS].id,
            "transaction_type": "770",
            "transaction_details": {"tnr": str(number)},
            "bank_operation_key": f"key {number}",
            "statement_id": statement.id,
        }
        for number in range(entries)
    ]


def timed(work):
    """Seconds of `work`, which is undone."""
    started = time.perf_counter()
    work()
    env.flush_all()
    seconds = time.perf_counter() - started
    env.cr.rollback()
    env.transaction.clear()
    sweep()
    return seconds


def sweep():
    with closing(psycopg2.connect(env.cr._cnx.dsn)) as sweeper:
        sweeper.autocommit = True  # no transaction is open: VACUUM wants none
        sweeper.cursor().execute("VACUUM ANALYZE")


def plain(journal):
    wanted = values(journal)
    for start in range(0, ENTRIES, 1000):
        env["account.bank.statement.line"].create(wanted[start : start + 1000])


def fast(journal):
    lines = env["account.bank.statement.line"]._create_entries(values(journal))
    if len(lines) != ENTRIES:
        raise RuntimeError(f"{len(lines)} lines")


def upload(journal, data):
    _documents, results = journal._upload_statements([("large.xml", data)])
    return sum(result.new for result in results)


def again(journal, data, found):
    """The same file twice; what the second time takes."""
    if upload(journal, data) != ENTRIES:
        raise RuntimeError("the file did not go in")
    env.flush_all()
    started = time.perf_counter()
    if upload(journal, data):
        raise RuntimeError("the same file gave new entries")
    found.append(time.perf_counter() - started)


def oca(data):
    import base64

    wizard = env["account.statement.import"].create(
        {"statement_file": base64.b64encode(data), "statement_filename": "large.xml"}
    )
    wizard.import_file_button()


env["account.bank.statement.line"]._create_entries(values(journal("USED"), BEFORE))
data = Path(FILE).read_bytes()
figures = {}
if WITH_OCA:
    own = journal("OWN", account=account)
    env.cr.commit()
    sweep()
    for _ in range(RUNS):
        figures.setdefault("oca", []).append(timed(lambda: oca(data)))
        figures.setdefault("file", []).append(timed(lambda: upload(own, data)))
else:
    zlotys, euros = journal("PLN"), journal("EUR", euro)
    own = journal("OWN", account=account)
    env.cr.commit()
    sweep()
    for _ in range(RUNS):
        figures.setdefault("plain", []).append(timed(lambda: plain(zlotys)))
        figures.setdefault("fast", []).append(timed(lambda: fast(zlotys)))
        figures.setdefault("plain_euro", []).append(timed(lambda: plain(euros)))
        figures.setdefault("fast_euro", []).append(timed(lambda: fast(euros)))
        timed(lambda: again(own, data, figures.setdefault("again", [])))
print("BENCH", json.dumps(figures), flush=True)
env.cr.rollback()
