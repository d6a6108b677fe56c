"""Whose entry it is: that of our order, else by account number, then by tax id, then by name - only
when it is unique.

An ambiguous match proposes nothing: a wrong partner costs more than none. A statement of any
length takes one query a way.
"""

import re
from collections import defaultdict

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

_NOT_A_WORD = re.compile(r"[\W_]+")


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _find_partners(self, entries):
        """The id of each entry's partner, or False, in the order of `entries`."""
        found = self._partners_of_orders(entries)
        ways = (
            (self._account_marks, self._partners_by_account),
            (self._tax_marks, self._partners_by_tax_id),
            (self._name_marks, self._partners_by_name),
        )
        for marks_of, partners_by in ways:
            marks = {
                index: marks_of(entry)
                for index, entry in enumerate(entries)
                if not found[index] and marks_of(entry)
            }
            partners = partners_by(set(marks.values())) if marks else {}
            for index, mark in marks.items():
                ids = partners.get(mark, ())
                found[index] = next(iter(ids)) if len(ids) == 1 else False
        return found

    def _partners_of_orders(self, entries):
        """[id of the partner, or False]: whom the order of ours paid that the entry answers. Given
        to the entry later, Odoo would make its items a second time."""
        references = [entry.our_reference for entry in entries if entry.our_reference]
        orders = references and self.env["bank.order"].sudo().search(
            [("end_to_end_id", "in", references), ("journal_id", "=", self.id)]
        )
        paid = {
            (order.end_to_end_id, round(order.amount, 2)): order.payment_id.partner_id.id
            for order in orders
        }
        return [
            paid.get((entry.our_reference, round(float(abs(entry.amount)), 2)), False)
            for entry in entries
        ]

    # -------------------------------------------------------------------------
    # WHAT AN ENTRY SAYS
    # -------------------------------------------------------------------------

    def _account_marks(self, entry):
        return self.bank_account_id._number_key(entry.counterparty_account)

    def _tax_marks(self, entry):
        side = "payer" if entry.amount > 0 else "payee"
        return _bare_tax_id(entry.details.get(f"{side}_tax_id", ""))

    def _name_marks(self, entry):
        return _bare_name(entry.counterparty_name)

    # -------------------------------------------------------------------------
    # WHO IT MAY BE: {mark: ids of partners}
    # -------------------------------------------------------------------------

    def _partners_by_account(self, numbers):
        # Stored with or without the country's letters.
        country = self.company_id.account_fiscal_country_id.code or ""
        wanted = [*numbers, *(f"{country}{number}" for number in numbers)]
        accounts = self.env["res.partner.bank"].search(
            Domain("sanitized_acc_number", "in", wanted) & self._of_company()
        )
        found = defaultdict(set)
        for account in accounts:
            found[account._number_key(account.sanitized_acc_number)].add(account.partner_id.id)
        return found

    def _partners_by_tax_id(self, tax_ids):
        country = self.company_id.account_fiscal_country_id.code or ""
        wanted = [*tax_ids, *(f"{country}{tax_id}" for tax_id in tax_ids)]
        partners = self.env["res.partner"].search(
            Domain("vat", "in", wanted) & Domain("parent_id", "=", False) & self._of_company()
        )
        found = defaultdict(set)
        for partner in partners:
            found[_bare_tax_id(partner.vat)].add(partner.id)
        return found

    def _partners_by_name(self, names):
        """Compared here, not in the database: its letter case depends on the server's locale."""
        self.env["res.partner"].flush_model(["name", "company_id", "parent_id", "active"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id, name FROM res_partner WHERE active AND name IS NOT NULL"
                " AND (parent_id IS NULL OR is_company)"
                " AND (company_id IS NULL OR company_id = %s)",
                self.company_id.id,
            )
        )
        found = defaultdict(set)
        for partner_id, name in rows:
            bare = _bare_name(name)
            if bare in names:
                found[bare].add(partner_id)
        return found

    def _of_company(self):
        return Domain("company_id", "in", (False, self.company_id.id))


def _bare_tax_id(text):
    """Digits only: with and without the country's letters it is the same id."""
    digits = re.sub(r"\D", "", text or "")
    return digits if len(digits) >= 9 else ""


def _bare_name(text):
    return _NOT_A_WORD.sub("", (text or "").casefold())
