# SPDX-License-Identifier: LGPL-3.0-only
"""Everything around the add-on: Odoo, PostgreSQL, tests, checks. Standard library only."""
