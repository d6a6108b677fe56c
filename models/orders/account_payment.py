# SPDX-License-Identifier: LGPL-3.0-only
"""The payment keeps the books; its order is what the bank gets. Guards: rule 6 of the design."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...protocol import titles
from ...protocol.errors import Problem
from ...protocol.states import BEFORE, OVER, STATES, UNDER_WAY, USED_UP
from ..connection.account_journal import FEED, METHOD
from ..connection.rights import require_right
from . import bank_order_books as books

# What an order froze. Changing it here would make the books differ from what the bank gets.
FROZEN = {
    "amount",
    "currency_id",
    "partner_id",
    "partner_bank_id",
    "journal_id",
    "company_id",
    "date",
    "payment_type",
    "payment_method_line_id",
    "state",
    "move_id",
    "destination_account_id",
    "outstanding_account_id",
    "invoice_ids",
}

# Follows the orders; a stored field can be written over RPC although it is readonly.
COMPUTED = {"bank_order_id", "bank_state", "bank_order_ids", "bank_corrects_id"}
# Of a reconciliation: what it matches, and by how much.
PARTS = {
    "amount", "credit_amount_currency", "credit_move_id", "debit_amount_currency", "debit_move_id",
}  # fmt: skip


class AccountPayment(models.Model):
    _inherit = "account.payment"

    bank_order_ids = fields.One2many("bank.order", "payment_id", "Payment orders", readonly=True)
    bank_order_id = fields.Many2one(
        "bank.order",
        "Payment order",
        compute="_compute_bank_order_id",
        store=True,
        help="The order that is alive; a refused or cancelled one does not count.",
    )
    bank_state = fields.Selection(
        STATES, "Bank state", compute="_compute_bank_order_id", store=True
    )
    bank_reason = fields.Char("The bank's words", compute="_compute_bank_reason")
    bank_bill_ids = fields.Many2many(
        "account.move", string="Bills", compute="_compute_bank_bill_ids"
    )
    bank_corrects_id = fields.Many2one(
        "account.payment", "Corrects", readonly=True, copy=False, index="btree_not_null"
    )
    bank_corrected_by_ids = fields.One2many("account.payment", "bank_corrects_id", readonly=True)

    # The cards on the dashboard count them: few of all payments that there ever were.
    _bank_outstanding = models.Index(
        "(journal_id) WHERE state = 'in_process' AND payment_type = 'outbound'"
    )

    @api.depends("bank_order_ids.bank_state")
    def _compute_bank_order_id(self):
        for payment in self:
            orders = payment.bank_order_ids
            if len(orders) > 1:
                orders = orders.sorted("id")
            last = orders[-1:]
            if last.bank_state in OVER:
                alive = orders.filtered(lambda order: order.bank_state not in OVER)
            else:
                alive = last
            payment.bank_order_id = alive[-1:]
            payment.bank_state = last.bank_state

    @api.depends(
        "invoice_ids", "move_id.line_ids.matched_debit_ids", "move_id.line_ids.matched_credit_ids"
    )
    def _compute_bank_bill_ids(self):
        """Those that it was registered for, and those that it was matched with later."""
        paid = books.paid_bills(self)
        for payment in self:
            keys = paid.get(payment._origin.id, ())
            moves = self.env["account.move"].sudo()
            matched = moves.browse(int(key) for key in keys if int(key) > 0)
            payment.bank_bill_ids = payment.invoice_ids | matched.filtered(
                lambda move: move.is_invoice(include_receipts=True)
            )

    def _compute_bank_reason(self):
        for payment in self:
            payment.bank_reason = payment.bank_order_ids.sorted("id")[-1:].bank_reason

    # -------------------------------------------------------------------------
    # GUARDS
    # -------------------------------------------------------------------------

    def write(self, vals):
        if not self.env.su:
            if COMPUTED & vals.keys():
                raise UserError(self.env._("What the bank has of a payment cannot be edited."))
            if FROZEN & vals.keys():
                self._refuse_when_ordered(None)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_ordered(self):
        self._refuse_when_ordered(None)

    def _refuse_when_ordered(self, states):
        """UserError when an order of these payments is in `states` (None: any that is alive)."""
        # From the orders themselves, not from what is stored of them on the payment.
        alive = self.sudo().bank_order_ids.filtered(lambda order: order.bank_state not in OVER)
        order = alive.filtered(lambda order: states is None or order.bank_state in states)[:1]
        books.refuse_parting(order, self.env._("Payment %s", order.payment_id.name))

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _to_send_domain(self):
        return [
            ("payment_type", "=", "outbound"),
            ("payment_method_id.code", "=", METHOD),
            ("state", "=", "in_process"),
            ("bank_order_id", "=", False),
            # What the bank has refused once is paid anew by a copy only.
            ("bank_order_ids", "not any", [("bank_state", "in", USED_UP)]),
        ]

    @api.model
    def _not_sent_domain(self):
        """Registered in a connected journal by another method: nobody gives it to the bank."""
        return [
            ("payment_type", "=", "outbound"),
            ("journal_id.bank_statements_source", "=", FEED),
            ("payment_method_id.code", "!=", METHOD),
            ("state", "=", "in_process"),
        ]

    @api.model
    def _get_method_codes_using_bank_account(self):
        """The payee's account is seen, and can be put right, where the payment names it."""
        return [*super()._get_method_codes_using_bank_account(), METHOD]

    def _bank_order_title(self):
        """The title of the transfer: the memo, else the bills' own references, else the number."""
        self.ensure_one()
        return self._title() or self.name

    def _title(self, lead=""):
        """By the journal's template where it names bills; a person's words stay as they are."""
        bills = self.bank_bill_ids
        own = self.memo and not self._names_bills(bills)
        template = "" if own or not bills else self.journal_id.bank_title_words or ""
        values = template and {
            "payment": self.name or "",
            "reference": self.partner_id.commercial_partner_id.ref or "",
            "date": format_date(self.env, self.date, date_format="dd.MM.yyyy"),
        }
        return titles.filled(template, values or {}, self._title_parts(), lead)

    def _problems_of_title(self, name):
        """A warning where bills are left out of it; the other kinds have titles of their own."""
        if self.bank_kind in ("mpp", "tax", "rouble"):
            return []
        title, parts = self._title(), self._title_parts()
        left = [part for part in parts if part and part not in title]
        if not left:
            return []
        words = self.env._(
            "the title has room for %(named)s of %(all)s bills. “Send advice” on the payment tells "
            "the payee all of them.",
            named=len(parts) - len(left),
            all=len(parts),
        )
        return [Problem(name, self.env._("Title"), words, severity="warning")]

    def _compute_payment_receipt_title(self):
        """Who is paid reads in it for which bills."""
        result = super()._compute_payment_receipt_title()
        for payment in self.filtered(lambda one: one.payment_method_code == METHOD):
            payment.payment_receipt_title = self.env._("Remittance advice")
        return result

    def _title_parts(self):
        """Of many bills only so many are named as fit; a person's own words are never shortened."""
        bills = self.bank_bill_ids
        if not self.memo:
            return [bill.payment_reference or bill.ref or bill.name for bill in bills]
        return self.memo.split(", ") if self._names_bills(bills) else [self.memo]

    def _names_bills(self, bills):
        """Whether the memo is but the numbers of the bills, as Odoo writes them there."""
        numbers = {
            number for bill in bills for number in (bill.payment_reference, bill.ref, bill.name)
        }
        return bool(self.memo) and numbers.issuperset(self.memo.split(", "))

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    @api.model
    def action_not_sent(self):
        """Menu and card: what is registered, and on its way to no bank."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "bank_webservice.action_payments_not_sent"
        )
        return {**action, "domain": self._not_sent_domain()}

    def action_send_to_bank(self):
        """Server action and button: the wizard for the chosen payments."""
        require_right(self.env, "operator")
        self._ask_white_list()
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, self.ids)]})
        return wizard._open()

    def action_send_through_bank(self):
        """Button: the bank's web service instead of the method chosen, and the look-over.

        The entry stays as it is posted, with its account.
        """
        require_right(self.env, "operator")
        if self - self.filtered_domain(self._not_sent_domain()):
            raise UserError(
                self.env._("Choose payments that were registered in a connected journal by hand.")
            )
        for journal, payments in self.grouped("journal_id").items():
            lines = journal.outbound_payment_method_line_ids
            line = lines.filtered(lambda item: item.code == METHOD)[:1]
            for account, group in payments.grouped("outstanding_account_id").items():
                group.write(
                    {"payment_method_line_id": line.id, "outstanding_account_id": account.id}
                )
        return self.action_send_to_bank()

    def action_open_bank_order(self):
        self.ensure_one()
        return self.bank_order_ids._get_records_action(name=self.env._("Payment orders"))


class AccountPaymentMethod(models.Model):
    _inherit = "account.payment.method"

    @api.model
    def _get_payment_method_information(self):
        information = super()._get_payment_method_information()
        return {**information, METHOD: {"mode": "multi", "type": ("bank",)}}

    @api.model
    def _get_payment_method_domain(self, code, with_currency=True, with_country=True):
        """Ours is for connected journals only; Odoo would add it to every bank journal there is."""
        domain = super()._get_payment_method_domain(code, with_currency, with_country)
        return domain & Domain("bank_statements_source", "=", FEED) if code == METHOD else domain


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._refuse_too_much()
        orders = partials.sudo().debit_move_id.move_id.origin_payment_id.bank_order_id
        books.keep_matched_bills(orders.filtered(lambda order: order.bank_state in BEFORE))
        return partials

    def write(self, vals):
        parts = PARTS & vals.keys()
        if parts:
            self._refuse_when_ordered()
        result = super().write(vals)
        if parts:
            self._refuse_too_much()
        return result

    def unlink(self):
        """A bill stays with the payment that is under way: opened, it could be paid once more."""
        self._refuse_when_ordered()
        return super().unlink()

    def _refuse_when_ordered(self):
        """What a statement entry was reconciled with can always be undone."""
        for partial in self.sudo() if not self.env.su else ():
            moves = partial._items().move_id
            if not moves.statement_line_id:
                moves.origin_payment_id._refuse_when_ordered(UNDER_WAY)

    def _refuse_too_much(self):
        """More cannot be matched with an ordered payment or its bills than is open of them."""
        if self.env.su:
            return
        for item in self.sudo()._items():
            open_of_it = item.amount_residual if item.balance > 0 else -item.amount_residual
            if item.company_currency_id.compare_amounts(open_of_it, 0) < 0:
                move = item.move_id.with_env(self.env)
                move._refuse_when_payment_ordered(UNDER_WAY)
                move._refuse_when_bill_ordered(UNDER_WAY)

    def _items(self):
        return self.debit_move_id | self.credit_move_id

    @api.model
    def _update_matching_number(self, amls):
        """Odoo's own, which the guard of the items does not ask."""
        return super(AccountPartialReconcile, self.sudo())._update_matching_number(amls.sudo())
