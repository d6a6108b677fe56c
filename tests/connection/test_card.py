# SPDX-License-Identifier: LGPL-3.0-only
"""Certificates on cards: who may register what, and what counts as a card's signature.

The card itself is played by a key of the test; the signer and a real token are tested in
tests/signer and tests/browser.
"""

import base64
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from odoo import fields
from odoo.addons.bank_webservice.models.connection.bank_certificate_issuer import ASK_ISSUERS
from odoo.addons.bank_webservice.protocol.banks import BANKS
from odoo.addons.bank_webservice.protocol.signatures import cms, xades
from odoo.addons.bank_webservice.protocol.wire import revocation
from odoo.addons.bank_webservice.protocol.wire.revocation import Standing
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..common import GROUPS, TODAY, BankCase

NOW = datetime.fromisoformat(TODAY).replace(tzinfo=timezone.utc)


class Key:
    """A key with its certificate, as a card holds them. `issuer`: another Key, or itself."""

    def __init__(self, name, issuer=None, days=400, ca=False, key=None):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = issuer or self
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer.subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=600))
            .not_valid_after(NOW + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(issuer.key, hashes.SHA256())
        )

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def base64(self):
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return base64.b64encode(der).decode()

    def sign(self, content, kind=cms.DOCUMENT):
        """The CMS that the signer makes with this key, base64."""
        attributes = cms.prepare(self.certificate, content, kind)
        signature = self.key.sign(cms.to_be_signed(attributes), ec.ECDSA(hashes.SHA256()))
        return base64.b64encode(cms.assemble(self.certificate, attributes, signature)).decode()


# Made here, before any clock is frozen: cryptography keeps the datetime class that it meets first.
AUTHORITY = Key("Qualified authority", ca=True)
CARD = Key("Anna Nowak", AUTHORITY)


class CardCase(BankCase):
    authority = AUTHORITY
    card = CARD

    def register(self, card=None):
        """The certificate record of a card, registered by the user himself."""
        action = self.env["bank.certificate"].register_card((card or self.card).base64)
        return self.env["bank.certificate"].browse(action["res_id"])

    def trust(self, authority):
        self.env["bank.certificate.authority"].sudo().create({"certificate_pem": authority.pem})

    def use(self, certificate):
        """An Administrator gives the certificate to the operator, and the bank knows it."""
        self.operator.sudo().certificate_id = certificate
        pem = certificate.certificate_pem
        self.sandbox.post("/control/certificates", login=self.operator.login, pem=pem)


