# SPDX-License-Identifier: LGPL-3.0-only
"""`make bench`: every module of this folder measures one thing and gives its rows.

A module has `run() -> Iterable[Figure]`. A figure stands beside a floor: the time of the least
that the machine has to do for the same job, measured in the same run, so that ratios can be
compared between machines.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass

from tools.ground.say import say


@dataclass(frozen=True)
class Figure:
    """One row. `must_reach`: the limit that the value has to stay under, or None."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    must_reach: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def missed(self) -> bool:
        return self.must_reach is not None and self.value >= self.must_reach


def main(arguments) -> int:
    """Runs all modules, or those that are named; 1 when a figure misses its limit."""
    missed = 0
    for name in arguments or measurements():
        for figure in importlib.import_module(f"tools.bench.{name}").run():
            say(line(figure))
            missed += figure.missed
    return 1 if missed else 0


def measurements() -> list[str]:
    """The modules that measure: not the one that makes this folder a command, nor the programs."""
    found = pkgutil.iter_modules(__path__)
    return [one.name for one in found if one.name != "__main__" and not one.ispkg]


def line(figure: Figure) -> str:
    value = f"{figure.value:.3f} {figure.unit}"
    floor = f"floor {figure.floor:.3f}, ratio {figure.ratio:.1f}" if figure.floor else ""
    limit = f"must be < {figure.must_reach:g}" if figure.must_reach is not None else ""
    mark = "MISSED" if figure.missed else ""
    return f"{figure.name:<44} {value:>12}  {floor:<28} {limit:<16} {mark}".rstrip()
