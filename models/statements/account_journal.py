# SPDX-License-Identifier: LGPL-3.0-only
"""A journal and its statements, for people: files that they drop on its card or *Upload*, what an
import says of them, and whether what is stored adds up (*Check against the statements*).
"""

import base64

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from ...protocol import errors, formats, matching, records
from ..connection.operation import notify

CHARSETS = [(name, name.upper()) for name in formats.CHARSETS]
SHOWN = 20  # entries that are named in one message


class AccountJournal(models.Model):
    _inherit = "account.journal"

    statement_charset = fields.Selection(
        CHARSETS,
        "Charset of statement files",
        help="Only for text files whose charset is not recognised. Empty: it is detected.",
    )

    # -------------------------------------------------------------------------
    # UPLOAD
    # -------------------------------------------------------------------------

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

    # -------------------------------------------------------------------------
    # WORDS
    # -------------------------------------------------------------------------

    def _difference_words(self, statement, difference):
        """What a document and the books do not agree on, entry by entry."""
        parts = [
            self.env._(
                "Statement %(number)s of %(day)s and the books do not agree, so nothing of it was "
                "imported.",
                number=statement.number or "–",
                day=format_date(self.env, statement.closed_on or statement.opened_on),
            )
        ]
        if difference.extra:
            words = self._entry_words(difference.extra)
            parts.append(self.env._("Only in the statement: %(entries)s.", entries=words))
        if difference.missing:
            words = self._line_words(difference.missing)
            parts.append(self.env._("Only in the books: %(entries)s.", entries=words))
        if difference.gap:
            parts.append(
                self.env._(
                    "Its balances do not meet those of its neighbour: the difference is "
                    "%(amount)s.",
                    amount=self._money(difference.gap),
                )
            )
        if difference.beside:
            names = ", ".join(self._statement_name(kept) for kept in difference.beside)
            parts.append(self.env._("In the books: %(statements)s.", statements=names))
        return "\n".join(parts)

    def _statement_name(self, kept):
        return " ".join(filter(None, (self.code, kept.number, f"({kept.closed_on})")))

    def _line_words(self, lines):
        """Lines of the books, `matching.Line`, by name."""
        return self._entry_words([line.entry for line in lines])

    def _entry_words(self, entries):
        words = [
            " ".join(
                filter(
                    None,
                    (
                        format_date(self.env, one.booked_on),
                        self._money(one.amount),
                        one.title or one.counterparty_name,
                    ),
                )
            )
            for one in entries
        ]
        more = ["…"] if len(words) > SHOWN else []
        return "; ".join(words[:SHOWN] + more)

    def _money(self, amount):
        currency = self.currency_id or self.company_id.currency_id
        return formatLang(self.env, float(amount), currency_obj=currency)

    def _import_notes(self, results):
        """[sentence]: what an import did beside booking new entries."""
        texts = {
            "finished": self.env._(
                "Entries of the day that are now in a final statement: %s.",
                sum(result.finished for result in results),
            ),
            "undone": self.env._(
                "Announced entries that the final statement does not have, and that were deleted: "
                "%s.",
                sum(result.undone for result in results),
            ),
            "raised": self.env._(
                "Announced entries that the final statement does not have, and on which something "
                "hangs: %s. See the filter “Not in the final statement” of the bank entries.",
                sum(result.raised for result in results),
            ),
            "dropped": self.env._(
                "Announced entries that were not booked, since their day is stated finally: %s.",
                sum(result.dropped for result in results),
            ),
            "doubles": self.env._(
                "Entries that look like ones typed in by hand: %s. See the filter “Probable "
                "doubles” of the bank entries.",
                sum(result.doubles for result in results),
            ),
        }
        return [
            words
            for name, words in texts.items()
            if any(getattr(result, name) for result in results)
        ]

    # -------------------------------------------------------------------------
    # CHECK
    # -------------------------------------------------------------------------

    def _problems_of_books(self):
        """[sentence] of what is stored and cannot be right, each with what mends it."""
        kept = self._all_kept()
        words = [self._problem_words(problem) for problem in matching.problems(kept)]
        chain = matching.ordered(kept)
        waiting = self._book_lines(
            SQL(
                "l.journal_id = %s AND l.bank_operation_key IS NOT NULL AND l.statement_id IS NULL",
                self.id,
            )
        )
        since = chain and chain[0].opened_on
        late = [
            line
            for line in waiting.get(None, ())
            if line.entry.booked_on == since or matching.is_stated(line.entry.booked_on, chain)
        ]
        if late:
            words.append(
                self.env._(
                    "Announced, and in no final statement: %(entries)s. Delete what the bank took "
                    "back.",
                    entries=self._line_words(late),
                )
            )
        return words

    def _problem_words(self, problem):
        name = self._statement_name(problem.of)
        before = problem.before
        if before and (before.opening, before.closing) == (problem.of.opening, problem.of.closing):
            return self.env._(
                "Statements %(before)s and %(name)s say the same: probably these days were booked "
                "twice. Delete one of the two with its entries, the one on which nothing hangs.",
                before=self._statement_name(before),
                name=name,
            )
        if before:
            return self.env._(
                "Statement %(name)s does not begin where %(before)s ends: the difference is "
                "%(amount)s. Fetch or upload the statements of these days again; what is missing "
                "or too much is then told.",
                name=name,
                before=self._statement_name(before),
                amount=self._money(problem.amount),
            )
        suspects = [line for line in problem.of.lines if line.entry.amount == -problem.amount]
        words = self.env._(
            "Statement %(name)s does not add up: %(amount)s is missing. Process its document "
            "again, and take it instead.",
            name=name,
            amount=self._money(problem.amount),
        )
        if suspects:
            words += " " + self.env._(
                "It may be one too many: %(entries)s.", entries=self._line_words(suspects)
            )
        return words

    def action_check_statements(self):
        """Button: the stored statements are held against their own balances."""
        self.ensure_one()
        if self.type != "bank":
            raise UserError(self.env._("Only bank journals have statements of a bank."))
        self.check_access("read")
        problems = self.sudo()._problems_of_books()
        words = "\n".join(problems) or self.env._(
            "All statements add up, and each begins where the one before ended."
        )
        title = self.env._("Check against the statements")
        kind = "warning" if problems else "success"
        return notify(words, kind, title=title, sticky=bool(problems))
