# SPDX-License-Identifier: LGPL-3.0-only
"""Debian's Chromium on the clock of the tests, which `make test-days` sets ahead (tools/days.py).

Under libfaketime Chromium needs a minute where it needs a second. So it runs without, and its pages
are told the time that the programs around them have.
"""

import os

PROGRAM = "/usr/bin/chromium-headless-shell"

# `now` is the one thing that pages ask: the web client's luxon too.
AHEAD = """
    const TrueDate = Date;
    globalThis.Date = class extends TrueDate {
        constructor(...words) {
            super(...(words.length ? words : [Date.now()]));
        }
        static now() {
            return TrueDate.now() + %d * 1000;
        }
    };
"""


def launch(kind, flags):
    """A browser of this Playwright kind."""
    variables = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    return kind.launch(executable_path=PROGRAM, args=flags, env=variables)


def new_context(browser, **options):
    """A context whose pages have our clock."""
    context = browser.new_context(**options)
    ahead = os.environ.get("FAKETIME")
    if ahead:
        context.add_init_script(AHEAD % int(ahead))
    return context
