# SPDX-License-Identifier: LGPL-3.0-only
"""Send to bank: the chosen payments, every problem at once, and the package."""

from collections import defaultdict

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_date

from ..models.connection.account_journal import FEED
from ..models.connection.operation import LoginNeeded, bank_operation
from ..models.connection.rights import require_right
from ..models.connection.words import problem_lines, problem_text
from ..models.orders.bank_package_approval import identity_checked
from ..protocol.errors import InvalidOrder


class BankSend(models.TransientModel):
    _name = "bank.send"
    _description = "Send payments to the bank"

    payment_ids = fields.Many2many("account.payment", readonly=True)
    # Pay and send: what is owed, and from where and when it is paid. Nothing is registered before
    # somebody presses Send.
    item_ids = fields.Many2many("account.move.line", readonly=True)
    journal_id = fields.Many2one(
        "account.journal", "Pay from", domain=lambda self: self._journal_domain()
    )
    pay_on = fields.Date("Pay on")
    one_a_payee = fields.Boolean("One transfer a payee")
    again_ids = fields.Many2many("bank.order", readonly=True)  # refused, and paid anew
    many_journals = fields.Boolean(compute="_compute_many_journals")
    row_ids = fields.One2many("bank.send.row", "wizard_id")
    looked = fields.Json(readonly=True)  # what was chosen when it was looked over
    going_count = fields.Integer(compute="_compute_totals")
    staying_count = fields.Integer(compute="_compute_totals")
    has_doubles = fields.Boolean(compute="_compute_totals")
    proposed_on = fields.Date(readonly=True)
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
    for_all = fields.Boolean(readonly=True)  # execute_on is for the others, too
    change_day = fields.Boolean("Another day")
    package_ids = fields.Many2many("bank.package", readonly=True)
    problems = fields.Html(compute="_compute_problems", sanitize=False)
    summary = fields.Html(readonly=True, sanitize=False)
    totals = fields.Html(compute="_compute_totals", sanitize=False)
    blocked = fields.Boolean(compute="_compute_problems")
    may_send = fields.Boolean(compute="_compute_may_send")
    asks_phone = fields.Boolean(compute="_compute_asks_phone")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        wizards.payment_ids._compute_older_than_addon()
        return wizards

    @api.model
    def _journal_domain(self):
        return [("type", "=", "bank"), ("bank_statements_source", "=", FEED)]

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
            wizard.problems = self._grouped(found, {})
            wizard.blocked = any(problem.is_error for problem in found)

    @api.model
    def _grouped(self, found, labels):
        """Html: problems of one kind are one line. labels: {record: the name that a user knows}"""
        groups = defaultdict(list)
        for problem in found:
            groups[problem_text(self.env, problem, False)].append(problem.record)
        rows = Markup()
        for text, names in groups.items():
            names = [labels.get(name, name) for name in names]
            many = self.env._("Payments (%s)", len(names))
            who = names[0] if len(names) == 1 else many
            rows += Markup("<li>{}: {}</li>").format(who, renamed(text, labels))
        return Markup("<ul class='mb-0'>{}</ul>").format(rows) if rows else False

    @api.depends("payment_ids", "row_ids.goes")
    def _compute_totals(self):
        """What goes, grouped by the account that pays and its currency."""
        for wizard in self:
            going = wizard.row_ids.filtered("goes")
            wizard.going_count = len(going)
            wizard.staying_count = len(wizard.row_ids) - len(going)
            wizard.has_doubles = any(wizard.row_ids.mapped("double"))
            going = going if wizard.row_ids else wizard.payment_ids
            rows = Markup()
            groups = going.grouped(lambda item: (item.journal_id, item.currency_id))
            for (journal, currency), payments in groups.items():
                rows += Markup(
                    "<tr><td>{}</td><td>{}</td><td class='text-end'>{}</td></tr>"
                ).format(
                    journal.bank_account_id.acc_number or journal.display_name,
                    self.env._("Payments: %s", len(payments)),
                    currency.format(sum(payments.mapped("amount"))),
                )
            wizard.totals = Markup("<table class='table table-sm'>{}</table>").format(rows)

    @api.depends("payment_ids", "row_ids.partner_bank_id")
    def _compute_other_payee(self):
        for wizard in self:
            others = wizard.row_ids.filtered(
                lambda row: (
                    row.partner_bank_id.partner_id.commercial_partner_id
                    != row.partner_id.commercial_partner_id
                    and row.partner_bank_id
                )
            )
            wizard.other_payee = bool(others or wizard.payment_ids._pays_somebody_else())

    @api.depends("again_ids")
    def _compute_many_journals(self):
        """Paid anew from where each was to be paid."""
        for wizard in self:
            wizard.many_journals = len(wizard.again_ids.journal_id) > 1

    def _compute_may_send(self):
        self.may_send = self.env.user.has_group("bank_webservice.group_sender")

    @api.depends("row_ids.goes", "payment_ids")
    def _compute_asks_phone(self):
        for wizard in self:
            wizard.asks_phone = any(wizard._packages_to_be().mapped("asks_phone"))

    def _compute_white_list_used(self):
        self.white_list_used = bool(self.env["bank.white.list"]._address())

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_prepare(self):
        """Button: make the package and stop there, for others to sign and send."""
        if again := self._looked_again():
            return again
        return self._prepare_packages()._get_records_action(name=self.env._("Packages"))

    @bank_operation
    def action_send(self):
        """Button: make the package, sign it where the key is on the server, and send it."""
        self.ensure_one()
        if again := self._looked_again():
            return again
        if self._signs_here():
            return self._send_identified()
        return self._send_now()

    def _paying_journals(self):
        return self.payment_ids.journal_id | self.row_ids.filtered("goes").journal_id

    def _packages_to_be(self):
        """One a bank, only to ask who may do what with it."""
        packages = self.env["bank.package"]
        banks = self._paying_journals().bank_account_id.bank_id
        return packages.concat(*(packages.new({"bank_id": bank.id}) for bank in banks))

    def _signs_here(self):
        return any(package._can_sign_here() for package in self._packages_to_be())

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
        for journal in self._paying_journals():
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
        return self.env["bank.order"]._problems_of_payments(
            self.payment_ids, self.execute_on, self.for_all
        )

    def _going_payments(self):
        """What is sent: the good ones of the rows. Those of bills are registered only now."""
        rows = self.row_ids.filtered("goes")
        if not self.item_ids:
            return rows.payment_id if self.row_ids else self.payment_ids
        payments, _again = self._register_payments(rows)
        self._refuse_changed(rows, payments)
        self.payment_ids = payments
        return payments

    def _prepare_packages(self):
        require_right(self.env, "operator")
        # Before anything is registered or locked: the register may take its time.
        self._ask_white_list()
        payments = self._going_payments()
        if not payments:
            raise UserError(self.env._("Choose payments first."))
        # Two users who press at once: the second one is refused here, or finds them ordered.
        try:
            payments.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._("Somebody else is working with these payments at this moment.")
            ) from None
        orders = self.env["bank.order"]._order_payments(payments, self.execute_on, self.for_all)
        try:
            packages = self.env["bank.package"]._prepare(
                orders, self.white_list_reason, self.other_payee_reason
            )
        except InvalidOrder as error:
            problems = orders._of_payments(error.problems)
            raise UserError(problem_lines(self.env, problems)) from None
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
                        "Payments whose date was over: %(count)s. %(user)s chose %(day)s.",
                        count=len(moved),
                        user=self.env.user.name,
                        day=format_date(self.env, self.execute_on),
                    )
                )


def renamed(text, labels):
    """A payment that does not exist yet is called by its bills."""
    for name, label in labels.items():
        text = text.replace(name, label)
    return text
