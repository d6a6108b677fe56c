# SPDX-License-Identifier: LGPL-3.0-only
"""Statement files from a person: dropped on the journal's card, or chosen with *Upload*."""

import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ...protocol import errors, formats, records

CHARSETS = [(name, name.upper()) for name in formats.CHARSETS]


class AccountJournal(models.Model):
    _inherit = "account.journal"

    statement_charset = fields.Selection(
        CHARSETS,
        "Charset of statement files",
        help="Only for text files whose charset is not recognised. Empty: it is detected.",
    )

    def create_document_from_attachment(self, attachment_ids):
        """Odoo's way for files dropped on a card; here: files on a bank journal are statements."""
        journal = self or self.browse(self.env.context.get("default_journal_id"))
        if journal.type != "bank":
            return super().create_document_from_attachment(attachment_ids)
        attachments = self.env["ir.attachment"].browse(attachment_ids)
        if not attachments:
            raise UserError(self.env._("No file was given."))
        attachments.check_access("read")
        files = [(file.name, base64.b64decode(file.datas or b"")) for file in attachments]
        documents, results = journal._upload_statements(files)
        return journal._tell_upload(documents, results)

    def _upload_statements(self, files):
        """(documents, import results) of [(name, bytes)]; an archive gives a document a file."""
        self.ensure_one()
        self.check_access("read")
        self.env["account.bank.statement.line"].check_access("create")
        # One import into a journal at a time: two would try each other's numbers one by one.
        self._bank_feed()._hold()
        documents = self.env["bank.document"]
        for name, content in files:
            try:
                found = list(formats.documents(content, name))
            except errors.BankError:
                # It is kept as it is; processing says what is wrong with it.
                found = [records.Document(content, "", name)]
            documents |= documents._keep(self, found, uploaded=True)
        return documents, documents._process()

    def _tell_upload(self, documents, results):
        """The imported statements, and a note on each file that did not go in."""
        failed = documents._wrong()
        notes = {document.name: document.problem for document in failed}
        if self._import_notes(results) or len({result.journal for result in results}) > 1 or failed:
            for document in documents.filtered("outcome"):
                notes[document.name] = "\n".join(filter(None, (document.problem, document.outcome)))
        queued = documents.filtered(lambda document: document.state == "queued")
        if queued:
            notes[self.env._("In the background")] = queued._large_words()
        statements = self.env["account.bank.statement"].union(
            *(result.statement for result in results)
        )
        announced = self.env["account.bank.statement.line"].union(
            *(result.announced for result in results if result.announced)
        )
        if not statements and not announced:
            action = documents._get_records_action(name=self.env._("Uploaded documents"))
            if not failed and not queued:
                notes[self.display_name] = self.env._(
                    "Nothing new: all entries are in the journal already."
                )
        elif not announced and not statements.line_ids:
            action = statements._get_records_action(name=self.env._("Imported statements"))
            notes[self.display_name] = self.env._("The statement has no entries.")
        else:
            entries = self.env.ref("bank_webservice.action_bank_entry")._get_action_dict()
            action = {
                **entries,
                "name": self.env._("Imported entries"),
                "domain": [
                    "|",
                    ("statement_id", "in", statements.ids),
                    ("id", "in", announced.ids),
                ],
            }
        return {**action, "context": {"notifications": notes} if notes else {}}
