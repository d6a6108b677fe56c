# SPDX-License-Identifier: LGPL-3.0-only
"""The guide of the first set-up: it refuses what is not complete, and can be left and resumed."""

from odoo.exceptions import AccessError, UserError, ValidationError

from ..common import DIK, BankCase

NUMBER = "PL92114010100000100000010002"  # of the same client, and not known to Odoo


class TestSetupGuide(BankCase):
    def setUp(self):
        super().setUp()
        for group in ("account.group_account_manager", "bank_webservice.group_administrator"):
            self.user.sudo().group_ids |= self.env.ref(group)
        self.guide = self.env["bank.setup"].create({})

    def fill(self, guide, until="done"):
        """Walks through the steps as a person would, up to `until`."""
        steps = {
            "bank": {
                "bank_id": self.env["res.bank"].create({"name": "New bank"}).id,
                "bank_channel": "mbank",
                "webservice_address": f"{self.sandbox.url}/mbank/ws",
            },
            "account": {"acc_number": NUMBER, "client_identifier": DIK},
            "operator": {"login": "anna"},
        }
        for name, values in steps.items():
            if guide.step == until:
                return
            self.assertEqual(guide.step, name)
            guide.write(values)
            guide.action_next()

    def test_who_may_not_administer_banks_cannot_begin(self):
        self.user.sudo().group_ids -= self.env.ref("bank_webservice.group_administrator")
        with self.assertRaises(AccessError):
            self.env["bank.setup"].create({})

    def test_empty_fields_are_named(self):
        with self.assertRaisesRegex(UserError, "Address"):
            self.guide.action_next()
        self.fill(self.guide, until="account")
        with self.assertRaisesRegex(UserError, "Account number"):
            self.guide.action_next()
        self.assertEqual(self.guide.step, "account")

    def test_address_without_tls_is_refused(self):
        self.guide.write(
            {
                "bank_id": self.env["res.bank"].create({"name": "New bank"}).id,
                "bank_channel": "mbank",
                "webservice_address": "http://bank.example/ws",
            }
        )
        with self.assertRaisesRegex(ValidationError, "https://"):
            self.guide.action_next()

    def test_wrong_control_digits_are_said_at_once_and_go_no_further(self):
        self.fill(self.guide, until="account")
        self.guide.write({"acc_number": "PL93" + NUMBER[4:], "client_identifier": DIK})
        self.assertIn(self.guide.acc_number, self.guide.acc_problem)
        with self.assertRaisesRegex(UserError, "wrong, missing or additional"):
            self.guide.action_next()
        self.guide.acc_number = NUMBER
        self.assertFalse(self.guide.acc_problem)

    def test_bar_goes_back_any_number_of_steps_and_no_step_too_far(self):
        self.fill(self.guide)
        self.guide.step = "bank"
        self.assertEqual(self.guide.step, "bank")
        self.guide.step = "done"
        self.assertEqual(self.guide.step, "test")

    def test_what_does_not_work_is_said_and_the_guide_waits(self):
        self.fill(self.guide)
        self.guide.journal_id.bank_account_id.sudo().acc_number = "PL70114010100000100000020001"
        self.log_in(self.guide.journal_id.bank_account_id)
        self.guide.action_test()
        self.assertIn("not among those", self.guide.test_result)
        self.assertEqual(self.guide.step, "test")

    def test_left_and_resumed_at_the_first_open_step(self):
        self.fill(self.guide, until="operator")
        self.guide.step = "bank"  # looked back, and left
        action = self.env["bank.setup"].action_open_guide()
        self.assertEqual(action["res_id"], self.guide.id)
        self.assertEqual(self.guide.step, "operator")

    def test_link_of_a_journal_opens_the_guide_for_that_journal(self):
        self.fill(self.guide, until="operator")
        journal = self.env["account.journal"].create({"name": "Other", "type": "bank"})
        guides = self.env["bank.setup"].with_context(default_journal_id=journal.id)
        action = guides.action_open_guide()
        self.assertFalse(action["res_id"])  # the one that was left is another journal's
        self.assertEqual(action["context"], {"default_journal_id": journal.id})

    def test_whole_way_to_the_first_statements(self):
        self.fill(self.guide)
        self.assertEqual(self.guide.step, "test")
        asked = self.guide.action_test()
        self.assertEqual(asked["tag"], "bank_webservice.confirm")
        self.assertEqual(asked["params"]["resume"]["method"], "action_test")
        self.log_in(self.guide.journal_id.bank_account_id)
        self.guide.action_test()
        self.assertEqual(self.guide.step, "fetch")
        self.assertIn("balance was read", self.guide.test_result)
        self.sandbox.fault("GetStatement", "busy")
        self.guide.action_fetch()
        self.assertTrue(self.guide.fetch_runs, "nobody waits for it")
        self.env["bank.feed"].sudo()._cron_fetch()
        self.assertIn("busy", self.guide.fetch_result)
        self.assertEqual((self.guide.step, self.guide.fetch_runs), ("fetch", False))
        self.guide.action_fetch()
        self.env["bank.feed"].sudo()._cron_fetch()
        self.assertEqual(self.guide.step, "done")
        lines = self.env["account.bank.statement.line"].search(
            [("journal_id", "=", self.guide.journal_id.id)]
        )
        self.assertIn(f": {len(lines)}.", self.guide.fetch_result)
        self.assertTrue(lines)
        journal = self.guide.journal_id
        self.assertEqual((journal.fetch_every, journal.fetch_unit), (2, "hours"), "as proposed")
        self.assertTrue(journal.bank_feed_ids.balance_at)
        # The next one begins anew.
        self.assertFalse(self.env["bank.setup"].action_open_guide()["res_id"])

    def test_white_list_is_asked_from_then_on_unless_somebody_does_not_want_it(self):
        address = self.env["bank.white.list"]._address
        self.fill(self.guide, until="account")
        self.assertFalse(self.guide.white_list_offered)  # a pretend bank
        self.guide.webservice_address = "https://bank.example/ws"
        self.assertTrue(self.guide.white_list_offered)
        self.guide.write({"acc_number": NUMBER, "client_identifier": DIK, "ask_white_list": False})
        self.guide.action_next()
        self.assertFalse(address())
        self.guide.write({"step": "account", "ask_white_list": True})
        self.guide.action_next()
        self.assertEqual(address(), "https://wl-api.mf.gov.pl")
        self.guide.invalidate_recordset(["white_list_offered"])
        self.assertFalse(self.guide.white_list_offered)
