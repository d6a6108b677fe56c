"""The steps of the guide: what each of them writes, with the user's own rights."""

from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from ..connection.account_journal import FEED
from ..connection.operation import bank_operation
from .bank_setup import NAMES

FIRST_FETCH = timedelta(days=30)


class BankSetup(models.Model):
    _inherit = "bank.setup"

    # -------------------------------------------------------------------------
    # MOVING
    # -------------------------------------------------------------------------

    def action_back(self):
        self.ensure_one()
        self.step = NAMES[max(NAMES.index(self.step) - 1, 0)]

    def action_next(self):
        """Button: keep this step in the records themselves, and go to the next one."""
        self.ensure_one()
        keep = {"bank": self._keep_bank, "account": self._keep_account,
                "operator": self._keep_operator}  # fmt: skip
        if self.step in keep:
            keep[self.step]()
        self._go_on()

    def _go_on(self):
        """The next step; the last ones only once they are done."""
        following = NAMES[min(NAMES.index(self.step) + 1, len(NAMES) - 1)]
        reached = self._first_undone()
        self.sudo().step = min(following, reached, key=NAMES.index)

    def _missing(self, *names):
        """UserError that names the empty fields of this step."""
        labels = [self._fields[name]._description_string(self.env) for name in names
                  if not self[name]]  # fmt: skip
        if labels:
            raise UserError(self.env._("Still missing: %s.", ", ".join(labels)))

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
        self._missing("acc_number", "client_identifier")
        account = self._own_account()
        self._write_changed(account, client_identifier=self.client_identifier.strip())
        if not self.journal_id:
            self.journal_id = self.env["account.journal"].create(self._prepare_journal_vals())
        self._write_changed(
            self.journal_id, bank_account_id=account.id, bank_statements_source=FEED
        )

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
            self.env["bank.operator"].create({**ids, **values})

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
        """Button: the statements of the last month."""
        self.ensure_one()
        today = self.journal_id._bank_today()
        wizard = self.env["bank.fetch"].create(
            {
                "journal_id": self.journal_id.id,
                "date_from": today - FIRST_FETCH,
                "date_to": today,
            }
        )
        documents, results = wizard._fetch()
        self.sudo().fetch_result = wizard._result_text(documents, results)
        self._go_on()
