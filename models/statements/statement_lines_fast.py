# SPDX-License-Identifier: LGPL-3.0-only
"""Statement lines by copying: one template of each sort made by Odoo, the others as rows.

What runs: every `_post` and `action_post` of every add-on, for all lines together, and what Odoo
checks on posting, and recomputes where the templates show that it changes. Odoo's own `create` runs
for the first line of each numbering period - it takes the number, and with it the lock on the
numbers - and for one template of each sort of line, which is rolled back again.

What does not run for the copied lines: `create` and `write` of statement lines, entries and items.
So they have no followers (`mail_followers`: the importing user) and no message "Journal Entry
created" (`mail_message`): rows that say nothing, since the line itself names its author, its time,
its statement and the bank's document.

What is held: before anything is copied, each template is made once more by the rules of
`statement_lines_rows`, and so is a second line, with another amount and day, of some sorts. They
must come out equal in every column, those of other add-ons included.
"""

import re
from dataclasses import replace

from odoo import models
from odoo.tools import SQL, float_repr
from psycopg2.extras import Json

from .statement_lines import (
    ITEM,
    LINE,
    MODELS,
    MOVE,
    VARYING,
    Copy,
    Misfit,
    Template,
    known,
    overridden,
)

PAGE = 500  # rows of one INSERT
# Posting would tell of each entry that its state changed; Odoo's `create` does not.
POSTING = {"is_statement_line": True, "mail_notrack": True}
MANY = 200  # to post the templates costs more than it spares fewer copies
WITNESSES = 4  # sorts of which a second line is made and compared


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _make_templates(self, vals_list):
        """(copies in the order of `vals_list`, {sort: Template}, fields that posting leaves).

        Raises Misfit where the rules here do not give what Odoo gives.
        """
        copies = self._as_copies(vals_list)
        samples = {copy.sort: copy for copy in reversed(copies)}
        witnesses = _witnesses(copies, samples)
        if not witnesses:
            raise Misfit("each line is of a sort of its own")
        wanted = [*samples.values(), *witnesses]
        with self.env.cr.savepoint() as savepoint:
            lines = self.with_context(bank_webservice_draft=True, tracking_disable=True).create(
                [dict(copy.vals) for copy in wanted]
            )
            self.env.flush_all()
            made = _rows_of(self.env, lines)
            partners = self._partner_columns(copies)
            settled, posted = [], {}
            if len(copies) >= MANY:
                settled, posted = self._settled_by_posting(lines, made)
            savepoint.rollback()
        self.env["account.move"]._get_sequence_cache().clear()  # of numbers that nobody has now
        templates = {
            copy.sort: Template(copy, rows, partners)
            for copy, rows in zip(samples.values(), made, strict=False)
        }
        for copy, rows in zip(wanted, made, strict=True):
            _hold(templates[copy.sort], copy, rows)
        for template in templates.values():
            template.rows[ITEM] = [row | posted for row in template.rows[ITEM]]
        return copies, templates, settled

    def _settled_by_posting(self, lines, drafts):
        """(stored fields that posting need not compute for the copies, {column: value}).

        It computes them again to what they are; or, of the items, to one value for all, which the
        copies are written with at once. None where an add-on that was not read posts, too: it may
        change what they hang on.
        """
        if any(overridden(self.env["account.move"], name) for name in ("action_post", "_post")):
            return [], {}
        lines.move_id.with_context(bank_webservice_draft=False, **POSTING).action_post()
        self.env.flush_all()
        posted = _rows_of(self.env, lines)
        settled, columns = [], {}
        for table, model in zip((LINE, MOVE, ITEM), MODELS, strict=True):
            rows = [
                pair
                for before, after in zip(drafts, posted, strict=True)
                for pair in zip(before[table], after[table], strict=True)
            ]
            for name, field in self.env[model]._fields.items():
                if not (field.compute and field.column_type and field.store and known(field)):
                    continue
                if all(row[name] == other[name] for row, other in rows):
                    settled.append(field)
                elif table == ITEM and name not in VARYING and _one_change(rows, name):
                    settled.append(field)
                    columns[name] = rows[0][1][name]
        return settled, columns

    def _partner_columns(self, copies):
        """{partner or False: {column of an entry: value}}, of the columns that depend on him.

        Seen by drafts without items, one a partner: a twentieth of the cost of a statement line.
        """
        partners = [False, *{copy.partner for copy in copies if copy.partner}]
        # What a company keeps of each of them, which Odoo would ask for one by one.
        self.env["res.partner"].browse(partners[1:]).mapped("property_account_position_id")
        common = {"move_type": "entry", "journal_id": copies[0].vals["journal_id"]}
        moves = (
            self.env["account.move"]
            .with_context(tracking_disable=True)
            .create(
                [
                    {**common, "date": copies[0].vals["date"], "partner_id": partner}
                    for partner in partners
                ]
            )
        )
        self.env.flush_all()
        query = "SELECT * FROM account_move WHERE id = ANY(%s) ORDER BY id"
        self.env.cr.execute(query, [moves.ids])
        nobody, *rows = self.env.cr.dictfetchall()
        varying = {name for row in rows for name in row if row[name] != nobody[name]} - {"id"}
        found = zip(partners, (nobody, *rows), strict=True)
        return {partner: {name: row[name] for name in varying} for partner, row in found}

    def _as_copies(self, vals_list):
        journal = self.env["account.journal"].browse(vals_list[0]["journal_id"])
        company = journal.company_id
        ours = company.currency_id
        theirs = journal.currency_id or ours
        rates = {
            day: self.env["res.currency"]._get_conversion_rate(theirs, ours, company, day)
            for day in {vals["date"] for vals in vals_list}
        }
        copies = []
        for vals in vals_list:
            amount = _rounded(theirs, vals["amount"])
            balance = amount if theirs == ours else _rounded(ours, amount * rates[vals["date"]])
            copies.append(Copy(vals, amount, balance))
        return copies

    def _create_copies(self, copies, templates, settled):
        """The lines of `copies`, posted; in their order."""
        made = self._make_leaders(copies)
        rest = [(index, copy) for index, copy in enumerate(copies) if index not in made]
        rows = {LINE: [], MOVE: [], ITEM: []}
        line_ids = self._reserve(LINE, len(rest))
        move_ids = self._reserve(MOVE, len(rest))
        counts = [templates[copy.sort].item_count for _index, copy in rest]
        item_ids = iter(self._reserve(ITEM, sum(counts)))
        for (index, copy), count, line_id, move_id in zip(
            rest, counts, line_ids, move_ids, strict=True
        ):
            own_items = [next(item_ids) for _ in range(count)]
            new = templates[copy.sort].make(copy, line_id, move_id, own_items)
            for table in rows:
                rows[table] += new[table]
            made[index] = line_id
        self._insert(rows)
        moves = self.env["account.move"].browse(move_ids).with_context(**POSTING)
        # Posting asks each item for them, one by one.
        moves.line_ids.fetch(["tax_ids", "tax_tag_ids"])
        records = dict(zip(MODELS, (self.browse(line_ids), moves, moves.line_ids), strict=True))
        with self.env.protecting([([field], records[field.model_name]) for field in settled]):
            moves.action_post()
            self.env.flush_all()
        return self.browse([made[index] for index in range(len(copies))])

    # -------------------------------------------------------------------------
    # NUMBERS
    # -------------------------------------------------------------------------

    def _make_leaders(self, copies):
        """Gives every copy its name. Returns {index: id} of the lines that Odoo made itself.

        Odoo numbers the entries of one call by date. The first of each period is made by Odoo: it
        waits for others who number in this journal, and makes them wait until our commit.
        """
        made, until = {}, None
        split = re.compile(self._number_regex())
        for index in sorted(range(len(copies)), key=lambda i: (copies[i].vals["date"], i)):
            copy = copies[index]
            if until is None or copy.vals["date"] > until:
                leader = self.create([dict(copy.vals)])
                move = leader.move_id
                if move.date != copy.vals["date"]:
                    raise Misfit("Odoo moved the date of an entry")
                reset = move._deduce_sequence_number_reset(move.name)
                until = move._get_sequence_date_range(reset)[1]
                template, values = move._get_sequence_format_param(move.name)
                made[index] = leader.id
                continue
            values["seq"] += 1
            copy.name = template.format(**values)
            number = split.match(copy.name)
            copy.prefix, copy.number = copy.name[: number.start(1)], int(number.group(1) or 0)
        # It holds the leaders' numbers, which are not the last ones any more.
        self.env["account.move"]._get_sequence_cache().clear()
        return made

    def _number_regex(self):
        """As `sequence.mixin` splits a name: the number is the only group."""
        moves = self.env["account.move"]
        return moves._make_regex_non_capturing(moves._sequence_fixed_regex.replace(r"?P<seq>", ""))

    # -------------------------------------------------------------------------
    # ROWS
    # -------------------------------------------------------------------------

    def _reserve(self, table, count):
        """`count` new ids, rising."""
        query = SQL(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            table,
            count,
        )
        return [row[0] for row in self.env.execute_query(query)]

    def _insert(self, rows):
        self.env.flush_all()
        for start in range(0, len(rows[MOVE]), PAGE):
            # Entry and line refer to each other: PostgreSQL looks when the statement ends.
            move, line = (
                self._values(table, rows[table][start : start + PAGE]) for table in (MOVE, LINE)
            )
            self.env.cr.execute("".join(("WITH moves AS (", move, ") ", line)))
        for start in range(0, len(rows[ITEM]), PAGE):
            self.env.cr.execute(self._values(ITEM, rows[ITEM][start : start + PAGE]))
        self.env.invalidate_all(flush=False)

    def _values(self, table, rows):
        """The INSERT of these rows, which have the same columns, with its values written out."""
        # Most columns of an entry are empty, and each costs time.
        columns = [name for name in rows[0] if any(row[name] is not None for row in rows)]
        names = SQL(", ").join(map(SQL.identifier, columns))
        query = SQL("INSERT INTO %s (%s) VALUES ", SQL.identifier(table), names).code
        one = f"({', '.join(['%s'] * len(columns))})"
        values = ([_adapted(row[column]) for column in columns] for row in rows)
        return query + ", ".join(self.env.cr.mogrify(one, row).decode() for row in values)


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_post(self):
        if self.env.context.get("bank_webservice_draft"):
            return False  # a template is copied as a draft: see `statement_lines_fast`
        return super().action_post()


