# SPDX-License-Identifier: LGPL-3.0-only
"""Many statement lines at once: the fast way where it gives what Odoo gives, else Odoo's own."""

import logging
from dataclasses import dataclass

from odoo import fields, models, tools

_logger = logging.getLogger(__name__)
# Odoo itself numbers entries in blocks out of order when it makes more at once.
CHUNK = 1000
# Templates cost more than they save for fewer.
FEWEST = 20
# Add-ons whose code was read: what they add here does not act on statement lines. Others may add
# fields that do not hang on what differs from line to line, but none of the methods below.
READ = frozenset({
    "base", "mail", "portal", "analytic", "account", "payment", "account_payment",
    "account_check_printing", "account_debit_note", "account_edi", "account_edi_ubl_cii",
    "account_fleet", "account_peppol", "account_qr_code_emv", "account_qr_code_sepa",
    "snailmail_account", "bank_webservice", "hr_expense", "l10n_pl", "l10n_pl_edi",
    "point_of_sale", "pos_sale", "product", "project_account", "purchase", "purchase_stock", "sale",
    "sale_stock", "stock_account", "sale_management", "spreadsheet_account", "base_vat", "uom",
    "utm",
})  # fmt: skip
MODELS = ("account.bank.statement.line", "account.move", "account.move.line")
BYPASSED = (
    "create",
    "write",
    "default_get",
    "_prepare_move_line_default_vals",
    "_synchronize_from_moves",
    "_synchronize_to_moves",
    "_get_protected_vals",
    "_sanitize_vals",
    "_compute_name",
    "_set_next_sequence",
    "_get_starting_sequence",
    "_get_last_sequence_domain",
    "_get_sequence_format_param",
    "_get_sequence_date_range",
    "_deduce_sequence_number_reset",
)
KNOWN_VALUES = frozenset({
    "journal_id", "date", "amount", "payment_ref", "partner_name", "account_number", "partner_id",
    "transaction_type", "transaction_details", "statement_id", "counterpart_account_id",
    "bank_operation_key", "bank_booked_on", "bank_value_on", "bank_operation_kind",
})  # fmt: skip
LINE, MOVE, ITEM = "account_bank_statement_line", "account_move", "account_move_line"
# Columns that are the line's amount, or its opposite, or zero: as in the template.
AMOUNTS = {
    LINE: ("amount_residual",),
    MOVE: ("amount_total", "amount_total_in_currency_signed"),
    ITEM: ("amount_currency", "amount_residual_currency", "price_subtotal", "price_total"),
}
# The same for its amount in the company's currency.
BALANCES = {
    LINE: (),
    MOVE: ("amount_total_signed",),
    ITEM: ("debit", "credit", "balance", "amount_residual"),
}
# Values of a line that are no columns of its table.
ELSEWHERE = ("date", "counterpart_account_id")
HIGHEST = 2**31 - 1  # of `sequence`, which Odoo writes reversed into internal_index
# What differs between a template and its copies.
VARYING = (
    KNOWN_VALUES - {"journal_id", "counterpart_account_id"}
    | {"name", "move_name", "sequence_prefix", "sequence_number", "internal_index"}
    | {name for table in (AMOUNTS, BALANCES) for names in table.values() for name in names}
)


class Misfit(Exception):
    """The fast way would not give what Odoo gives; the text says why, for the log."""


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _create_entries(self, vals_list):
        """Posted statement lines of one journal, in the order of `vals_list`, like `create`.

        The fast way makes one entry of each sort through the ORM, copies it as draft rows, and
        posts them all through `action_post`: see `statement_lines_fast` for what runs and what
        does not. It is one transaction either way: killed in the middle, nothing is there.
        """
        if not vals_list:
            return self.browse()
        why = self._why_plain(vals_list)
        if not why:
            try:
                with self.env.cr.savepoint():
                    lines = self._create_fast(vals_list)
                _logger.info("%d statement lines made the fast way", len(lines))
                return lines
            except Misfit as misfit:
                why = str(misfit)
        _logger.info("%d statement lines made Odoo's plain way: %s", len(vals_list), why)
        return self._in_chunks(vals_list, lambda chunk: self.create([dict(one) for one in chunk]))

    def _create_fast(self, vals_list):
        """Raises Misfit where the copies would not be what Odoo makes."""
        copies, *made = self._make_templates(vals_list)
        return self._in_chunks(copies, lambda chunk: self._create_copies(chunk, *made))

    def _tell_made(self, count):
        """These of `count` lines are made: a hook for who shows that to a person."""

    def _in_chunks(self, items, make):
        ids = []
        for start in range(0, len(items), CHUNK):
            ids += make(items[start : start + CHUNK]).ids
            self.browse(ids)._tell_made(len(items))
        return self.browse(ids)

    # -------------------------------------------------------------------------
    # WHEN THE FAST WAY MAY BE TAKEN: NOTHING UNKNOWN MAY HANG ON WHAT IT BYPASSES
    # -------------------------------------------------------------------------

    def _why_plain(self, vals_list):
        """Why these lines cannot be made the fast way; "" when they can."""
        if len(vals_list) < FEWEST:
            return "few lines"
        if len({vals["journal_id"] for vals in vals_list}) > 1:
            return "several journals"
        other = {name for vals in vals_list for name in vals} - KNOWN_VALUES
        if other:
            return f"values {', '.join(sorted(other))}"
        if self.env["account.journal"].browse(vals_list[0]["journal_id"]).restrict_mode_hash_table:
            return "the journal is hashed"
        return self._unknown_addon()

    @tools.ormcache()
    def _unknown_addon(self):
        """What an add-on that nobody has read does to the three models; "" when nothing."""
        for model in MODELS:
            found = _overrides(self.env[model]) or _fields(self.env, model)
            if found:
                return f"{model}: {found}"
        return ""


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bank_import_plain = fields.Char(
        "Why statements are imported slowly", compute="_compute_bank_import_plain"
    )

    def _compute_bank_import_plain(self):
        self.bank_import_plain = self.env["account.bank.statement.line"]._unknown_addon()


