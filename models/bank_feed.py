"""A journal's running state at the bank: the row that is locked, never the journal itself."""

from odoo import api, fields, models

from .bank_operation import bank_operation


class BankFeed(models.Model):
    _name = "bank.feed"
    _description = "Bank feed of a journal"
    _rec_name = "journal_id"

    journal_id = fields.Many2one(
        "account.journal", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="journal_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    fetched_until = fields.Date(readonly=True)
    last_fetch_at = fields.Datetime(readonly=True)
    last_error = fields.Text(readonly=True)
    balance_booked = fields.Monetary("Booked", readonly=True)
    balance_available = fields.Monetary("Available", readonly=True)
    balance_at = fields.Datetime("Balance of", readonly=True)

    _journal_unique = models.Constraint("unique (journal_id)", "A journal has one feed.")

    @api.depends("journal_id")
    def _compute_currency_id(self):
        for feed in self:
            journal = feed.journal_id
            feed.currency_id = journal.currency_id or journal.company_id.currency_id

    @api.model
    def _of_journal(self, journal):
        """The feed row of a journal, made on first use."""
        feed = self.sudo().search([("journal_id", "=", journal.id)])
        return feed or self.sudo().create({"journal_id": journal.id})

    # -------------------------------------------------------------------------
    # BALANCE
    # -------------------------------------------------------------------------

    def _refresh_balance(self, session, person=True):
        """Reads and keeps booked and available balance with the time that the bank names."""
        self.ensure_one()
        account = self._account()
        balance = session._read("balance", lambda bank, s: bank.balance(s, account), person)
        self.sudo().write(
            {
                "balance_booked": balance.booked,
                "balance_available": balance.booked
                if balance.available is None
                else balance.available,
                "balance_at": balance.at.replace(tzinfo=None),
            }
        )

    def _account(self):
        """The journal's account as protocol record."""
        return self.journal_id.bank_account_id._webservice_account()


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @bank_operation
    def action_refresh_balance(self):
        """Button on the dashboard card: the balance as the bank has it now."""
        self.ensure_one()
        feed = self._bank_feed()
        feed._refresh_balance(self._bank_session())
        return {"type": "ir.actions.client", "tag": "soft_reload"}
