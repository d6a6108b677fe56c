# SPDX-License-Identifier: LGPL-3.0-only
"""In Odoo's shell: a company's database after years. One row of each sort is made through the
product; the others are copies of it in SQL, with their own partner, day, journal and number.

BENCH_FILL=books before the add-on is installed, BENCH_FILL=ours after it. BENCH_LINES: statement
lines; the other counts follow from it. Commits.
"""

import os

LINES, JOURNALS = int(os.environ["BENCH_LINES"]), int(os.environ.get("BENCH_JOURNALS", "200"))
PARTNERS, OPEN_BILLS, PAID_BILLS = LINES // 10, LINES // 5, LINES * 3 // 5
ORDERS, OPEN_LINES, PER_PACKAGE, PER_STATEMENT = LINES // 3, LINES // 50, 10, 100
DAYS, MADE_JOURNALS = 5 * 365, 20
LAST = "(current_date - 30)"
env = env(user=env.ref("base.user_root"), su=True)  # noqa: F821
cr = env.cr


def sql(statement, *values):
    cr.execute(statement, values or None)
    return cr.fetchall() if cr.description else []


def columns(table):
    rows = sql(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped",
        table,
    )
    return [name for (name,) in rows]


def multiply(table, row, count, **changed):
    """`count` copies of a row; `changed`: the SQL of a column, where `g` counts from 1.

    Returns the id before the first copy: the others are this one + g.
    """
    env.flush_all()
    ((last,),) = sql(f"SELECT max(id) FROM {table}")
    changed["id"] = f"{last} + g"
    names = columns(table)
    values = ", ".join(f"({changed[name]})" if name in changed else f't."{name}"' for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    sql(
        f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {table} t,"
        f" generate_series(1, {count}) g WHERE t.id = {row}"
    )
    sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last} + {count})")
    return last


def multiply_entry(move, count, name, items=None, **changed):
    """Copies of an entry with its items. `items`: {type of account: SQL of more columns}."""
    day = f"{LAST} - (g % {DAYS})"
    first = multiply("account_move", move.id, count, date=day, name=name, **changed)
    for item in move.line_ids:
        more = (items or {}).get(item.account_type, {})
        same = {key: changed[key] for key in ("journal_id", "partner_id") if key in changed}
        own = {"move_id": f"{first} + g", "date": day, "move_name": name}
        multiply("account_move_line", item.id, count, **own, **same, **more)
    return first


def books():
    """Partners, bills, payments and statement lines, as a company has them without the add-on."""
    global env
    zloty = env.ref("base.PLN")
    zloty.active = True
    company = env["res.company"].create({"name": "Bench", "currency_id": zloty.id})
    company.partner_id.write({"vat": "PL5251000017", "country_id": env.ref("base.pl").id})
    env["account.chart.template"].try_loading("pl", company, install_demo=False)
    env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True})
    partner = env["res.partner"].create({"name": "Payee"})
    account = env["res.partner.bank"].create(
        {"acc_number": "PL32102010264010200000012345", "partner_id": partner.id,
         "allow_out_payment": True}
    )  # fmt: skip
    journals = bank_journals(company)
    first = multiply(
        "res_partner", partner.id, PARTNERS, name="'Payee ' || g", complete_name="'Payee ' || g",
    )  # fmt: skip
    sql(f"UPDATE res_partner SET commercial_partner_id = id WHERE id > {first}")
    whose = f"{first} + 1 + g % {PARTNERS}"
    cards = multiply(
        "res_partner_bank", account.id, PARTNERS, partner_id=f"{first} + g",
        acc_number="'PL' || lpad(g::text, 26, '0')",
        sanitized_acc_number="'PL' || lpad(g::text, 26, '0')",
    )  # fmt: skip
    bills(partner, whose)
    payments(partner, journals[0], account, whose, f"{cards} + 1 + g % {PARTNERS}")
    statements(journals, whose)


def bank_journals(company):
    """Some made by Odoo, which takes most of a second each; the others with the same accounts."""
    made = env["account.journal"].create(
        [
            {"name": f"Bank {n}", "code": f"L{n}", "type": "bank", "company_id": company.id}
            for n in range(min(JOURNALS, MADE_JOURNALS))
        ]
    )
    more = JOURNALS - len(made)
    if more > 0:
        code = f"'L' || {MADE_JOURNALS} + g"
        first = multiply("account_journal", made[-1].id, more, code=code, alias_id="NULL")
        last = made[-1]
        methods = last.inbound_payment_method_line_ids | last.outbound_payment_method_line_ids
        for line in methods:
            multiply("account_payment_method_line", line.id, more, journal_id=f"{first} + g")
        env.invalidate_all()
    return env["account.journal"].search(
        [("company_id", "=", company.id), ("type", "=", "bank"), ("code", "like", "L")]
    )


