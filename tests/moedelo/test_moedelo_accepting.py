# SPDX-License-Identifier: LGPL-3.0-only
"""Imported orders in Odoo: edited, deleted, accepted, trusted, sent; a refused one is copied."""

import base64
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..roubles.common import PAYEE
from .common import ORDERS, OrdersCase

STRANGER = {
    "name": "ИП Новый",
    "inn": "500100732259",
    "account": "40802810800000000005",
    "bik": "044030653",
}


class Heard:
    """Which states the service was to be told of, one for each order, in their order."""

    def __init__(self, case):
        self.states = []
        heard = self.states

        def hear(_notices, orders):
            heard.extend(orders.mapped("bank_state"))

        case.patch(type(case.env["moedelo.notice"]), "_write_facts", hear)


@tagged("post_install", "-at_install")
class TestImported(OrdersCase):
    def user_with(self, *groups):
        return new_test_user(
            self.system,
            f"user_{len(groups)}_{groups[0][-6:]}",
            groups=",".join(("base.group_user", *groups)),
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    # ---- what nobody may

    def test_without_the_right(self):
        order = self.imported()
        reader = self.user_with("bank_webservice.group_signer")
        for act in ("action_moedelo_accept", "action_moedelo_delete"):
            with self.assertRaises(AccessError):
                getattr(order.with_user(reader), act)()
        with self.assertRaises(UserError):
            order.with_user(reader).write({"amount": 1})
        self.assertEqual((order.bank_state, order.amount), ("imported", 1500.50))

    def test_what_stays_as_it_came(self):
        order = self.imported()
        for vals in (
            {"bank_state": "signed"},
            {"moedelo_external_id": "other"},
            {"details": {}},
            {"payer_account": PAYEE},
            {"amount": 1, "company_id": 1},
            {"payment_id": False},
        ):
            with self.assertRaises(UserError):
                order.write(vals)
        with self.assertRaises(UserError):
            order.unlink()

    def test_no_edit_after_acceptance(self):
        order = self.imported()
        order.action_moedelo_accept()
        for act in (
            lambda: order.write({"amount": 1}),
            order.action_moedelo_delete,
            order.action_moedelo_accept,
        ):
            with self.assertRaises(UserError):
                act()

    def test_another_company(self):
        order = self.imported()
        other = self.system["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.system,
            "stranger",
            groups="base.group_user,bank_webservice.group_operator",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(self.env["bank.order"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            order.with_user(stranger).action_moedelo_accept()

    # ---- edit and delete

    def test_edited(self):
        order = self.imported()
        order.write({"amount": 20.5, "rouble_document_date": "2026-03-09", "title": "Другое"})
        self.assertEqual((order.amount, str(order.execute_on)), (20.5, "2026-03-09"))
        self.assertEqual(order.details["document_date"], "2026-03-09")
        self.assertTrue(order.moedelo_edited)
        self.assertIn("1500.5 → 20.5", order.message_ids[:1].body)
        self.assertEqual(order.message_ids[:1].author_id, self.user.partner_id)
        said = self.call("GET", f"{ORDERS}/{order.moedelo_external_id}").json()
        self.assertEqual((said["amount"], said["edited"]), ("20.50", True))

    def test_deleted(self):
        order, heard = self.imported(), Heard(self)
        order.action_moedelo_delete()
        self.assertEqual((order.bank_state, heard.states), ("cancelled", ["cancelled"]))
        said = self.call("GET", f"{ORDERS}/{order.moedelo_external_id}").json()
        self.assertEqual(said["status"]["code"], "05")
        self.assertEqual(said["status"]["reason"], "Deleted.")  # by whom is nobody's business there

    # ---- accept

    def test_what_the_form_refuses_now_stays_imported(self):
        good, late = self.imported(), self.imported(number="18", date="2026-03-12")
        with self.assertRaisesRegex(UserError, "in the future"):
            (good | late).action_moedelo_accept()
        good.write({"payee_tax_id": "7813002015"})
        with self.assertRaisesRegex(UserError, r"\(61\)"):
            good.action_moedelo_accept()
        self.assertEqual(good.bank_state, "imported")
        self.assertFalse(good.payment_id)

    def test_a_journal_that_cannot_pay(self):
        order = self.imported()
        self.journal.sudo().outbound_payment_method_line_ids.payment_account_id = False
        with self.assertRaisesRegex(UserError, "payment method"):
            order.action_moedelo_accept()

    def test_the_same_account_number_at_another_bank(self):
        order = self.imported()
        self.keep(self.supplier.bank_ids.bank_id, "bank_bik", "044525901")
        with self.assertRaisesRegex(UserError, "044525901"):
            order.action_moedelo_accept()

    def test_accepted_and_linked(self):
        order, heard = self.imported(), Heard(self)
        order.action_moedelo_accept()
        payment = order.payment_id
        self.assertEqual((payment.state, payment.move_id.state), ("in_process", "posted"))
        self.assertEqual(payment.amount, 1500.50)
        self.assertEqual((payment.partner_id, payment.partner_bank_id.acc_number),
                         (self.supplier, PAYEE))  # fmt: skip
        self.assertEqual((payment.bank_order_id, payment.bank_state), (order, "prepared"))
        self.assertEqual(order.package_id.state, "prepared")
        self.assertEqual(heard.states, ["prepared"])
        self.assertFalse(order.moedelo_trust_missing)

    def test_the_id_at_the_bank_is_of_the_document(self):
        order = self.imported()
        order.action_moedelo_accept()
        self.assertRegex(order.end_to_end_id, r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        content = base64.b64decode(order.package_id.sudo().content).decode()
        self.assertIn(order.end_to_end_id, content)

    def test_an_unknown_payee_waits_for_trust(self):
        order = self.imported(payee=STRANGER)
        order.action_moedelo_accept()
        card = order.partner_bank_id
        self.assertEqual((card.sanitized_acc_number, card._bank_bik()),
                         (STRANGER["account"], STRANGER["bik"]))  # fmt: skip
        self.assertEqual(card.partner_id.vat, STRANGER["inn"])
        self.assertEqual(card.partner_id.company_id, self.company)
        self.assertFalse(card.allow_out_payment)
        self.assertTrue(order.moedelo_trust_missing)
        self.log_in()
        self.give_certificate()
        with self.assertRaisesRegex(UserError, "not trusted"):
            order.package_id.action_sign()
        truster = self.user_with(
            "account.group_validate_bank_account", "base.group_partner_manager"
        )
        card.with_user(truster).allow_out_payment = True
        order.package_id.action_sign()
        self.assertEqual(order.bank_state, "signed")

    def test_a_known_payee_with_another_account(self):
        order = self.imported(payee__account="40702810955000000102")
        order.action_moedelo_accept()
        self.assertEqual(order.partner_id, self.supplier)
        self.assertFalse(order.partner_bank_id.allow_out_payment)
        self.assertEqual(len(self.supplier.bank_ids), 2)

    def test_a_payee_without_inn(self):
        person = {"name": "Иванов Иван", "account": "40817810200000000001", "bik": "044030653"}
        orders = self.imported(payee=person) | self.imported(number="18", payee=person)
        orders.action_moedelo_accept()
        self.assertEqual(len(orders.partner_id), 1)
        self.assertEqual(len(orders.partner_bank_id), 1)

    # ---- on its way

    def test_signed_sent_and_told(self):
        order, heard = self.imported(), Heard(self)
        order.action_moedelo_accept()
        self.ready()
        self.give_certificate()
        package = order.package_id
        package.action_sign()
        package.action_send()
        self.env["bank.package"].sudo()._cron_send()
        self.assertIn(order.bank_state, ("sent", "accepted"))
        self.assertEqual(heard.states[:4], ["prepared", "signed", "to_send", "sending"])
        answer = self.call("DELETE", f"{ORDERS}/{order.moedelo_external_id}")
        self.assert_problem(answer, "too-late", 409)

    def test_recalled_when_it_is_signed(self):
        order = self.imported()
        order.action_moedelo_accept()
        self.log_in()
        self.give_certificate()
        order.package_id.action_sign()
        payment = order.payment_id
        answer = self.call("DELETE", f"{ORDERS}/{order.moedelo_external_id}")
        self.assertEqual(answer.json()["status"]["code"], "05")
        self.assertEqual((order.bank_state, order.package_id.state), ("cancelled", "cancelled"))
        self.assertEqual((payment.state, payment.move_id.state), ("rejected", "cancel"))
        with self.assertRaises(UserError):
            self.prepare(payment)

    def test_recalled_out_of_a_package_of_two(self):
        orders = self.imported() | self.imported(number="18")
        journals = type(self.journal)
        with (
            patch.object(journals, "_orders_per_package", lambda _journal: None),
            patch.object(journals, "_package_format", lambda _journal: "client_bank_1c"),
        ):
            orders.action_moedelo_accept()
        package = orders.package_id
        self.assertEqual(len(package), 1)
        message = package.message_id
        self.call("DELETE", f"{ORDERS}/{orders[0].moedelo_external_id}")
        self.assertEqual(orders.mapped("bank_state"), ["cancelled", "prepared"])
        self.assertEqual(package.order_ids, orders[1])
        self.assertNotEqual(package.message_id, message)
        self.assertEqual(package._raw_content().decode("cp1251").count("СекцияДокумент"), 1)

    def test_a_package_given_up_is_told_and_cannot_be_paid(self):
        order, heard = self.imported(), Heard(self)
        order.action_moedelo_accept()
        order.package_id.action_cancel()
        self.assertIn("cancelled", heard.states)
        self.assertEqual(order.payment_id.state, "rejected")

    def test_refused_by_the_bank_and_copied(self):
        order = self.imported()
        order.action_moedelo_accept()
        order.sudo()._set_state("rejected", bank_reason="Счёт закрыт")
        order.sudo()._undo_books()
        said = self.call("GET", f"{ORDERS}/{order.moedelo_external_id}").json()
        self.assertEqual(said["status"]["code"], "03")
        self.assertEqual(said["status"]["reason"], "Счёт закрыт")
        action = order.action_correct_copy()
        copy = self.env["account.payment"].browse(action["res_id"])
        self.assertEqual((copy.amount, copy.rouble_purpose), (1500.50, order.title))
        self.assertFalse(copy.rouble_document_number)
        copy.action_post()
        self.assertEqual(self.prepare(copy).corrects_id, order)

    # ---- screens

    def test_the_list_shows_them(self):
        order = self.imported()
        found = self.env["bank.order"].search([("bank_state", "=", "imported")])
        self.assertEqual(found, order)
        data = self.journal._get_journal_dashboard_data_batched()[self.journal.id]
        self.assertEqual(data["bank_webservice"]["orders_imported"], 1)

    def test_the_list_of_payments_tells_of_them_and_shows_the_accepted(self):
        order, payments = self.imported(), self.env["account.payment"]
        clerk = new_test_user(self.system, "clerk68", groups="base.group_user")
        self.assertEqual(payments.with_user(clerk).imported_orders_waiting(), 0)
        stranger = self.system["res.company"].create({"name": "Lutik"})
        elsewhere = (
            payments.sudo().with_company(stranger).with_context(allowed_company_ids=stranger.ids)
        )
        self.assertEqual(elsewhere.imported_orders_waiting(), 0)
        self.assertEqual(payments.imported_orders_waiting(), 1)
        order.action_moedelo_accept()
        self.assertEqual(payments.imported_orders_waiting(), 0)
        theirs = payments.search([("bank_order_ids.moedelo_external_id", "!=", False)])
        self.assertEqual((theirs, theirs.bank_state), (order.payment_id, "prepared"))
