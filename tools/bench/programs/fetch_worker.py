# SPDX-License-Identifier: LGPL-3.0-only
"""One cron worker: waits for a line, then fetches whatever is due."""

from fetch_odoo import environment

with environment() as env:
    feeds = env["bank.feed"]
    env.cr.rollback()
    print("READY", flush=True)
    input()
    feeds._cron_fetch()
    env.cr.commit()
