# SPDX-License-Identifier: LGPL-3.0-only
"""Rows and columns of tables: found as people search, dropped in small steps, added empty.

Documents, orders and what hangs on them belong to the books and are never dropped.
"""

import logging
import re
from collections import defaultdict
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import create_column, table_columns

_logger = logging.getLogger(__name__)
DAYS = {"calls": 730, "sessions": 90, "notices": 365}
LEAST = 30  # people ask what happened last month
PORTION = 1000
ADDON = "bank_webservice"


def parameter(what):
    return f"bank_webservice.keep_{what}_days"


def drop_old(model, what, over):
    """One step of Odoo's daily clean-up: (rows dropped, whether more are left).

    over: SQL condition of the rows that nothing waits for any more.
    """
    kept = model.env["ir.config_parameter"].sudo().get_param(parameter(what))
    days = max(int(kept or DAYS[what]), LEAST)
    table = SQL.identifier(model._table)
    model.flush_model()
    model.env.cr.execute(
        SQL(
            # The oldest first: these are found at the beginning of the table's key.
            "DELETE FROM %s WHERE id IN (SELECT id FROM %s WHERE %s AND create_date < %s"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)",
            table,
            table,
            over,
            fields.Datetime.now() - timedelta(days=days),
            PORTION,
        )
    )
    count = model.env.cr.rowcount
    if count:
        model.invalidate_model()
        _logger.info("%d rows of %s that are older than %d days dropped", count, what, days)
    return count, int(count == PORTION)


def add_columns(model):
    """The columns of this add-on that Odoo's own big table lacks, empty, before Odoo makes them.

    Odoo computes a new stored field, and writes a new default, for all rows that there are: minutes
    and gigabytes for a company with years of payments. Here old rows stay without a value; where
    somebody pays with an old payment, its values are computed then.
    """
    there = table_columns(model.env.cr, model._table)
    for name, field in model._fields.items():
        if field.store and field.column_type and {*field._modules} == {ADDON} and name not in there:
            kind = "boolean" if field.type == "boolean" else field.column_type[1]
            create_column(model.env.cr, model._table, name, kind, field.string)


def rows_with(env, table, condition, sought):
    """{text: ids of the rows that fulfil `condition`}, which names the text `sought`.

    Looked up text by text, by the index that the condition is written for: as one condition of a
    search PostgreSQL expects a large part of the table to fulfil it, and reads the whole of it.
    """
    found = defaultdict(set)
    query = (
        f"SELECT sought, rows.id FROM unnest(%s::text[]) AS sought CROSS JOIN LATERAL"  # noqa: S608
        f" (SELECT id FROM {table} WHERE {condition} OFFSET 0) AS rows"
    )
    for text, row in env.execute_query(SQL(query, list(sought))):
        found[text].add(row)
    return found


def found_by(text, names, accounts=(), amounts=()):
    """Domain of what somebody types into a search box: `text` stands in one of these fields.

    Accounts are kept without spaces, and with or without their country's letters. `amounts` are
    found by the sum, whichever its sign.
    """
    found = Domain.OR(Domain(name, "ilike", text) for name in (*names, *accounts))
    digits = re.sub(r"^[A-Za-z]{2}(?=\d)|\s", "", text)
    if digits.isdigit():
        found |= Domain.OR(Domain(name, "ilike", digits) for name in accounts)
    amount = amount_in(text)
    if amount is not None:
        found |= Domain.OR(Domain(name, "in", (amount, -amount)) for name in amounts)
    return found


def amount_in(text):
    """A sum as people type it: “1 234,50”; None where it is none."""
    plain = "".join(text.split()).replace(",", ".")
    return float(plain) if re.fullmatch(r"[+-]?\d+(\.\d*)?", plain, re.ASCII) else None
