"""Send to bank: the chosen payments, every problem at once, and the package."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_date

from ..models.connection.operation import LoginNeeded, bank_operation
from ..models.connection.rights import require_right
from ..models.connection.words import problem_lines, problem_text
from ..models.orders.bank_package_approval import identity_checked
from ..protocol.errors import InvalidOrder


class BankSend(models.TransientModel):
    _name = "bank.send"
    _description = "Send payments to the bank"

    payment_ids = fields.Many2many("account.payment", readonly=True)
    white_list_reason = fields.Char("White list: reason")
    other_payee = fields.Boolean(compute="_compute_other_payee")
    other_payee_reason = fields.Char("Reason to pay somebody else's account")
    white_list_used = fields.Boolean(compute="_compute_white_list_used")
    past_count = fields.Integer(compute="_compute_past_count")
    execute_on = fields.Date(
        "New execution date",
        compute="_compute_execute_on",
        store=True,
        readonly=False,
        help="For the payments whose own date is over. Proposed: the first day on which the bank "
        "still executes all of them.",
    )
    change_day = fields.Boolean("Another day")
    package_ids = fields.Many2many("bank.package", readonly=True)
    problems = fields.Html(compute="_compute_problems", sanitize=False)
    totals = fields.Html(compute="_compute_totals", sanitize=False)
    blocked = fields.Boolean(compute="_compute_problems")
    may_send = fields.Boolean(compute="_compute_may_send")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        wizards.payment_ids._compute_older_than_addon()
        return wizards

    def _past_payments(self):
        """Those whose day is over. A rouble order has its document's date, checked by its form."""
        today = {journal: journal._bank_today() for journal in self.payment_ids.journal_id}
        return self.payment_ids.filtered(
            lambda payment: (
                payment.date < today[payment.journal_id] and payment.bank_kind != "rouble"
            )
        )

    @api.depends("payment_ids")
    def _compute_past_count(self):
        for wizard in self:
            wizard.past_count = len(wizard._past_payments())

    @api.depends("payment_ids")
    def _compute_execute_on(self):
        for wizard in self:
            past = wizard._past_payments().filtered("partner_bank_id")
            wizard.execute_on = past and self.env["bank.order"]._proposed_day(past)

    @api.depends("payment_ids", "execute_on")
    def _compute_problems(self):
        for wizard in self:
            found = wizard._problems()
            texts = [problem_text(self.env, problem) for problem in found]
            rows = Markup().join(Markup("<li>{}</li>").format(text) for text in texts)
            wizard.problems = Markup("<ul>{}</ul>").format(rows) if found else False
            wizard.blocked = any(problem.is_error for problem in found)

    @api.depends("payment_ids")
    def _compute_totals(self):
        """The payments grouped by the account that pays and their currency."""
        for wizard in self:
            rows = Markup()
            groups = wizard.payment_ids.grouped(lambda item: (item.journal_id, item.currency_id))
            for (journal, currency), payments in groups.items():
                rows += Markup(
                    "<tr><td>{}</td><td>{}</td><td class='text-end'>{}</td></tr>"
                ).format(
                    journal.bank_account_id.acc_number or journal.display_name,
                    self.env._("Payments: %s", len(payments)),
                    currency.format(sum(payments.mapped("amount"))),
                )
            wizard.totals = Markup("<table class='table table-sm'>{}</table>").format(rows)

    @api.depends("payment_ids")
    def _compute_other_payee(self):
        for wizard in self:
            wizard.other_payee = bool(wizard.payment_ids._pays_somebody_else())

    def _compute_may_send(self):
        self.may_send = self.env.user.has_group("bank_webservice.group_sender")

    def _compute_white_list_used(self):
        self.white_list_used = bool(self.env["bank.white.list"]._address())

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send to bank"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_prepare(self):
        """Button: make the package and stop there, for others to sign and send."""
        return self._prepare_packages()._get_records_action(name=self.env._("Packages"))

    @bank_operation
    def action_send(self):
        """Button: make the package, sign it where the key is on the server, and send it."""
        self.ensure_one()
        if self._signs_here():
            return self._send_identified()
        return self._send_now()

    def _signs_here(self):
        banks = self.payment_ids.journal_id.bank_account_id.bank_id
        packages = self.env["bank.package"]
        return any(packages.new({"bank_id": bank.id})._can_sign_here() for bank in banks)

    @identity_checked
    def _send_identified(self):
        try:
            return self._send_now()
        except LoginNeeded as need:
            # The dialog goes on with a method that a page may call.
            resume = {"model": self._name, "ids": self.ids, "method": "action_send"}
            return need.session._action_confirm(resume)

    def _send_now(self):
        # Log in first: the dialog calls this method again, and nothing has been made yet.
        for journal in self.payment_ids.journal_id:
            journal._bank_session()
        packages = self._prepare_packages()
        for package in packages:
            if package._can_sign_here():
                package._sign()
        on_card = packages.filtered(lambda package: package._signs_by_card())
        if on_card:
            return on_card._action_card_sign(packages._resume("action_send_signed"))
        # What still needs a second person's signature stays prepared, and is shown as that.
        packages.filtered(lambda package: package._enough_signatures()).action_send()
        return packages._get_records_action(name=self.env._("Packages"))

    def _problems(self):
        return self.env["bank.order"]._problems_of_payments(self.payment_ids, self.execute_on)

    def _prepare_packages(self):
        require_right(self.env, "operator")
        payments = self.payment_ids
        if not payments:
            raise UserError(self.env._("Choose payments first."))
        # Before anything is locked: the register may take its time.
        payments._ask_white_list()
        # Two users who press at once: the second one is refused here, or finds them ordered.
        try:
            payments.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._("Somebody else is working with these payments at this moment.")
            ) from None
        orders = self.env["bank.order"]._order_payments(payments, self.execute_on)
        try:
            packages = self.env["bank.package"]._prepare(
                orders, self.white_list_reason, self.other_payee_reason
            )
        except InvalidOrder as error:
            raise UserError(problem_lines(self.env, error.problems)) from None
        self._tell_new_day(packages)
        return packages.sudo(False)

    def _tell_new_day(self, packages):
        """On each package that has payments whose day was over."""
        past = self._past_payments()
        for package in packages:
            moved = package.order_ids.payment_id & past
            if moved:
                package.message_post(
                    body=self.env._(
                        "The date of %(count)s payments was over: %(user)s chose %(day)s.",
                        count=len(moved),
                        user=self.env.user.name,
                        day=format_date(self.env, self.execute_on),
                    )
                )
