# SPDX-License-Identifier: LGPL-3.0-only
"""The audit: what is noted, what cannot be changed unseen, what leaves it as a file."""

import csv
import io
import json
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from ...protocol.access import ledger
from ...protocol.access.oauth_errors import InvalidToken
from .common import BACK, MoedeloCase, MoedeloHttp


class AuditCase(MoedeloCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()
        cls.administrator = cls.make_user(
            "audit_administrator", "bank_webservice.group_administrator"
        )
        cls.clerk = cls.make_user("audit_clerk", "bank_webservice.group_reader")

    @classmethod
    def make_user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def lines(self, event):
        return self.env["moedelo.audit"].search([("event", "=", event)], order="id")

    def details(self, event):
        return self.lines(event).mapped("detail")


@tagged("post_install", "-at_install")
class TestChain(AuditCase, TransactionCase):
    def setUp(self):
        super().setUp()
        self.refresh(self.connect()["refresh_token"])
        for number in range(4):
            self.env["moedelo.audit"]._note("refused", client_text=str(number), address="10.0.0.1")
        self.assertFalse(self.verified())

    def verified(self):
        return self.env["moedelo.audit"]._verify()

    def sql(self, query, *values):
        self.env.cr.execute(query, values)
        self.env.invalidate_all()

    def test_only_an_administrator_verifies_and_exports(self):
        audit = self.env["moedelo.audit"].with_user(self.clerk)
        for act in (audit.action_verify, audit.action_export_csv, audit.action_export_lines):
            with self.assertRaises(AccessError):
                act()

    def test_a_changed_line_is_found(self):
        self.sql("UPDATE moedelo_audit SET address = '10.0.0.2' WHERE client_text = '1'")
        self.assertEqual(self.verified(), {"refused": 2})

    def test_a_line_taken_out_is_found_also_the_last_one(self):
        self.sql("DELETE FROM moedelo_audit WHERE client_text = '2'")
        self.assertEqual(self.verified(), {"refused": 3})
        self.sql("DELETE FROM moedelo_audit WHERE client_text = '3'")
        self.assertEqual(self.verified(), {"refused": 3})

    def test_a_line_slipped_in_is_found(self):
        self.sql("UPDATE moedelo_audit SET position = 9 WHERE client_text = '3'")
        self.sql(
            "INSERT INTO moedelo_audit (at, event, chain, position, previous, hash)"
            " SELECT at, event, chain, 4, previous, hash FROM moedelo_audit WHERE position = 9"
        )
        self.assertEqual(self.verified(), {"refused": 4})

    def test_what_the_button_says(self):
        audit = self.env["moedelo.audit"].with_user(self.administrator)
        self.assertEqual(audit.action_verify()["params"]["type"], "success")
        self.sql("UPDATE moedelo_audit SET detail = 'x' WHERE event = 'issued'")
        said = audit.action_verify()["params"]
        self.assertEqual(said["type"], "danger")
        self.assertIn("kept", said["message"])

    def test_old_lines_leave_the_beginning_of_a_chain_and_it_still_holds(self):
        later = fields.Datetime.now() + timedelta(days=40)
        with patch.object(fields.Datetime, "now", lambda: later):
            self.env["moedelo.audit"]._note("refused", client_text="young")
            self.env["moedelo.audit"]._gc_audit()
        self.assertEqual(self.lines("refused").mapped("client_text"), ["young"])
        self.assertTrue(self.lines("issued"))
        self.assertFalse(self.verified())
        self.sql("UPDATE moedelo_audit SET detail = 'x' WHERE client_text = 'young'")
        self.assertEqual(self.verified(), {"refused": 5})

    def test_lines_get_their_places_without_being_asked(self):
        self.env["moedelo.audit"]._note("refused", client_text="new")
        self.assertFalse(self.lines("refused")[-1].hash)
        self.env["moedelo.audit"]._cron_seal()
        new, before = self.lines("refused")[-1], self.lines("refused")[-2]
        self.assertEqual((new.position, new.previous), (5, before.hash))


@tagged("post_install", "-at_install")
class TestNoted(AuditCase, TransactionCase):
    def test_a_consent_with_accounts_rights_and_its_end(self):
        self.connect("payments statements")
        (line,) = self.lines("consented")
        grant = self.env["moedelo.grant"].search([])
        until = fields.Datetime.to_string(grant.expires_at)
        expected = (
            f"payments statements; accounts: {self.account.sanitized_acc_number}; until: {until}"
        )
        self.assertEqual(line.detail, expected)
        self.assertEqual(
            (line.company_id, line.client_text), (self.company, self.client.identifier)
        )

    def test_a_rejected_bearer_token_once_a_minute_for_each_address(self):
        token = self.signed({"client_id": "somebody"})
        for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2"):
            with self.refuses(InvalidToken):
                self.env["moedelo.access"]._check(f"Bearer {token}", "payments", address)
        told = [(one.address, one.detail, one.client_text) for one in self.lines("refused")]
        self.assertEqual(
            told,
            [
                ("10.0.0.1", "invalid_token", "somebody"),
                ("10.0.0.2", "invalid_token", "somebody"),
            ],
        )
        later = fields.Datetime.now() + timedelta(seconds=61)
        with patch.object(fields.Datetime, "now", lambda: later), self.refuses(InvalidToken):
            self.env["moedelo.access"]._check(f"Bearer {token}", "payments", "10.0.0.1")
        self.assertEqual(len(self.lines("refused")), 3)

    def test_changes_of_a_service_are_in_the_audit_and_in_its_history(self):
        client = self.client.with_user(self.administrator)
        client.redirect_uris = f"{BACK}\nhttps://other.example/back"
        client.action_new_secret()
        client.action_void_old_secret()
        self.flush_tracking()
        details = " ".join(self.details("changed"))
        for words in (f"{BACK}\nhttps://other.example/back", "secret_made_at", "previous_until"):
            self.assertIn(words, details)
        self.assertEqual(self.lines("changed")[-1].user_id, self.administrator)
        self.assertNotIn(self.client.sudo().secret_hash, details)
        history = " ".join(self.client.message_ids.mapped("body"))
        for words in ("A new secret was made", "The old secret is void"):
            self.assertIn(words, history)
        tracked = self.client.message_ids.sudo().tracking_value_ids
        self.assertIn("redirect_uris", tracked.field_id.mapped("name"))

    def test_changes_of_package_licence_keys_and_time_outs(self):
        self.subscription.with_user(self.administrator).package = "integration"
        self.env["moedelo.licence"].search([("company_id", "=", self.company.id)]).active = False
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("bank_webservice.jwt_access_timeout", "300")
        self.env["moedelo.key"]._public_keys("access")
        self.env["moedelo.key"].search([("use", "=", "access")]).action_rotate()
        details = "\n".join(self.details("changed"))
        for words in (
            "package: moedelo -> integration",
            "active: True -> -",
            "bank_webservice.jwt_access_timeout: - -> 300",
            "access: ",
        ):
            self.assertIn(words, details)
        history = " ".join(self.client.message_ids.mapped("body"))
        self.assertIn("bank_webservice.jwt_access_timeout", history)
        self.assertIn("New key", history)
        self.assertIn("licence", " ".join(self.subscription.message_ids.mapped("body")))

    def test_a_secret_of_before_is_good_for_its_hours_only(self):
        old, new = self.secret, self.new_secret()
        self.assertEqual([self.opens(old), self.opens(new)], [True, True])
        later = fields.Datetime.now() + timedelta(hours=self.client.overlap_hours, minutes=1)
        with patch.object(fields.Datetime, "now", lambda: later):
            self.assertEqual([self.opens(old), self.opens(new)], [False, True])

    def test_a_secret_of_before_is_voided_by_hand_or_by_zero_hours(self):
        old = self.secret
        new = self.new_secret()
        self.client.action_void_old_secret()
        self.assertEqual([self.opens(old), self.opens(new)], [False, True])
        self.client.overlap_hours = 0
        newest = self.new_secret()
        self.assertEqual([self.opens(new), self.opens(newest)], [False, True])

    def new_secret(self):
        return self.client.action_new_secret()["params"]["message"].rsplit(" ", 1)[1]

    def opens(self, secret):
        return self.env["moedelo.client"]._secret_holds(self.registered(), secret)

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_a_distrusted_key_opens_nothing_any_more(self):
        said = self.connect()
        key = self.env["moedelo.key"].search([("use", "=", "access")])
        key.with_user(self.administrator).action_rotate()
        self.check(said["access_token"])
        key.with_user(self.administrator).action_distrust()
        with self.refuses(InvalidToken):
            self.check(said["access_token"])
        again = self.refresh(said["refresh_token"])
        self.check(again["access_token"])
        self.assertIn("distrusted", self.details("changed")[-1])
        with self.assertRaises(AccessError):
            key.with_user(self.clerk).action_distrust()

    def test_a_token_repeated_from_another_network_is_an_alert(self):
        said = self.connect()
        form = {"grant_type": "refresh_token", "refresh_token": said["refresh_token"]}
        answers = [
            self.env["moedelo.token"]._answer(form, self.registered(), address)[0]
            for address in ("10.0.0.1", "10.0.0.1", "10.9.9.9")
        ]
        self.assertEqual(len({one["refresh_token"] for one in answers}), 1)
        (line,) = self.lines("alert")
        self.assertEqual(line.address, "10.9.9.9")
        self.assertEqual(self.client.activity_ids.user_id & self.administrator, self.administrator)


@tagged("post_install", "-at_install")
class TestExport(AuditCase, MoedeloHttp, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["moedelo.audit"]._note("refused", client_text="=HYPERLINK()", address="10.0.0.1")
        self.refresh(self.connect()["refresh_token"])

    def export(self, login, form):
        self.authenticate(login, login)
        return self.get(f"/bank_webservice/audit.{form}")

    def test_for_administrators_only(self):
        self.assertEqual(self.export("audit_clerk", "csv").status_code, 404)
        self.assertEqual(self.export("audit_administrator", "exe").status_code, 404)

    def test_json_lines_can_be_verified_elsewhere(self):
        answer = self.export("audit_administrator", "jsonl")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        lines = [json.loads(line) for line in answer.text.splitlines()]
        self.assertLessEqual({"consented", "issued", "refused"}, {one["event"] for one in lines})
        for line in lines:
            own, previous = line.pop("hash"), line.pop("previous")
            line.pop("chain")
            self.assertEqual(ledger.link(previous, line), own)

    def test_a_spreadsheet_gets_no_formulas(self):
        rows = list(csv.DictReader(io.StringIO(self.export("audit_administrator", "csv").text)))
        self.assertIn("'=HYPERLINK()", [row["client_text"] for row in rows])
