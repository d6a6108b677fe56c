# SPDX-License-Identifier: LGPL-3.0-only
"""Announced entries: a final statement takes them in, or a person is told of what it leaves out."""

from markupsafe import escape
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..connection.words import in_language
from .statement_batch import names_in

LEFT_OVER = "bank_webservice.activity_left_over"
LINES, DOCUMENTS = "account.bank.statement.line", "bank.document"
# what imports left to a person: (model, domain)
TO_LOOK_AT = {
    "left_over": (LINES, [("bank_left_over", "=", True)]),
    "doubles": (LINES, [("bank_double_of_id", "!=", False)]),
    "not_imported": (DOCUMENTS, [("state", "in", ("failed", "partly"))]),
}
ACTIONS = {
    LINES: "bank_webservice.action_bank_entry",
    DOCUMENTS: "bank_webservice.action_bank_document",
}


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_left_over = fields.Boolean(
        "Not in the final statement",
        readonly=True,
        copy=False,
        help="The bank announced this entry, and its final statement of the day does not have it. "
        "Something hangs on the entry, so that it was not deleted by itself.",
    )

    _bank_left_over_index = models.Index("(journal_id) WHERE bank_left_over IS TRUE")

    # -------------------------------------------------------------------------
    # TAKEN IN BY A FINAL STATEMENT
    # -------------------------------------------------------------------------

    def _become_final(self, record, entries):
        """Takes intraday lines into the final statement, with what the bank says now.

        entries: by id. Returns the lines that may prove an order by what is said only now.
        """
        again = self.browse()
        if not self:
            return again
        self.write({"statement_id": record.id})
        self._end_left_over()
        for line in self:
            entry, orders = entries[line.id], line.bank_order_id | line.bank_batch_order_ids
            named = names_in(line.transaction_details)
            said = {"bank_booked_on": entry.booked_on, "bank_value_on": entry.value_on or False}
            if line.currency_id.compare_amounts(line.amount, float(entry.amount)):
                said |= line._final_amount(entry)
            said["transaction_details"] = {
                **(line.transaction_details or {}),
                **line.journal_id._operation_details(entry),
            }
            if line._may_move_to(entry.booked_on):
                said["date"] = entry.booked_on
            changed = {name: value for name, value in said.items() if line[name] != value}
            if changed:
                line.write(changed)
            if "amount" in changed and orders:
                line.bank_order_id = line.bank_batch_order_ids.batch_line_id = False
            if {"amount", "bank_booked_on"} & changed.keys():
                for order in orders:
                    order._settle_by_entries()
            if "amount" in changed or names_in(line.transaction_details) != named:
                again |= line
        return again.filtered(lambda line: not line._has_orders())

    def _final_amount(self, entry):
        """Values for an entry that was announced over another amount than it was booked over."""
        if self.line_ids.matched_debit_ids or self.line_ids.matched_credit_ids:
            raise UserError(
                self.env._(
                    "The entry “%(title)s” of %(day)s was announced over %(known)s and is "
                    "reconciled; the final statement has %(amount)s. Undo its reconciliation and "
                    "process the document again.",
                    title=self.payment_ref,
                    day=self.date,
                    known=self.currency_id.format(self.amount),
                    amount=entry.amount,
                )
            )
        values = self.journal_id._prepare_statement_line_vals(self.bank_operation_key, entry)
        return {name: value for name, value in values.items() if name != "journal_id"}

    def _may_move_to(self, day):
        """Whether the books can follow the bank to another day than it announced."""
        if self.date != self.bank_booked_on or self.date == day or self.is_reconciled:
            return False
        journal = self.journal_id
        return not journal._locks(self.date) and not journal._locks(day)

    # -------------------------------------------------------------------------
    # NOT IN THE FINAL STATEMENT
    # -------------------------------------------------------------------------

    def _take_out(self):
        """Deletes lines with their entries; the orders that they proved follow."""
        if self:
            self.sudo().unlink()

    def _tell_left_over(self):
        """A mark and an activity on each, once. Returns those that were not told before."""
        found = self.filtered(lambda one: not one.bank_left_over).sudo()
        found.write({"bank_left_over": True})
        for line in found:
            user = line.journal_id._who_is_told()
            if line.move_id.with_user(user).has_access("read"):
                in_language(line, user)._ask_about_left_over(user)
        return found

    def _ask_about_left_over(self, user):
        words = self.env._(
            "The bank announced %(amount)s on %(day)s (“%(title)s”), and its final statement of "
            "that day does not have it. Something hangs on the entry, so that it was left in the "
            "books. Ask the bank, then undo what hangs on it and delete it, or wait for a later "
            "statement.",
            amount=self.currency_id.format(self.amount),
            day=format_date(self.env, self.bank_booked_on),
            title=self.payment_ref,
        )
        summary = self.env._("Announced, and not in the final statement")
        self.move_id.activity_schedule(
            LEFT_OVER, summary=summary, note=escape(words), user_id=user.id
        )

    def _end_left_over(self):
        """The bank has stated these after all."""
        found = self.filtered("bank_left_over")
        found.write({"bank_left_over": False})
        found.move_id.activity_unlink([LEFT_OVER])


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _who_is_told(self):
        """The person who imports, else the one who last fetched into this journal."""
        user = self.env.user
        return user if user.active and not user._is_superuser() else self.create_uid

    def _to_look_at(self):
        """{what: {journal: count}} of what imports left to a person; a query each."""
        journals = [("journal_id", "in", self.ids)]
        return {
            what: dict(
                self.env[model]._read_group([*journals, *domain], ["journal_id"], ["__count"])
            )
            for what, (model, domain) in TO_LOOK_AT.items()
        }

    def action_look_at(self):
        """On the card: `bank_look_at` of the context, a key of TO_LOOK_AT."""
        model, domain = TO_LOOK_AT[self.env.context["bank_look_at"]]
        action = self.env.ref(ACTIONS[model])._get_action_dict()
        return {**action, "domain": [("journal_id", "=", self.id), *domain], "context": {}}
