"""Everything around the add-on: Odoo, PostgreSQL, tests, checks. Standard library only."""
