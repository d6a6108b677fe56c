# SPDX-License-Identifier: LGPL-3.0-only
"""Odoo starts itself again, for example after a job that took too long; not as we started it."""

import subprocess

from tools.ground.odoo import Odoo


def test_an_interpreter_called_by_its_bare_name_has_odoos_libraries():
    odoo = Odoo()
    done = subprocess.run(
        ["python", "-c", "import babel, odoo"], executable=odoo.python, env=odoo.environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
