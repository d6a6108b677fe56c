# SPDX-License-Identifier: LGPL-3.0-only
"""One payment order as the bank gets it. Everything about payer and payee is frozen as text."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...protocol import records
from ...protocol.states import OPEN, STATES
from ...protocol.vocabulary import CHARGES, KINDS, ROUTES
from ..connection.rights import CHATTER, require_right
from ..connection.tables import found_by
from ..connection.words import in_words

WHITE_LIST = [
    ("listed", "On the list"),
    ("not_listed", "Not on the list"),
    ("unanswered", "The service did not answer"),
    ("not_active", "No active VAT payer"),
    ("no_tax_id", "No tax id: it cannot be asked for"),
]
FOUND_BY = ("name", "payee_name", "title", "end_to_end_id")


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
    corrected_by_ids = fields.One2many("bank.order", "corrects_id", readonly=True)
    correction = fields.Integer(readonly=True, copy=False)

    kind = fields.Selection([*KINDS.items()], required=True, readonly=True, default="domestic")
    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    execute_on = fields.Date("Execution date", required=True, readonly=True)
    title = fields.Char(readonly=True)
    charges = fields.Selection([*CHARGES.items()], readonly=True)
    urgent = fields.Boolean(readonly=True)
    route = fields.Selection([*ROUTES.items()], readonly=True)
    details = fields.Json("Form fields", readonly=True, copy=True)
    sent_currency = fields.Char("Sent in", compute="_compute_sent_currency")
    # {id of the bill's entry: what this order pays of it, as text in the order's currency}; an open
    # credit note of such a bill that was known when the order was made: {-id: its amount}.
    bills = fields.Json(readonly=True, copy=False)

    white_list = fields.Selection(WHITE_LIST, readonly=True, copy=False)
    white_list_request = fields.Char("Request id", readonly=True, copy=False)
    white_list_at = fields.Datetime("Asked", readonly=True, copy=False)
    white_list_reason = fields.Char("Reason to pay all the same", readonly=True, copy=False)
    other_payee_reason = fields.Char(
        "Reason to pay somebody else's account", readonly=True, copy=False
    )
    end_to_end_id = fields.Char("End-to-end id", readonly=True, copy=False, index="btree_not_null")

    payer_name = fields.Char(readonly=True)
    payer_account = fields.Char(readonly=True)
    payer_bic = fields.Char(readonly=True)
    payer_bank_code = fields.Char(readonly=True)
    payer_tax_id = fields.Char("Payer Tax ID", readonly=True)
    payer_street = fields.Char(readonly=True)
    payer_postcode = fields.Char(readonly=True)
    payer_town = fields.Char(readonly=True)
    payer_country = fields.Char(readonly=True)
    payee_name = fields.Char(readonly=True)
    payee_account = fields.Char(readonly=True)
    payee_bic = fields.Char(readonly=True)
    payee_bank_code = fields.Char(readonly=True)
    payee_bank_name = fields.Char(readonly=True)
    payee_tax_id = fields.Char("Payee Tax ID", readonly=True)
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
    bank_words = fields.Char("What the bank says", compute="_compute_bank_words")
    executed_on = fields.Date(readonly=True, copy=False)
    statement_line_id = fields.Many2one(
        "account.bank.statement.line", "Statement entry", readonly=True, copy=False
    )

    bank_find = fields.Char(
        "Payee, title, account or sum", store=False, search="_search_bank_find", exportable=False
    )

    # A cancelled order was never executed: the next one of its payment has the same id, so that
    # the bank refuses one of them should the first one still arrive.
    _end_to_end_unique = models.UniqueIndex(
        "(end_to_end_id) WHERE bank_state != 'cancelled'",
        "An end-to-end id is never used twice.",
    )
    _amount_positive = models.Constraint("CHECK (amount > 0)", "The amount must be positive.")
    _newest = models.Index("(execute_on DESC, id DESC)")
    _of_day = models.Index("(company_id, execute_on)")
    _of_last_days = models.Index("(create_date)")
    # One order a payment at a time: two users who press at once cannot pay twice.
    _payment_live_unique = models.UniqueIndex(
        "(payment_id) WHERE bank_state NOT IN ('rejected', 'cancelled', 'recalled', 'returned')",
        "This payment is in another order already.",
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("bank_state", "bank_status", "bank_code", "bank_reason")
    @api.depends_context("lang")
    def _compute_bank_words(self):
        for order in self:
            order.bank_words = in_words(
                self.env, order.bank_status, order.bank_code, order.bank_reason, order.bank_state
            )

    @api.depends("details")
    def _compute_sent_currency(self):
        """Of what the bank takes in the order's currency, and sends in this one."""
        for order in self:
            order.sent_currency = (order.details or {}).get("sent_currency")

    def _search_bank_find(self, operator, value):
        if operator != "ilike":
            return NotImplemented
        return found_by(value, FOUND_BY, ("payee_account",), ("amount",))

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
        # The database compares with what it has: an order that is over must be over there, too.
        self.flush_model(["bank_state", "payment_id", "end_to_end_id"])
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
        numbers = self.env.execute_query(series)
        # They hold the moment only: the same for all of these numbers.
        prefix, suffix = sequence._get_prefix_suffix()
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in numbers]

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
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_cancel(self):
        """Button: give the order up before it was sent. The payment stays."""
        self.check_access("read")
        require_right(self.env, "operator")
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

    def _state_label(self):
        return dict(self._fields["bank_state"]._description_selection(self.env))[self.bank_state]

    # -------------------------------------------------------------------------
    # PROTOCOL
    # -------------------------------------------------------------------------

    def _apart(self):
        """Orders with different answers stand in different packages: the bank's own business."""
        kind = self.journal_id.bank_account_id.bank_id._kind()
        return kind.apart(self._to_protocol()) if kind else ""

    def _is_payroll(self):
        """Who signs the suppliers' payments need not see what people earn."""
        return (self.details or {}).get("purpose") == "SALA"

    def _to_protocol(self):
        """What is checked, written into a message and printed."""
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