def _witnesses(copies, samples):
    """Second lines of some sorts, as different from the first one as there are."""

    def difference(copy):
        sample = samples[copy.sort]
        same = (
            copy.amount == sample.amount,
            copy.partner == sample.partner,
            copy.vals["date"] == sample.vals["date"],
        )
        return same.count(False)

    found = {}
    for copy in copies:
        if copy is samples[copy.sort]:
            continue
        if copy.sort not in found or difference(copy) > difference(found[copy.sort]):
            found[copy.sort] = copy
    return list(found.values())[:WITNESSES]


def _rows_of(env, lines):
    """[{table: rows}] of each line; items in the order of ids."""
    tables = {}
    wanted = ((LINE, "id", lines.ids), (MOVE, "id", lines.move_id.ids))
    for table, column, ids in (*wanted, (ITEM, "move_id", lines.move_id.ids)):
        query = SQL(
            "SELECT * FROM %s WHERE %s = ANY(%s) ORDER BY id",
            SQL.identifier(table),
            SQL.identifier(column),
            ids,
        )
        env.cr.execute(query)
        tables[table] = {}
        for row in env.cr.dictfetchall():
            move_id = row["id"] if table == MOVE else row["move_id"]
            tables[table].setdefault(move_id, []).append(row)
    return [{table: tables[table][line.move_id.id] for table in tables} for line in lines]


def _one_change(rows, name):
    """Whether this column goes from one value to another in all (before, after)."""
    first = rows[0]
    return all(row[name] == first[0][name] and to[name] == first[1][name] for row, to in rows)


def _hold(template, copy, rows):
    """Misfit unless the rules make of `template` what Odoo made of `copy`."""
    (line,), (move,) = rows[LINE], rows[MOVE]
    draft = replace(
        copy, name=move["name"], prefix=move["sequence_prefix"], number=move["sequence_number"]
    )
    items = [item["id"] for item in rows[ITEM]]
    if len(items) != template.item_count:
        raise Misfit("entries of one sort have different items")
    ours = template.make(draft, line["id"], move["id"], items)
    for table, theirs in rows.items():
        for one, other in zip(ours[table], theirs, strict=True):
            for column in other:
                if one[column] != other[column]:
                    raise Misfit(f"{table}.{column} is {other[column]!r}, not {one[column]!r}")


def _rounded(currency, value):
    """As Odoo writes a monetary field: rounded, then as text of so many digits."""
    return float(float_repr(currency.round(value), currency.decimal_places))


def _adapted(value):
    return Json(value) if isinstance(value, dict | list) else value
