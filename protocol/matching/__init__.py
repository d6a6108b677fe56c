# SPDX-License-Identifier: LGPL-3.0-only
"""A new statement and the books: which entry is which line, and what follows from it.

Ids and texts propose, the sums decide. A final statement is a stretch between two balances; the
stored ones form a chain. `plan` finds where the new stretch lies, so that every stored statement
still adds up and neighbours still meet, whichever documents came before and in which order. Where
no way adds up it raises `Difference`, which names the entries that make it.

::

    from protocol import matching

    plan = matching.plan(matching.Books(kept, announced), statement, entries)
    for piece in plan.pieces:
        print(piece.into.opening, [entries[index] for index in piece.entries])
"""

from .chain import Problem, is_stated, ordered, problems, total
from .plan import INSTEAD, NEW, SAME, plan
from .records import Books, Difference, Kept, Line, Piece, Plan

__all__ = [
    "INSTEAD",
    "NEW",
    "SAME",
    "Books",
    "Difference",
    "Kept",
    "Line",
    "Piece",
    "Plan",
    "Problem",
    "is_stated",
    "ordered",
    "plan",
    "problems",
    "total",
]
