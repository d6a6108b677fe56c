# SPDX-License-Identifier: LGPL-3.0-only
"""A real Odoo with the sandbox, and Debian's Chromium driven by Playwright."""

import os
import shutil

import chromium
import daily
import pytest
from playwright.sync_api import Error, expect, sync_playwright

from tools.ground import stack as stacks
from tools.ground.paths import CHECKOUT, RUN

PICTURES = CHECKOUT / "static" / "description"
PATIENCE = 60_000  # ms; a first page makes its bundles, on a busy machine
# Without these Chromium looks up its maker's hosts, which a test machine may not reach.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def stack():
    """Odoo (with demo data) and the sandbox, shared by all browser tests."""
    with stacks.running("browser", demo=True, cron_threads=1) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    """Chromium; not longer than a module, since Odoo's test classes end our child processes."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        window = chromium.launch(playwright.chromium, FLAGS)
        yield window
        window.close()


@pytest.fixture
def page(browser, stack):
    """A new browser window that knows Odoo's address: page.goto("/odoo")."""
    context = chromium.new_context(
        browser,
        base_url=stack.odoo.url,
        viewport={"width": 1366, "height": 900},
        locale="en-US",
        reduced_motion="reduce",  # colours are looked at, not caught half-way
    )
    context.set_default_timeout(PATIENCE)
    window = context.new_page()
    yield window
    # What the test saw last: the first thing to look at when it failed.
    (RUN / "screenshots").mkdir(exist_ok=True)
    window.screenshot(path=str(RUN / "screenshots" / "last.png"))
    context.close()


@pytest.fixture
def screenshot(page):
    """A function that keeps a picture of a window, or of an element, as a file of the run.

    With PICTURES=1 those of the documentation are renewed as well.
    """
    folder = RUN / "screenshots"
    folder.mkdir(exist_ok=True)

    def take(name, window=None, element=None):
        path = folder / f"{name}.png"
        try:
            (element or window or page).screenshot(path=str(path), animations="disabled")
        except Error as error:
            # News may draw it again at this moment: the locator finds the new one.
            if not element or "not attached" not in str(error):
                raise
            element.screenshot(path=str(path), animations="disabled")
        if os.environ.get("PICTURES") and (PICTURES / path.name).exists():
            shutil.copy(path, PICTURES / path.name)

    return take


@pytest.fixture
def log_in(page):
    """A function that logs a user in, and shows nothing yet."""

    def log_in(login="admin", password="admin"):
        daily.log_in(page, login, password)
        return page

    return log_in
