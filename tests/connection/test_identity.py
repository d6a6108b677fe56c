# SPDX-License-Identifier: LGPL-3.0-only
"""The company as its bank knows it: its communication certificate, and what the bank gave it."""

import base64
from datetime import timedelta
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ...protocol.signatures import certificate_request
from ..common_cdc import CLIENT, PASS, PASSWORD, CdcCase


@tagged("post_install", "-at_install")
class TestIdentity(CdcCase):
    def setUp(self):
        super().setUp()
        self.administrator = new_test_user(
            self.env(user=SUPERUSER_ID),
            "bank_administrator",
            groups="base.group_user,bank_webservice.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.identity = self.identity.with_user(self.administrator)

    def dialog(self, **values):
        dialogs = self.env["bank.identity.certificate"].with_user(self.administrator)
        dialogs = dialogs.with_context(default_identity_id=self.identity.id)
        return dialogs.create(values)

    def answer(self, **more):
        """What the bank's portal gives for the request."""
        said = {"client": CLIENT, "use": "communication", "csr": self.identity.request_pem}
        return self.sandbox.post("/control/cdc/certificate", **{**said, **more})["pem"]

    def test_is_the_administrators_alone(self):
        mine = self.identity.with_user(self.user)
        with self.assertRaises(AccessError):
            _name = mine.name
        with self.assertRaises(AccessError):
            self.env["bank.identity.certificate"].create({"identity_id": self.identity.id})
        with self.assertRaises(AccessError):
            mine.value_ids.value = "x"

    def test_no_secret_is_read_or_written_past_the_dialog(self):
        for name in ("pkcs12_sealed", "password_sealed", "request_key_sealed"):
            with self.assertRaises(AccessError):
                self.identity.read([name])
        with self.assertRaisesRegex(UserError, "file or request only"):
            self.identity.write({"not_after": "2099-01-01"})

    def test_refuses_what_is_no_usable_key_file(self):
        for content, password, words in (
            (b"rubbish", PASSWORD, "cannot be opened"),
            (self.key_file(), "wrong", "cannot be opened"),
            (self.key_of_another(), PASSWORD, "no private key with its"),
            (self.ended_file(), PASSWORD, "ended on"),
            (b"", "", "Choose the file first"),
        ):
            dialog = self.dialog(
                way="file", content=base64.b64encode(content) or False, password=password
            )
            with self.assertRaisesRegex(UserError, words):
                dialog.action_apply()
        self.assertFalse(self.identity.fingerprint)

    def key_of_another(self):
        """The company's certificate beside somebody else's key."""
        _key, certificate, _more = pkcs12.load_key_and_certificates(self.key_file(), b"demo")
        key = ec.generate_private_key(ec.SECP256R1())
        return _packed(key, certificate)

    def ended_file(self):
        """A file of before, whose certificate is not valid any more."""
        key, request = certificate_request.make("Demo Handel")
        said = {"client": CLIENT, "use": "communication", "csr": request, "days": -15}
        pem = self.sandbox.post("/control/cdc/certificate", **said)["pem"]
        return certificate_request.key_file(key, pem.encode(), PASSWORD)

    def test_another_companys_administrator_sees_and_changes_nothing(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        stranger = new_test_user(
            self.env(user=SUPERUSER_ID),
            "foreign_administrator",
            groups="base.group_user,bank_webservice.group_administrator",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        theirs = self.identity.with_user(stranger)
        self.assertFalse(theirs.search([]))
        dialogs = self.env["bank.identity.certificate"].with_user(stranger)
        mine = {"bank_id": self.ing.id, "company_id": other.id}
        own = theirs.create(mine)
        elsewhere = self.env["res.bank"].sudo().search([("bank_channel", "=", "mbank")], limit=1)
        for attempt in (
            lambda: theirs.name,
            lambda: theirs.value_ids.read(["value"]),
            lambda: self.identity.value_ids.with_user(stranger).write({"value": "x"}),
            theirs.unlink,
            lambda: theirs.create({"bank_id": elsewhere.id, "company_id": self.company.id}),
            lambda: dialogs.create({"identity_id": self.identity.id}).action_apply(),
        ):
            with self.assertRaises(AccessError):
                attempt()
        with self.assertRaisesRegex(UserError, "stays where it is"):
            own.value_ids[0].identity_id = self.identity
        with self.assertRaisesRegex(UserError, "stays where it is"):
            own.company_id = self.company

    def test_values_are_renamed_added_or_deleted_by_nobody(self):
        row = self.identity.value_ids[0]
        with self.assertRaisesRegex(UserError, "stays where it is"):
            row.name = "another"
        with self.assertRaises(AccessError):
            row.create({"identity_id": self.identity.id, "name": "another", "value": "x"})
        with self.assertRaises(AccessError):
            self.identity.value_ids = [(2, row.id)]

    def test_two_companies_at_one_bank_appear_each_as_itself(self):
        self.introduce()
        other = self.env["res.company"].sudo().create({"name": "Other"})
        identity = self.env["bank.identity"].sudo().create(
            {"bank_id": self.ing.id, "company_id": other.id}
        )  # fmt: skip
        self.assertIn("is missing", identity._problem(self.ing))  # not the first one's
        identity._take_key_file(self.key_file(client="10500002"), PASSWORD)
        identity.value_ids.filtered(lambda row: row.name == "pass").value = "ERP02"
        account = self.make_account(other, "PL64105010121000009000020001", "10500002")
        self.user.sudo().company_ids += other
        account = account.with_context(allowed_company_ids=(self.company | other).ids)
        for one in (self.account, account):
            steps, good = one._test_connection()
            self.assertTrue(good, steps)
        self.account.sudo().webservice_tested_at = fields.Datetime.now()
        identity._take_key_file(self.key_file(client="10500002"), PASSWORD)
        self.assertTrue(self.account.webservice_tested_at)  # another company's certificate

    def test_a_changed_value_stands_in_the_chatter(self):
        row = self.identity.value_ids.filtered(lambda one: one.name == "pass")
        row.value = "ERP01"
        row.value = "ERP09"
        said = " ".join(self.identity.message_ids.mapped("body"))
        self.assertIn("ERP01 → ERP09", said)

    def test_refuses_an_answer_to_another_request(self):
        dialog = self.dialog(way="answer", answer=base64.b64encode(b"rubbish"))
        with self.assertRaisesRegex(UserError, "No certificate request waits"):
            dialog.action_apply()
        self.identity._make_request("Demo Handel")
        first = self.answer()
        self.identity._make_request("Demo Handel")
        dialog = self.dialog(way="answer", answer=base64.b64encode(first.encode()))
        with self.assertRaisesRegex(UserError, "not the answer"):
            dialog.action_apply()

    def test_refuses_an_answer_that_has_ended(self):
        self.identity._make_request("Demo Handel")
        ended = self.answer(days=-15)
        dialog = self.dialog(way="answer", answer=base64.b64encode(ended.encode()))
        with self.assertRaises(UserError):
            dialog.action_apply()
        self.assertTrue(self.identity.request_pem)

    def test_refuses_a_value_that_the_bank_would_not_take(self):
        row = self.identity.value_ids.filtered(lambda one: one.name == "pass")
        with self.assertRaisesRegex(ValidationError, "at most 35"):
            row.value = "x" * 36

    def test_says_what_is_missing_before_any_call(self):
        with self.assertRaisesRegex(UserError, "communication certificate is missing"):
            self.journal.action_refresh_balance()
        self.identity.sudo()._take_key_file(self.key_file(), PASSWORD)
        with self.assertRaisesRegex(UserError, "PassID"):
            self.journal.action_refresh_balance()
        later = self.identity.not_after + timedelta(days=1)
        with patch.object(fields.Datetime, "now", lambda: later):
            self.assertIn("valid from", self.identity._problem(self.ing))
        self.assertFalse(self.env["bank.call"].sudo().search([("bank_id", "=", self.ing.id)]))

    def test_the_portals_answer_to_a_request_is_used(self):
        dialog = self.dialog()
        self.assertEqual(dialog.common_name, self.company.name)
        dialog.action_apply()
        opened = self.env.ref("bank_webservice.action_open_identity_certificate").with_user(
            self.administrator
        ).with_context(active_model="bank.identity", active_id=self.identity.id).run()  # fmt: skip
        dialog = dialog.browse(opened["res_id"])  # some days later
        self.assertEqual(dialog.way, "answer")
        self.assertIn(b"CERTIFICATE REQUEST", base64.b64decode(dialog.request_file))
        dialog.answer = base64.b64encode(self.answer().encode())
        dialog.action_apply()
        self.assertFalse(self.identity.request_pem)
        self.identity.value_ids.filtered(lambda row: row.name == "pass").value = PASS
        self.assertEqual(self.identity.status, "Complete")
        self.account.action_test_connection()
        self.assertTrue(self.account._is_tested())

    def test_a_changed_certificate_or_value_is_tested_before_anything_is_sent(self):
        self.introduce()
        for change in (
            lambda: self.identity.sudo()._take_key_file(self.key_file(), PASSWORD),
            lambda: self.identity.value_ids[:1].write({"value": "changed"}),
        ):
            self.account.sudo().webservice_tested_at = fields.Datetime.now()
            change()
            self.assertFalse(self.account.webservice_tested_at)

    def test_administrators_are_warned_before_its_end_each_time_once(self):
        self.introduce()
        end = self.identity.not_after
        for days, told in ((31, 0), (29, 1), (28, 1), (13, 1), (2, 1)):
            with patch.object(fields.Datetime, "now", lambda ago=days: end - timedelta(days=ago)):
                self.env["bank.certificate"].sudo()._cron_warn()
            mine = self.identity.activity_ids.filtered(
                lambda one: one.user_id == self.administrator
            )
            self.assertEqual(len(mine), told, days)


def _packed(key, certificate):
    lock = BestAvailableEncryption(PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(b"x", key, None, [certificate], lock)
