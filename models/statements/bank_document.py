"""Business documents exactly as they were sent or received: kept before they are understood."""

import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors, formats
from ..connection.words import explain

STATES = [
    ("new", "Not processed"),
    ("done", "Imported"),
    ("failed", "Not imported"),
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
    def _keep(self, journal, documents):
        """Stores protocol documents once each. Returns the records, old ones included."""
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
                    "uploaded": bool(self.env.context.get("bank_webservice_uploaded")),
                }
            )
            kept |= record
        return kept

    def action_process(self):
        """Button: read the document again, for example when a mapping was mended."""
        self.check_access("read")
        self.env["bank.package"]._check_right("operator")
        self._process()

    def _process(self):
        """Imports each document whole or not at all; what is wrong stays with the document.

        Returns the import results (see `account.journal._import_statement`).
        """
        results = []
        for document in self.sudo():
            try:
                with self.env.cr.savepoint():
                    results += document._import()
                state = "kept" if document.format == "pdf" else "done"
                document.write({"state": state, "problem": False})
            except (errors.BankError, UserError) as error:
                words = (
                    explain(self.env, error) if isinstance(error, errors.BankError) else str(error)
                )
                document.write({"state": "failed", "problem": words})
        return results

    def _import(self):
        self.ensure_one()
        content = base64.b64decode(self.content)
        if self.format == "pdf":
            return []
        charset = self.journal_id.statement_charset or None
        statements = formats.parse(content, self.format or None, charset)
        return [
            self._journal_of(statement)._import_statement(statement, self)
            for statement in statements
        ]

    def _journal_of(self, statement):
        """The journal of the statement's account. The bank answers for one account only."""
        if not self.uploaded:
            return self.journal_id
        key = self.env["res.partner.bank"]._number_key
        journals = self.env["account.journal"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("type", "=", "bank"),
                ("bank_account_id", "!=", False),
            ]
        )
        wanted = key(statement.account_number)
        found = journals.filtered(
            lambda journal: key(journal.bank_account_id.sanitized_acc_number) == wanted
        )
        # None: the journal that the file was given to says what does not fit.
        return (found & self.journal_id) or found[:1] or self.journal_id
