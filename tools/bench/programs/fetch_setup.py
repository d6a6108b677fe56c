# SPDX-License-Identifier: LGPL-3.0-only
"""A database with as many due journals as the pretend bank has accounts, and a session."""

import os

import requests
from fetch_odoo import environment, numbers

with environment() as env:
    zloty = env.ref("base.PLN")
    zloty.active = True
    company = env["res.company"].create({"name": "Bench", "currency_id": zloty.id})
    env["account.chart.template"].try_loading("pl", company, install_demo=False)
    groups = ("bank_webservice.group_operator", "base.group_user")
    user = env["res.users"].create(
        {
            "name": "Anna",
            "login": "anna",
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "group_ids": [(6, 0, [env.ref(group).id for group in groups])],
        }
    )
    address = f"{os.environ['BENCH_BANK']}/mbank/ws"
    bank = env["res.bank"].create(
        {"name": "mBank", "bank_channel": "mbank", "webservice_address": address}
    )
    env["bank.operator"].create({"bank_id": bank.id, "user_id": user.id, "login": "anna"})
    for index, number in enumerate(numbers()):
        account = env["res.partner.bank"].create(
            {
                "acc_number": number,
                "partner_id": company.partner_id.id,
                "bank_id": bank.id,
                "client_identifier": "10000001",
            }
        )
        env["account.journal"].create(
            {
                "name": f"mBank {index}",
                "code": f"B{index:03}",
                "type": "bank",
                "company_id": company.id,
                "bank_account_id": account.id,
                "bank_statements_source": "bank_webservice",
                "fetch_every": 1,
                "fetch_unit": "days",
            }
        )
    env.cr.commit()
    env = env(user=user.id, context={"allowed_company_ids": company.ids})
    session = env["bank.session"]._of_account(account.with_env(env)).with_env(env)
    env.cr.commit()
    session.dialog_start("mobile")
    env.cr.commit()
    phone = f"{os.environ['BENCH_BANK']}/phone/api"
    waiting = requests.get(f"{phone}/users/anna", timeout=10).json()["challenges"]
    requests.post(f"{phone}/challenges/{waiting[0]['id']}/confirm", timeout=10)
    if session.dialog_poll()["state"] != "open":
        raise RuntimeError("the log-in was not confirmed")
    env.cr.commit()
    print("READY")