def _overrides(model):
    """A bypassed method or a constraint of an add-on that was not read."""
    if found := next(filter(None, (overridden(model, name) for name in BYPASSED)), ""):
        return found
    for method in model._constraint_methods:
        if not _is_read(method.__module__):
            return f"constraint {method.__name__} of {method.__module__}"
    return ""


def overridden(model, name):
    """Who changes this method, of those that were not read; "" when nobody does."""
    cls = type(model)
    if name in vars(cls):
        return f"{name} is patched"  # automation rules do so
    for base in cls.__mro__:
        if name in vars(base) and not _is_read(base.__module__):
            return f"{name} of {base.__module__}"
    return ""


def _fields(env, model):
    """A stored field of an add-on that was not read, and that may differ from line to line.

    Copies have its value of their template: right for what is computed from the journal or the
    company, and for a default, unless the witness has another one. What hangs on entries elsewhere
    would not be computed at all.
    """
    registry = env.registry
    for field in env[model]._fields.values():
        if not field.store:
            continue
        if not known(field) and field.compute and not registry.field_depends[field]:
            return f"field {field} does not say what it is computed from"
        for dependent in _dependents(registry, registry.get_trigger_tree([field])):
            copied = dependent.model_name in MODELS and field.name not in VARYING
            if dependent.store and dependent.compute and not copied and not known(dependent):
                return f"field {dependent} depends on {field.name}"
    return ""


def _dependents(registry, tree, ours=True):
    """The fields of a trigger tree that new entries can change.

    Nobody has chosen a new entry yet, neither alone nor as one of many; a record elsewhere has one
    by what the entry itself says, or gives to each record.
    """
    yield from tree.root
    for step, below in tree.items():
        inside = step.model_name in MODELS
        said = step.type == "one2many" or any(
            field.compute or field.default for field in registry.field_inverses[step]
        )
        if inside or said or not ours:
            yield from _dependents(registry, below, ours and inside)


def known(field):
    return not field.manual and READ.issuperset(field._modules)


def _is_read(module):
    """`module`: a Python module's name."""
    parts = module.split(".")
    return parts[:2] != ["odoo", "addons"] or parts[2] in READ


@dataclass
class Copy:
    """One line to be made. `balance`: its amount in the company's currency."""

    vals: dict
    amount: float
    balance: float
    name: str = ""
    prefix: str = ""  # name = prefix + number, as Odoo splits it
    number: int = 0

    @property
    def sort(self):
        """Lines of one sort differ in nothing but what is named in this file."""
        counterpart = self.vals.get("counterpart_account_id") or 0
        return (_sign(self.amount), _sign(self.balance), counterpart)

    @property
    def partner(self):
        return self.vals.get("partner_id") or False


@dataclass
class Template:
    """What Odoo made of `copy`: {table: rows}; items in Odoo's order.

    partners: {partner or False: columns of an entry that depend on him}.
    """

    copy: Copy
    rows: dict
    partners: dict

    @property
    def item_count(self):
        return len(self.rows[ITEM])

    def make(self, copy, line_id, move_id, item_ids):
        """{table: rows} of another line of the same sort."""
        line = self._row(LINE, self.rows[LINE][0], copy)
        line |= {name: _column(copy.vals[name]) for name in copy.vals if name not in ELSEWHERE}
        line |= {"id": line_id, "move_id": move_id, "amount": copy.amount}
        line["internal_index"] = (
            f"{copy.vals['date']:%Y%m%d}{HIGHEST - line['sequence']:0>10}{line_id:0>10}"
        )
        move = self._row(MOVE, self.rows[MOVE][0], copy) | self.partners[copy.partner]
        move |= {"id": move_id, "statement_line_id": line_id, "date": copy.vals["date"]}
        move |= {"name": copy.name, "sequence_prefix": copy.prefix}
        move["sequence_number"] = copy.number
        both = zip(self.rows[ITEM], item_ids, strict=True)
        items = [self._item(row, copy, line_id, move_id, item_id) for row, item_id in both]
        return {LINE: [line], MOVE: [move], ITEM: items}

    def _item(self, row, copy, line_id, move_id, item_id):
        item = self._row(ITEM, row, copy)
        return item | {
            "id": item_id,
            "move_id": move_id,
            "statement_line_id": line_id,
            "statement_id": _column(copy.vals.get("statement_id")),
            "partner_id": copy.partner or None,
            "move_name": copy.name,
            "name": _column(copy.vals.get("payment_ref")),
            "date": copy.vals["date"],
        }

    def _row(self, table, row, copy):
        scaled = {
            name: _scaled(row[name], theirs, ours)
            for names, theirs, ours in (
                (AMOUNTS[table], self.copy.amount, copy.amount),
                (BALANCES[table], self.copy.balance, copy.balance),
            )
            for name in names
        }
        return row | scaled


def _scaled(value, theirs, ours):
    """`ours` with the sign that `value` has beside `theirs`; what is nothing stays nothing."""
    if not value or not theirs:
        return value
    return ours if (value > 0) == (theirs > 0) else -ours


def _column(value):
    return None if value is False else value


def _sign(value):
    return (value > 0) - (value < 0)
