"""Many statement lines at once: the fast way where it gives what Odoo gives, else Odoo's own."""

import logging

from odoo import models

_logger = logging.getLogger(__name__)

# Odoo itself numbers entries in blocks out of order when it makes more at once.
CHUNK = 1000
# Templates cost more than they save for fewer.
FEWEST = 20


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
        copies, templates = self._make_templates(vals_list)
        return self._in_chunks(copies, lambda chunk: self._create_copies(chunk, templates))

    def _tell_made(self, made, count):
        """So many of `count` lines are made: a hook for who shows that to a person."""

    def _in_chunks(self, items, make):
        ids = []
        for start in range(0, len(items), CHUNK):
            ids += make(items[start : start + CHUNK]).ids
            self._tell_made(len(ids), len(items))
        return self.browse(ids)
