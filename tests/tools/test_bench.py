# SPDX-License-Identifier: LGPL-3.0-only
"""`make bench` without arguments: everything that it would run is a measurement."""

import importlib

from tools import bench


def test_every_module_of_the_folder_that_is_run_measures():
    names = bench.measurements()
    assert {"importing", "moedelo_orders", "payments"} <= set(names)
    for name in names:
        assert callable(importlib.import_module(f"tools.bench.{name}").run), name
