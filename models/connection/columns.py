"""Our columns in Odoo's own big tables, empty: installing must not compute for each of their rows.

Odoo computes a new stored field, and writes a new default, for all rows that there are: minutes and
gigabytes for a company with years of payments. Here old rows stay without a value; where somebody
pays with an old payment, its values are computed then.
"""

from odoo.tools.sql import create_column, table_columns

ADDON = "bank_webservice"


def add_columns(model):
    """The columns of this add-on that the table lacks, before Odoo makes them."""
    there = table_columns(model.env.cr, model._table)
    for name, field in model._fields.items():
        if field.store and field.column_type and {*field._modules} == {ADDON} and name not in there:
            kind = "boolean" if field.type == "boolean" else field.column_type[1]
            create_column(model.env.cr, model._table, name, kind, field.string)
