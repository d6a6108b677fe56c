"""One payment order as the bank gets it. Everything about payer and payee is frozen as text."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..protocol import records
from .bank_states import CHATTER, GONE, OPEN, OVER, STATES

KINDS = [
    ("domestic", "Domestic"),
    ("own", "Own transfer"),
    ("mpp", "Split payment"),
    ("tax", "Tax office"),
    ("zus", "ZUS"),
    ("sepa", "SEPA"),
    ("foreign", "Foreign"),
    ("rouble", "Rouble payment order"),
]


# States that an order's own chatter tells, beside its package's.
TOLD = ("unknown", "executed", "partly_executed", "returned", "paused", "rejected", "recalled")
# What a receipt says of an order beside its state.
SAID = ("bank_status", "bank_code", "bank_reason", "bank_reference")
# ISO 20022 reasons that say: an order or message under this id is here already.
DUPLICATE_CODES = ("AM05", "DU01", "DU02", "DU03", "DU04", "DU05")


class BankOrder(models.Model):
    _name = "bank.order"
    _description = "Payment order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "execute_on desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    journal_id = fields.Many2one(
        "account.journal", required=True, readonly=True, index=True, check_company=True
    )
    package_id = fields.Many2one(
        "bank.package", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    payment_id = fields.Many2one(
        "account.payment", readonly=True, index="btree_not_null", ondelete="restrict", copy=False
    )
    partner_id = fields.Many2one("res.partner", "Payee's contact", readonly=True)
    # For the check of trust only; what the bank gets stands in the frozen fields below.
    partner_bank_id = fields.Many2one("res.partner.bank", "Payee's account card", readonly=True)
    corrects_id = fields.Many2one("bank.order", readonly=True, copy=False)
    correction = fields.Integer(readonly=True, copy=False)

    kind = fields.Selection(KINDS, required=True, readonly=True, default="domestic")
    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    execute_on = fields.Date("Execution date", required=True, readonly=True)
    title = fields.Char(readonly=True)
    charges = fields.Selection(
        [("SHA", "Shared"), ("OUR", "We pay"), ("BEN", "The payee pays")], readonly=True
    )
    urgent = fields.Boolean(readonly=True)
    route = fields.Selection(
        [("elixir", "Elixir"), ("express", "Express Elixir"), ("sorbnet", "SORBNET")], readonly=True
    )
    details = fields.Json("Form fields", readonly=True, copy=True)
    end_to_end_id = fields.Char("End-to-end id", readonly=True, copy=False, index="btree_not_null")

    payer_name = fields.Char(readonly=True)
    payer_account = fields.Char(readonly=True)
    payer_bic = fields.Char(readonly=True)
    payer_bank_code = fields.Char(readonly=True)
    payer_tax_id = fields.Char(readonly=True)
    payer_street = fields.Char(readonly=True)
    payer_postcode = fields.Char(readonly=True)
    payer_town = fields.Char(readonly=True)
    payer_country = fields.Char(readonly=True)
    payee_name = fields.Char(readonly=True)
    payee_account = fields.Char(readonly=True)
    payee_bic = fields.Char(readonly=True)
    payee_bank_code = fields.Char(readonly=True)
    payee_bank_name = fields.Char(readonly=True)
    payee_tax_id = fields.Char(readonly=True)
    payee_street = fields.Char(readonly=True)
    payee_postcode = fields.Char(readonly=True)
    payee_town = fields.Char(readonly=True)
    payee_country = fields.Char(readonly=True)

    bank_state = fields.Selection(
        STATES,
        "State",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    bank_status = fields.Char("Status at the bank", readonly=True, copy=False)
    bank_code = fields.Char("Code of the bank", readonly=True, copy=False)
    bank_reason = fields.Char("Reason of the bank", readonly=True, copy=False, tracking=True)
    bank_reference = fields.Char("Reference of the bank", readonly=True, copy=False)
    executed_on = fields.Date(readonly=True, copy=False)
    statement_line_id = fields.Many2one(
        "account.bank.statement.line", "Statement entry", readonly=True, copy=False
    )

    # A cancelled order was never executed: the next one of its payment has the same id, so that
    # the bank refuses one of them should the first one still arrive.
    _end_to_end_unique = models.UniqueIndex(
        "(end_to_end_id) WHERE bank_state != 'cancelled'",
        "An end-to-end id is never used twice.",
    )
    _amount_positive = models.Constraint("CHECK (amount > 0)", "The amount must be positive.")
    # One order a payment at a time: two users who press at once cannot pay twice.
    _payment_live_unique = models.UniqueIndex(
        "(payment_id) WHERE bank_state NOT IN ('rejected', 'cancelled', 'recalled', 'returned')",
        "This payment is in another order already.",
    )

    # -------------------------------------------------------------------------
    # CRUD: guarded here, since any RPC client can write
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Payment orders are made by “Send to bank”."))
        unnamed = [vals for vals in vals_list if vals.get("name", "/") == "/"]
        for vals, name in zip(unnamed, self._next_names(len(unnamed)), strict=True):
            vals["name"] = name
        return super().create(vals_list)

    @api.model
    def _next_names(self, count):
        """Numbers for so many orders; one question to the database where the sequence allows it."""
        sequences = self.env["ir.sequence"].sudo()
        sequence = sequences.search([("code", "=", "bank.order")], order="company_id", limit=1)
        if not sequence or sequence.implementation != "standard" or sequence.use_date_range:
            return [sequences.next_by_code("bank.order") or "/" for _number in range(count)]
        series = SQL(
            "SELECT nextval(%s) FROM generate_series(1, %s)",
            f"ir_sequence_{sequence.id:03d}",
            count,
        )
        return [sequence.get_next_char(row[0]) for row in self.env.execute_query(series)]

    def write(self, vals):
        if not self.env.su and vals.keys() - CHATTER:
            raise UserError(
                self.env._(
                    "Payment order %(order)s: its fields are frozen and its state follows the "
                    "bank. Cancel it, correct the payment and prepare it again.",
                    order=self[:1].name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A payment order is never deleted. Cancel it instead."))

    # -------------------------------------------------------------------------
    # STATES
    # -------------------------------------------------------------------------

    def _set_state(self, state, **values):
        """The only way to a new state. What its package goes through with it stands there only."""
        orders = self.sudo()
        if state not in TOLD:
            orders = orders.with_context(tracking_disable=True)
        changed = orders.filtered(lambda order: order.bank_state != state)
        orders.write({"bank_state": state, **values})
        if state in TOLD:
            changed._tell_payments()

    def _tell_payments(self):
        """In each payment's chatter; what is only a step on the way stands on the order."""
        bodies = {
            order.payment_id.id: f"{order.name}: {order._state_label()}. {order.bank_reason or ''}"
            for order in self
            if order.payment_id
        }
        if bodies:
            self.env["account.payment"].sudo().browse(bodies)._message_log_batch(bodies=bodies)

    def _take_receipt(self, receipt):
        """What the bank says of this order. Never backwards from what a statement has proved."""
        self.ensure_one()
        self._take_receipts({self: receipt})

    def _take_receipts(self, receipts):
        """{order: what the bank says of it}; orders of which it says the same go together."""
        alike = {}
        for order, receipt in receipts.items():
            said = order._said_by(receipt)
            if said:
                alike.setdefault(said, []).append(order.id)
        for (state, *values), order_ids in alike.items():
            orders = self.browse(order_ids)
            orders._set_state(state, **dict(zip(SAID, values, strict=True)))
            if state in ("rejected", "recalled"):
                orders._undo_books()

    def _said_by(self, receipt):
        """(state, *values of SAID), or None where the receipt changes nothing."""
        if self.bank_state in ("executed", "returned") or receipt.state == "unknown_to_bank":
            return None
        # Accepted is not executed: only the statement entry proves that money moved.
        state = "accepted" if receipt.state == "executed" else receipt.state
        if state == "rejected" and receipt.code in DUPLICATE_CODES:
            # The bank HAS an order under this id, perhaps from before this database was restored.
            state = "unknown"
        reference = receipt.bank_reference or self.bank_reference
        return state, receipt.bank_status, receipt.code, receipt.reason, reference

    def _take_statement_line(self, line, pairs=None):
        """The statement entry proves that the money moved, whatever was thought before.

        pairs: a list that takes what is to be reconciled, for a caller with many entries.
        """
        self.ensure_one()
        if self.bank_state == "executed" and line.amount < 0:
            return
        if line.amount > 0:
            if self.bank_state in GONE + OVER:
                self._set_state("returned", bank_reason=line.payment_ref)
                self.package_id._follow_orders()
            return
        if self.currency_id.compare_amounts(-line.amount, self.amount) or self._payment_taken():
            self._tell_of_entry(line)
            return
        self._set_state("executed", statement_line_id=line.id, executed_on=line.bank_booked_on)
        line.sudo().write({"bank_order_id": self.id})
        pair = (line, self._open_items(line))
        if pairs is None:
            line._reconcile_with(pair[1])
        else:
            pairs.append(pair)
        self.package_id._follow_orders()

    def _payment_taken(self):
        """True when this order was given up and its payment went into another one."""
        return self.bank_state in OVER and bool(self.payment_id.bank_order_id)

    def _tell_of_entry(self, line):
        """An entry with our id that does not fit: never linked by itself, never hidden."""
        self.message_post(
            body=self.env._(
                "The statement has an entry of %(amount)s on %(day)s under the id of this order, "
                "which is over %(ordered)s. Look at both: nothing was linked.",
                amount=self.currency_id.format(line.amount),
                day=line.bank_booked_on,
                ordered=self.currency_id.format(self.amount),
            )
        )

    def _open_items(self, line):
        """The payment's outstanding item that the entry answers; none where it is not open."""
        payment = self.payment_id
        none = self.env["account.move.line"]
        if payment.move_id.state != "posted":
            return none
        outstanding, _counterpart, _writeoff = payment._seek_for_lines()
        outstanding = outstanding.filtered(lambda item: not item.reconciled)
        if not outstanding or not outstanding.account_id.reconcile:
            return none
        # Writing the partner makes Odoo rebuild the entry's lines: first, and only if needed.
        if line.partner_id != payment.partner_id:
            line.partner_id = payment.partner_id
        return outstanding

    def _undo_books(self):
        """A refusal opens the bill again: the entry is unreconciled and cancelled first."""
        for payment in self.payment_id.filtered(lambda p: p.state in ("in_process", "paid")):
            # In sudo: the guards of payment and entry stop everybody else.
            move = payment.sudo().move_id
            payment = payment.sudo()
            move.line_ids.remove_move_reconcile()
            move.button_cancel()
            payment.action_reject()

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_cancel(self):
        """Button: give the order up before it was sent. The payment stays."""
        self.check_access("read")
        self.env["bank.package"]._check_right("operator")
        for order in self.sudo():
            if order.bank_state not in OPEN:
                raise UserError(
                    self.env._(
                        "Payment order %(order)s is %(state)s: it cannot be cancelled any more.",
                        order=order.name,
                        state=order._state_label(),
                    )
                )
            if order.package_id:
                raise UserError(
                    self.env._(
                        "Payment order %(order)s is in the package %(package)s. Cancel that.",
                        order=order.name,
                        package=order.package_id.name,
                    )
                )
            order._set_state("cancelled")

    def action_not_paid(self):
        """Button: the bank has something else under this order's id; a person has looked there.

        Only for an order that the bank refused as a duplicate and that no statement has shown.
        """
        self.env["bank.package"]._check_right("sender")
        self.check_access("read")
        for order in self.sudo():
            if order.bank_state != "unknown" or order.bank_code not in DUPLICATE_CODES:
                raise UserError(
                    self.env._(
                        "Payment order %s: only what the bank refused as a duplicate can be "
                        "settled by hand.",
                        order.name,
                    )
                )
            order._set_state("rejected")
            order._undo_books()
            order.message_post(
                body=self.env._("%s looked at the bank: this was not paid.", self.env.user.name)
            )
            order.package_id._follow_orders()

    def _state_label(self):
        return dict(self._fields["bank_state"]._description_selection(self.env))[self.bank_state]

    # -------------------------------------------------------------------------
    # TO PROTOCOL
    # -------------------------------------------------------------------------

    def _to_protocol(self):
        self.ensure_one()
        return records.Order(
            end_to_end_id=self.end_to_end_id or "",
            number=self.name,
            kind=self.kind,
            # The ORM holds floats: the text with the currency's decimals is exact.
            amount=Decimal(f"{self.amount:.{self.currency_id.decimal_places}f}"),
            currency=self.currency_id.name,
            execute_on=self.execute_on,
            payer=self._party("payer"),
            payee=self._party("payee"),
            title=self.title or "",
            charges=self.charges or "",
            urgent=self.urgent,
            route=self.route or "",
            details=self.details or {},
        )

    def _party(self, side):
        def text(name):
            field = f"{side}_{name}"
            return self[field] or "" if field in self._fields else ""

        return records.Party(
            name=text("name"),
            account=text("account"),
            bic=text("bic"),
            bank_code=text("bank_code"),
            bank_name=text("bank_name"),
            tax_id=text("tax_id"),
            address=records.Address(
                street=text("street"),
                postcode=text("postcode"),
                town=text("town"),
                country=text("country"),
            ),
        )
