# SPDX-License-Identifier: LGPL-3.0-only
"""The look-over: one row a payment, with what is wrong of it and where that is put right."""

from odoo import api, fields, models

from ..models.connection.words import problem_text
from ..models.orders.white_list_answer import pair_of
from ..protocol.checks.duplicate import SEEN
from ..protocol.vocabulary import KINDS


class BankSendRow(models.TransientModel):
    _name = "bank.send.row"
    _description = "A payment that is looked over"
    _order = "double desc, blocked desc, id"

    wizard_id = fields.Many2one("bank.send", required=True, ondelete="cascade", index=True)
    # Registered already; or what it will pay.
    payment_id = fields.Many2one("account.payment", "Registered", readonly=True)
    item_ids = fields.Many2many("account.move.line", readonly=True)
    again_id = fields.Many2one("bank.order", "Paid anew", readonly=True)
    label = fields.Char("Payment", readonly=True)
    included = fields.Boolean("Send it", default=True)
    journal_id = fields.Many2one("account.journal", "Pay from", readonly=True)
    partner_id = fields.Many2one("res.partner", "Payee", readonly=True)
    partner_bank_id = fields.Many2one(
        "res.partner.bank", "Payee's account", domain="[('partner_id', 'child_of', partner_id)]"
    )
    kind = fields.Selection([*KINDS.items()], "Kind of transfer")
    kind_proposed = fields.Selection([*KINDS.items()], readonly=True)
    split_proposed = fields.Boolean(readonly=True)
    title = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    white_list = fields.Char(compute="_compute_white_list")
    problem = fields.Text("Look at this", readonly=True)
    blocked = fields.Boolean(readonly=True)
    double = fields.Boolean("Probable double", readonly=True)
    goes = fields.Boolean(compute="_compute_goes")
    mend_model = fields.Char(readonly=True)
    mend_id = fields.Integer(readonly=True)

    @api.depends("included", "blocked")
    def _compute_goes(self):
        for row in self:
            row.goes = row.included and not row.blocked

    @api.depends("partner_id", "partner_bank_id")
    def _compute_white_list(self):
        pairs = [pair_of(row.partner_id, row.partner_bank_id) for row in self]
        said = self.env["bank.white.list"]._said_today(pairs)
        for row, pair in zip(self, pairs, strict=True):
            row.white_list = said.get(pair)

    # -------------------------------------------------------------------------
    # FROM AND TO A PAYMENT
    # -------------------------------------------------------------------------

    @api.model
    def _row_vals(self, payment, found, stays):
        """Of a payment, which only `stays` when it was registered before, and of its problems."""
        found = sorted(found, key=lambda problem: not problem.is_error)  # what stops it comes first
        first = found[:1]
        record = first and self._mended_on(payment, first[0].field, stays)
        double = any(problem.template == SEEN for problem in found)
        return {
            "included": not double,  # of a probable double a person says that it is meant
            "payment_id": stays and payment.id,
            "item_ids": [(6, 0, paid_items(payment).ids)],
            "journal_id": payment.journal_id.id,
            "partner_id": payment.partner_id.id,
            "partner_bank_id": payment.partner_bank_id.id,
            "kind": payment.bank_kind,
            "kind_proposed": payment.bank_kind,
            # Whether the law wants it depends on what was bought: a person says so.
            "split_proposed": payment.bank_kind == "domestic" and payment._may_owe_split_payment(),
            "title": payment._bank_order_title(),
            "amount": payment.amount,
            "currency_id": payment.currency_id.id,
            "problem": "\n".join(problem_text(self.env, problem, False) for problem in found),
            "blocked": any(problem.is_error for problem in found),
            "double": double,
            "mend_model": record and record._name,
            "mend_id": record and record.id,
        }

    @api.model
    def _mended_on(self, payment, field, stays):
        """The record where a problem of `field` is put right."""
        account, bill = payment.partner_bank_id, payment.bank_bill_ids[:1]
        if field in ("payee.account", "payee.bic", self.env._("Recipient bank account")):
            return account or payment.partner_id
        if field.startswith("payee.") or field == "details.vat_tax_id":
            return payment.partner_id
        if field == "payer.name" or field.startswith("payer.address."):
            return payment.company_id
        if field.startswith("payer.") or field in (self.env._("Journal"), self.env._("Currency")):
            return payment.journal_id
        if bill and (not stays or field == self.env._("Bill")):
            return bill
        return payment if stays else bill

    def _give_to(self, payment):
        """What a person chose in this row."""
        if self.partner_bank_id and payment.partner_bank_id != self.partner_bank_id:
            payment.partner_bank_id = self.partner_bank_id
        if self.kind and self.kind != self.kind_proposed and self.kind != payment.bank_kind:
            payment.bank_kind = self.kind

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_split(self):
        """Button: what is proposed is taken, the bill's payment is a split one."""
        self.ensure_one()
        self.kind = "mpp"
        return self.wizard_id.action_look()

    def action_mend(self):
        """Button: the record on which the first of these problems is put right."""
        self.ensure_one()
        record = self.env[self.mend_model].browse(self.mend_id)
        return record._get_records_action()


def paid_items(payment):
    """Of the bills: what this payment pays, as far as it is matched."""
    lines = payment.move_id.line_ids
    return lines.matched_credit_ids.credit_move_id | lines.matched_debit_ids.debit_move_id
