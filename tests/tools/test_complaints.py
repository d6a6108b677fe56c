# SPDX-License-Identifier: LGPL-3.0-only
"""What `make run` and `make test` keep silent of in Odoo's logs, and what they must not."""

import pytest

from tools.ground.odoo import complaints

HEAD = "2026-01-01 10:00:00,000 1 {} base odoo.{}"
OURS = HEAD.format("WARNING", "addons.bank_webservice.models.demo: Running try_loading badly")


def test_warnings_of_ours_are_told_with_their_traceback():
    lines = [OURS, "Traceback ...", HEAD.format("INFO", "x: fine"), "more"]
    assert complaints("\n".join(lines)) == lines[:2]


@pytest.mark.parametrize(
    "line",
    [
        HEAD.format("WARNING", "tools.config: unknown option 'bank_webservice_secretkey' in the"),
        HEAD.format("WARNING", "addons.account.models.chart: Incorrect usage of try_loading"),
        HEAD.format("ERROR", "addons.bank_webservice.x: assetsbundle: selfie_segmentation"),
    ],
)
def test_what_only_looks_like_odoos_own_is_told(line):
    assert complaints(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        HEAD.format("WARNING", "tools.config: unknown option 'bank_webservice_secret_key' in the"),
        HEAD.format("ERROR", "addons.base.models.assetsbundle: 'Could not get selfie_segmentation"),
    ],
)
def test_what_odoo_says_of_itself(line):
    assert complaints(line) == []
