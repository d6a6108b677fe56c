"""Demo data: the month before the installation, imported as if it had been fetched."""

from datetime import datetime, time, timedelta

from odoo import Command, api, models

from . import bank_demo_papers

EURO = 4.27  # zlotys


class BankDemo(models.AbstractModel):
    _inherit = "bank.demo"

    @api.model
    def _load_statements(self):
        """Statements of every demo account that has some, up to yesterday."""
        accounts = self.env["res.partner.bank"]
        for number, documents in bank_demo_papers.documents(self._demo_day()).items():
            account = accounts.search([("sanitized_acc_number", "=", number)], limit=1)
            domain = [("bank_account_id", "=", account.id)]
            journal = self.env["account.journal"].search(domain, limit=1)
            if account and journal:
                self._rate(journal)
                self._import_demo(journal, documents)

    def _demo_day(self):
        """The day of the installation: the one that is stored, which `make run` goes by."""
        account = self.env["res.partner.bank"].search([("client_identifier", "!=", False)], limit=1)
        return account.create_date.date()

    def _import_demo(self, journal, documents):
        kept = self.env["bank.document"]._keep(journal, documents)
        results = kept._process()
        feed = self.env["bank.feed"]._of_journal(journal)
        until = self._demo_day() - timedelta(days=1)
        since = until - timedelta(days=bank_demo_papers.DAYS - 1)
        feed._fetched(since, until, kept.filtered(lambda one: one.state == "failed"))
        closing = results[-1].statement.balance_end_real
        feed.write(
            {
                "balance_booked": closing,
                "balance_available": closing,
                "balance_at": datetime.combine(until, time(22)),
            }
        )

    def _rate(self, journal):
        """A rate for an account in another currency than the books."""
        company, currency = journal.company_id, journal.currency_id
        if currency and currency != company.currency_id:
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "company_id": company.id,
                    "name": self._demo_day() - timedelta(days=bank_demo_papers.DAYS + 1),
                    "rate": 1 / EURO,
                }
            )

    def _foreign_customer(self):
        """Who pays in euro."""
        return self.env["res.partner"].create(
            {
                "name": "Muster GmbH",
                "is_company": True,
                "customer_rank": 1,
                "street": "Hauptstr. 1",
                "zip": "10115",
                "city": "Berlin",
                "country_id": self.env.ref("base.de").id,
                "bank_ids": [Command.create({"acc_number": "DE89370400440532013000"})],
            }
        )
