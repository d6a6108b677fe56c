# SPDX-License-Identifier: LGPL-3.0-only
"""Odoo inside these programs."""

import contextlib
import os


@contextlib.contextmanager
def environment():
    """An environment of the superuser on the database of the measurement."""
    import odoo
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", os.environ["BENCH_CONF"], "--log-level", "error"])
    with Registry(os.environ["BENCH_DATABASE"]).cursor() as cr:
        yield odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})


def numbers():
    """The accounts that the pretend bank was given for this: see `fetch_workers`."""
    for number in range(int(os.environ["BENCH_JOURNALS"])):
        bban = f"11401010{9000 + number:016}"
        yield f"PL{98 - int(bban + '252100') % 97:02}{bban}"
