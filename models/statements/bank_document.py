# SPDX-License-Identifier: LGPL-3.0-only
"""Business documents exactly as they were sent or received: kept before they are understood."""

import base64
import hashlib
from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors, formats, matching
from ..connection.rights import require_right
from ..connection.words import explain
from .statement_import import Differs

STATES = [
    ("new", "Not processed"),
    ("queued", "Being imported"),
    ("done", "Imported"),
    ("failed", "Not imported"),
    ("partly", "Imported in part"),
    ("kept", "Kept only"),
]


class BankDocument(models.Model):
    _name = "bank.document"
    _description = "Document from or to a bank"
    _inherit = ["mail.thread"]
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    journal_id = fields.Many2one("account.journal", readonly=True, index=True, ondelete="restrict")
    format = fields.Char(readonly=True)
    day = fields.Date(readonly=True)
    content = fields.Binary(attachment=True, readonly=True, copy=False)
    digest = fields.Char("SHA-256", readonly=True, index=True, copy=False)
    state = fields.Selection(STATES, default="new", required=True, readonly=True, index=True)
    problem = fields.Text(readonly=True)
    attempts = fields.Integer(
        readonly=True, copy=False, help="How often a worker began with it and did not get on."
    )
    outcome = fields.Text("What became of it", readonly=True)
    uploaded = fields.Boolean(
        readonly=True, help="A file from a person: it may hold several of our accounts."
    )
    differs = fields.Boolean(
        readonly=True, help="Its sums and those of the books cannot both be right."
    )
    decided = fields.Char(readonly=True, help="What a person decided where the sums differ.")
    progress = fields.Json(readonly=True, help="Of a large document: what is in the books by now.")
    statement_ids = fields.One2many("account.bank.statement", "bank_document_id")

    _digest_unique = models.UniqueIndex(
        "(journal_id, digest) WHERE journal_id IS NOT NULL", "This document is kept already."
    )

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("A document is kept exactly as it came."))
        return super().write(vals)

    @api.model
    def _keep(self, journal, documents, uploaded=False):
        """Stores protocol documents once each. Returns the records, old ones included.

        uploaded: they come from a person, see the field.
        """
        kept = self.sudo().browse()
        for document in documents:
            digest = hashlib.sha256(document.content).hexdigest()
            domain = [("journal_id", "=", journal.id), ("digest", "=", digest)]
            record = self.sudo().search(domain) or self.sudo().create(
                {
                    "name": document.name or f"{document.format} {document.day or ''}".strip(),
                    "company_id": journal.company_id.id,
                    "journal_id": journal.id,
                    "format": document.format,
                    "day": document.day,
                    "content": base64.b64encode(document.content),
                    "digest": digest,
                    "uploaded": uploaded,
                }
            )
            kept |= record
        return kept

    def action_process(self):
        """Button: read the document again, for example when a mapping was mended."""
        self.check_access("read")
        require_right(self.env, "operator")
        self._process()
        self._large()._queue()

    def action_same_entries(self):
        """Button: what the document and the books tell differently are the same entries."""
        return self._decide(matching.SAME)

    def action_book_difference(self):
        """Button: the entries that are not in the books are new ones."""
        return self._decide(matching.NEW)

    def action_take_instead(self):
        """Button: this document is right, and the stored statements give way to it."""
        return self._decide(matching.INSTEAD)

    def _decided_words(self, choice):
        return {
            matching.SAME: self.env._("These are the same entries."),
            matching.NEW: self.env._("The difference was booked as new entries."),
            matching.INSTEAD: self.env._("Taken instead of the stored statements."),
        }[choice]

    def _decide(self, choice):
        self.check_access("read")
        require_right(self.env, "operator")
        self.env["account.bank.statement.line"].check_access("create")
        for document in self.filtered("differs").sudo():
            document._process(choice)
            if document.differs or document.state == "failed":
                raise UserError(
                    self.env._(
                        "That does not make the sums right, so nothing was changed. %(problem)s",
                        problem=document.problem,
                    )
                )
            if document.state != "queued":
                document.message_post(body=self._decided_words(choice))
        return True

    def _process(self, choice=None, again=True):
        """Imports what a document says of each account whole or not at all; what is wrong stays
        with the document. `choice`: see `account.journal._import_statement`.

        Large documents are queued; those that are in the books already are not read again.
        again: also large ones that failed. A fetch leaves those as they are: they count as the
        failure that they were, and a person, who has read why, lets them be processed again.
        Returns the import results (see `account.journal._import_statement`).
        """
        large = self._large()
        waiting = ("new", "failed", "partly") if again else ("new",)
        large.filtered(lambda document: document.state in waiting)._queue(choice)
        results = []
        for document in (self - large).sudo():
            try:
                found, troubles = document._import(choice)
            except (errors.BankError, UserError) as error:  # it cannot be read at all
                found, troubles = [], {"": error}
            results += found
            document._tell(found, troubles)
        return results

    def _wrong(self):
        """Those of which something did not go in."""
        return self.filtered(lambda document: document.state in ("failed", "partly"))

    def _tell(self, results, troubles):
        """What became of each account. troubles: {account number: error}."""
        state = "kept" if self.format == "pdf" else "done"
        if troubles:
            state = "partly" if results else "failed"
        several = len(troubles) + len({result.journal for result in results}) > 1
        words = [
            f"{number}: {self._words_of(error)}" if several else self._words_of(error)
            for number, error in troubles.items()
        ]
        self.write(
            {
                "state": state,
                "problem": "\n".join(words) or False,
                "outcome": "\n".join(self._outcome_words(results)) or False,
                "differs": any(isinstance(error, Differs) for error in troubles.values()),
            }
        )

    def _outcome_words(self, results):
        """[sentence] of what went in, account by account."""
        found = defaultdict(list)
        for result in results:
            found[result.journal].append(result)
        for journal, mine in found.items():
            new, known = (sum(getattr(one, name) for one in mine) for name in ("new", "known"))
            yield self.env._(
                "%(journal)s: new entries: %(new)s, in the books already: %(known)s.",
                journal=journal.display_name,
                new=new,
                known=known,
            )
            yield from journal._import_notes(mine)

    def _words_of(self, error):
        return explain(self.env, error) if isinstance(error, errors.BankError) else str(error)

    def _import(self, choice=None):
        """(import results, {account number: error}): an account's trouble stops only itself."""
        if self.format == "pdf":
            return [], {}
        results, troubles = [], {}
        for (journal, number), statements in self._by_account().items():
            try:
                journal._bank_feed()._hold()
                with self.env.cr.savepoint():
                    results += [
                        journal._import_statement(read(one), self, choice) for one in statements
                    ]
            except (errors.BankError, UserError) as error:
                troubles[number] = error
        return results, troubles

    def _by_account(self):
        """{(journal, account number): [statement, or what is wrong with it]}."""
        found = defaultdict(list)
        for statement in self._statements():
            key = self._journal_of(statement), account_of(statement)
            try:
                found[key].append(whole(statement))
            except errors.InvalidDocument as error:
                found[key].append(error)
        return found

    def _statements(self):
        content = base64.b64decode(self.content)
        charset = self.journal_id.statement_charset or None
        return formats.parse(content, self.format or None, charset)

    def _journal_of(self, statement):
        """The journal of the statement's account. The bank answers for one account only."""
        if not self.uploaded:
            return self.journal_id
        journals = self.env["account.journal"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("type", "=", "bank"),
                ("bank_account_id", "!=", False),
            ]
        )
        found = journals.filtered(
            lambda journal: formats.is_of(statement, journal.bank_account_id.acc_number)
        )
        fitting = found.filtered(
            lambda one: (
                (one.currency_id or one.company_id.currency_id).name
                == (statement.currency or self.journal_id.currency_id.name)
            )
        )
        # None: the journal that the file was given to says what does not fit.
        found = fitting or found
        return (found & self.journal_id) or found[:1] or self.journal_id


def account_of(statement):
    return f"{statement.account_number} {statement.currency}".strip()


def whole(statement):
    """The statement with its booked entries; InvalidDocument where it does not add up."""
    return replace(statement, entries=tuple(formats.check(statement).entries))


def read(statement):
    if isinstance(statement, Exception):
        raise statement
    return statement
