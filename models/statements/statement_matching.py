# SPDX-License-Identifier: LGPL-3.0-only
"""Matching by hand, where Odoo Community has no screen for it: several items, a part, a rest.

And whose entry it is: that of our order, else by virtual account, then by account number, by tax
id and by name - only when it is unique. An ambiguous match proposes nothing: a wrong partner costs
more than none. A statement of any length takes one query a way.
"""

import re
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..connection.tables import rows_with
from .bank_operation_rule import BARE_DIGITS, KINDS

MATCH_STATES = [
    ("matched", "Matched"),
    ("part", "Partly matched"),
    ("proposed", "Proposed"),
    ("open", "To match"),
]
# Add-ons with a matching screen of their own: ours steps aside.
OTHER_SCREENS = ("account_accountant", "account_reconcile_oca")
_NOT_A_WORD = re.compile(r"[\W_]+")
# The Latin and Cyrillic letters and the digits of a partner's name, all small, whatever the letter
# case of the database's locale is: names that are alike to `_bare_name` are alike to this. The same
# words in the index and in the question.
_OTHERS = re.compile("[^0-9A-Za-zÀ-ÖØ-öø-ſЀ-ҁҊ-ӿ]+")
_SMALL = {
    letter: small
    for letter in map(chr, range(ord("A"), ord("ӿ") + 1))
    if not _OTHERS.match(letter)
    and (small := _OTHERS.sub("", letter.casefold())) not in (letter, "ss")
}
LETTERS = (
    "translate(regexp_replace(replace(replace(name, 'ß', 'ss'), 'ẞ', 'ss'),"
    f" '{_OTHERS.pattern}', '', 'g'), '{''.join(_SMALL)}', '{''.join(_SMALL.values())}')"
)


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_match_state = fields.Selection(
        MATCH_STATES, "Matching", compute="_compute_bank_match_state"
    )
    bank_still_open = fields.Monetary("Still open", compute="_compute_bank_match_state")
    bank_booked_as = fields.Selection(
        KINDS, readonly=True, copy=False, help="What a person booked this entry as."
    )
    bank_matches_here = fields.Boolean(compute="_compute_bank_matches_here")

    @api.depends("is_reconciled", "amount_residual", "bank_proposal_id")
    def _compute_bank_match_state(self):
        for line in self:
            whole = line.amount_currency if line.foreign_currency_id else line.amount
            waits = "proposed" if line.bank_proposal_id else "open"
            if line.is_reconciled:
                line.bank_match_state = "matched"
            else:
                part = 0 < abs(line.amount_residual) < abs(whole)
                line.bank_match_state = "part" if part else waits
            line.bank_still_open = -line.amount_residual

    def _compute_bank_matches_here(self):
        installed = self.env["ir.module.module"]._installed()
        self.bank_matches_here = not any(name in installed for name in OTHER_SCREENS)

    def _open_suspense(self):
        """The item that waits; UserError where there is none, or the entry was split by hand."""
        self.ensure_one()
        _liquidity, suspense, _other = self._seek_for_lines()
        if self.is_reconciled or len(suspense) != 1:
            raise UserError(
                self.env._(
                    "Entry “%s” is matched already. Undo that first.",
                    self.payment_ref or self.name,
                )
            )
        return suspense

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _match_items(self, items, rest_account=None, rest_label=""):
        """Against these open items, in their order, as far as the money goes.

        The rest goes to `rest_account`; without one it waits on, as the whole entry did.
        """
        suspense = self._open_suspense()
        taken = _taken(items, -suspense.amount_currency)
        if not taken:
            raise UserError(self.env._("Choose what this entry pays."))
        rest = -suspense.amount_currency - sum(amount for _item, amount in taken)
        parts = [
            {"account_id": item.account_id.id, "partner_id": item.partner_id.id, "amount": amount}
            for item, amount in taken
        ]
        if not suspense.currency_id.is_zero(rest):
            account = rest_account or suspense.account_id
            parts.append({"account_id": account.id, "name": rest_label, "amount": rest})
        partners = items.partner_id.commercial_partner_id
        if len(partners) == 1 and self.partner_id.commercial_partner_id != partners:
            self.partner_id = partners
            suspense = self._open_suspense()
        made = self._split_suspense(suspense, parts)
        pairs = [item + line for (item, _amount), line in zip(taken, made, strict=False)]
        self.env["account.move.line"]._reconcile_plan(pairs)

    def _split_suspense(self, suspense, parts):
        """The items that stand where the waiting one stood, in the order of `parts`."""
        rate = suspense.balance / suspense.amount_currency
        company, left, commands = self.company_currency_id, suspense.balance, []
        for number, part in enumerate(parts, 1):
            amount = -part.pop("amount")
            balance = left if number == len(parts) else company.round(amount * rate)
            left -= balance
            commands.append(
                {
                    "name": suspense.name,
                    "partner_id": suspense.partner_id.id,
                    "currency_id": suspense.currency_id.id,
                    "sequence": suspense.sequence + number,
                    **{name: value for name, value in part.items() if value},
                    "amount_currency": amount,
                    "balance": balance,
                }
            )
        before = self.move_id.line_ids
        entry = self.move_id.with_context(force_delete=True, skip_readonly_check=True)
        entry.write({"line_ids": [(2, suspense.id), *((0, 0, vals) for vals in commands)]})
        return (entry.line_ids - before).sorted("id")

    def _book_as(self, account):
        """The whole entry against an account."""
        for line in self:
            line._open_suspense().account_id = account

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_accept_proposals(self):
        """Button of the list: of the chosen entries, those that have a proposal."""
        proposed = self.filtered("bank_proposal_id")
        if not proposed:
            raise UserError(self.env._("None of these entries has a proposal."))
        return proposed.action_accept_proposal()

    def action_undo_matches(self):
        """Button of the list: the chosen entries wait again."""
        done = self.filtered(lambda line: line.bank_match_state in ("matched", "part"))
        done.action_undo_reconciliation()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_match(self):
        """Button: the open items that this entry may pay."""
        self.ensure_one()
        self._open_suspense()
        return self.env["bank.match"]._open_for(self)

    def action_book_as(self):
        """Button: a fee, a tax, interest, an own transfer, or another account."""
        for line in self:
            line._open_suspense()
        return self.env["bank.book"]._open_for(self)


