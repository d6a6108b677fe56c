# SPDX-License-Identifier: LGPL-3.0-only
"""pytest: a skipped test is a failed test, unless it stands on the list below with its reason.

Odoo's HttpCase, for one, is skipped in silence when the HTTP server is missing.

And what runs beside each other when tests run in several processes (pytest-xdist).
"""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# The end of a test's id -> why it may be skipped.
MAY_SKIP = {}
# No test is red because the machine is slow at that moment.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


class Lanes(LoadScopeScheduling):
    """A file's tests stay together, and so do all browser tests, which share one server."""

    def _split_scope(self, nodeid):
        path = nodeid.partition("::")[0]
        return path.rpartition("/")[0] if "tests/browser/" in path else path


def pytest_xdist_make_scheduler(config, log):
    """The scheduler of the process that hands out the tests."""
    return Lanes(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config):
    """A process of several takes the database that was made for it: test_gw0_…, test_gw1_…

    Before pytest-odoo, which would copy the database itself, but leave all copies one filestore:
    what one process vacuums there, another one still needs. It knows its process by this variable.
    """
    worker = os.environ.pop("PYTEST_XDIST_WORKER", None)
    if worker and config.pluginmanager.hasplugin("odoo"):
        for option in ("odoo_database", "odoo_config"):
            value = config.getoption(option).replace("test_gw0_", f"test_{worker}_")
            setattr(config.option, option, value)
    return (yield)


def pytest_collect_directory(path, parent):
    """Without Odoo no folder is a package: the add-on's `__init__` would import models."""
    if parent.config.pluginmanager.hasplugin("odoo"):
        return None
    return pytest.Dir.from_parent(parent, path=path)


def pytest_collection_finish(session):
    """Odoo's modules and models stay to the end: to look through them again and again for what is
    not used any more took a twelfth of the time."""
    if session.config.pluginmanager.hasplugin("odoo"):
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    _fail_when_skipped(outcome.get_result(), item.nodeid)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    _fail_when_skipped(outcome.get_result(), collector.nodeid)


def _fail_when_skipped(report, nodeid):
    if not report.skipped or hasattr(report, "wasxfail") or nodeid.endswith(tuple(MAY_SKIP)):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{reason}\nA skipped test counts as failed (tools/pytest_plugin.py)."
