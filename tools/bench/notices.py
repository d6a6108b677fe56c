"""10,000 notices in the outbox, delivered by one cron worker to the pretend Moe Delo.

The limit is 100 notices a second, here as milliseconds for one.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools import moedelo_pretend
from tools import stack as stacks
from tools.bench import Figure
from tools.moedelo import Service, Vendor

STORED = 10_000
LIMIT = 10.0  # ms for one: 100 a second
PATIENCE = 600  # seconds

# Notices of as many documents: the orders behind them are copies of one row.
_ORDERS = f"""
    INSERT INTO bank_order (name, company_id, journal_id, kind, amount, currency_id, execute_on,
                            bank_state, moedelo_client_id, moedelo_external_id)
    SELECT 'PO/' || number, %(company)s, %(journal)s, 'rouble', 100, %(currency)s, now(),
           'sending', %(client)s, gen_random_uuid()
      FROM generate_series(1, {STORED}) AS number
"""
_NOTICES = """
    INSERT INTO moedelo_notice (uid, client_id, company_id, order_id, document, number, code,
                                content, delivery, attempts, give_up_at, create_date)
    SELECT uid, client, company, id, document, 1, '01',
           json_build_object('id', uid, 'document', document, 'number', 1, 'code', '01',
                             'inn', '7707083893', 'state', 'sending', 'reason', '',
                             'executed_on', NULL, 'happened_at', '2026-03-10T10:00:00Z'),
           'waiting', 0, now() + interval '7 days', now()
      FROM (SELECT gen_random_uuid()::text AS uid, moedelo_client_id AS client,
                   company_id AS company, id, moedelo_external_id AS document
              FROM bank_order WHERE moedelo_external_id IS NOT NULL) AS made
"""


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        vendor = Vendor(Path(folder))
        options = {"workers": 2, "cron_threads": 1, "sandbox": None, **vendor.conf}
        with stacks.running("bench_notices", **options) as running:
            _prepare(running, vendor)
            seconds = _deliver(running)
            seen = moedelo_pretend.state(running)
    told = len({notice["id"] for notice in seen["notices"]})
    if told != STORED or seen["late"] or seen["forged"]:
        raise RuntimeError(f"{told} of {STORED} notices arrived: {seen['forged'][:3]}")
    yield Figure("notice, time for one", seconds / STORED * 1000, "ms", None, LIMIT)
    yield Figure("notices a second, one cron worker", STORED / seconds, "/s")


def _prepare(running, vendor: Vendor) -> None:
    """The service is known, the second cron record rests, and the outbox is full but shut."""
    service = Service.register(running, vendor)
    running.start_moedelo("--every", "3600")
    moedelo_pretend.introduce(running, service.company_id)
    rpc = running.rpc()
    (client,) = rpc("moedelo.client", "search", [("api_address", "!=", False)])
    rpc("moedelo.subscription", "write", [1], {"client_id": client})
    running.sql("UPDATE ir_cron SET active = FALSE")
    (journal,) = rpc("account.journal", "search", [("type", "=", "bank")], limit=1)
    currency = rpc("res.company", "read", [service.company_id], ["currency_id"])[0]["currency_id"]
    values = {"company": service.company_id, "journal": journal, "currency": currency[0]}
    running.sql(_ORDERS % {**values, "client": client})
    running.sql(_NOTICES)
    running.sql("ANALYZE")


def _deliver(running) -> float:
    """Wake one cron worker; seconds from its first delivery to its last."""
    running.sql(
        "UPDATE ir_cron SET active = TRUE, nextcall = now() at time zone 'utc' WHERE id ="
        " (SELECT res_id FROM ir_model_data WHERE name = 'cron_moedelo_notice')"
    )
    running.databases.cluster.sql(f"NOTIFY cron_trigger, '{running.database}'", database="postgres")
    started, deadline = None, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ((count,),) = running.sql("SELECT count(*) FROM moedelo_notice WHERE delivery = 'waiting'")
        left = int(count)
        if started is None and left < STORED:
            started = time.monotonic()
        if not left:
            return time.monotonic() - started
        time.sleep(0.2)
    raise RuntimeError(f"{left} notices were not delivered within {PATIENCE} s")
