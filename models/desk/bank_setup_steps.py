# SPDX-License-Identifier: LGPL-3.0-only
"""What the steps of the guide do: each writes real records, tests the connection or fetches."""

from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from ...protocol import whitelist
from ..connection.account_journal import FEED
from ..connection.operation import bank_operation
from ..orders.white_list_answer import ADDRESS as WHITE_LIST

FIRST_FETCH = timedelta(days=30)
BY_ITSELF = 2  # hours


class BankSetup(models.Model):
    _inherit = "bank.setup"

    # -------------------------------------------------------------------------
    # KEEPING
    # -------------------------------------------------------------------------

    def _keep_bank(self):
        self._missing("bank_id", "bank_channel", "webservice_address")
        self._write_changed(
            self.bank_id,
            bank_channel=self.bank_channel,
            webservice_address=self.webservice_address.strip(),
        )

    def _keep_account(self):
        by_file = self.has_agreement and self.agreement_file
        self._missing("acc_number", *([] if by_file else ["client_identifier"]))
        if self.acc_problem:
            raise UserError(self.acc_problem)
        account = self._own_account()
        identifier = (self.client_identifier or "").strip()
        self._write_changed(account, client_identifier=identifier or account.client_identifier)
        if by_file:
            account._take_agreement_file(self.agreement_file)
            self.write({"agreement_file": False, "client_identifier": account.client_identifier})
        if not self.journal_id:
            self.journal_id = self.env["account.journal"].create(self._prepare_journal_vals())
        self._write_changed(
            self.journal_id, bank_account_id=account.id, bank_statements_source=FEED
        )
        if self.white_list_offered and self.ask_white_list:
            self.env["ir.config_parameter"].sudo().set_param(WHITE_LIST, whitelist.ADDRESS)

    def _own_account(self):
        """The company's account of that number at this bank; made where it is not there."""
        accounts = self.env["res.partner.bank"]
        values = {"acc_number": self.acc_number, "partner_id": self.company_id.partner_id.id}
        key = accounts._number_key(self.acc_number)
        own = accounts.search([("partner_id", "=", values["partner_id"])])
        account = own.filtered(lambda one: accounts._number_key(one.sanitized_acc_number) == key)
        account = account[:1] or accounts.create({**values, "bank_id": self.bank_id.id})
        self._write_changed(account, bank_id=self.bank_id.id)
        return account

    def _prepare_journal_vals(self):
        currency = self.currency_id
        own = currency == self.company_id.currency_id
        return {
            "name": f"{self.bank_id.name} {currency.name or ''}".strip(),
            "type": "bank",
            "company_id": self.company_id.id,
            "currency_id": False if own else currency.id,
        }

    def action_identity(self):
        """Button: the company as the bank knows it, where its certificate and values are kept."""
        self.ensure_one()
        identities = self.env["bank.identity"]
        values = {"bank_id": self.bank_id.id, "company_id": self.company_id.id}
        identity = identities._of(self.bank_id, self.company_id).with_env(self.env)
        return (identity or identities.create(values))._get_records_action()

    def _keep_operator(self):
        if problem := self._identity_problem():
            raise UserError(problem)
        if not self.has_session:
            return
        self._missing("user_id", "login")
        domain = [("bank_id", "=", self.bank_id.id), ("user_id", "=", self.user_id.id)]
        operator = self.env["bank.operator"].search(domain, limit=1)
        values = {"login": self.login.strip(), "default_method": self.default_method}
        if operator:
            self._write_changed(operator, **values)
        else:
            ids = {"bank_id": self.bank_id.id, "user_id": self.user_id.id}
            operator = self.env["bank.operator"].create({**ids, **values})
        if self.wants_password and self.sudo().password_sealed:
            operator.new_password = self.env["bank.vault"]._open(self, "password_sealed").decode()
            self.sudo().password_sealed = False
        if self._lacks_password(operator):
            self._missing("password")

    def _write_changed(self, record, **values):
        """Writes only what differs: a change at the bank's card asks for a new test."""
        kept = {name: record._fields[name].convert_to_write(record[name], record)
                for name in values}  # fmt: skip
        changed = {name: value for name, value in values.items() if kept[name] != value}
        if changed:
            record.write(changed)

    # -------------------------------------------------------------------------
    # TEST AND FIRST FETCH
    # -------------------------------------------------------------------------

    @bank_operation
    def action_test(self):
        """Button: *Test connection*; what works gets a tick, what does not its remedy."""
        self.ensure_one()
        result = self.journal_id.bank_account_id._run_connection_test()
        self.sudo().test_result = result.result
        if result.good:
            self._go_on()

    @bank_operation
    def action_fetch(self):
        """Button: the statements of the last month, by the workers: many entries take their time.

        Each day is told meanwhile (fetch_progress_service.js), and the end to `_fetch_ended`.
        """
        self.ensure_one()
        journal, today = self.journal_id, self.journal_id._bank_today()
        journal._bank_session()
        if self.fetch_by_itself and not journal.fetch_every:
            journal.sudo().write({"fetch_every": BY_ITSELF, "fetch_unit": "hours"})
        journal._bank_feed()._ask_for_run(today - FIRST_FETCH, today)
        self.sudo().fetch_result = False

    def _fetch_ended(self, problem):
        """problem: why nothing more was fetched, in words; empty where all of it was."""
        for guide in self:
            entries = [("journal_id", "=", guide.journal_id.id)]
            made = guide.env["account.bank.statement.line"].search_count(entries)
            read = guide.env._("Entries in the journal: %s.", made)
            guide.fetch_result = "\n".join(filter(None, [problem, read]))
            guide.step = guide._first_undone()


class BankFeed(models.Model):
    _inherit = "bank.feed"

    def _tell_end(self, user, words="", left=None):
        guides = [("journal_id", "=", self.journal_id.id), ("step", "=", "fetch")]
        self.env["bank.setup"].sudo().search(guides)._fetch_ended(words)
        return super()._tell_end(user, words, left)