class TestCardRegistration(CardCase):
    def test_what_is_no_certificate(self):
        for text in ("", "?", base64.b64encode(b"hello").decode(), None, 5, ["x"]):
            with self.assertRaises(UserError):
                self.env["bank.certificate"].register_card(text)

    def test_expired_certificate(self):
        with self.assertRaisesRegex(UserError, "expired"):
            self.register(Key("Anna Dawna", self.authority, days=-1))

    def test_certificate_of_another_user(self):
        self.register()
        other = new_test_user(self.env(su=True), "other", groups=f"base.group_user,{GROUPS}")
        with self.assertRaisesRegex(UserError, "another user"):
            self.env["bank.certificate"].with_user(other).register_card(self.card.base64)

    def test_card_of_another_user_whatever_became_of_it(self):
        certificate = self.register()
        renewed = Key("Anna Nowak", self.authority, key=self.card.key)
        other = new_test_user(self.env(su=True), "other", groups=f"base.group_user,{GROUPS}")
        cards = self.env["bank.certificate"].with_user(other)
        certificate.active = False
        for card in (self.card, renewed):
            with self.assertRaisesRegex(UserError, "another user"):
                cards.register_card(card.base64)
        certificate.action_revoke()
        for card in (self.card, renewed):
            with self.assertRaisesRegex(UserError, "another user"):
                cards.register_card(card.base64)
        self.env.flush_all()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            certificate.sudo().copy({"user_id": other.id, "certificate_pem": self.card.pem})
            self.env.flush_all()

    def test_revoked_card_is_not_registered_again_as_a_valid_one(self):
        certificate = self.register()
        certificate.action_revoke()
        certificate.active = False
        for card in (self.card, Key("Anna Nowak", self.authority, key=self.card.key)):
            with self.assertRaisesRegex(UserError, "was revoked"):
                self.register(card)

    def test_who_loses_a_key_loses_every_certificate_of_it(self):
        first = self.register()
        renewed = self.register(Key("Anna Nowak", self.authority, key=self.card.key))
        other = self.register(Key("Anna Nowak", self.authority))
        renewed.active = False
        first.action_revoke()
        renewed.active = True
        self.assertIn("was revoked on", renewed.status)
        self.assertTrue(other._is_valid())

    def test_own_card_a_second_time(self):
        self.register().active = False
        with self.assertRaisesRegex(UserError, "may be archived"):
            self.register()

    def test_renewed_certificate_of_the_own_key(self):
        self.register()
        self.assertTrue(self.register(Key("Anna Nowak", self.authority, key=self.card.key)))

    def test_certificate_that_is_not_for_signing(self):
        with self.assertRaisesRegex(UserError, "that of an authority"):
            self.register(Key("Anna Nowak", ca=True))

    def test_another_name_is_told_to_the_administrators(self):
        boss = new_test_user(
            self.env(su=True), "boss", groups="base.group_user,bank_webservice.group_administrator"
        )
        self.user.sudo().name = "Nowak Anna Łucja"
        self.assertNotIn(boss, self.register().sudo().activity_ids.user_id)
        other = self.register(Key("Piotr Zieliński")).sudo()
        self.assertIn(boss, other.activity_ids.user_id)
        self.assertIn("Piotr", other.message_ids[:1].body)

    def test_without_authorities_the_settings_warn(self):
        settings = self.env["res.config.settings"].sudo()
        self.assertTrue(settings.new({}).bank_no_authority)
        self.trust(self.authority)
        self.assertFalse(settings.new({}).bank_no_authority)

    def test_self_made_authority(self):
        self.trust(self.authority)
        self_made = Key("Qualified authority", ca=True)
        for card in (Key("Anna Nowak", self_made), Key("Anna Nowak")):
            with self.assertRaisesRegex(UserError, "not among the authorities"):
                self.register(card)

    def test_authority_that_is_no_certificate(self):
        with self.assertRaises(UserError):
            self.env["bank.certificate.authority"].sudo().create({"certificate_pem": "x"})

    def test_authorities_are_the_administrators(self):
        with self.assertRaises(AccessError):
            self.env["bank.certificate.authority"].create({"certificate_pem": self.authority.pem})

    def test_registered_certificate_says_what_it_is(self):
        self.trust(self.authority)
        certificate = self.register()
        self.assertEqual(certificate.source, "card")
        self.assertEqual(certificate.chain, "trusted")
        self.assertEqual(certificate.key_type, "EC secp256r1")
        self.assertEqual(certificate.status, "Valid")
        self.assertFalse(certificate.sudo().pkcs12_sealed)

    def test_without_trusted_authorities_the_form_says_that_nothing_was_checked(self):
        self.assertEqual(self.register().chain, "unchecked")

    def test_issuer_between_that_is_no_certificate(self):
        for others in (["?"], [base64.b64encode(b"hello").decode()], None, 5):
            with self.assertRaises(UserError):
                self.env["bank.certificate"].register_card(self.card.base64, others)

    def test_issuer_between_comes_with_the_card(self):
        root = Key("Root", ca=True)
        between = Key("Between", root, ca=True)
        self.trust(root)
        for others in ([], [self.authority.base64]):
            card = Key("Anna Nowak", between)
            with self.assertRaisesRegex(UserError, "not among the authorities"):
                self.env["bank.certificate"].register_card(card.base64, others)
        card = Key("Anna Nowak", between)
        action = self.env["bank.certificate"].register_card(card.base64, [between.base64])
        certificate = self.env["bank.certificate"].browse(action["res_id"])
        self.assertEqual(certificate.chain, "trusted")

    def test_authority_trusted_later_ends_others(self):
        certificate = self.register()
        self.assertTrue(certificate._is_valid())
        self.trust(Key("Another authority", ca=True))
        certificate.invalidate_recordset()
        self.assertFalse(certificate._is_valid())


