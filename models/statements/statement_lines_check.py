"""When the fast way may be taken: nothing unknown may hang on what it bypasses."""

from odoo import models, tools

from .statement_lines import FEWEST

# Add-ons whose code was read: what they add here does not act on statement lines.
READ = frozenset({
    "base", "mail", "portal", "analytic", "account", "payment", "account_payment",
    "account_check_printing", "account_debit_note", "account_edi", "account_edi_ubl_cii",
    "account_fleet", "account_peppol", "account_qr_code_emv", "account_qr_code_sepa",
    "snailmail_account", "bank_webservice", "hr_expense", "l10n_pl", "l10n_pl_edi",
    "point_of_sale", "product", "project_account", "purchase", "purchase_stock", "sale",
    "sale_stock", "stock_account", "sale_management", "spreadsheet_account", "base_vat", "uom",
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


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

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


def _overrides(model):
    """A bypassed method or a constraint of an add-on that was not read."""
    cls = type(model)
    for name in BYPASSED:
        if name in vars(cls):
            return f"{name} is patched"  # automation rules do so
        for base in cls.__mro__:
            if name in vars(base) and not _is_read(base.__module__):
                return f"{name} of {base.__module__}"
    for method in model._constraint_methods:
        if not _is_read(method.__module__):
            return f"constraint {method.__name__} of {method.__module__}"
    return ""


def _fields(env, model):
    """A stored column that may depend on the entry, or a stored field elsewhere that does."""
    for field in env[model]._fields.values():
        if not field.store:
            continue
        if not _known(field) and (field.compute or field.related or field.default):
            return f"field {field.name}"
        for dependent in env.registry.get_dependent_fields(field):
            if dependent.store and dependent.compute and not _known(dependent):
                return f"field {dependent} depends on {field.name}"
    return ""


def _known(field):
    return not field.manual and READ.issuperset(field._modules)


def _is_read(module):
    """`module`: a Python module's name."""
    parts = module.split(".")
    return parts[:2] != ["odoo", "addons"] or parts[2] in READ
