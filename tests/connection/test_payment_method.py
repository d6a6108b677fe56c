"""The payment method *Bank web service* stands on connected journals, and on no others."""

from ..common import BankCase


class TestPaymentMethod(BankCase):
    def setUp(self):
        super().setUp()
        self.method = self.env.ref("bank_webservice.payment_method_webservice_out").sudo()
        self.other = (
            self.env["account.journal"]
            .sudo()
            .create(
                {"name": "By hand", "code": "HND", "type": "bank", "company_id": self.company.id}
            )
        )

    def _lines(self, journal):
        lines = journal.sudo().outbound_payment_method_line_ids
        return lines.filtered(lambda line: line.payment_method_id == self.method)

    def test_a_journal_without_the_feed_neither_has_nor_offers_it(self):
        self.assertFalse(self._lines(self.other))
        self.assertNotIn(self.method, self.other.available_payment_method_ids)
        self.assertIn(self.method, self.journal.sudo().available_payment_method_ids)

    def test_installing_adds_it_to_no_journal(self):
        """As when the method is made: Odoo gives it to each journal that it may stand on."""
        self.other.flush_recordset()
        information = self.method._get_payment_method_information()
        self._lines(self.journal).unlink()
        self.method._auto_link_payment_methods(self.method, information)
        self.assertFalse(self._lines(self.other))
        self.assertTrue(self._lines(self.journal))

    def test_it_comes_and_goes_with_the_feed(self):
        self.other.bank_statements_source = "bank_webservice"
        self.assertTrue(self._lines(self.other).payment_account_id)
        self.other.bank_statements_source = "undefined"
        self.assertFalse(self._lines(self.other))

    def test_a_payment_of_before_keeps_its_method(self):
        payment = self.make_payment().sudo()
        self.journal.sudo().bank_statements_source = "undefined"
        self.assertFalse(self._lines(self.journal))
        self.assertEqual(payment.payment_method_line_id.payment_method_id, self.method)
        self.assertEqual(payment.state, "in_process")
