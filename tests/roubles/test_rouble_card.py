# SPDX-License-Identifier: LGPL-3.0-only
"""DirectBank by certificate with the key on a card: the card opens the session that the bank gives.

The card is played by a key of the test; the signer and a real token are tested in tests/signer and
tests/browser.
"""

import base64
import json
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import rsa
from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from ...protocol.signatures.cms_decrypt import decrypt
from ..common import GROUPS
from ..connection.test_card import AUTHORITY, CARD, Key
from .common import RoubleCase

RSA_CARD = Key(
    "Иван Петров", AUTHORITY, key=rsa.generate_private_key(public_exponent=65537, key_size=2048)
)


class TestRoubleCard(RoubleCase):
    def setUp(self):
        super().setUp()
        self.use(RSA_CARD)
        self.operator.sudo().default_method = "certificate"
        self.session = self.new_session()

    def use(self, card):
        action = self.env["bank.certificate"].register_card(card.base64)
        certificate = self.env["bank.certificate"].browse(action["res_id"])
        self.operator.sudo().certificate_id = certificate
        self.sandbox.post("/control/certificates", login=self.operator.login, pem=card.pem)
        return certificate

    def new_session(self):
        return self.env["bank.session"]._of_account(self.account).with_env(self.env)

    def answer(self, shown, **changes):
        """What the signer of this card gives for what the dialog shows, as the page hands it on."""
        data = base64.b64decode(shown["encrypted"])
        opened = decrypt(data, RSA_CARD.key, RSA_CARD.certificate)
        nonce = json.loads(base64.b64decode(shown["payload"]))["nonce"]
        return json.dumps({"nonce": nonce, "session_id": opened.decode(), **changes})

    def refused(self, answer, words):
        said = self.session.dialog_answer(answer)
        self.assertEqual(said["state"], "failed")
        self.assertRegex(said["message"], words)
        self.assertNotEqual(self.session.sudo().state, "open")
        self.assertFalse(self.session.sudo().token_sealed)

    def test_ec_card_is_refused_in_words_before_the_bank_is_asked(self):
        self.use(CARD)
        session = self.new_session()
        with self.assertRaisesRegex(UserError, "RSA key"):
            session.dialog_start()
        self.assertFalse(self.sandbox.get("/control/sessions")["sessions"])
        self.user.sudo().lang = "pl_PL"
        with self.assertRaisesRegex(UserError, "kluczem RSA"):
            session.with_context(lang="pl_PL").dialog_start()

    def test_another_user_neither_sees_nor_answers_it(self):
        answer = self.answer(self.session.dialog_start())
        other = new_test_user(self.env(su=True), "other", groups=f"base.group_user,{GROUPS}")
        for call in ("dialog_start", "dialog_poll"):
            with self.assertRaisesRegex(UserError, "another user"):
                getattr(self.session.with_user(other), call)()
        with self.assertRaisesRegex(UserError, "another user"):
            self.session.with_user(other).dialog_answer(answer)
        self.assertEqual(self.session.sudo().state, "asked")

    def test_answers_that_are_none(self):
        self.session.dialog_start()
        for answer in ("", "?", "{}", "[]", False, {"nonce": "1"}):
            self.refused(answer, "understood")

    def test_answer_of_another_log_in(self):
        self.refused(self.answer(self.session.dialog_start(), nonce="0" * 32), "another log-in")

    def test_new_start_makes_the_answer_before_worthless(self):
        before = self.answer(self.session.dialog_start())
        shown = self.session.dialog_start()
        self.refused(before, "another log-in")
        self.assertEqual(self.session.dialog_answer(self.answer(shown))["state"], "open")

    def test_late_answer(self):
        answer = self.answer(self.session.dialog_start())
        with freeze_time(fields.Datetime.now() + timedelta(minutes=6)):
            self.refused(answer, "in time")

    def test_session_that_the_bank_does_not_know(self):
        answer = self.answer(self.session.dialog_start(), session_id="invented-session-id")
        self.refused(answer, "does not know the session")

    def test_session_of_another_client(self):
        """A session id that belongs to somebody else at the bank opens nothing here."""
        self.session.dialog_start()
        self.account.sudo().client_identifier = "RU000002"
        self.operator.sudo().write({"login": "servis-ru", "new_password": "servis-ru"})
        theirs = self.new_session()
        theirs._log_in("mobile")
        sid = json.loads(theirs.sudo()._to_protocol().token)["sid"]
        self.account.sudo().client_identifier = "RU000001"
        self.session = self.new_session()
        shown = self.session.dialog_start()
        self.refused(self.answer(shown, session_id=sid), "did not accept the login")

    def test_card_revoked_before_the_answer(self):
        answer = self.answer(self.session.dialog_start())
        # As if another worker had revoked it just now: the session is still there.
        self.operator.sudo().certificate_id.revoked_at = fields.Datetime.now()
        with self.assertRaisesRegex(UserError, "was revoked on"):
            self.session.dialog_answer(answer)
        self.assertNotEqual(self.session.sudo().state, "open")

    def test_log_in_then_everything_else_without_the_card(self):
        action = self.account.action_test_connection()
        self.assertEqual(action["tag"], "bank_webservice.confirm")
        shown = self.session.dialog_start()
        self.assertEqual((shown["state"], shown["method"]), ("waiting", "envelope"))
        self.assertEqual(shown["certificate"], self.operator.sudo().certificate_id.fingerprint)
        answer = self.answer(shown)
        said = self.session.dialog_answer(answer)
        self.assertEqual(said["state"], "open", said)
        self.assertFalse(said["encrypted"])
        action = self.account.action_test_connection()
        result = self.env["bank.connection.test"].browse(action["res_id"])
        self.assertTrue(result.good, result.result)
        self.journal.action_refresh_balance()
        self.assertTrue(self.journal._bank_feed().balance_at)

    def test_answer_twice_opens_one_session(self):
        answer = self.answer(self.session.dialog_start())
        self.session.dialog_answer(answer)
        sealed = self.session.sudo().token_sealed
        self.assertEqual(self.session.dialog_answer(answer)["state"], "open")
        self.assertEqual(self.session.sudo().token_sealed, sealed)
        self.session.action_end()
        self.session = self.new_session()
        self.session.dialog_start()
        self.refused(answer, "another log-in")

    def test_session_id_is_sealed(self):
        answer = self.answer(self.session.dialog_start())
        self.session.dialog_answer(answer)
        self.env.flush_all()
        query = "SELECT token_sealed, challenge_sealed FROM bank_session WHERE id = %s"
        self.env.cr.execute(query, [self.session.id])
        token, challenge = self.env.cr.fetchone()
        self.assertNotIn(json.loads(answer)["session_id"], token)
        self.assertFalse(challenge)
