"""Documents too large for one transaction: imported by a scheduled job, in whole days.

First everything is read and held against its balances, so that a wrong document is refused whole.
Then each part is a statement of its own, with balances that meet, and a transaction of its own.
A worker that dies leaves whole days behind; the next one knows their entries and goes on.
"""

import base64

from odoo import api, fields, models, modules
from odoo.exceptions import UserError

from ...protocol import errors, formats
from ...protocol.formats import cut
from ..connection.operation import refuse_when_neutralized
from ..connection.words import explain

LARGE = 4_000_000  # bytes: some 10,000 entries
MOST = 5_000  # entries of a part, where a single day has not more


class BankDocument(models.Model):
    _inherit = "bank.document"

    state = fields.Selection(
        selection_add=[("queued", "Being imported"), ("done",)],
        ondelete={"queued": "set default"},
    )

    def _process(self):
        """Large documents are queued; those that are in the books already are not read again.

        A fetch leaves one that failed as it is: it counts as the failure that it was, and a
        person, who has read why, lets it be processed again.
        """
        large = self._large()
        fetched = self.env.context.get("bank_webservice_feed")
        waiting = ("new",) if fetched else ("new", "failed")
        large.filtered(lambda document: document.state in waiting)._queue()
        return super(BankDocument, self - large)._process()

    def action_process(self):
        result = super().action_process()
        self._large()._queue()
        return result

    def _large(self):
        """Those that are too large for one transaction, by the size of their files."""
        domain = [
            ("res_model", "=", self._name),
            ("res_field", "=", "content"),
            ("res_id", "in", self.filtered(lambda document: document.format != "pdf").ids),
            ("file_size", ">", LARGE),
        ]
        return self.browse(self.env["ir.attachment"].sudo().search(domain).mapped("res_id"))

    def _large_words(self):
        """What is said of documents that are not in the books yet."""
        return self.env._(
            "%(names)s: so large that it is imported in the background, some days at a time.",
            names=", ".join(self.mapped("name")),
        )

    def _queue(self):
        if self:
            self.sudo().write({"state": "queued", "problem": False})
            self.env.ref("bank_webservice.cron_large_documents").sudo()._trigger()

    # -------------------------------------------------------------------------
    # THE JOB
    # -------------------------------------------------------------------------

    @api.model
    def _cron_import_large(self):
        """One queued document after the other."""
        refuse_when_neutralized(self.env)
        while document := self._next_queued():
            # What goes wrong is read by the person who brought it, not by the cron's user.
            document.with_context(lang=document.create_uid.lang)._import_large()
            if not self._commit_step(1):
                self.env.ref("bank_webservice.cron_large_documents")._trigger()
                break

    @api.model
    def _next_queued(self):
        waiting = self.sudo().search([("state", "=", "queued")], order="id", limit=20)
        return waiting.try_lock_for_update(allow_referencing=True, limit=1)

    def _import_large(self):
        """This document, whose row is locked, part by part."""
        found = []
        try:
            self._check_whole()
            for part in self._parts():
                with self.env.cr.savepoint():
                    found.append(self._journal_of(part)._import_statement(part, self))
                if not self._next_part():
                    return  # somebody else has it now
        except (errors.BankError, UserError) as error:
            words = explain(self.env, error) if isinstance(error, errors.BankError) else str(error)
            self.write({"state": "failed", "problem": words})
        else:
            self.write({"state": "done", "problem": False})
        self._tell_large(sum(result.new for result in found))

    def _check_whole(self):
        """Reads all of it once: InvalidDocument or UserError before anything is written."""
        for statement in self._statements():
            journal = self._journal_of(statement)
            journal._check_statement_account(statement)
            journal._check_amounts(statement, formats.check(statement).entries)

    def _statements(self):
        content = base64.b64decode(self.content)
        charset = self.journal_id.statement_charset or None
        return formats.parse(content, self.format or None, charset)

    def _parts(self):
        for statement in self._statements():
            yield from cut.by_days(statement, MOST)

    def _next_part(self):
        """Commits what is whole, and keeps hold of the document. False when it was taken away."""
        self._commit_step()
        self.env.invalidate_all()
        return bool(self.try_lock_for_update(allow_referencing=True)) and self.state == "queued"

    @api.model
    def _commit_step(self, processed=0):
        """Commits; seconds left for this run. Tests hold their one transaction open."""
        if modules.module.current_test:
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed)

    def _tell_large(self, count):
        """Whoever brought the document sees what came of it."""
        failed = self.state == "failed"
        words = self.problem if failed else self.env._("%(count)s new entries.", count=count)
        self.create_uid._bus_send(
            "bank_webservice.changed",
            {
                "model": self._name,
                "id": self.id,
                "type": "warning" if failed else "success",
                "title": self.name,
                "message": words,
            },
        )
