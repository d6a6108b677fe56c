"""What the journal's card says to the person who looks at it: to sign, session, certificate."""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..connection.account_journal import FEED
from ..connection.bank_certificate import WARNINGS

ENDS_SOON = timedelta(days=max(WARNINGS))


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _bank_cards(self):
        cards = super()._bank_cards()
        operators, counts = self._own_operators(), self._packages_to_sign_count()
        sessions = self._own_sessions(operators)
        for journal, card in cards.items():
            bank = journal.bank_account_id.bank_id
            operator = operators.filtered(lambda one, bank=bank: one.bank_id == bank)[:1]
            session = journal._session_of(operator, sessions)
            card |= {
                "to_sign": counts.get(journal, 0),
                "session_until": journal._short(session._live_until() if session else None),
                "certificate": journal._certificate_words(operator.certificate_id),
                "certificate_id": operator.certificate_id.id,
            }
        return cards

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

    def _own_operators(self):
        """What this user is at the banks of these journals."""
        banks = self.bank_account_id.bank_id
        operators = self.env["bank.operator"].sudo()
        return operators.search([("bank_id", "in", banks.ids), ("user_id", "=", self.env.uid)])

    def _own_sessions(self, operators):
        domain = [("operator_id", "in", operators.ids), ("state", "=", "open")]
        return operators.env["bank.session"].search(domain)

    def _session_of(self, operator, sessions):
        """His open session for this account, which the next operation uses without asking."""
        client = self.sudo().bank_account_id.client_identifier
        return sessions.filtered(
            lambda one: (
                one.operator_id == operator
                and one.company_id == self.company_id
                and one.client_identifier == client
            )
        )[:1]

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

    def _to_sign(self):
        """Packages that debit these accounts, wait for a signature, and lack this user's."""
        return self.env["bank.package"].search(
            # An order may be hidden from who signs its package.
            Domain("order_ids", "any!", [("journal_id", "in", self.ids)])
            & Domain("state", "in", ("prepared", "partly_signed"))
            & ~Domain("signature_ids.user_id", "=", self.env.uid)
        )

    def _packages_to_sign_count(self):
        """{journal: count}; a package stands on the card of every account that it debits."""
        if not self.env.user.has_group("bank_webservice.group_signer"):
            return {}
        packages = self._to_sign()
        groups = (
            self.env["bank.order"]
            .sudo()
            ._read_group(
                [("package_id", "in", packages.ids), ("journal_id", "in", self.ids)],
                ["journal_id"],
                ["package_id:count_distinct"],
            )
        )
        return dict(groups)

    def action_packages_to_sign(self):
        """Button: what waits for this user's signature; a single package opens at once."""
        self.ensure_one()
        return self._to_sign()._get_records_action(name=self.env._("To sign"))

    def action_own_certificate(self):
        """Link of the warning: the certificate that ends."""
        self.ensure_one()
        own = [("user_id", "=", self.env.uid)]
        operator = self.env["bank.operator"].search(
            [("bank_id", "=", self.bank_account_id.bank_id.id), *own], limit=1
        )
        return operator.certificate_id._get_records_action()
