"""Matching by hand, where Odoo Community has no screen for it: several items, a part, a rest."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .bank_operation_rule import KINDS

MATCH_STATES = [("matched", "Matched"), ("proposed", "Proposed"), ("open", "Open")]
# Add-ons with a matching screen of their own: ours steps aside.
OTHER_SCREENS = ("account_accountant", "account_reconcile_oca")


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_match_state = fields.Selection(
        MATCH_STATES, "Matching", compute="_compute_bank_match_state"
    )
    bank_booked_as = fields.Selection(
        KINDS, readonly=True, copy=False, help="What a person booked this entry as."
    )
    bank_matches_here = fields.Boolean(compute="_compute_bank_matches_here")

    @api.depends("is_reconciled", "bank_proposal_id")
    def _compute_bank_match_state(self):
        for line in self:
            waits = "proposed" if line.bank_proposal_id else "open"
            line.bank_match_state = "matched" if line.is_reconciled else waits

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
        self.filtered("is_reconciled").action_undo_reconciliation()
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