def _taken(items, amount):
    """[(item, how much of it is paid)], signed as `amount`, the money of the entry.

    What lies the other way, such as a credit note, counts in full; of the others each as far as
    the money goes, the last one perhaps in part.
    """
    against = [item for item in items if item.amount_residual_currency * amount < 0]
    taken = [(item, item.amount_residual_currency) for item in against]
    left = amount - sum(part for _item, part in taken)
    for item in items:
        part = min(abs(item.amount_residual_currency), abs(left)) * (1 if amount > 0 else -1)
        if item not in against and not item.currency_id.is_zero(left):
            taken.append((item, part))
            left -= part
    return taken


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _find_partners(self, entries):
        """The id of each entry's partner, or False, in the order of `entries`."""
        found = self._partners_of_orders(entries)
        ways = (
            (self._collect_marks, self._partners_by_collect),
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
        """The index finds who may be meant; the names themselves are compared here."""
        partners = self.env["res.partner"]
        partners.flush_model(["name", "parent_id", "is_company"])
        condition = f"{LETTERS} = sought AND (parent_id IS NULL OR is_company)"
        alike = rows_with(
            self.env, partners._table, condition, {_OTHERS.sub("", name) for name in names}
        )
        domain = Domain("id", "in", [*set().union(*alike.values())]) & self._of_company()
        found = defaultdict(set)
        for partner in partners.search_fetch(domain, ["name"], order="id"):
            found[_bare_name(partner.name)].add(partner.id)
        return found

    def _of_company(self):
        return Domain("company_id", "in", (False, self.company_id.id))


class ResPartner(models.Model):
    _inherit = "res.partner"

    _bank_ref_digits = models.Index(f"({BARE_DIGITS.format('ref')}) WHERE ref IS NOT NULL")
    _bank_letters = models.Index(f"({LETTERS})")


def _bare_tax_id(text):
    """Digits only: with and without the country's letters it is the same id."""
    digits = re.sub(r"\D", "", text or "")
    return digits if len(digits) >= 9 else ""


def _bare_name(text):
    return _NOT_A_WORD.sub("", (text or "").casefold())
