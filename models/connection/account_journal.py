# SPDX-License-Identifier: LGPL-3.0-only
"""The journal's feed *Bank web service*: its settings, and the way to its account at the bank."""

from odoo import api, fields, models

from ...protocol.banks import BANKS
from .operation import RELOAD, bank_operation, notify
from .words import way_out

FEED = "bank_webservice"  # where a journal's statements come from
METHOD = "bank_webservice"  # the code of the way to pay
WARSAW = "Europe/Warsaw"
STATEMENT_FORMATS = [("mt940", "MT940"), ("camt.053", "camt.053")]
PACKAGE_FORMATS = [("pain.001.001.03", "pain.001.001.03"), ("pain.001.001.09", "pain.001.001.09")]


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    @api.depends("name", "payment_method_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """In the language of whoever looks: Odoo keeps the name in that of whoever made the
        journal. A name that somebody gave the method himself stays."""
        result = super()._compute_display_name()
        for line in self.filtered(lambda one: one.code == METHOD and one.name):
            method = line.payment_method_id
            languages = [code for code, _name in self.env["res.lang"].get_installed()]
            if line.name in {method.with_context(lang=code).name for code in languages}:
                line.display_name = line.display_name.replace(line.name, method.name, 1)
        return result


class AccountJournal(models.Model):
    _inherit = "account.journal"

    bank_feed_ids = fields.One2many(
        "bank.feed", "journal_id", groups="account.group_account_readonly"
    )
    client_identifier = fields.Char(related="bank_account_id.client_identifier", readonly=False)
    bank_channel = fields.Selection(related="bank_account_id.bank_id.bank_channel")
    has_bank_charges = fields.Boolean("Way and charges", compute="_compute_has_bank_charges")
    statement_format = fields.Selection(
        STATEMENT_FORMATS,
        help="The format to fetch statements in. Empty: the first one that the bank offers.",
    )
    package_format = fields.Selection(
        PACKAGE_FORMATS,
        help="The format to send payments in. Empty: the first one that the bank takes.",
    )

    @api.depends("bank_channel")
    def _compute_has_bank_charges(self):
        for journal in self:
            bank = BANKS.get(journal.bank_channel)
            journal.has_bank_charges = not bank or bank.has_charges

    # -------------------------------------------------------------------------
    # THE FEED
    # -------------------------------------------------------------------------

    def _bank_now(self):
        """This moment on the clock of the journal's bank; Warsaw's where no bank is reached."""
        bank = BANKS.get(self.bank_account_id.bank_id.sudo().bank_channel)
        local = self.with_context(tz=bank.time_zone if bank else WARSAW)
        return fields.Datetime.context_timestamp(local, fields.Datetime.now())

    def _bank_today(self):
        """The day at the journal's bank. Whoever asks, a user or the schedule, may have another."""
        return self._bank_now().date()

    # Odoo asks for the sources through a name-mangled method, so it is extended under that name.
    def _AccountJournal__get_bank_statements_available_sources(self):
        sources = super()._AccountJournal__get_bank_statements_available_sources()
        return [*sources, (FEED, self.env._("Bank web service"))]

    @api.model_create_multi
    def create(self, vals_list):
        journals = super().create(vals_list)
        journals._add_webservice_payment_method()
        return journals

    def write(self, vals):
        result = super().write(vals)
        if "bank_statements_source" in vals:
            self._add_webservice_payment_method()
            self._drop_webservice_payment_method()
        return result

    def _add_webservice_payment_method(self):
        """A journal with our feed can pay through it: the payment method, with its account.

        Without an outstanding account a payment would have no entry, and nothing to reconcile.
        It stands first, where Odoo looks for its proposal: what is registered by hand in a
        connected journal would show its bill as paid, and never reach the bank.
        """
        method = self.env.ref("bank_webservice.payment_method_webservice_out", False)
        for journal in self.filtered(lambda j: method and j.bank_statements_source == FEED):
            lines = journal.outbound_payment_method_line_ids
            line = lines.filtered(lambda item: item.payment_method_id == method)[:1]
            account = self._outstanding_account(journal)
            if not line:
                line = line.create(
                    {
                        "payment_method_id": method.id,
                        "journal_id": journal.id,
                        "payment_account_id": account.id,
                    }
                )
            elif not line.payment_account_id:
                line.payment_account_id = account
            line.sequence = min([0, *(lines - line).mapped(lambda item: item.sequence - 1)])
            journal.invalidate_recordset(["outbound_payment_method_line_ids"])  # another order

    def _drop_webservice_payment_method(self):
        """A journal without our feed cannot; its payments of before keep the method's line."""
        others = self.filtered(lambda journal: journal.bank_statements_source != FEED)
        lines = others.outbound_payment_method_line_ids
        lines.filtered(lambda line: line.code == FEED).unlink()

    def _outstanding_account(self, journal):
        """The account for payments under way: the journal's own, else that of Odoo's chart."""
        chart = self.env["account.chart.template"].with_company(journal.company_id)
        return (
            journal.outbound_payment_method_line_ids.payment_account_id[:1]
            or chart.ref("account_journal_payment_credit_account_id", raise_if_not_found=False)
            or journal.company_id.transfer_account_id
        )

    def _package_format(self):
        """The format to send in: the journal's choice, else the first one that the bank takes."""
        channel = self.bank_account_id.bank_id.bank_channel
        offered = BANKS[channel].package_formats if channel in BANKS else PACKAGE_FORMATS[0]
        return self.package_format or offered[0]

    def _orders_per_package(self):
        """How many orders the bank takes in one package; None: as many as the format can."""
        channel = self.bank_account_id.bank_id.bank_channel
        return BANKS[channel].orders_per_package if channel in BANKS else None

    def _bank_feed(self):
        self.ensure_one()
        return self.env["bank.feed"]._of_journal(self)

    def _bank_session(self, user=None):
        """An open session for the journal's account; LoginNeeded where a person has to confirm."""
        self.ensure_one()
        if self.bank_statements_source != FEED:
            words = self.env._(
                "Journal %(journal)s: its bank feed is not “Bank web service”. Choose it in "
                "the journal's settings.",
                journal=self.display_name,
            )
            raise way_out(words, self)
        if not self.bank_account_id:
            words = self.env._(
                "Journal %(journal)s has no bank account.", journal=self.display_name
            )
            raise way_out(words, self)
        return self.env["bank.session"]._require(self.bank_account_id, user)

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    @bank_operation
    def action_refresh_balance(self):
        """Button on the dashboard card: the balance as the bank has it now."""
        self.ensure_one()
        if self._bank_feed()._refresh_balance(self._bank_session()):
            return RELOAD
        return notify(
            self.env._("The bank is preparing its answer. Press the button again in a minute.")
        )

    def action_fetch_statements(self):
        """Button: the wizard that asks for the days."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "bank_webservice.action_fetch_statements"
        )
        return {**action, "context": {"default_journal_id": self.id}}

    def action_payments_to_send(self):
        """The posted payments of this journal that have not been given to the bank."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_account_payments_payable"
        )
        context = {"search_default_bank_to_send": 1, "search_default_journal_id": self.id}
        return {**action, "context": {**context, "default_payment_type": "outbound"}}
