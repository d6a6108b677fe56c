"""Business documents exactly as they were sent or received: kept before they are understood.

Those too large for one transaction are imported by a scheduled job, in whole days. First everything
is read and held against its balances, so that a wrong document is refused whole. Then each part is
a statement of its own, with balances that meet, and a transaction of its own. A worker that dies
leaves whole days behind; the next one knows their entries and goes on.
"""

import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors, formats
from ...protocol.formats import cut
from ..connection.operation import commit_step, refuse_when_neutralized
from ..connection.rights import require_right
from ..connection.words import explain, in_language

STATES = [
    ("new", "Not processed"),
    ("queued", "Being imported"),
    ("done", "Imported"),
    ("failed", "Not imported"),
    ("kept", "Kept only"),
]
LARGE = 4_000_000  # bytes: some 10,000 entries
MOST = 5_000  # entries of a part, where a single day has not more
ATTEMPTS = 3


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
    uploaded = fields.Boolean(
        readonly=True, help="A file from a person: it may hold several of our accounts."
    )
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

    def _process(self):
        """Imports each document whole or not at all; what is wrong stays with the document.

        Large documents are queued; those that are in the books already are not read again. A fetch
        leaves one that failed as it is: it counts as the failure that it was, and a person, who has
        read why, lets it be processed again.
        Returns the import results (see `account.journal._import_statement`).
        """
        large = self._large()
        fetched = self.env.context.get("bank_webservice_feed")
        waiting = ("new",) if fetched else ("new", "failed")
        large.filtered(lambda document: document.state in waiting)._queue()
        results = []
        for document in (self - large).sudo():
            try:
                with self.env.cr.savepoint():
                    results += document._import()
                state = "kept" if document.format == "pdf" else "done"
                document.write({"state": state, "problem": False})
            except (errors.BankError, UserError) as error:
                document._fail(error)
        return results

    def _fail(self, error):
        words = explain(self.env, error) if isinstance(error, errors.BankError) else str(error)
        self.write({"state": "failed", "problem": words})

    def _import(self):
        self.ensure_one()
        if self.format == "pdf":
            return []
        results = []
        for statement in self._statements():
            journal = self._journal_of(statement)
            journal._bank_feed()._hold()
            results.append(journal._import_statement(statement, self))
        return results

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
        # None: the journal that the file was given to says what does not fit.
        return (found & self.journal_id) or found[:1] or self.journal_id

    # -------------------------------------------------------------------------
    # LARGE DOCUMENTS
    # -------------------------------------------------------------------------

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
    # LARGE DOCUMENTS: THE JOB
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
        found = []
        try:
            self._count_attempt()
            if not self._next_part():
                return  # somebody else has it now
            self._check_whole()
            for part in self._parts():
                journal = self._journal_of(part)
                if not journal._bank_feed().try_lock_for_update(allow_referencing=True):
                    self.attempts = 0
                    return  # a fetch is at work there; the job comes again
                with self.env.cr.savepoint():
                    found.append(journal._import_statement(part, self))
                self.attempts = 0
                if not self._next_part():
                    return
        except (errors.BankError, UserError) as error:
            self._fail(error)
        else:
            self.write({"state": "done", "problem": False})
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

    def _check_whole(self):
        """Reads all of it once: InvalidDocument or UserError before anything is written."""
        for statement in self._statements():
            journal = self._journal_of(statement)
            journal._check_statement_account(statement)
            journal._check_amounts(statement, formats.check(statement).entries)

    def _parts(self):
        for statement in self._statements():
            yield from cut.by_days(statement, MOST)

    def _next_part(self):
        """Commits what is whole, and keeps hold of the document. False when it was taken away."""
        commit_step(self.env)
        self.env.invalidate_all()
        return bool(self.try_lock_for_update(allow_referencing=True)) and self.state == "queued"

    def _tell_large(self, count):
        """Whoever brought the document sees what came of it."""
        failed = self.state == "failed"
        if failed:
            self.message_post(body=self.problem, partner_ids=self.create_uid.partner_id.ids)
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