class TestIssuerIsAsked(CardCase):
    """The network is played: what answers are believed is tested in tests/protocol."""

    def setUp(self):
        super().setUp()
        self.trust(self.authority)
        self.env["ir.config_parameter"].sudo().set_param(ASK_ISSUERS, "True")
        self.told = Standing("good", "OCSP", "http://ocsp.example")
        asked = patch.object(revocation, "ask", side_effect=self.answer)
        self.asked = asked.start()
        self.addCleanup(asked.stop)

    def answer(self, certificate, issuer, at):
        self.assertEqual(issuer, self.authority.certificate)
        return self.told

    def test_who_is_not_known_or_revoked_is_not_registered(self):
        self.told = Standing("unknown", reason="ocsp.example is silent")
        with self.assertRaisesRegex(UserError, "is not known: ocsp.example is silent"):
            self.register()
        self.told = Standing("revoked", "CRL", "http://crl.example", NOW - timedelta(days=3))
        with self.assertRaisesRegex(UserError, "was revoked on"):
            self.register(Key("Anna Nowak", self.authority))

    def test_a_self_made_issuer_is_not_asked(self):
        self_made = Key("Qualified authority", ca=True)
        with self.assertRaisesRegex(UserError, "not among the authorities"):
            self.register(Key("Anna Nowak", self_made))
        self.asked.assert_not_called()

    def test_nobody_is_asked_unless_the_administrator_wants_it(self):
        self.env["ir.config_parameter"].sudo().set_param(ASK_ISSUERS, False)
        certificate = self.register()
        certificate.sudo()._cron_ask_issuers()
        self.asked.assert_not_called()
        self.assertFalse(certificate.standing)

    def test_an_answer_is_shown_and_holds_for_a_time(self):
        certificate = self.register()
        self.assertEqual((certificate.standing, certificate.status), ("good", "Valid"))
        certificate._require_valid()
        self.assertEqual(self.asked.call_count, 1)
        certificate.sudo().standing_at -= timedelta(hours=37)
        self.assertIn("is not known", certificate._problem())
        certificate._require_valid()
        self.assertEqual(self.asked.call_count, 2)

    def test_the_schedule_revokes_and_takes_the_session_along(self):
        certificate = self.register()
        self.use(certificate)
        session = self.log_in()
        self.told = Standing("revoked", "OCSP", "http://ocsp.example", NOW - timedelta(days=3))
        certificate.sudo()._cron_ask_issuers()
        self.assertTrue(certificate.revoked_at)
        self.assertEqual(session.sudo().state, "ended")
        self.told = Standing("good", "OCSP", "http://ocsp.example")
        certificate.action_ask_issuer()
        self.assertTrue(certificate.revoked_at)


class TestCardEnds(CardCase):
    def test_revoked_certificate_is_refused_with_words(self):
        certificate = self.register()
        self.use(certificate)
        certificate.action_revoke()
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        with self.assertRaisesRegex(UserError, "was revoked on"):
            session.dialog_start("certificate")

    def test_nobody_revokes_anothers_certificate(self):
        certificate = self.register()
        other = new_test_user(self.env(su=True), "other", groups=f"base.group_user,{GROUPS}")
        with self.assertRaises(AccessError):
            certificate.with_user(other).action_revoke()

    def test_a_revoked_certificate_cannot_be_brought_back_over_rpc(self):
        certificate = self.register()
        certificate.action_revoke()
        administrator = new_test_user(
            self.env(su=True),
            "boss",
            groups="base.group_user,bank_webservice.group_administrator",
        )
        for person in (self.user, administrator):
            for values in (
                {"revoked_at": False},
                {"fingerprint": "0" * 64},
                {"name": "Somebody else"},
                {"not_after": "2099-01-01 00:00:00"},
                {"warned_days": 3},
            ):
                with self.subTest(values=values), self.assertRaises(UserError):
                    certificate.with_user(person).write(values)
        self.assertIn("was revoked on", certificate.status)

    def test_revoking_ends_the_session(self):
        self.use(self.register())
        session = self.log_in()
        self.operator.sudo().certificate_id.action_revoke()
        self.assertEqual(session.sudo().state, "ended")

    def warnings_of(self, certificate):
        self.env["bank.certificate"].sudo()._cron_warn()
        todo = self.env.ref("mail.mail_activity_data_todo")
        return certificate.sudo().activity_ids.filtered(lambda one: one.activity_type_id == todo)

    def test_reminders_at_30_14_and_3_days_each_once(self):
        certificate = self.register(Key("Anna Nowak", days=31))
        self.assertFalse(self.warnings_of(certificate))
        end = certificate.not_after
        seen = []
        for days in (29, 28, 13, 12, 2, 1):
            certificate.sudo().not_after = fields.Datetime.now() + timedelta(days=days, hours=1)
            activity = self.warnings_of(certificate)
            self.assertEqual(len(activity), 1)
            self.assertEqual(activity.user_id, self.user)
            seen.append(activity.id)
        self.assertEqual(len(set(seen)), 3)
        self.assertEqual((seen[0], seen[2], seen[4]), (seen[1], seen[3], seen[5]))
        certificate.sudo().not_after = end


