# SPDX-License-Identifier: LGPL-3.0-only
"""Everything said to, or understood from, a bank or Moe Delo. Pure Python: never imports Odoo."""
