# SPDX-License-Identifier: LGPL-3.0-only
"""After real use: a neutralized copy reaches no bank, an upgrade keeps all, uninstalling breaks
nothing. Real processes, Odoo's own commands."""

import ast
import json
import shutil

import pytest
from real_use import JOURNAL, Use

from tools.ground import stack as stacks
from tools.ground.paths import ADDON, CHECKOUT

COUNTS = """SELECT (SELECT count(*) FROM bank_order), (SELECT count(*) FROM bank_document),
    (SELECT count(*) FROM bank_call), (SELECT count(*) FROM account_bank_statement_line),
    (SELECT count(*) FROM bank_order WHERE bank_state = 'executed')"""

# Presses every button that talks to a bank, on records that are there; says what each answered.
PRESS = """
import json
from odoo.exceptions import UserError
said = {}
def press(name, call):
    try:
        with env.cr.savepoint():
            call()
        said[name] = "went through"
    except UserError as error:
        said[name] = str(error)
for model in env.registry:
    for name in dir(type(env[model])):
        if getattr(getattr(type(env[model]), name, None), "is_bank_operation", False):
            found = env[model] if env[model]._abstract else env[model].search([], limit=1)
            press(f"{model}.{name}", getattr(found, name))
press("the border itself", env["bank.session"].search([], limit=1)._bank)
press("cron: send", env["bank.package"]._cron_send)
press("cron: status", env["bank.package"]._cron_status)
press("cron: fetch", env["bank.feed"]._cron_fetch)
left = {
    "addresses": env["res.bank"].search_count([("webservice_address", "!=", False)]),
    "identifiers": env["res.partner.bank"].search_count([("client_identifier", "!=", False)]),
    "sessions": env["bank.session"].search_count([("state", "!=", "ended")]),
}
env.cr.execute("SELECT count(*) FROM bank_session WHERE token_sealed IS NOT NULL")
left["tokens"] = env.cr.fetchone()[0]
print("SAID", json.dumps({"said": said, "left": left}))
"""


@pytest.fixture(scope="module")
def stack():
    """A stack after a working day; each test leaves its Odoo running."""
    with stacks.running("life", demo=True, cron_threads=1) as running:
        Use(running).work()
        yield running


def stop_odoo(stack):
    stack.odoo.stop()
    stack._servers.remove(stack.odoo)


def test_the_day_was_a_real_one(stack):
    orders, documents, calls, lines, executed = map(int, stack.sql(COUNTS)[0])
    assert (orders, executed) == (2, 2)
    assert all((documents, calls, lines))


def test_neutralized_copy_reaches_no_bank(stack):
    stop_odoo(stack)
    databases, copy = stack.databases, f"{stack.database}_copy"
    databases.create(copy, stack.database)
    try:
        repair_l10n_pl_edi(databases, copy)
        databases.odoo.run_command("neutralize", "-d", copy, log="life-neutralize")
        log = databases.odoo.shell(copy, PRESS, log="life-press").read_text()
    finally:
        databases.drop(copy)
        stack.start_odoo(cron_threads=1)
    answer = json.loads(log.split("SAID ")[1].splitlines()[0])
    assert len(answer["said"]) > 15
    others = {name: words for name, words in answer["said"].items() if "neutralized" not in words}
    assert not others
    assert set(answer["left"].values()) == {0}


def repair_l10n_pl_edi(databases, copy):
    """Some builds of Odoo's own l10n_pl_edi neutralize columns that they do not have."""
    for column in ("session_key", "session_iv"):
        databases.cluster.sql(
            f"ALTER TABLE res_company ADD COLUMN IF NOT EXISTS l10n_pl_edi_{column} varchar",
            database=copy,
        )


SCRIPT = """def migrate(cr, version):
    cr.execute("SELECT count(*) FROM bank_order")
    seen = f"{version}: {cr.fetchone()[0]} orders"
    cr.execute("INSERT INTO ir_config_parameter (key, value) VALUES ('life.migrated', %s)", [seen])
"""