class TestCardSigning(CardCase):
    def setUp(self):
        super().setUp()
        # A change of the operator's certificate ends his sessions: it comes before the log-in.
        self.use(self.register())
        self.log_in()
        self.trust_connection()
        self.payments = self.make_payment(10) + self.make_payment(20) + self.make_payment(30.5)
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, self.payments.ids)]})
        wizard.action_prepare()
        self.package = self.payments.bank_order_id.package_id

    def answer(self, *signatures):
        return self.package.card_answer(list(signatures))

    def content(self):
        (request,) = self.package.card_request()
        (document,) = request["documents"]
        return base64.b64decode(document)

    def refused(self, signature, words):
        with self.assertRaisesRegex(UserError, words):
            self.answer(signature)
        self.assertEqual(self.package.state, "prepared")
        self.assertFalse(self.package.signature_ids)

    def test_changed_document(self):
        changed = self.content().replace(b"30.50", b"99.50")
        self.refused(self.card.sign(changed), "signature")

    def test_signature_of_another_certificate(self):
        self.refused(Key("Anna Nowak", self.authority).sign(self.content()), "certificate")

    def test_log_in_signature_is_no_signature_of_a_payment(self):
        self.refused(self.card.sign(self.content(), cms.CHALLENGE), "signature")

    def test_no_signature_at_all(self):
        self.refused("", "signature")
        self.refused("?", "cannot be understood")
        self.refused(5, "cannot be understood")
        for answer in (None, "x", {}, []):
            with self.assertRaisesRegex(UserError, "cannot be understood"):
                self.package.card_answer(answer)
        self.refused(base64.b64encode(b"0" * 300).decode(), "signature")

    def test_several_signatures_for_one_package(self):
        with self.assertRaises(UserError):
            self.answer(*[self.card.sign(self.content())] * 2)

    def test_user_without_the_right_to_sign(self):
        groups = "base.group_user,bank_webservice.group_operator"
        other = new_test_user(
            self.env(su=True),
            "other",
            groups=groups,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.package.with_user(other).card_request()

    def test_card_of_another_person(self):
        self.operator.sudo().certificate_id.user_id = self.env.ref("base.user_admin")
        with self.assertRaisesRegex(UserError, "another person"):
            self.content()

    def test_expired_between_request_and_answer(self):
        signature = self.card.sign(self.content())
        self.operator.sudo().certificate_id.not_after = fields.Datetime.now()
        self.refused(signature, "ended on")

    def test_sign_opens_the_dialog_of_the_card(self):
        action = self.package.action_sign()
        self.assertEqual(action["tag"], "bank_webservice.card_sign")
        (request,) = self.package.card_request()
        certificate = self.operator.sudo().certificate_id
        self.assertEqual(request["certificate"], certificate.fingerprint)
        self.assertEqual((request["bank"], request["count"]), ("mBank", 3))

    def test_signed_package_is_accepted_by_the_bank(self):
        content = self.content()
        self.answer(self.card.sign(content))
        self.assertEqual(self.package.state, "signed")
        signature = self.package.signature_ids
        self.assertEqual(signature.user_id, self.user)
        self.assertEqual(signature.digest, self.package.digest)
        self.package.action_send()
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual(self.package.state, "accepted", self.package.bank_reason)

    def test_bank_that_wants_xml_signatures(self):
        with patch.object(BANKS["mbank"], "signature_form", "xades"):
            (request,) = self.package.card_request()
            self.assertEqual(request["form"], "xades")
            content = base64.b64decode(request["documents"][0])
            self.refused(self.card.sign(content), "signature")
            signature = xades.sign(content, self.card.key, self.card.certificate)
            changed = content.replace(b"30.50", b"99.50")
            other = xades.sign(changed, self.card.key, self.card.certificate)
            self.refused(base64.b64encode(other).decode(), "signature")
            self.answer(base64.b64encode(signature).decode())
        self.assertEqual(base64.b64decode(self.package.signature_ids.content), signature)
        # It is held against the bytes again before it is sent.
        self.assertEqual(self.package.sudo()._to_protocol().signatures, (signature,))
        self.package.signature_ids.sudo().content = base64.b64encode(other)
        with self.assertRaisesRegex(UserError, "does not hold"):
            self.package.sudo()._to_protocol()

    def test_key_on_the_server_signs_xml_where_the_bank_wants_it(self):
        certificate = self.give_certificate(self.user, "jan").filtered(
            lambda item: item.source == "pkcs12"
        )
        self.operator.sudo().certificate_id = certificate
        with patch.object(BANKS["mbank"], "signature_form", "xades"):
            self.package._sign()
        signature = base64.b64decode(self.package.signature_ids.content)
        self.assertTrue(signature.startswith(b"<ds:Signature"))
        self.assertEqual(self.package.sudo()._to_protocol().signatures, (signature,))

    def test_one_signature_counts_once(self):
        content = self.content()
        self.answer(self.card.sign(content))
        with self.assertRaises(UserError):
            self.answer(self.card.sign(content))

    def test_wizard_signs_and_then_sends(self):
        payments = self.make_payment(40)
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payments.ids)]})
        action = wizard.action_send()
        self.assertEqual(action["tag"], "bank_webservice.card_sign")
        package = payments.bank_order_id.package_id
        self.assertEqual(package.state, "prepared")
        self.assertEqual(action["params"]["resume"]["method"], "action_send_signed")
        (request,) = package.card_request()
        document = base64.b64decode(request["documents"][0])
        package.card_answer([self.card.sign(document)])
        package.action_send_signed()
        self.assertEqual(package.state, "to_send")


