# SPDX-License-Identifier: LGPL-3.0-only
"""The audit as a file, for those who may read it: CSV, or JSON with one line each."""

import csv
import io
import json

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request
from werkzeug.exceptions import NotFound

from ..models.access.moedelo_audit_chain import COLUMNS, NUMBERS
from ..models.connection.rights import require_right

NAMES = ("chain", "position", "at", *COLUMNS, *NUMBERS, "previous", "hash")
TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}
BATCH = 2_000


class MoedeloAuditExport(http.Controller):
    # Not read-only: what is not chained yet is chained first.
    @http.route(
        "/bank_webservice/audit.<form>", type="http", auth="user", methods=["GET"], readonly=False
    )
    def export(self, form):
        audit = request.env["moedelo.audit"]
        if form not in TYPES:
            raise NotFound()
        try:
            require_right(audit.env, "administrator")
        except AccessError:
            raise NotFound() from None
        audit._seal()
        write = csv_lines if form == "csv" else json_lines
        headers = {
            "Content-Type": f"{TYPES[form]}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="audit.{form}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return request.make_response("".join(write(rows(audit))), headers=list(headers.items()))


def rows(audit):
    """[values of NAMES] of the lines that the user may see, chain by chain, the oldest first."""
    last = 0
    while found := audit.search([("id", ">", last)], order="id", limit=BATCH):
        last = found[-1].id
        raw = audit._raw_lines(found.ids)
        yield from (raw[number] for number in found.ids)
        audit.env.invalidate_all()


def json_lines(lines):
    for line in lines:
        yield json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n"


def csv_lines(lines):
    """A spreadsheet takes what begins like a formula for one: strangers write into this list."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(NAMES)
    for line in lines:
        writer.writerow([_harmless(line[name]) for name in NAMES])
    yield out.getvalue()


def _harmless(value):
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
