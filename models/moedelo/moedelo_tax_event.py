# SPDX-License-Identifier: LGPL-3.0-only
"""The tax calendar: what the service says has to be paid or handed in, and until when.

A payment of an event has its budget boxes filled as the service says.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..connection.rights import require_right
from .moedelo_order_accept import Payee

SOON = timedelta(days=3)  # before its day an event is due, and a person is reminded
STALE = timedelta(hours=24)
STATES = [
    ("coming", "Coming"),
    ("due", "Due"),
    ("overdue", "Overdue"),
    ("done", "Done"),
]

# what the service names -> box of the payment (see bank_rouble_form)
BOXES = (
    *("payer_status", "kbk", "oktmo", "tax_reason", "tax_period"),
    *("tax_document_number", "tax_document_date", "uin", "priority", "purpose"),
)
# what the service names -> frozen field of an order, which the payee is found by
PAYEE = {
    "payee_name": "payee_name",
    "payee_inn": "payee_tax_id",
    "payee_kpp": "payee_kpp",
    "payee_account": "payee_account",
    "bank_bik": "payee_bank_code",
    "bank_name": "payee_bank_name",
    "bank_town": "payee_bank_town",
    "corr_account": "payee_corr_account",
}
NEEDED = ("payee_name", "payee_account", "bank_bik")


class MoedeloTaxEvent(models.Model):
    _name = "moedelo.tax.event"
    _description = "Tax calendar event"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "due_on, id"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    client_id = fields.Many2one(
        "moedelo.client", "Service", required=True, readonly=True, ondelete="cascade"
    )
    external_id = fields.Char("Id at the service", required=True, readonly=True)
    kind = fields.Selection(
        [("payment", "Payment"), ("report", "Report")], required=True, readonly=True
    )
    period = fields.Char(readonly=True)
    due_on = fields.Date("Until", required=True, readonly=True, index=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    is_done = fields.Boolean("Done at the service", readonly=True)
    url = fields.Char("In the cabinet", readonly=True)
    payment_details = fields.Json("Boxes of the payment", readonly=True)
    payment_id = fields.Many2one("account.payment", readonly=True, index="btree_not_null")
    # stored, so that it can be searched and grouped; brought up to date each day and at each pull
    state = fields.Selection(STATES, required=True, readonly=True, default="coming", index=True)
    pulled_at = fields.Datetime("As of", readonly=True, help="When the service last said so.")
    is_stale = fields.Boolean("Not up to date", compute="_compute_is_stale")
    color = fields.Integer(compute="_compute_color")

    _external_unique = models.Constraint(
        "unique (company_id, client_id, external_id)", "This event is here already."
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("pulled_at")
    def _compute_is_stale(self):
        limit = fields.Datetime.now() - STALE
        for event in self:
            event.is_stale = not event.pulled_at or event.pulled_at < limit

    @api.depends("state")
    def _compute_color(self):
        colors = {"coming": 4, "due": 3, "overdue": 1, "done": 10}
        for event in self:
            event.color = colors[event.state]

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_open(self):
        """Menu: the calendar, which says in its name when it was last brought up to date."""
        self.check_access("read")
        self._require_package()
        calendars = self.env["moedelo.tax.calendar"]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "bank_webservice.moedelo_tax_event_action"
        )
        return {**action, "display_name": calendars._title(), "name": calendars._title()}

    @api.model
    def stale_words(self):
        """What the calendar shows beside its button while its data are old; else empty."""
        self.check_access("read")
        return self.env["moedelo.tax.calendar"]._stale_words()

    def action_pull(self):
        """Button: ask the service now."""
        self.check_access("read")  # over RPC anybody can press it
        self._require_package()
        failure = self.env["moedelo.tax.calendar"]._pull(self.env.company)
        if failure:
            raise UserError(failure)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_jump(self):
        """Button: open this event in the service's cabinet, logged in."""
        self.ensure_one()
        self.check_access("read")
        return self.env["moedelo.subscription"]._action_jump_to(self.company_id, self.url or "")

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _require_package(self, company=None):
        company = company or self.env.company
        held = self.env["moedelo.subscription"]._allowed_scopes(company.id)
        if "calendar" not in held:
            raise UserError(self.env._("Licence or package do not allow this."))

    def _refresh_state(self):
        """Coming, due (from three days before), overdue or done."""
        today = fields.Date.context_today(self)
        for event in self:
            state = event._state_on(today)
            if event.state != state:
                event.state = state

    def _state_on(self, today):
        if self.is_done:
            return "done"
        if self.due_on < today:
            return "overdue"
        return "due" if self.due_on - today <= SOON else "coming"

    def _remind(self):
        """One activity for each event that is due, for the person who is named for it."""
        for event in self:
            if event.state in ("coming", "done"):
                event.activity_ids.filtered("automated").unlink()
            elif not event.activity_ids:
                event._remind_of_it()

    def _remind_of_it(self):
        subscription = self.env["moedelo.subscription"]._of_company(self.company_id)
        user = subscription.reminder_user_id
        if not user.active or self.company_id not in user.company_ids:
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.due_on,
            summary=self.name,
            user_id=user.id,
        )

    # -------------------------------------------------------------------------
    # PAYMENT
    # -------------------------------------------------------------------------

    def action_pay(self):
        """Button: a draft payment with everything filled in; a person looks, posts and sends it."""
        self.ensure_one()
        self.check_access("read")
        require_right(self.env, "operator")
        self._require_package(self.company_id)
        event = self.sudo()
        if not event.payment_id or event.payment_id.state in ("canceled", "rejected"):
            event._refuse_unpayable()
            event.payment_id = self._make_payment()
        return self.payment_id._get_records_action()

    def _refuse_unpayable(self):
        details = self.payment_details or {}
        if self.is_done:
            raise UserError(self.env._("%(event)s is done already.", event=self.name))
        if self.kind != "payment" or not self.amount or not all(map(details.get, NEEDED)):
            raise UserError(
                self.env._(
                    "%(event)s: the service has not said whom to pay and how much.",
                    event=self.name,
                )
            )

    def _make_payment(self):
        """With the rights of the person who pays; only the payee is looked for above them."""
        details = self.payment_details
        journal = self.env["bank.budget.template"]._rouble_journal(self.company_id)
        card = self._payee_card()
        payments = self.env["account.payment"].with_company(self.company_id)
        return payments.create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "company_id": self.company_id.id,
                "partner_id": card.partner_id.id,
                "partner_bank_id": card.id,
                "journal_id": journal.id,
                "payment_method_line_id": journal._moedelo_method_line().id,
                "amount": self.amount,
                "currency_id": self.currency_id.id,
                "date": fields.Date.context_today(self),
                "memo": details.get("purpose") or self.name,
                "rouble_details": {name: details[name] for name in BOXES if details.get(name)},
            }
        )

    def _payee_card(self):
        """The same search as for imported orders: by INN and account, else made and not trusted."""
        details = self.payment_details
        frozen = {field: details.get(name) for name, field in PAYEE.items()}
        orders = self.env["bank.order"].sudo()
        card = Payee(orders.new({**frozen, "company_id": self.company_id.id})).card()
        return card.sudo(self.env.su)


class MoedeloSubscription(models.Model):
    _inherit = "moedelo.subscription"

    reminder_user_id = fields.Many2one(
        "res.users",
        "Reminded of taxes",
        default=lambda self: self.env.user,
        domain="[('company_ids', 'in', company_id), ('share', '=', False)]",
        help="Gets an activity for each event of the tax calendar that is due.",
    )
