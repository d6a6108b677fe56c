# SPDX-License-Identifier: LGPL-3.0-only
"""*Test connection*, and every way in which a bank cannot be reached: said in words."""

import datetime
import ipaddress
import socket
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from odoo.exceptions import UserError, ValidationError

from ..common import BankCase, start_sandbox


def self_signed(folder):
    """(certificate file, key file) for 127.0.0.1 that no system trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime(2026, 1, 1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=3000))
        .not_valid_after(today + datetime.timedelta(days=3000))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "bank.pem", folder / "bank.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


class TestConnection(BankCase):
    def refusal_of_log_in(self, address=None, **values):
        """The words that a user reads when he tries to log in at this address."""
        self.bank.sudo().write({"webservice_address": address or self.bank.webservice_address})
        self.bank.sudo().write(values)
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        with self.assertRaises(UserError) as caught:
            session.dialog_start("mobile")
        words = str(caught.exception)
        self.assertNotIn("Traceback", words)
        return words

    def test_address_without_tls_is_refused(self):
        for address in (
            "http://bank.example/ws",
            "http://127.0.0.1.bank.example/ws",
            "http://localhost.bank.example/ws",
            "http://localhost@bank.example/ws",
            "http://127.bank.example/ws",
            "https://",
        ):
            with self.subTest(address), self.assertRaisesRegex(ValidationError, "https://"):
                self.bank.sudo().webservice_address = address

    def test_wrong_address(self):
        words = self.refusal_of_log_in(f"{self.sandbox.url}/nothing-here")
        self.assertIn("404", words)

    def test_server_down(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        words = self.refusal_of_log_in(f"http://127.0.0.1:{port}/mbank/ws")
        self.assertIn("cannot be reached", words)

    def test_answers_that_are_none(self):
        for kind in ("http_500", "garbage", "entity_bomb", "drop_before", "drop_after"):
            with self.subTest(kind):
                self.sandbox.fault("LogIn", kind)
                self.refusal_of_log_in()

    def test_time_out(self):
        self.sandbox.fault("LogIn", "delay", seconds=4)
        words = self.refusal_of_log_in(webservice_timeout=1)
        self.assertIn("in time", words)

    def test_certificate_that_nobody_trusts_then_named_as_trusted(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        certificate, key = self_signed(folder)
        process, server = start_sandbox("--tls-cert", str(certificate), "--tls-key", str(key))
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.addCleanup(process.stdout.close)
        self.assertTrue(server.url.startswith("https://"))
        words = self.refusal_of_log_in(f"{server.url}/mbank/ws")
        self.assertIn("secure connection", words)
        self.bank.sudo().webservice_ca = certificate.read_text()
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        self.assertEqual(session.dialog_start("mobile")["state"], "waiting")

    def test_soap_fault_is_shown_with_the_banks_own_words(self):
        self.sandbox.fault("LogIn", "busy")
        self.assertIn("busy", self.refusal_of_log_in())

    def result_of_test(self):
        self.log_in()
        action = self.account.action_test_connection()
        return self.env["bank.connection.test"].browse(action["res_id"])

    def test_account_that_is_not_the_clients(self):
        self.account.sudo().acc_number = "PL70114010100000100000020001"
        result = self.result_of_test()
        self.assertFalse(result.good)
        self.assertIn("not among those", result.result)
        self.assertFalse(self.account.webservice_tested_at)

    def test_currency_that_is_not_the_journals(self):
        self.account.sudo().acc_number = "PL65114010100000100000010003"
        result = self.result_of_test()
        self.assertFalse(result.good)
        self.assertIn("EUR", result.result)

    def test_what_works_is_said_in_words(self):
        result = self.result_of_test()
        self.assertTrue(result.good)
        self.assertIn("balance was read", result.result)
        self.assertTrue(self.account.webservice_tested_at)

    def test_changed_address_ends_sessions_and_waits_for_a_test(self):
        self.result_of_test()
        self.write_chatter()
        session = self.env["bank.session"].search([("state", "=", "open")])
        self.bank.sudo().webservice_address = f"{self.sandbox.url}/mbank/other"
        self.assertEqual(session.sudo().state, "ended")
        self.assertFalse(self.account._is_tested())
        self.write_chatter()
        tracked = self.bank.sudo().message_ids.tracking_value_ids.field_id
        self.assertIn("webservice_address", tracked.mapped("name"))

    def write_chatter(self):
        """Tracked changes are written at the end of a transaction: as if it were here."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def test_neutralized_copy_talks_to_no_bank(self):
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "true")
        with self.assertRaisesRegex(UserError, "neutralized"):
            self.journal.action_refresh_balance()
        self.assertFalse(self.env["bank.call"].sudo().search([("user_id", "=", self.user.id)]))
