# SPDX-License-Identifier: LGPL-3.0-only
"""A signed package as a file: with the same checks, once, and never by the service as well."""

import base64

from odoo.addons.bank_webservice.protocol.formats import elixir
from odoo.exceptions import AccessError, UserError

from .test_two_signers import SigningCase


class TestFile(SigningCase):
    def signed(self):
        package = self.prepare(self.make_payment(60.0))
        package.with_user(self.jan).action_sign()
        return package

    def receipt(self, package, status, code="AC04"):
        return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03">
        <CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId><CreDtTm>2026-03-10T10:00:00</CreDtTm></GrpHdr>
        <OrgnlGrpInfAndSts><OrgnlMsgId>{package.message_id}</OrgnlMsgId>
        <OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId><GrpSts>{status}</GrpSts>
        <StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>
        </CstmrPmtStsRpt></Document>""".encode()

    def upload(self, content):
        wizard = self.env["bank.receipt.upload"].create({"content": base64.b64encode(content)})
        wizard.action_upload()

    def test_unsigned_package_is_not_given_out(self):
        with self.assertRaises(UserError):
            self.prepare(self.make_payment()).action_download()

    def test_two_people_are_needed_here_too(self):
        self.journal.sudo().two_signers_above = 10.0
        with self.assertRaises(UserError):
            self.signed().action_download()

    def test_the_bytes_cannot_be_read_around_the_button(self):
        with self.assertRaises(AccessError):
            self.signed().read(["content"])

    def test_the_file_is_what_was_signed_and_the_service_does_not_send_it(self):
        package = self.signed()
        action = package.with_user(self.jan).action_download()
        file = self.env["bank.package.file"].with_user(self.jan).browse(action["res_id"])
        self.assertEqual(base64.b64decode(file.content), package._raw_content())
        self.assertEqual((package.state, package.by_hand_id), ("sent", self.jan))
        for attempt in (
            package.action_send,
            package.action_download,
            package.action_cancel,
            package.action_hand_over_again,
            package.action_declare_dead,
        ):
            with self.assertRaises(UserError):
                attempt()
        with self.assertRaises(AccessError):
            file.with_user(self.ewa).read(["content"])
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])

    def test_the_service_not_knowing_it_means_nothing(self):
        package = self.signed()
        package.with_user(self.jan).action_download()
        package.with_user(self.jan).action_refresh_status()
        self.assertEqual(package.state, "sent")

    def test_after_the_password_every_button_that_asked_for_it_goes_on(self):
        for name in self.env:
            for cls in type(self.env[name]).__mro__:
                for method, function in vars(cls).items():
                    if getattr(function, "__has_check_identity", False):
                        asks = getattr(type(self.env[name]), method)
                        self.assertTrue(
                            getattr(asks, "__has_check_identity", False), f"{name}.{method}"
                        )

    def test_receipt_of_another_message_is_refused(self):
        package = self.signed()
        content = self.receipt(package, "ACCP").replace(package.message_id.encode(), b"x" * 32)
        with self.assertRaisesRegex(UserError, "No package"):
            self.upload(content)

    def test_receipt_that_is_no_receipt_is_refused(self):
        with self.assertRaises(UserError):
            self.upload(b"<html/>")

    def test_who_may_not_send_says_nothing_in_the_name_of_the_bank(self):
        package = self.signed()
        package.with_user(self.jan).action_download()
        content = base64.b64encode(self.receipt(package, "RJCT"))
        sender = self.env.ref("bank_webservice.group_sender").sudo()
        self.user.sudo().group_ids -= sender
        with self.assertRaises(AccessError):
            self.env["bank.receipt.upload"].create({"content": content}).action_upload()
        self.assertEqual(package.state, "sent")

    def test_what_the_service_has_is_not_answered_by_a_file(self):
        self.log_in()
        self.trust_connection()
        package = self.signed()
        self.send_now(package, self.jan)
        order = package.order_ids
        for state in ("sent", "waiting", "accepted", "paused", "unknown", "rejected"):
            package._set_state(state)
            for status in ("RJCT", "ACSP", "ACCP", "PDNG"):
                with self.assertRaisesRegex(UserError, "web service"), self.env.cr.savepoint():
                    self.upload(self.receipt(package, status))
            self.assertEqual((package.state, order.payment_id.state), (state, "in_process"))
        self.assertFalse(package.document_ids.filtered(lambda kept: "RJCT" in kept.name))

    def test_uploaded_refusal_opens_the_payment(self):
        package = self.signed()
        package.with_user(self.jan).action_download()
        self.upload(self.receipt(package, "RJCT"))
        self.assertEqual(package.order_ids.bank_state, "rejected")
        self.assertEqual(package.order_ids.payment_id.state, "rejected")

    def test_uploaded_receipt_is_read_for_each_payment(self):
        package = self.prepare(self.make_payment(60.0), self.make_payment(61.0))
        package.with_user(self.jan).action_sign()
        package.with_user(self.jan).action_download()
        good, bad = package.order_ids
        said = "".join(
            f"<TxInfAndSts><OrgnlEndToEndId>{order.end_to_end_id}</OrgnlEndToEndId>"
            f"<TxSts>{status}</TxSts>{reason}</TxInfAndSts>"
            for order, status, reason in (
                (good, "ACSP", ""),
                (bad, "RJCT", "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn>"
                 "<AddtlInf>Rachunek zamknięty</AddtlInf></StsRsnInf>"),
            )
        )  # fmt: skip
        content = self.receipt(package, "PART", "NARR").decode()
        group = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>1</OrgnlPmtInfId>"
        content = content.replace(
            "</CstmrPmtStsRpt>", f"{group}{said}</OrgnlPmtInfAndSts></CstmrPmtStsRpt>"
        )
        self.upload(content.encode())
        self.assertEqual((good.bank_state, bad.bank_state), ("accepted", "rejected"))
        self.assertEqual((bad.bank_code, bad.bank_reason), ("AC04", "Rachunek zamknięty"))
        self.assertEqual((good.payment_id.state, bad.payment_id.state), ("in_process", "rejected"))
        self.assertEqual(package.bank_status, "PART")
        self.assertIn("uploaded", package.message_ids[:1].body)
        self.upload(self.receipt(package, "ACSP"))
        self.assertEqual((good.bank_state, bad.bank_state), ("accepted", "rejected"))
        good._set_state("executed")
        package.sudo()._follow_orders()
        self.assertEqual(package.state, "partly_executed")

    def test_refusal_that_is_said_again_leaves_the_next_order_alone(self):
        package = self.signed()
        package.with_user(self.jan).action_download()
        self.upload(self.receipt(package, "RJCT"))
        refused = package.order_ids.payment_id
        refused.action_draft()
        refused.action_post()
        with self.assertRaises(UserError):
            self.prepare(refused)
        payment = refused.browse(package.order_ids.action_correct_copy()["res_id"])
        payment.action_post()
        again = self.prepare(payment)
        self.upload(self.receipt(package, "RJCT"))
        self.upload(self.receipt(package, "ACSP"))
        self.assertEqual((payment.state, payment.move_id.state), ("in_process", "posted"))
        self.assertEqual(payment.bank_order_id, again.order_ids)
        self.assertEqual(package.order_ids.bank_state, "rejected")


class TestElixir(SigningCase):
    """Elixir-O chosen on the journal: the same checks, another file."""

    def setUp(self):
        super().setUp()
        self.journal.sudo().package_format = "elixir"

    def test_what_the_file_cannot_hold_is_said_before_anything_is_made(self):
        self.journal.sudo().bank_route = "express"
        payment = self.make_payment()
        found = self.env["bank.order"]._problems_of_payments(payment)
        with self.assertRaises(UserError):
            self.prepare(payment)
        self.assertTrue([problem for problem in found if problem.is_error], "not said in time")
        self.assertFalse(payment.bank_order_id)

    def test_another_code_page_does_not_go_through_the_service(self):
        self.journal.sudo().elixir_charset = "cp852"
        package = self.prepare(self.make_payment(60.0))
        package.with_user(self.jan).action_sign()
        with self.assertRaisesRegex(UserError, "CP852"):
            package.with_user(self.jan).action_send()
        action = package.with_user(self.jan).action_download()
        file = self.env["bank.package.file"].with_user(self.jan).browse(action["res_id"])
        (order,) = elixir.parse(base64.b64decode(file.content), "cp852")
        self.assertEqual(order.payee.address.town, "Poznań")

    def test_signed_file_holds_the_orders_and_is_what_the_bank_would_get(self):
        first, second = self.make_payment(60.0), self.make_payment(61.0)
        package = self.prepare(first, second)
        package.with_user(self.jan).action_sign()
        action = package.with_user(self.jan).action_download()
        file = self.env["bank.package.file"].with_user(self.jan).browse(action["res_id"])
        self.assertTrue(file.name.endswith(".txt"))
        orders = list(elixir.parse(base64.b64decode(file.content)))
        self.assertEqual([order.amount for order in orders], [60, 61])
        self.assertEqual(
            [order.end_to_end_id for order in orders], package.order_ids.mapped("end_to_end_id")
        )
        self.assertEqual(package.by_hand_id, self.jan)
        self.assertIn("as a file", package.message_ids[:1].body)

    def test_the_service_takes_it_too(self):
        package = self.prepare(self.make_payment(60.0))
        package.with_user(self.jan).action_sign()
        self.send_now(package, self.jan)
        self.assertEqual(package.state, "accepted")