class TestCardLogin(CardCase):
    def setUp(self):
        super().setUp()
        self.operator.sudo().write({"login": "jan", "default_method": "certificate"})
        self.use(self.register())
        self.session = self.env["bank.session"]._of_account(self.account).with_env(self.env)

    def test_log_in_with_another_card(self):
        payload = base64.b64decode(self.session.dialog_start()["payload"])
        with self.assertRaisesRegex(UserError, "certificate"):
            self.session.dialog_answer(Key("Jan", self.authority).sign(payload, cms.CHALLENGE))

    def test_signature_of_another_challenge(self):
        shown = self.session.dialog_start()
        other = base64.b64decode(shown["payload"]).replace(b'"nonce":"', b'"nonce":"0')
        with self.assertRaises(UserError):
            self.session.dialog_answer(self.card.sign(other, cms.CHALLENGE))
        self.assertNotEqual(self.session.sudo().state, "open")

    def test_signed_as_document(self):
        payload = base64.b64decode(self.session.dialog_start()["payload"])
        with self.assertRaises(UserError):
            self.session.dialog_answer(self.card.sign(payload))

    def test_log_in_then_the_balance_without_the_card(self):
        shown = self.session.dialog_start()
        self.assertEqual((shown["state"], shown["method"]), ("waiting", "certificate"))
        self.assertEqual(shown["certificate"], self.operator.sudo().certificate_id.fingerprint)
        payload = base64.b64decode(shown["payload"])
        answer = self.session.dialog_answer(self.card.sign(payload, cms.CHALLENGE))
        self.assertEqual(answer["state"], "open", answer)
        self.journal.action_refresh_balance()
        self.assertTrue(self.journal._bank_feed().balance_booked)

    def test_the_same_answer_twice(self):
        payload = base64.b64decode(self.session.dialog_start()["payload"])
        signature = self.card.sign(payload, cms.CHALLENGE)
        self.assertEqual(self.session.dialog_answer(signature)["state"], "open")
        self.session.sudo()._end("over")
        again = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        self.assertEqual(again.dialog_start("certificate")["state"], "waiting")
        with self.assertRaisesRegex(UserError, "signature"):
            again.dialog_answer(signature)
        self.assertEqual(again.sudo().state, "asked")
