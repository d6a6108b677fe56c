# SPDX-License-Identifier: LGPL-3.0-only
"""The outbox: what is not believed, what is repeated, what is given up, what arrives."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError

from ...models.moedelo import moedelo_outbox as outbound_models
from ...protocol.access import tokens
from ...protocol.access.oauth_errors import InvalidToken
from ...protocol.moedelo import notices as wire
from .pretend import ConnectedCase


class TestRefused(ConnectedCase):
    def test_a_notice_is_no_bearer_token(self):
        key = self.env["moedelo.key"]._signing_key("notice")
        now = fields.Datetime.now().astimezone()
        body = wire.body_of(["{}"])
        for audience in (self.client.api_address, self.env["moedelo.settings"]._audience()):
            signed = wire.sign(body, key, "https://odoo.example", audience, now)
            with self.assertRaises(InvalidToken):
                self.check(signed)
        claims = self.claims(self.connect()["access_token"])
        for typ in (tokens.NOTICE, tokens.ACCESS):  # all the right claims, under the wrong key
            with self.assertRaises(InvalidToken):
                self.check(self.signed(claims, typ, key))

    def test_its_key_is_its_own(self):
        keys = self.env["moedelo.key"]
        self.assertFalse(set(keys._public_keys("notice")) & set(keys._public_keys("access")))

    def test_nobody_writes_one_by_rpc(self):
        self.make_order()._set_state("cancelled")
        notice = self.notices().with_user(self.administrator)
        for act in (
            lambda: notice.write({"content": "{}"}),
            lambda: notice.unlink(),
            lambda: notice.create({"content": "{}"}),
        ):
            with self.assertRaises(AccessError):
                act()

    def test_only_an_administrator_sends_again(self):
        operator = self.make_user("moedelo_operator", "operator")
        self.make_order()._set_state("cancelled")
        with self.assertRaises(AccessError):
            self.notices().with_user(operator).action_send_again()

    def test_another_companys_administrator_sees_nothing(self):
        self.make_order()._set_state("cancelled")
        other = self.env["res.company"].create({"name": "Lutik"})
        stranger = self.make_user("stranger", "administrator", other)
        self.assertFalse(self.env["moedelo.notice"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.notices().with_user(stranger).action_send_again()

    def test_a_service_with_a_wrong_address_is_not_called(self):
        self.make_order()._set_state("cancelled")
        self.env.cr.execute("UPDATE moedelo_client SET api_address = 'http://10.0.0.1/api'")
        self.client.invalidate_recordset()
        self.deliver()
        self.assertEqual(self.notices().delivery, "waiting")
        self.assertTrue(self.notices().last_error)

    def test_without_the_package_nothing_leaves(self):
        self.make_order()._set_state("cancelled")
        self.env.cr.execute("UPDATE moedelo_subscription SET active = false")
        self.env.registry.clear_cache()  # as a licence that ran out by date: it may come again
        self.deliver()
        self.assertFalse(self.seen()["notices"])
        self.assertEqual((self.notices().delivery, self.notices().attempts), ("waiting", 0))

    def test_a_neutralized_copy_tells_nobody(self):
        self.make_order()._set_state("cancelled")
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.deliver()
        self.assertFalse(self.seen()["notices"])

    def test_a_forged_signature_is_turned_away(self):
        self.make_order()._set_state("cancelled")
        self.pretend.post("/control/bank", jwks={"keys": []}, issuer="http://127.0.0.1:9")
        self.deliver()
        self.assertEqual(self.notices().delivery, "waiting")
        self.assertFalse(self.seen()["notices"])

    def test_a_state_that_is_undone_leaves_no_notice(self):
        order = self.make_order()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            order._set_state("cancelled")
            raise ZeroDivisionError("the rest of the transaction failed")
        self.assertFalse(self.notices())

    def test_an_order_of_our_own_is_nobodys_business(self):
        order = self.make_order(moedelo_client_id=False, moedelo_external_id=False)
        order._set_state("cancelled")
        self.assertFalse(self.notices())


class TestTrouble(ConnectedCase):
    def test_down_for_a_while(self):
        order = self.make_order()
        order._set_state("sending")
        self.mood("down")
        self.deliver()
        self.assertEqual(self.notices().attempts, 1)
        self.mood("well")
        self.deliver()  # in the pause nothing is tried
        self.assertEqual((self.notices().attempts, self.told()), (1, []))
        with self.later(minutes=2):
            self.deliver()
        self.assertEqual((self.notices().delivery, self.told(order)), ("delivered", ["01"]))
        self.assertFalse(self.env["moedelo.outbox"].search([("failures", ">", 0)]))

    def test_pauses_grow(self):
        self.make_order()._set_state("sending")
        self.mood("error")
        ends = []
        for _time in range(3):
            self.deliver()
            line = self.env["moedelo.outbox"].search([])
            ends.append(round((line.paused_until - fields.Datetime.now()).total_seconds() / 60))
            line.paused_until = False
        self.assertEqual(ends, [1, 2, 4])

    def test_a_service_that_asks_for_time_gets_it(self):
        self.make_order()._set_state("sending")
        for asked, minutes in ((7200, 120), (30, 2), (10**6 - 1, 24 * 60)):
            self.mood("busy", operation="notices", seconds=asked)
            self.deliver()
            line = self.env["moedelo.outbox"].search([])
            pause = line.paused_until - fields.Datetime.now()
            self.assertEqual(round(pause.total_seconds() / 60), minutes)
            line.paused_until = False

    def test_a_lost_answer_is_told_again_under_the_same_id(self):
        order = self.make_order()
        order._set_state("sending")
        self.mood("lose", operation="notices", count=1)
        self.deliver()
        self.assertEqual(self.notices().delivery, "waiting")
        with self.later(minutes=2):
            self.deliver()
        self.assertEqual(self.notices().delivery, "delivered")
        self.assertEqual((self.told(order), self.seen()["repeats"]), (["01"], 1))

    def test_too_slow(self):
        self.make_order()._set_state("sending")
        self.mood("slow", operation="notices", count=1, seconds=15)
        with self.short_of_time():
            self.deliver()
        self.assertIn("in time", self.notices().last_error)

    def test_refused_notices_wake_a_person_and_stop_nobody(self):
        first, second = self.make_order(), self.make_order()
        first._set_state("sending")
        self.mood("refuse", operation="notices", count=1)
        self.deliver()
        second._set_state("sending")
        self.deliver()
        self.assertEqual(self.notices().mapped("delivery"), ["refused", "delivered"])
        self.assertIn("do not know", self.notices(first).last_error)
        self.assertIn(self.administrator, self.notices(first).activity_ids.user_id)

    def test_after_a_week_a_person_has_to_know_and_can_send_again(self):
        order = self.make_order()
        order._set_state("sending")
        self.mood("down")
        self.deliver()
        with self.later(days=8):
            self.deliver()
            notice = self.notices()
            self.assertEqual(notice.delivery, "given_up")
            mine = notice.activity_ids.filtered(lambda one: one.user_id == self.administrator)
            self.assertEqual(len(mine), 1)
        uid = notice.uid
        self.mood("well")
        notice.with_user(self.administrator).action_send_again()
        self.assertFalse(notice.activity_ids)
        self.deliver()
        self.assertEqual((notice.delivery, notice.uid), ("delivered", uid))
        notice.with_user(self.administrator).action_send_again()
        self.deliver()
        self.assertEqual((self.told(order), self.seen()["repeats"]), (["01"], 1))

    def short_of_time(self):
        """A second instead of twenty: the pretend Moe Delo is slower than that."""
        real = outbound_models.Outbound

        def hurried(*args, **more):
            return real(*args, **{**more, "timeout": 1.0})

        return patch(f"{outbound_models.__name__}.Outbound", hurried)

    def later(self, **delta):
        moment = fields.Datetime.now() + timedelta(**delta)
        return patch.object(fields.Datetime, "now", staticmethod(lambda *_args: moment))


class TestDelivered(ConnectedCase):
    def test_every_state_that_matters_in_its_order(self):
        order = self.make_order()
        steps = {
            "prepared": {},
            "signed": {},
            "to_send": {},
            "sending": {},
            "unknown": {},
            "sent": {},
            "accepted": {},
            "paused": {"bank_reason": "Нет денег"},
            "executed": {"executed_on": "2026-03-10"},
        }
        for state, values in steps.items():
            order._set_state(state, **values)
        self.assertEqual(self.notices().mapped("code"), ["01", "04", "02"])
        for _round in range(3):
            self.deliver()
        seen = self.seen()
        self.assertEqual(self.told(order), ["01", "04", "02"])
        self.assertEqual((seen["late"], seen["repeats"], seen["forged"]), (0, 0, []))
        last = seen["notices"][-1]
        self.assertEqual((last["executed_on"], last["number"]), ("2026-03-10", 3))
        self.assertEqual((last["inn"], last["state"]), ("7707083893", "executed"))
        self.assertEqual(seen["notices"][1]["reason"], "Нет денег")

    def test_what_is_refused_deleted_or_recalled(self):
        for state, code in (("rejected", "03"), ("cancelled", "05"), ("recalled", "05")):
            order = self.make_order()
            order._set_state(state, bank_reason="Счёт закрыт")
            self.deliver()
            self.assertEqual(self.told(order), [code])
            self.assertEqual(self.seen()["notices"][-1]["reason"], "Счёт закрыт")

    def test_a_correction_of_the_reason_is_told_too(self):
        order = self.make_order()
        order._set_state("rejected", bank_reason="")
        order._set_state("rejected", bank_reason="Счёт закрыт")
        order._set_state("rejected", bank_reason="Счёт закрыт")
        self.assertEqual(self.notices().mapped("reason"), ["", "Счёт закрыт"])

    def test_many_documents_go_in_few_calls(self):
        orders = [self.make_order() for _number in range(wire.BATCH + 5)]
        for order in orders:
            order._set_state("sending")
        with patch.object(
            outbound_models.Outbound, "deliver", autospec=True,
            side_effect=outbound_models.Outbound.deliver,
        ) as called:  # fmt: skip
            self.deliver()
        self.assertEqual(called.call_count, 2)
        self.assertEqual(set(self.notices().mapped("delivery")), {"delivered"})
        self.assertEqual(len(self.told()), wire.BATCH + 5)
