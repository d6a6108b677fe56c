# SPDX-License-Identifier: LGPL-3.0-only
"""In Odoo's shell: people, 1,000 posted payments and an open session in a large database.

Prints one line of JSON. Commits.
"""

import json
import os

import requests

BANK, USERS, PAYMENTS, PAYEES = os.environ["BENCH_FILL"], 10, 1000, 100
env = env(user=env.ref("base.user_root"), su=True)  # noqa: F821
company = env["res.company"].search([("name", "=", "Bench")])
env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True})


def number(of):
    """A valid Polish account number."""
    digits = f"10901014{of:016d}"
    return f"PL{98 - int(digits + '252100') % 97:02d}{digits}"


def people():
    names = ("base.group_user", "account.group_account_manager", "bank_webservice.group_operator")
    groups = [(4, env.ref(name).id) for name in names]
    return env["res.users"].create(
        [
            {"name": login, "login": login, "password": login, "company_id": company.id,
             "company_ids": [(6, 0, company.ids)], "group_ids": groups}
            for login in (f"bench-{n}" for n in range(USERS))
        ]
    )  # fmt: skip


def payments(journal):
    method = journal.outbound_payment_method_line_ids.filtered(
        lambda line: line.code == "bank_webservice"
    )
    partners = env["res.partner"].create(
        [
            {"name": f"Paid {n}", "street": "ul. Zielona 4", "zip": "60-001", "city": "Poznań",
             "country_id": env.ref("base.pl").id}
            for n in range(PAYEES)
        ]
    )  # fmt: skip
    accounts = env["res.partner.bank"].create(
        [
            {"acc_number": number(n + 1), "partner_id": partner.id, "allow_out_payment": True}
            for n, partner in enumerate(partners)
        ]
    )
    made = env["account.payment"].create(
        [
            {"payment_type": "outbound", "partner_type": "supplier", "journal_id": journal.id,
             "partner_id": accounts[n % PAYEES].partner_id.id, "amount": 10 + n / 100,
             "partner_bank_id": accounts[n % PAYEES].id, "payment_method_line_id": method.id,
             "memo": f"Together {n}"}
            for n in range(PAYMENTS)
        ]
    )  # fmt: skip
    made.action_post()
    return made


def sender():
    """The one whom the bank knows, with an open session."""
    person = env["res.users"].search([("login", "=", "bench")])
    names = ("bank_webservice.group_sender", "account.group_account_manager")
    person.write({"password": "bench", "group_ids": [(4, env.ref(name).id) for name in names]})
    account = env["res.partner.bank"].search([("client_identifier", "=", "10000001")], limit=1)
    env["bank.operator"].create(
        {"bank_id": account.bank_id.id, "user_id": person.id, "login": "anna"}
    )
    env.cr.commit()
    own = env(user=person.id, su=False)
    session = own["bank.session"]._of_account(account.with_env(own)).with_env(own)
    session.dialog_start("mobile")
    env.cr.commit()
    phone = f"{BANK}/phone/api"
    for challenge in requests.get(f"{phone}/users/anna", timeout=9).json()["challenges"]:
        requests.post(f"{phone}/challenges/{challenge['id']}/confirm", timeout=9)
    session.dialog_poll()
    account.with_env(own).action_test_connection()


def importing():
    """A journal for the statement of the program of large documents."""
    account = env["res.partner.bank"].create(
        {"acc_number": "PL27114020040000300201355387", "partner_id": company.partner_id.id}
    )
    return env["account.journal"].create(
        {"name": "Import", "code": "IMP", "type": "bank", "company_id": company.id,
         "bank_account_id": account.id}
    )  # fmt: skip


people()
sender()
journal = env["account.journal"].search([("company_id", "=", company.id), ("code", "=", "L0")])
found = {"payments": payments(journal).ids, "journal": importing().id, "company": company.id}
env.cr.commit()
print("BENCH", json.dumps(found), flush=True)