def bills(partner, whose):
    for move_type, letters in (("out_invoice", "INV"), ("in_invoice", "BILL")):
        bill = env["account.move"].create(
            {"move_type": move_type, "partner_id": partner.id, "invoice_date": "2026-01-15",
             "date": "2026-01-15", "ref": "FV 1/2026",
             "invoice_line_ids": [(0, 0, {"name": "Goods", "price_unit": 100.0})]}
        )  # fmt: skip
        bill.action_post()
        for count, state in ((OPEN_BILLS // 2, "not_paid"), (PAID_BILLS // 2, "paid")):
            middle = f"'{letters}/' || 2000 + g % 25 || '/{state[:3].upper()}/'"
            number = f"{middle} || lpad(g::text, 7, '0')"
            multiply_entry(
                bill, count, number, partner_id=whose, commercial_partner_id=whose,
                payment_state=f"'{state}'", payment_reference=number, sequence_number="g",
                ref=f"'FV ' || g || '/{state[:3]}/{letters}'",
                invoice_date=f"{LAST} - (g % {DAYS})",
                amount_residual="0" if state == "paid" else "t.amount_residual",
            )  # fmt: skip


def payments(partner, journal, account, whose, card):
    payment = env["account.payment"].create(
        {"payment_type": "outbound", "partner_type": "supplier", "partner_id": partner.id,
         "journal_id": journal.id, "partner_bank_id": account.id, "amount": 123.45,
         "memo": "FV 1/2026"}
    )  # fmt: skip
    payment.action_post()
    name = "'PAY/' || lpad(g::text, 7, '0')"
    moves = multiply_entry(payment.move_id, ORDERS, name, partner_id=whose)
    first = multiply(
        "account_payment", payment.id, ORDERS, name=name, move_id=f"{moves} + g",
        partner_id=whose, partner_bank_id=card, state="'paid'", is_matched="true",
        is_reconciled="true", date=f"{LAST} - (g % {DAYS})", memo="'FV ' || g || '/2026'",
    )  # fmt: skip
    sql(f"UPDATE account_move SET origin_payment_id = id - {moves} + {first}"
        f" WHERE id > {moves} AND id <= {moves} + {ORDERS}")  # fmt: skip


def statements(journals, whose):
    line = env["account.bank.statement.line"].create(
        {"journal_id": journals[0].id, "date": "2026-01-15", "amount": -100.0,
         "payment_ref": "Transfer"}
    )  # fmt: skip
    statement = env["account.bank.statement"].create({"name": "S", "line_ids": line.ids})
    which = f"1 + (g / {PER_STATEMENT}) % {JOURNALS}"
    journal = f"(ARRAY{journals.ids})[{which}]"
    accounts = [journal.default_account_id.id for journal in journals]
    account = f"(ARRAY{accounts})[{which}]"
    count = LINES // PER_STATEMENT + 1
    ((first_statement,),) = sql("SELECT max(id) FROM account_bank_statement")
    multiply(
        "account_bank_statement", statement.id, count, name="'S ' || g", balance_start="0",
        balance_end="0", balance_end_real="0", is_complete="true",
        journal_id=f"(ARRAY{journals.ids})[1 + (g - 1) % {JOURNALS}]",
        date=f"{LAST} - {count} / {JOURNALS} + ((g - 1) / {JOURNALS})",
        first_line_index="NULL",
    )  # fmt: skip
    receivable = env["account.account"].search([("account_type", "=", "asset_receivable")], limit=1)
    liquidity = {"account_id": account}
    for number, is_open in ((LINES - OPEN_LINES, False), (OPEN_LINES, True)):
        suspense = {} if is_open else {"account_id": str(receivable.id), "reconciled": "true",
                                       "amount_residual": "0"}  # fmt: skip
        partner = {} if is_open else {"partner_id": whose}
        name = f"'ST/{int(is_open)}/' || lpad(g::text, 7, '0')"
        moves = multiply_entry(
            line.move_id, number, name, journal_id=journal, sequence_number="g",
            items={"asset_cash": liquidity, "asset_current": suspense}, **partner,
        )  # fmt: skip
        day = f"{LAST} - (g % {DAYS})"
        title = (
            "CASE WHEN g % 4 = 0 THEN 'Payment FV ' || g || '/not/INV' ELSE 'Order ' || g END"
            if is_open else "'Transfer ' || g"
        )  # fmt: skip
        first = multiply(
            "account_bank_statement_line", line.id, number, move_id=f"{moves} + g",
            journal_id=journal, payment_ref=title, is_reconciled=str(not is_open).lower(),
            statement_id=f"{first_statement} + 1 + g / {PER_STATEMENT}",
            amount="CASE WHEN g % 4 = 0 THEN 100 ELSE -100 END", **partner,
            internal_index=f"to_char({day}, 'YYYYMMDD') || lpad((2147483647 - t.sequence)::text,"
            " 10, '0') || lpad(((SELECT max(id) FROM account_bank_statement_line) + g)::text,"
            " 10, '0')",
        )  # fmt: skip
        sql(f"UPDATE account_move SET statement_line_id = id - {moves} + {first}"
            f" WHERE id > {moves} AND id <= {moves} + {number}")  # fmt: skip
        sql("UPDATE account_move_line i SET statement_line_id = m.statement_line_id,"
            " statement_id = l.statement_id FROM account_move m JOIN account_bank_statement_line l"
            f" ON l.move_id = m.id WHERE i.move_id = m.id AND m.id > {moves}")  # fmt: skip


def ours():
    """What the add-on keeps of the same years: orders, packages, calls, documents, notices."""
    global env
    company = env["res.company"].search([("name", "=", "Bench")])
    env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True})
    days = f"{LAST} - (g % {DAYS})"
    at = f"({days})::timestamp"
    sql("UPDATE account_bank_statement_line l SET bank_operation_key = 'op' || l.id,"
        " bank_booked_on = m.date FROM account_move m WHERE m.id = l.move_id")  # fmt: skip
    sql("UPDATE account_bank_statement SET bank_journal_id = journal_id, bank_closed_on = date,"
        " bank_opened_on = date WHERE company_id = %s", company.id)  # fmt: skip
    sql("UPDATE account_journal SET bank_statements_source = 'bank_webservice'"
        " WHERE company_id = %s AND code LIKE 'L%%'", company.id)  # fmt: skip
    env.invalidate_all()
    order, package = prepared_order(company)
    ((first_payment,),) = sql("SELECT min(id) FROM account_payment WHERE name LIKE 'PAY/0%'")
    count = ORDERS // PER_PACKAGE
    packages = multiply(
        "bank_package", package.id, count + 1, name="'PK' || g", message_id="'message-' || g",
        state="'executed'",
    )  # fmt: skip
    multiply(
        "bank_order", order.id, ORDERS, name="'PO' || g", payment_id=f"{first_payment} + g - 1",
        package_id=f"{packages} + 1 + g / {PER_PACKAGE}", end_to_end_id="'E2E' || g",
        bank_state="'executed'", execute_on=days, create_date=at,
        moedelo_client_id=str(moedelo_client().id), moedelo_external_id="'document-' || g",
        bills="jsonb_build_object((100000000 + g)::text, '100.00')",
        payee_account="'PL' || lpad((g % 10000)::text, 26, '0')",
    )  # fmt: skip
    sql("UPDATE account_payment p SET bank_order_id = o.id, bank_state = o.bank_state"
        " FROM bank_order o WHERE o.payment_id = p.id AND o.name LIKE 'PO%%'")  # fmt: skip
    call = env["bank.call"].create({"company_id": company.id, "operation": "balance"})
    multiply("bank_call", call.id, LINES, started_at=at, create_date=at)
    document = env["bank.document"].create(
        {"name": "D", "company_id": company.id, "content": "Rg==", "state": "done"}
    )
    documents = multiply("bank_document", document.id, LINES // 4, create_date=at)
    attachment = env["ir.attachment"].search(
        [("res_model", "=", "bank.document"), ("res_id", "=", document.id),
         ("res_field", "=", "content")], limit=1,
    )  # fmt: skip
    multiply("ir_attachment", attachment.id, LINES // 4, res_id=f"{documents} + g")


def moedelo_client():
    client = env["moedelo.client"].search([], limit=1)
    return client or env["moedelo.client"].create({"name": "Moe Delo"})


def prepared_order(company):
    """One order in its package, made by *Send to bank*."""
    groups = [env.ref(f"bank_webservice.group_{name}").id for name in ("operator", "signer")]
    person = env["res.users"].create(
        {"name": "Bench", "login": "bench", "company_id": company.id,
         "company_ids": [(6, 0, company.ids)], "group_ids": [(4, group) for group in groups]}
    )  # fmt: skip
    bank = env["res.bank"].create(
        {"name": "mBank", "bic": "BREXPLPWXXX", "bank_channel": "mbank",
         "webservice_address": "http://127.0.0.1:1/mbank/ws"}
    )  # fmt: skip
    account = env["res.partner.bank"].create(
        {"acc_number": "PL22114010100000100000010001", "partner_id": company.partner_id.id,
         "bank_id": bank.id, "client_identifier": "10000001"}
    )  # fmt: skip
    journal = env["account.journal"].search([("code", "=", "L0")])
    journal.write({"bank_account_id": account.id, "bank_statements_source": "bank_webservice"})
    method = journal.outbound_payment_method_line_ids.filtered(
        lambda line: line.code == "bank_webservice"
    )
    payee = env["res.partner.bank"].search(
        [("acc_number", "=", "PL32102010264010200000012345")], limit=1
    )
    payment = env["account.payment"].create(
        {"payment_type": "outbound", "partner_type": "supplier", "amount": 12.5, "memo": "Bench",
         "partner_id": payee.partner_id.id, "journal_id": journal.id,
         "partner_bank_id": payee.id, "payment_method_line_id": method.id}
    )  # fmt: skip
    payment.action_post()
    wizard = env(user=person.id, su=False)["bank.send"].create(
        {"payment_ids": [(6, 0, payment.ids)], "execute_on": "2027-01-04"}
    )
    wizard.action_prepare()
    return payment.bank_order_id, payment.bank_order_id.package_id


{"books": books, "ours": ours}[os.environ["BENCH_FILL"]]()
env.flush_all()
cr.commit()
print("FILLED", flush=True)
