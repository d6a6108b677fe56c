# SPDX-License-Identifier: LGPL-3.0-only
"""`make test-core`: Odoo's own accounting tests without and with the add-on; both end the same.

    make test-core                the tests of payments, statements, journals, sequences
    make test-core ARGS=short     some of them
    make test-odoo                our own tests in Odoo's runner, those that need no sandbox

The two databases are tested beside each other. A test that fails without the add-on too (Debian
leaves out some files, for one) is no difference.
"""

import contextlib
import re
import subprocess
from dataclasses import dataclass

from tools.ground import config
from tools.ground import setup as setting_up
from tools.ground.paths import ADDON, LOGS
from tools.ground.say import Stop, say
from tools.ground.stack import free_port

SHORT = (
    "account/tests/test_account_payment.py",
    "account/tests/test_account_payment_duplicate.py",
    "account/tests/test_account_payment_method_line.py",
    "account/tests/test_account_journal.py",
)
WHOLE = (
    *SHORT,
    "account/tests/test_account_payment_items.py",
    "account/tests/test_account_payment_register.py",
    "account/tests/test_account_bank_statement.py",
    "account/tests/test_account_journal_dashboard.py",
    "account/tests/test_account_move_payments_widget.py",
    "account/tests/test_duplicate_res_partner_bank.py",
    "account/tests/test_sequence_mixin.py",
    "account_payment",
)
# The classes of tests/ that start the pretend banks; `make test` has them all.
OWN = f"/{ADDON},-bank_sandbox"


@dataclass(frozen=True)
class Outcome:
    """What a log says: names of the tests that began, and of what failed (`setUpClass` too)."""

    began: frozenset
    failed: frozenset


def main(arguments):
    """1 when a test ends otherwise with the add-on than without it."""
    if set(arguments) - {"short"}:
        raise Stop("make test-core knows ARGS=short only.")
    tags = ",".join(f"/{name}" for name in (SHORT if arguments else WHOLE))
    with setting_up.ready() as databases, contextlib.ExitStack() as until_end:
        running = [
            until_end.enter_context(_running(databases, until_end.enter_context(database), tags))
            for database in (databases.copy("test_plain", addon=False), databases.copy("test_core"))
        ]
        say(f"Odoo's own tests, without the add-on and with it; their logs are in {LOGS} ...")
        plain, ours = (_outcome(process, log) for process, log in running)
    if not plain.began:
        raise Stop("None of Odoo's tests began: has its package come without them?")
    found = difference(plain, ours)
    say("\n".join(found) or f"No difference: {len(ours.began)} tests.")
    return int(bool(found))


def own(_arguments):
    """Our tests as `odoo --test-tags` runs them; 1 when one fails."""
    with (
        setting_up.ready() as databases,
        databases.copy("test_own") as database,
        _running(databases, database, OWN) as (process, log),
    ):
        outcome = _outcome(process, log)
    say("\n".join(sorted(outcome.failed)) or f"Green in Odoo's runner: {len(outcome.began)} tests.")
    return int(bool(outcome.failed) or not outcome.began)


@contextlib.contextmanager
def _running(databases, database, tags):
    """(process, its log) of an Odoo that runs these tests, and no others, on the database."""
    port = free_port()
    conf = config.write(database, databases.odoo.home, db_name=database, http_port=port)
    log = LOGS / f"{database.rpartition('_')[0]}.log"
    command = databases.odoo.command("-c", conf, "--test-tags", tags, "--stop-after-init")
    try:
        with log.open("w") as output:
            process = subprocess.Popen(
                command, env=databases.odoo.environment(), stdout=output, stderr=subprocess.STDOUT
            )
        with process:
            try:
                yield process, log
            finally:
                process.terminate()
    finally:
        conf.unlink(missing_ok=True)


def _outcome(process, log):
    code, text = process.wait(), log.read_text(errors="replace")
    outcome = read(text)
    if code and not outcome.failed:  # it could not load the tests
        raise Stop(f"Odoo's runner ended with {code}: {text.strip().splitlines()[-1]} ({log})")
    return outcome


def read(log):
    """The Outcome that Odoo's log tells."""
    began = re.findall(r" odoo\.addons\.([\w.]+): Starting (\w+\.\w+) \.\.\.", log)
    failed = re.findall(r" ERROR .*: (?:FAIL|ERROR): (.+)", log)
    return Outcome(
        frozenset(f"{module}: {name}" for module, name in began),
        frozenset(re.sub(r" \(<[^)]*>\)$", "", one).strip() for one in failed),
    )


def difference(plain, ours):
    """A line for each test that only one of the two began, or that failed in only one."""
    return [
        *(f"did not begin with the add-on: {one}" for one in sorted(plain.began - ours.began)),
        *(f"began with the add-on only: {one}" for one in sorted(ours.began - plain.began)),
        *(f"fails with the add-on: {one}" for one in sorted(ours.failed - plain.failed)),
        *(f"fails without the add-on: {one}" for one in sorted(plain.failed - ours.failed)),
    ]
