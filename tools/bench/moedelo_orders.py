# SPDX-License-Identifier: LGPL-3.0-only
"""A thousand payment orders in one request, and a statement of 10,000 entries out.

One worker with Odoo's default limits. Floor of the orders: the bare parse of the body; beside the
first piece of a statement stands the time of all of it, which shows that it is written in pieces.
"""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import requests

from tools.bench import Figure
from tools.ground import stack as stacks
from tools.moedelo.service import Service, Vendor, make_administrator

ORDERS, ENTRIES = 1000, 10_000
OWN = "40702810700000000001"
MOSCOW = timezone(timedelta(hours=3))
TIMEOUT = 120

# Imported entries, as rows: how they came there is measured elsewhere. Their statement goes on from
# the demo month's last one: where balances do not meet, a statement is missing.
_FILL = """
    WITH journal AS (
        SELECT journal.id, journal.company_id, last.balance_end_real AS balance
          FROM account_journal AS journal
          JOIN account_bank_statement AS last ON last.bank_journal_id = journal.id
         WHERE journal.code = 'DBR' ORDER BY last.bank_closed_on DESC, last.id DESC LIMIT 1),
    statement AS (
        INSERT INTO account_bank_statement (name, journal_id, bank_journal_id, company_id,
               bank_opened_on, bank_closed_on, balance_start, balance_end_real, is_complete)
        SELECT 'bench', id, id, company_id, current_date - 3, current_date - 1,
               balance, balance + {entries}, true
          FROM journal RETURNING id, journal_id, company_id),
    move AS (
        INSERT INTO account_move (journal_id, company_id, date, state, move_type, name,
               currency_id, auto_post)
        SELECT journal_id, company_id, current_date - 2, 'draft', 'entry', 'BENCH/' || number,
               (SELECT id FROM res_currency WHERE name = 'RUB'), 'no'
          FROM statement, generate_series(1, {entries}) AS number RETURNING id, name)
    INSERT INTO account_bank_statement_line (move_id, statement_id, journal_id, company_id, amount,
           payment_ref, partner_name, account_number, bank_operation_key, bank_booked_on,
           transaction_details, currency_id)
    SELECT move.id, statement.id, statement.journal_id, statement.company_id, 1.00,
           'Оплата по счёту ' || move.name, 'ООО Бумага и Офис', '40702810655000000101',
           move.name, current_date - 2, '{{"document_number": "17", "priority": "5"}}',
           (SELECT id FROM res_currency WHERE name = 'RUB')
      FROM move, statement
"""
_READY = """
    UPDATE bank_feed SET fetched_until = current_date - 1
     WHERE journal_id = (SELECT id FROM account_journal WHERE code = 'DBR')
"""


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        vendor = Vendor(Path(folder))
        with stacks.running("bench_moedelo", demo=True, workers=1, **vendor.conf) as running:
            service = _service(running, vendor)
            token = service.connect("payments statements")["access_token"]
            yield from _push(service, token)
            yield from _fetch(running, service, token)


def _service(running, vendor: Vendor) -> Service:
    rpc = running.rpc()
    make_administrator(rpc)
    issuer = "bank_webservice.moedelo_issuer"
    rpc("ir.config_parameter", "set_param", issuer, running.odoo.url)
    company = rpc("res.company", "search", [("name", "=", "ООО Демо Торговля")])[0]
    rpc("res.users", "write", [2], {"company_id": company})
    vendor.license_company(rpc, company)
    return Service(running, *Service.new_client(rpc), company)


def _push(service: Service, token: str) -> Iterator[Figure]:
    today = datetime.now(MOSCOW).date().isoformat()
    body = json.dumps({"documents": [_document(n, today) for n in range(1, ORDERS + 1)]})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for name in ("1,000 orders in one request", "the same 1,000 again (same answer)"):
        start = time.perf_counter()
        answer = requests.post(
            f"{service.url}/moedelo/v1/payment-orders", body, headers=headers, timeout=TIMEOUT
        )
        spent = time.perf_counter() - start
        said = {result["result"] for result in answer.json()["results"]}
        if said != {"accepted"}:
            raise RuntimeError(f"{answer.status_code} {answer.text[:300]}")
        yield Figure(name, spent, "s", _parsing(body), 10)


def _parsing(body: str) -> float:
    start = time.perf_counter()
    json.loads(body)
    return time.perf_counter() - start


def _document(number: int, day: str) -> dict:
    return {
        "external_id": str(uuid.uuid4()),
        "number": str(number),
        "date": day,
        "amount": f"{number}.50",
        "currency": "RUB",
        "payer": {"account": OWN},
        "payee": {
            "name": "ООО Бумага и Офис",
            "inn": "7813002014",
            "kpp": "781301001",
            "account": "40702810655000000101",
            "bik": "044030653",
            "bank_name": "СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР",
            "corr_account": "30101810500000000653",
        },
        "purpose": f"Оплата по счёту {number}. НДС не облагается",
    }


def _fetch(running, service: Service, token: str) -> Iterator[Figure]:
    running.sql(_FILL.format(entries=ENTRIES))
    running.sql("ANALYZE account_bank_statement_line, bank_order")
    rpc = running.rpc()
    journal = rpc("account.journal", "search", [("code", "=", "DBR")])
    rpc("account.journal", "write", journal, {"fetch_every": 1})  # makes the feed's row
    running.sql(_READY)
    today = datetime.now(timezone.utc).date()
    for form in ("json", "1c"):
        external_id = str(uuid.uuid4())
        asked = {
            "external_id": external_id,
            "account": OWN,
            "kind": "final",
            "from": (today - timedelta(days=3)).isoformat(),
            "to": (today - timedelta(days=1)).isoformat(),
            "format": form,
        }
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{service.url}/moedelo/v1/statement-requests"
        said = requests.post(url, json=asked, headers=headers, timeout=TIMEOUT)
        if said.json().get("state") != "ready":
            raise RuntimeError(said.text[:300])
        yield from _download(f"{url}/{external_id}", headers, form)


def _download(url: str, headers: dict, form: str) -> Iterator[Figure]:
    start = time.perf_counter()
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        content = len(answer.raw.read1(65_536))
        first = time.perf_counter() - start
        content += len(answer.raw.read())
    spent = time.perf_counter() - start
    if content < ENTRIES * 100:
        raise RuntimeError(f"only {content} bytes")
    yield Figure(f"statement of {ENTRIES} entries, {form}", spent, "s", None, 3)
    yield Figure(f"statement, {form}, first piece", first, "s", spent)
