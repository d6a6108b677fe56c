# SPDX-License-Identifier: LGPL-3.0-only
"""In Odoo's shell: so many payments from *Send* to the bank's receipt. Prints one line of JSON.

Seconds are our own: what passes while the bank's answers are awaited is counted apart. Really
commits, since sending does: the database is thrown away afterwards.
"""

import json
import os
import time
from pathlib import Path

import requests

COUNTS = [int(count) for count in os.environ["BENCH_COUNTS"].split(",")]
BANK = os.environ["BENCH_BANK"]
PAYEES = 200
GROUPS = ("operator", "signer", "sender")
env = env(user=env.ref("base.user_root"), su=True)  # noqa: F821
waited = [0.0]
_send = requests.adapters.HTTPAdapter.send


def counted_send(*args, **kwargs):
    started = time.perf_counter()
    try:
        return _send(*args, **kwargs)
    finally:
        waited[0] += time.perf_counter() - started


requests.adapters.HTTPAdapter.send = counted_send


def ask(path, **body):
    return requests.post(f"{BANK}{path}", json=body, timeout=60)


def number(of):
    digits = f"10901014{of:016d}"
    return f"PL{98 - int(digits + '252100') % 97:02d}{digits}"


def company():
    zloty = env.ref("base.PLN")
    zloty.active = True
    made = env["res.company"].create({"name": "Bench", "currency_id": zloty.id})
    # On its contact: a company that says its country makes Odoo install more modules.
    made.partner_id.write({"vat": "PL5251000017", "country_id": env.ref("base.pl").id})
    env["account.chart.template"].try_loading("pl", made, install_demo=False)
    return made


def user(of):
    groups = [env.ref(f"bank_webservice.group_{name}").id for name in GROUPS]
    groups.append(env.ref("account.group_validate_bank_account").id)
    values = {"name": "Bench", "login": "bench", "company_id": of.id}
    more = {"company_ids": [(6, 0, of.ids)], "group_ids": [(4, group) for group in groups]}
    return env["res.users"].create({**values, **more})


def journal(of, person):
    bank = env["res.bank"].create(
        {
            "name": "mBank", "bic": "BREXPLPWXXX", "bank_channel": "mbank",
            "webservice_address": f"{BANK}/mbank/ws", "webservice_timeout": 60,
        }
    )  # fmt: skip
    env["bank.operator"].create({"bank_id": bank.id, "user_id": person.id, "login": "anna"})
    account = env["res.partner.bank"].create(
        {
            "acc_number": "PL22114010100000100000010001", "partner_id": of.partner_id.id,
            "bank_id": bank.id, "client_identifier": "10000001",
        }
    )  # fmt: skip
    return env["account.journal"].create(
        {
            "name": "mBank", "code": "BWS", "type": "bank", "company_id": of.id,
            "bank_account_id": account.id, "bank_statements_source": "bank_webservice",
        }
    )  # fmt: skip


def payees():
    partners = env["res.partner"].create(
        [
            {"name": f"Payee {n}", "street": "ul. Zielona 4", "zip": "60-001", "city": "Poznań",
             "country_id": env.ref("base.pl").id}
            for n in range(PAYEES)
        ]
    )  # fmt: skip
    env["res.partner.bank"].create(
        [
            {"acc_number": number(n + 1), "partner_id": partner.id, "allow_out_payment": True}
            for n, partner in enumerate(partners)
        ]
    )
    return partners


def payments(count):
    """Posted ones; and the seconds that Odoo's posting took."""
    method = bws.outbound_payment_method_line_ids.filtered(lambda m: m.code == "bank_webservice")
    made = env["account.payment"].create(
        [
            {
                "payment_type": "outbound", "partner_type": "supplier",
                "partner_id": partners[n % PAYEES].id, "journal_id": bws.id,
                "partner_bank_id": partners[n % PAYEES].bank_ids.id,
                "payment_method_line_id": method.id, "amount": 10 + n / 100, "memo": f"{count} {n}",
            }
            for n in range(count)
        ]
    )  # fmt: skip
    started = time.perf_counter()
    made.action_post()
    env.cr.commit()
    return made, time.perf_counter() - started


class Part:
    """What a request or a run of the cron takes."""

    def __enter__(self):
        env.cr.commit()
        env.invalidate_all()
        waited[0] = 0.0
        self.queries = env.cr.sql_log_count
        self.cpu, self.wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_error):
        env.flush_all()
        env.cr.commit()
        self.wall = time.perf_counter() - self.wall
        self.cpu = time.process_time() - self.cpu
        self.queries = env.cr.sql_log_count - self.queries
        self.own = self.wall - waited[0]


def send(chosen):
    """What the wizard shows, its button *Send*, and the cron's run with the receipt."""
    person_env = env(user=anna.id, su=False)
    with Part() as dialog:
        values = {"payment_ids": [(6, 0, chosen.ids)]}
        wizard = person_env["bank.send"].create(values)
        wizard.web_read({"problems": {}, "totals": {}, "blocked": {}, "payment_ids": {}})
    with Part() as button:
        wizard.action_send()
    with Part() as cron:
        env["bank.package"]._cron_send()
    states = set(chosen.mapped("bank_state"))
    if states - {"sent", "waiting", "accepted"}:
        raise RuntimeError(f"{states}: {chosen.bank_order_id.package_id.mapped('bank_reason')}")
    return dialog, button, cron


def peak(name):
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith(name))


def log_in():
    person_env = env(user=anna.id, su=False)
    account = bws.bank_account_id.with_env(person_env)
    session = person_env["bank.session"]._of_account(account).with_env(person_env)
    session.dialog_start("mobile")
    for challenge in requests.get(f"{BANK}/phone/api/users/anna", timeout=9).json()["challenges"]:
        ask(f"/phone/api/challenges/{challenge['id']}/confirm")
    session.dialog_poll()
    account.action_test_connection()
    env.cr.commit()


house = company()
env = env(context={"allowed_company_ids": house.ids, "lang": "en_US"})
anna, partners = user(house), payees()
bws = journal(house, anna)
env.cr.commit()
figures = {}
for amount in COUNTS:
    chosen, posting = payments(amount)
    log_in()  # the session may have been idle for longer than it may
    parts = send(chosen)
    figures[amount] = {
        "posting": posting,
        "dialog": parts[0].own,
        "own": sum(part.own for part in parts[1:]),
        "cpu_all": sum(part.cpu for part in parts[1:]),
        "queries": sum(part.queries for part in parts),
        "cpu": max(part.cpu for part in parts),
        "wall": max(part.wall for part in parts),
        "memory": peak("VmPeak:"),
    }
print("BENCH", json.dumps(figures), flush=True)
env.cr.rollback()
