# SPDX-License-Identifier: LGPL-3.0-only
"""Documents too large for one transaction: a scheduled job imports them, in whole steps.

First everything is read and held against its balances, so that of an account with a wrong document
nothing goes in. Then some days are a statement of their own, with balances that meet, and a
transaction of their own; the entries of one very long day go in by thousands, up to the running
balance after them. A worker that dies leaves whole steps behind; the next one goes on from there.
"""

from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.formats import cut
from ..connection.operation import commit_step, refuse_when_neutralized, tell_changed
from ..connection.words import in_language
from .bank_document import account_of, whole
from .statement_import import ImportResult

LARGE = 1_200_000  # bytes of plain text: some 7,000 entries
XML, ZIP = 3, 10  # how many times as long the same entries are as plain text
MOST = 5_000  # entries of one step
ATTEMPTS = 3
JOB = "bank_webservice.cron_large_documents"
# Of an ImportResult: what is added up over the steps.
COUNTED = ("new", "known", "finished", "doubles", "undone", "raised", "dropped")


class BankDocument(models.Model):
    _inherit = "bank.document"

    def _large(self):
        """Those that are too large for one transaction, by the size of their files."""
        domain = [
            ("res_model", "=", self._name),
            ("res_field", "=", "content"),
            ("res_id", "in", self.filtered(lambda document: document.format != "pdf").ids),
            ("file_size", ">", LARGE // ZIP),
        ]
        found = self.env["ir.attachment"].sudo().search(domain)
        return self.browse(one.res_id for one in found if _as_text(one.raw) > LARGE)

    def _large_words(self):
        """What is said of documents that are not in the books yet."""
        return self.env._(
            "%(names)s: so large that it is imported in the background, some days at a time.",
            names=", ".join(self.mapped("name")),
        )

    def _queue(self, choice=None):
        """To be imported from its beginning. `choice`: as a person decided, see `_process`."""
        if self:
            vals = {"state": "queued", "problem": False, "differs": False, "attempts": 0}
            self.sudo().write({**vals, "decided": choice, "progress": False})
            self.env.ref(JOB).sudo()._trigger()

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
                self.env.ref(JOB)._trigger()
                break

    @api.model
    def _next_queued(self):
        waiting = self.sudo().search([("state", "=", "queued")], order="id", limit=20)
        return waiting.try_lock_for_update(allow_referencing=True, limit=1)

    def _import_large(self):
        """This document, whose row is locked, step by step; no longer than a job may take."""
        troubles = {}
        try:
            self._count_attempt()
            if not self._next_step():
                return  # somebody else has it now
            troubles = self._troubles()
            for place, (number, part) in enumerate(self._parts()):
                if number in troubles or place in self._done():
                    continue
                try:
                    if not self._import_part(place, part):
                        return
                except UserError as error:
                    troubles[number] = error
        except (errors.BankError, UserError) as error:
            troubles[""] = error
        results = self._results()
        self._tell(results, troubles)
        self._tell_large(sum(result.new for result in results))

    def _parts(self):
        """(account number, statement of some days) of all of it, in the document's order.

        What a person decided speaks of whole statements.
        """
        for statement in self._statements():
            number = account_of(statement)
            parts = (whole(statement),) if self.decided else cut.by_days(statement, MOST)
            for part in parts:
                yield number, part

    def _import_part(self, place, part):
        """False: the rest of the document waits for the next run of the job."""
        journal = self._journal_of(part)
        while True:
            if not journal._bank_feed().try_lock_for_update(allow_referencing=True):
                self.attempts = 0
                return False  # a fetch is at work there; the job comes again
            with self.env.cr.savepoint():
                result = journal._import_statement(part, self, self.decided or None, MOST)
            self._keep_progress(result, place)
            left = commit_step(self.env, 1)
            if not self._next_step():
                return False
            if not left:
                self.env.ref(JOB)._trigger()
                return False
            if not result.more:
                return True

    # -------------------------------------------------------------------------
    # WHAT IS IN BY NOW, KEPT WITH EACH STEP: THE NEXT RUN GOES ON FROM THERE
    # -------------------------------------------------------------------------

    def _done(self):
        return (self.progress or {}).get("parts", ())

    def _keep_progress(self, result, place):
        if place == (self.progress or {}).get("last"):
            result = replace(result, known=0)  # those of the steps before
        journals = dict((self.progress or {}).get("journals", {}))
        before = journals.get(str(result.journal.id), {})
        journals[str(result.journal.id)] = {
            name: before.get(name, 0) + getattr(result, name) for name in COUNTED
        }
        parts = [*self._done(), *(() if result.more else (place,))]
        progress = {"parts": parts, "last": place, "journals": journals}
        self.write({"progress": progress, "attempts": 0})

    def _results(self):
        """A result for each journal, of all runs together."""
        journals, statements = self.env["account.journal"], self.env["account.bank.statement"]
        return [
            ImportResult(statements, journal=journals.browse(int(journal)), **counts)
            for journal, counts in (self.progress or {}).get("journals", {}).items()
        ]

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
        """{account number: error} of all of it, before anything of an account is written.

        Whether the books agree is seen of its first statement; the later ones lean on that.
        """
        troubles, begun = {}, {result.journal for result in self._results()}
        for statement in self._statements():
            journal = self._journal_of(statement)
            try:
                journal._check_statement_account(statement)
                entries = whole(statement).entries
                journal._check_amounts(statement, entries)
                if journal not in begun:
                    begun.add(journal)
                    journal._plan(statement, entries, self.decided or None)
            except (errors.InvalidDocument, UserError) as error:
                troubles[account_of(statement)] = error
        return troubles

    def _next_step(self):
        """Commits what is whole, and keeps hold of the document. False when it was taken away."""
        commit_step(self.env)
        self.env.invalidate_all()
        return bool(self.try_lock_for_update(allow_referencing=True)) and self.state == "queued"

    def _tell_large(self, count):
        """Whoever brought the document sees what came of it."""
        failed = bool(self._wrong())
        if failed:
            self.message_post(body=self.problem, partner_ids=self.create_uid.partner_id.ids)
        elif self.decided:
            self.message_post(body=self._decided_words(self.decided))
        words = self.problem if failed else self.env._("New entries: %(count)s.", count=count)
        tell_changed(self.create_uid, self, self.name, words, "warning" if failed else "success")


def _as_text(content):
    """About how many bytes of plain text a file's entries are."""
    if content.startswith(b"PK"):
        return len(content) * ZIP
    return len(content) // (XML if b"<" in content[:64] else 1)
