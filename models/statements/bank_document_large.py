"""Documents too large for one transaction: a scheduled job imports them, in whole days.

First everything is read and held against its balances, so that of an account with a wrong document
nothing goes in. Then each part is a statement of its own, with balances that meet, and a
transaction of its own. A worker that dies leaves whole days behind; the next one knows their
entries and goes on.
"""

from odoo import api, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.formats import cut
from ..connection.operation import commit_step, refuse_when_neutralized, tell_changed
from ..connection.words import in_language
from .bank_document import account_of, whole

LARGE = 4_000_000  # bytes: some 10,000 entries
MOST = 5_000  # entries of a part, where a single day has not more
ATTEMPTS = 3


class BankDocument(models.Model):
    _inherit = "bank.document"

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
            self.sudo().write({"state": "queued", "problem": False, "attempts": 0})
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
            in_language(document, document.create_uid)._import_large()
            if not commit_step(self.env, 1):
                self.env.ref("bank_webservice.cron_large_documents")._trigger()
                break

    @api.model
    def _next_queued(self):
        waiting = self.sudo().search([("state", "=", "queued")], order="id", limit=20)
        return waiting.try_lock_for_update(allow_referencing=True, limit=1)

    def _import_large(self):
        """This document, whose row is locked, part by part."""
        found, troubles = [], {}
        try:
            self._count_attempt()
            if not self._next_part():
                return  # somebody else has it now
            troubles = self._troubles()
            for statement in self._statements():
                number = account_of(statement)
                if number in troubles:
                    continue
                try:
                    for part in cut.by_days(statement, MOST):
                        journal = self._journal_of(part)
                        if not journal._bank_feed().try_lock_for_update(allow_referencing=True):
                            self.attempts = 0
                            return  # a fetch is at work there; the job comes again
                        with self.env.cr.savepoint():
                            found.append(journal._import_statement(part, self))
                        self.attempts = 0
                        if not self._next_part():
                            return
                except UserError as error:
                    troubles[number] = error
        except (errors.BankError, UserError) as error:
            troubles[""] = error
        self._tell(found, troubles)
        self._tell_large(sum(result.new for result in found))

    def _count_attempt(self):
        """Written before the work, since a worker that is killed says nothing. UserError when it
        was killed too often: it would hold a worker of the server for ever."""
        if self.attempts >= ATTEMPTS:
            raise UserError(
                self.env._(
                    "The import of this document was broken off %(count)s times, for example "
                    "since it takes longer than the server allows. Nothing more is tried. Ask the "
                    "bank for shorter periods, or raise the server's limits, and process it again.",
                    count=self.attempts,
                )
            )
        self.attempts += 1

    def _troubles(self):
        """{account number: error} of all of it, before anything is written."""
        troubles = {}
        for statement in self._statements():
            journal = self._journal_of(statement)
            try:
                journal._check_statement_account(statement)
                journal._check_amounts(statement, whole(statement).entries)
            except (errors.InvalidDocument, UserError) as error:
                troubles[account_of(statement)] = error
        return troubles

    def _next_part(self):
        """Commits what is whole, and keeps hold of the document. False when it was taken away."""
        commit_step(self.env)
        self.env.invalidate_all()
        return bool(self.try_lock_for_update(allow_referencing=True)) and self.state == "queued"

    def _tell_large(self, count):
        """Whoever brought the document sees what came of it."""
        failed = bool(self._wrong())
        if failed:
            self.message_post(body=self.problem, partner_ids=self.create_uid.partner_id.ids)
        words = self.problem if failed else self.env._("New entries: %(count)s.", count=count)
        tell_changed(self.create_uid, self, self.name, words, "warning" if failed else "success")