def newer_copy(folder):
    """The add-on as a version that does not exist, and its migration; the present one."""
    shutil.copytree(
        CHECKOUT,
        folder / ADDON,
        ignore=shutil.ignore_patterns(".*", "__pycache__", "build", "tests", "tools"),
    )
    manifest = folder / ADDON / "__manifest__.py"
    now = ast.literal_eval(manifest.read_text())["version"]
    newer = f"{now.rpartition('.')[0]}.99"
    manifest.write_text(manifest.read_text().replace(now, newer))
    script = folder / ADDON / "migrations" / newer / "post-count.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(SCRIPT)
    return now


def test_upgrade_keeps_everything(stack, tmp_path):
    """To a newer version, with its migration: docs/versions.md."""
    before = stack.sql(COUNTS)
    stop_odoo(stack)
    now = newer_copy(tmp_path)
    odoo = stack.databases.odoo
    folders = ",".join(map(str, (*odoo.home.addons, tmp_path)))
    words = ["-d", stack.database, "-u", ADDON, "--addons-path", folders]
    odoo.run(*words, log="life-upgrade")
    stack.start_odoo(cron_threads=1)
    orders, documents, calls, *others = map(int, stack.sql(COUNTS)[0])
    before = list(map(int, before[0]))
    assert [orders, documents, *others] == [*before[:2], *before[3:]]
    assert calls >= before[2], "the started jobs may have asked a bank"
    migrated = stack.sql("SELECT value FROM ir_config_parameter WHERE key = 'life.migrated'")
    assert migrated == [[f"{now}: {orders} orders"]]
    journal = stack.rpc()("account.journal", "search_read", JOURNAL, ["bank_statements_source"])[0]
    assert journal["bank_statements_source"] == "bank_webservice"


def test_uninstall_leaves_a_working_odoo(stack):
    """The last one: afterwards the add-on is gone."""
    lines = stack.sql("SELECT count(*), sum(amount) FROM account_bank_statement_line")
    stop_odoo(stack)
    databases = stack.databases
    databases.odoo.run_command(
        "module", "uninstall", "-d", stack.database, "bank_webservice", log="life-uninstall"
    )
    stack.start_odoo(cron_threads=1)
    call = stack.rpc()
    assert stack.sql("SELECT state FROM ir_module_module WHERE name = 'bank_webservice'") == [
        ["uninstalled"]
    ]
    assert stack.sql("SELECT count(*), sum(amount) FROM account_bank_statement_line") == lines
    assert_nothing_is_left(stack)
    journal = call("account.journal", "search_read", JOURNAL, ["bank_statements_source"])[0]
    assert journal["bank_statements_source"] == "undefined"
    payments = call("account.payment", "search_read", [], ["state", "payment_method_line_id"])
    assert payments
    assert all(payment["payment_method_line_id"] for payment in payments)
    assert_daily_work_goes_on(call, journal["id"])


def assert_nothing_is_left(stack):
    left = "SELECT count(*) FROM ir_model WHERE model LIKE 'bank.%' OR model LIKE 'moedelo.%'"
    assert stack.sql(left) == [["0"]]
    assert stack.sql(
        "SELECT count(*) FROM account_payment_method WHERE code = 'bank_webservice'"
    ) == [["0"]]
    crons = "SELECT count(*) FROM ir_cron WHERE cron_name ILIKE '%bank%statement%'"
    assert stack.sql(crons) == [["0"]]


def assert_daily_work_goes_on(call, journal):
    """The dashboard opens, old entries can be read, and a bill is paid by hand."""
    call("account.journal", "read", [journal], ["kanban_dashboard", "kanban_dashboard_graph"])
    call("account.bank.statement", "search_read", [], ["name", "balance_end"])
    bill = call("account.move", "search", [("move_type", "=", "in_invoice"),
                ("payment_state", "=", "not_paid"), ("state", "=", "posted")], limit=1)  # fmt: skip
    context = {"active_model": "account.move", "active_ids": bill}
    wizard = call("account.payment.register", "create", {"journal_id": journal}, context=context)
    call("account.payment.register", "action_create_payments", [wizard], context=context)
    assert call("account.move", "read", bill, ["payment_state"])[0]["payment_state"] != "not_paid"
