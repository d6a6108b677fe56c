# SPDX-License-Identifier: LGPL-3.0-only
"""Guessing is limited (rule 26): per address and client, bounded, and nobody else suffers."""

import base64
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import config

from ...protocol.access import failures
from ...protocol.access.oauth_errors import TooManyFailures
from .common import MoedeloCase, MoedeloHttp

REFRESH = {"grant_type": "refresh_token", "refresh_token": "x"}


@tagged("post_install", "-at_install")
class TestFailuresHttp(MoedeloHttp, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_moedelo()

    def test_three_failures_and_right_credentials_have_to_wait_too(self):
        for _attempt in range(3):
            answer = self.post("/moedelo/token", REFRESH, secret="wrong")
            self.assert_error(answer, "invalid_client", 401)
        answer = self.post("/moedelo/token", self.code_form(self.give_code()))
        self.assertEqual(answer.status_code, 429)
        self.assertLessEqual(int(answer.headers["Retry-After"]), 60)
        self.assertGreater(int(answer.headers["Retry-After"]), 50)

    def test_who_has_to_wait_learns_nothing_of_his_secret_by_any_door(self):
        said = self.post("/moedelo/token", self.code_form(self.give_code())).json()
        for _attempt in range(3):
            self.post("/moedelo/token", REFRESH, secret="wrong")
        good = {"grant_type": "refresh_token", "refresh_token": said["refresh_token"]}
        asked = {"token": said["access_token"]}
        for secret in ("wrong", None):  # None: the right one
            for path, form in (
                ("/moedelo/token", good),
                ("/moedelo/refresh", good),
                ("/moedelo/token", {**good, "scope": "everything"}),
                ("/moedelo/token", {"grant_type": "refresh_token"}),
                ("/moedelo/token", {"grant_type": "password"}),
                ("/moedelo/token", {}),
                ("/moedelo/introspect", asked),
                ("/moedelo/introspect", {**asked, "grant_type": "refresh_token"}),
                ("/moedelo/revoke", asked),
                ("/moedelo/revoke", {"grant_type": "refresh_token"}),
            ):
                answer = self.post(path, form, secret=secret)
                self.assertEqual(answer.status_code, 429, (path, form, secret))
        self.env["moedelo.failure"].sudo().search([]).unlink()
        self.assertEqual(self.post("/moedelo/refresh", good).status_code, 200)

    def test_wrong_refresh_tokens_count_as_well(self):
        for _attempt in range(3):
            self.assert_error(self.post("/moedelo/token", REFRESH), "invalid_grant")
        self.assertEqual(self.post("/moedelo/token", REFRESH).status_code, 429)

    def test_another_client_from_the_same_address_is_served(self):
        for _attempt in range(4):
            self.post("/moedelo/token", REFRESH, secret="wrong")
        client, secret = self.make_client()
        form = self.code_form(self.give_code(client=client))
        answer = self.post("/moedelo/token", form, client=client, secret=secret)
        self.assertEqual(answer.status_code, 200)

    def test_a_header_does_not_make_another_address(self):
        for number in range(3):
            headers = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.0.{number}"}
            self.post("/moedelo/token", REFRESH, secret="wrong", headers=headers)
        headers = {"X-Forwarded-For": "10.0.0.9", "Forwarded": "for=10.0.0.9"}
        answer = self.post("/moedelo/token", REFRESH, secret="wrong", headers=headers)
        self.assertEqual(answer.status_code, 429)

    def test_behind_a_proxy_each_caller_counts_for_himself(self):
        self.behind_proxy()
        for _attempt in range(3):
            self.post_through_proxy("203.0.113.1", secret="wrong")
        self.assertEqual(self.post_through_proxy("203.0.113.1").status_code, 429)
        self.assert_error(self.post_through_proxy("203.0.113.2"), "invalid_grant")
        self.assertEqual(
            set(self.env["moedelo.audit"].search([("event", "=", "refused")]).mapped("address")),
            {"203.0.113.1", "203.0.113.2"},
        )

    def test_behind_a_proxy_an_address_made_up_by_the_caller_changes_nothing(self):
        """The proxy appends the address that it sees; what stands before it is hearsay."""
        self.behind_proxy()
        for number in range(3):
            self.post_through_proxy(f"10.9.9.{number}, 203.0.113.1", secret="wrong")
        self.assertEqual(self.post_through_proxy("10.9.9.9, 203.0.113.1").status_code, 429)

    def test_outside_loopback_without_tls_nothing_is_given(self):
        self.behind_proxy()
        answer = self.post_through_proxy("203.0.113.1", proto="http")
        self.assert_error(answer, "invalid_request")
        self.assertIn("TLS", answer.json()["error_description"])

    def behind_proxy(self):
        self.addCleanup(config.__setitem__, "proxy_mode", config["proxy_mode"])
        config["proxy_mode"] = True

    def post_through_proxy(self, address, proto="https", **more):
        headers = {
            "X-Forwarded-For": address,
            "X-Forwarded-Host": "odoo.example",
            "X-Forwarded-Proto": proto,
        }
        return self.post("/moedelo/token", REFRESH, headers=headers, **more)

    def test_what_a_dead_connection_tries_does_not_shut_out_the_live_ones(self):
        dead = self.connect()
        self.grant_of(dead).action_end()
        live = self.connect()
        tried = {"grant_type": "refresh_token", "refresh_token": dead["refresh_token"]}
        for _attempt in range(3):
            self.assert_error(self.post("/moedelo/token", tried), "invalid_grant")
        self.assertEqual(self.post("/moedelo/token", tried).status_code, 429)
        good = {"grant_type": "refresh_token", "refresh_token": live["refresh_token"]}
        self.assertEqual(self.post("/moedelo/token", good).status_code, 200)

    def test_also_after_its_token_has_expired(self):
        dead, live = self.connect(), self.connect()
        with freeze_time(fields.Datetime.now() + timedelta(days=40)):
            self.env["moedelo.token"]._gc_tokens()
        self.assertIn(self.grant_of(dead).state, ("live", "ended"))
        self.grant_of(dead)._end("administrator")
        tried = {"grant_type": "refresh_token", "refresh_token": dead["refresh_token"]}
        for _attempt in range(4):
            self.post("/moedelo/token", tried)
        good = {"grant_type": "refresh_token", "refresh_token": live["refresh_token"]}
        self.assertEqual(self.post("/moedelo/token", good).status_code, 200)

    def test_while_everybody_fails_the_audit_goes_on_and_right_and_wrong_answer_alike(self):
        with patch.object(failures, "TOTAL", 1):
            for _attempt in range(4):
                self.post("/moedelo/token", REFRESH, secret="wrong")
            good = self.code_form(self.give_code())
            self.assertEqual(self.post("/moedelo/token", good).status_code, 429)
            self.assertEqual(self.post("/moedelo/token", good, secret="wrong").status_code, 429)
        refused = self.env["moedelo.audit"].search([("event", "=", "refused")])
        self.assertTrue(refused)
        self.assertEqual(set(refused.mapped("client_text")), {self.client.identifier})

    def test_a_name_that_no_database_can_hold(self):
        pair = base64.b64encode(b"a\0b:secret").decode()
        headers = {"Authorization": f"Basic {pair}"}
        answer = self.post("/moedelo/token", REFRESH, headers=headers)
        self.assert_error(answer, "invalid_client", 401)

    def test_refused_attempts_leave_no_more_rows(self):
        for _attempt in range(8):
            self.post("/moedelo/token", REFRESH, secret="wrong")
        self.assertEqual(self.env["moedelo.failure"].search_count([]), 3)
        self.assertEqual(self.env["moedelo.audit"].search_count([("event", "=", "refused")]), 3)


@tagged("post_install", "-at_install")
class TestFailures(MoedeloCase, TransactionCase):
    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()  # the counter's own cursor joins this transaction

    def fail(self, address="10.0.0.1", identifier="app"):
        return self.env["moedelo.failure"]._count(address, identifier)

    def check_in(self, address="10.0.0.1", identifier="app"):
        self.env["moedelo.failure"]._check(address, identifier)

    def test_other_addresses_failures_block_nobody(self):
        for number in range(9):
            for _attempt in range(3):
                self.fail(f"10.0.1.{number}")
        self.check_in("10.0.0.1")

    def test_one_ipv6_subscriber_is_one_address(self):
        for number in range(3):
            self.fail(f"2001:db8:0:1::{number}")
        with self.assertRaises(TooManyFailures):
            self.check_in("2001:db8:0:1::99")
        self.check_in("2001:db8:0:2::99")

    def test_while_everybody_fails_a_registered_service_is_still_blocked(self):
        self.set_up_moedelo()
        with patch.object(failures, "TOTAL", 5):
            for number in range(8):
                self.fail(f"10.0.1.{number}", identifier=f"stranger-{number}")
            for _attempt in range(3):
                self.assertFalse(self.fail(identifier=self.client.identifier))
            with self.assertRaises(TooManyFailures):
                self.check_in(identifier=self.client.identifier)

    def test_the_wait_ends(self):
        with freeze_time("2026-03-01 12:00:00"):
            for _attempt in range(3):
                self.fail()
        with freeze_time("2026-03-01 12:00:59"), self.assertRaises(TooManyFailures):
            self.check_in()
        with freeze_time("2026-03-01 12:01:01"):
            self.check_in()

    def test_slow_guessing_waits_longer(self):
        for number in range(10):
            with freeze_time(f"2026-03-01 12:0{number // 5}:{(number % 5) * 12:02}"):
                self.fail()
        with freeze_time("2026-03-01 12:05:40"), self.assertRaises(TooManyFailures):
            self.check_in()
        with freeze_time("2026-03-01 12:05:50"):
            self.check_in()

    def test_names_without_end_fill_nothing_and_old_rows_leave(self):
        with patch.object(failures, "TOTAL", 5), freeze_time("2026-03-01 12:00:00"):
            calm = [self.fail(identifier=f"stranger-{number}") for number in range(30)]
        self.assertEqual(calm, [True] * 5 + [False] * 25)
        # five names of their own, and one that all further ones share
        self.assertEqual(self.env["moedelo.failure"].search_count([]), 5 + failures.MOST)
        with freeze_time("2026-03-01 12:10:00"):
            self.fail()
        self.assertEqual(self.env["moedelo.failure"].search_count([]), 1)
