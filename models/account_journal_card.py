"""What the journal's card warns of, and what waits for the person who looks at it."""

from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_date

from .account_journal import FEED
from .bank_certificate_card import WARNINGS

ENDS_SOON = timedelta(days=max(WARNINGS))


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _fill_bank_cash_dashboard_data(self, dashboard_data):
        result = super()._fill_bank_cash_dashboard_data(dashboard_data)
        for journal in self:
            data = dashboard_data[journal.id].get("bank_webservice")
            if data is not None:
                data.update(journal._dashboard_person())
        return result

    def _get_bank_cash_graph_data(self):
        """No invented line on a card of ours: without statements there is nothing to draw."""
        result = super()._get_bank_cash_graph_data()
        for journal in self.filtered(lambda one: one.bank_statements_source == FEED):
            lines = result[journal.id]
            if lines and lines[0].get("is_sample_data"):
                result[journal.id] = [
                    {**line, "values": [], "key": "", "is_sample_data": False} for line in lines
                ]
        return result

    def _dashboard_person(self):
        """What concerns this user: packages to sign, his running session, his certificate."""
        operator = (
            self.env["bank.operator"]
            .sudo()
            .search(
                [("bank_id", "=", self.bank_account_id.bank_id.id), ("user_id", "=", self.env.uid)],
                limit=1,
            )
        )
        return {
            "to_sign": self._packages_to_sign_count(),
            "session_until": self._short(self._session_of(operator)._live_until()),
            "certificate": self._certificate_words(operator.certificate_id),
            "certificate_id": operator.certificate_id.id,
        }

    def _session_of(self, operator):
        """His open session for this account, which the next operation uses without asking."""
        return operator.env["bank.session"].search(
            [
                ("operator_id", "=", operator.id),
                ("company_id", "=", self.company_id.id),
                ("client_identifier", "=", self.sudo().bank_account_id.client_identifier),
                ("state", "=", "open"),
            ],
            limit=1,
        )

    def _certificate_words(self, certificate):
        ends = certificate.not_after
        if not ends or ends > fields.Datetime.now() + ENDS_SOON:
            return ""
        day = format_date(self.env, ends)
        if ends < fields.Datetime.now():
            return self.env._("Your certificate ended on %(day)s.", day=day)
        return self.env._("Your certificate ends on %(day)s.", day=day)

    # -------------------------------------------------------------------------
    # TO SIGN
    # -------------------------------------------------------------------------

    def _to_sign_domain(self):
        """Packages that wait for a signature, and that this user has not signed yet."""
        return [
            ("journal_id", "in", self.ids),
            ("state", "in", ("prepared", "partly_signed")),
            "!",
            ("signature_ids.user_id", "=", self.env.uid),
        ]

    def _packages_to_sign_count(self):
        if not self.env.user.has_group("bank_webservice.group_signer"):
            return 0
        return self.env["bank.package"].search_count(self._to_sign_domain())

    def action_packages_to_sign(self):
        """Button: what waits for this user's signature; a single package opens at once."""
        self.ensure_one()
        packages = self.env["bank.package"].search(self._to_sign_domain())
        return packages._get_records_action(name=self.env._("To sign"))

    def action_own_certificate(self):
        """Link of the warning: the certificate that ends."""
        self.ensure_one()
        own = [("user_id", "=", self.env.uid)]
        operator = self.env["bank.operator"].search(
            [("bank_id", "=", self.bank_account_id.bank_id.id), *own], limit=1
        )
        return operator.certificate_id._get_records_action()
