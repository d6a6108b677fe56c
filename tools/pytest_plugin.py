"""pytest: a skipped test is a failed test, unless it stands on the list below with its reason.

Odoo's HttpCase, for one, is skipped in silence when the HTTP server is missing.
"""

import pytest

# The end of a test's id -> why it may be skipped.
MAY_SKIP = {}


def pytest_collect_directory(path, parent):
    """Without Odoo no folder is a package: the add-on's `__init__` would import models."""
    if parent.config.pluginmanager.hasplugin("odoo"):
        return None
    return pytest.Dir.from_parent(parent, path=path)


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
