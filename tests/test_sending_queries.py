"""The number of questions to the database does not grow with the number of payments."""

from .common import BankCase


class TestQueries(BankCase):
    def setUp(self):
        super().setUp()
        self.log_in()
        self.trust_connection()

    def queries(self, count, memo):
        """Of sending so many payments, from *Send* to the receipt; posting is Odoo's own."""
        payments = self.env["account.payment"]
        for number in range(count):
            payments |= self.make_payment(10.0 + number, memo=f"{memo} {number}", post=False)
        payments.action_post()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.send(payments)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_thirty_payments_need_hardly_more_than_five(self):
        self.queries(2, "warm")
        few, many = self.queries(5, "few"), self.queries(30, "many")
        # Batches of inserts and reads may split; one question more for each payment would be 25.
        self.assertLess(many - few, 20, f"{few} for 5, {many} for 30")
