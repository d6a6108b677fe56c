# SPDX-License-Identifier: LGPL-3.0-only
"""The door of every method that a service calls with its bearer token (RFC 6750)."""

import functools

from odoo.http import request
from odoo.tools import SQL

from ..protocol.moedelo import problem_words as words
from ..protocol.moedelo import strict_json
from ..protocol.moedelo.problems import FieldError, Problem
from .moedelo_dispatcher import address, body, environment, machine_route, shown

BODY_SECONDS = 60  # for 8 MiB; who sends them has shown his token first
TURN = 0x6D64  # names our kind of advisory lock; the company is the other half
LIMITS = {"max_content_length": strict_json.MAX_BODY}


def resource_route(path, scope, **options):
    """`machine_route` that hands the method an `Access` allowing `scope`; refuses all others."""

    def decorate(method):
        @machine_route(path, **{**LIMITS, **options})
        @functools.wraps(method)
        def call(self, *args, **kwargs):
            access = environment()["moedelo.access"]._check(
                request.httprequest.headers.get("Authorization"), scope, address(), shown()
            )
            return method(self, access, *args, **kwargs)

        return call

    return decorate


def json_body():
    """The JSON value of the body, read strictly; `Problem` otherwise."""
    asked = request.httprequest
    return strict_json.read(
        body(BODY_SECONDS),
        asked.headers.get("Content-Type", ""),
        asked.headers.get("Content-Encoding", ""),
    )


def in_turn(access):
    """Requests of a company that write come one after the other, and each sees what those before
    it have written: called once the body is there, before anything is written.

    A transaction sees what there was at its beginning, so it begins anew when its turn has come.
    Left to conflicts, Odoo would run the later ones again after sleeps of up to 16 seconds, five
    times, in which others overtake them.
    """
    cr = request.env.cr
    turn = SQL("(%s, %s)", TURN, access.company_id)
    cr.execute(SQL("SELECT pg_advisory_lock%s", turn))
    cr.commit()  # nothing is written yet  # pylint: disable=invalid-commit
    for over in (cr.postcommit, cr.postrollback):
        over.add(lambda: cr.execute(SQL("SELECT pg_advisory_unlock%s", turn)))


def query(*names):
    """{name: text} of the address; 422 for a parameter that is not one of `names`, or twice."""
    found = {}
    for name, values in request.httprequest.args.lists():
        if name not in names or len(values) > 1:
            shown = name[:40].encode("ascii", "backslashreplace").decode()
            raise Problem(
                "invalid", errors=[FieldError(f"/{shown}", "unknown", words.NO_PARAMETER)]
            )
        found[name] = values[0]
    return found
