# SPDX-License-Identifier: LGPL-3.0-only
"""Statements for a service: what is refused, what waits for whom, what is handed over."""

import uuid
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...models.moedelo.moedelo_statement_request import FETCHES_AN_HOUR
from ...protocol import errors
from ...protocol.formats import client_bank_1c
from ...protocol.records import Entry, Statement
from ..roubles.common import OWN, PAYEE
from .common import OrdersCase

REQUESTS = "/moedelo/v1/statement-requests"


@tagged("post_install", "-at_install")
class StatementsCase(OrdersCase):
    def asked(self, **change):
        body = {
            "external_id": str(uuid.uuid4()),
            "account": OWN,
            "kind": "final",
            "from": "2026-03-05",
            "to": "2026-03-09",
            "format": "json",
        }
        return {**body, **change}

    def ask(self, token=None, **change):
        return self.call("POST", REQUESTS, self.asked(**change), token=token)

    def look(self, said):
        external_id = said.json()["external_id"] if hasattr(said, "json") else said
        return self.call("GET", f"{REQUESTS}/{external_id}")

    def requests(self):
        return self.system["moedelo.statement.request"].search([])

    def book(self, first, last, *amounts, opening="1000.00"):
        """A final statement in the books, as an import leaves it."""
        first, last = (fields.Date.to_date(day) for day in (first, last))
        entries = [
            Entry(
                last,
                None,
                Decimal(amount),
                title=f"Движение {number}",
                counterparty_name="ООО Бумага и Офис",
                counterparty_account=PAYEE,
                operation_id=str(uuid.uuid4()),
                details={"document_number": str(number)},
            )
            for number, amount in enumerate(amounts, 1)
        ]
        opening = Decimal(opening)
        closing = opening + sum(entry.amount for entry in entries)
        statement = Statement(OWN, "RUB", "", first, last, opening, closing, entries)
        journal = self.journal.sudo()
        document = self.system["bank.document"].create(
            {"name": "x", "company_id": self.company.id, "journal_id": journal.id}
        )
        journal._import_statement(statement, document)
        feed = journal._bank_feed().sudo()
        feed.fetched_until = max(last, feed.fetched_until or last)

    def run_cron(self):
        self.system.registry.clear_cache()
        self.env["bank.feed"].sudo()._cron_fetch()


class TestRefused(StatementsCase):
    def test_refused(self):
        for change, pointer in (
            ({"account": "40702810655000000101"}, "#/account"),
            ({"to": "2026-03-10"}, "#/to"),
            ({"from": "2026-03-11", "to": "2026-03-11"}, "#/to"),
            ({"kind": "all"}, "#/kind"),
            ({"page": "1"}, "#/page"),
        ):
            wrong = self.assert_problem(self.ask(**change), "invalid", 422)
            self.assertIn(pointer, wrong)
        self.assert_problem(self.look("rubbish"), "not-found", 404)
        self.assert_problem(self.look(str(uuid.uuid4())), "not-found", 404)
        self.assert_problem(self.ask(token=self.connected("payments")), "forbidden", 403)
        self.assertFalse(self.requests())

    def test_other_content_under_the_same_id(self):
        body = self.asked()
        first = self.call("POST", REQUESTS, body)
        self.assertEqual(self.call("POST", REQUESTS, body).json(), first.json())
        answer = self.call("POST", REQUESTS, {**body, "to": "2026-03-08"})
        self.assert_problem(answer, "conflict", 409)

    def test_an_automatic_service_gets_seven_days_of_its_accounts(self):
        with self.as_system():
            client, _secret = self.make_client(
                name="Robot",
                kind="service",
                company_id=self.company.id,
                account_ids=[(6, 0, self.account.ids)],
            )
            client.action_connect_service()
            form = {"grant_type": "client_credentials"}
            token = self.answer(form, client)["access_token"]
        wrong = self.assert_problem(self.ask(token, **{"from": "2026-03-02"}), "invalid", 422)
        self.assertEqual(wrong, {"#/to": "too_many_days"})
        self.assertEqual(self.ask(token, **{"from": "2026-03-03"}).status_code, 202)
        self.assert_problem(self.call("GET", "/moedelo/v1/payment-orders", token=token),
                            "forbidden", 403)  # fmt: skip

    def test_another_service_sees_nothing_of_it(self):
        said = self.ask()
        with self.as_system():
            other, _secret = self.make_client(name="Other service")
        token = self.connected("statements", client=other)
        path = f"{REQUESTS}/{said.json()['external_id']}"
        self.assert_problem(self.call("GET", path, token=token), "not-found", 404)

    def test_users_do_not_see_them(self):
        self.ask()
        with self.assertRaises(AccessError):
            self.env["moedelo.statement.request"].search([])

    def test_the_switch(self):
        self.subscription.fetch_missing = False
        said = self.ask().json()
        self.assertEqual((said["state"], said["reason"]), ("failed", "not_imported"))
        self.assertFalse(self.journal._bank_feed().next_fetch_at)

    def test_the_bank_is_not_asked_all_the_time(self):
        for _time in range(FETCHES_AN_HOUR):
            self.assertEqual(self.ask().status_code, 202)
        answer = self.ask()
        self.assert_problem(answer, "too-many", 429)
        self.assertTrue(answer.headers["Retry-After"])
        self.assertEqual(len(self.requests()), FETCHES_AN_HOUR)


class TestWaiting(StatementsCase):
    def test_a_person_has_to_log_in(self):
        said = self.ask()
        self.assertEqual(said.status_code, 202)
        self.assertEqual(
            (said.json()["state"], said.json()["reason"]), ("pending", "bank_login_needed")
        )
        (activity,) = self.journal.activity_ids
        self.assertEqual(activity.user_id, self.user)
        self.assertIn("The bank wants a log-in", activity.note)
        seen = f"{activity.summary} {activity.note} {self.journal._bank_feed().last_error}"
        for hidden in (self.client.name, OWN, "202"):  # who asks, for what, for which days
            self.assertNotIn(hidden, seen)
        self.run_cron()
        self.assertEqual(self.look(said).json()["reason"], "bank_login_needed")
        self.log_in()
        self.assertFalse(self.journal.activity_ids)
        self.assertEqual(self.look(said).json()["reason"], "fetching")
        self.run_cron()
        ready = self.look(said)
        self.assertEqual((ready.status_code, ready.json()["state"]), (200, "ready"))

    def test_fetched_in_an_open_session(self):
        self.log_in()
        said = self.ask()
        self.assertEqual((said.json()["reason"], said.status_code), ("fetching", 202))
        self.run_cron()
        self.assertEqual(self.look(said).json()["state"], "ready")
        feed = self.journal._bank_feed()
        self.assertFalse(feed.run_until)

    def test_two_periods_one_run(self):
        self.log_in()
        first, second = self.ask(), self.ask(**{"from": "2026-03-01", "to": "2026-03-03"})
        self.run_cron()
        for said in (first, second):
            self.assertEqual(self.look(said).json()["state"], "ready")

    def test_the_bank_refuses(self):
        self.log_in()
        said = self.ask()
        refuse = errors.AccountRefused("not yours")
        with patch.object(type(self.journal), "_fetch_piece", side_effect=refuse):
            self.run_cron()
        found = self.look(said).json()
        self.assertEqual((found["state"], found["reason"]), ("failed", "bank_error"))
        self.assertIn("not yours", self.requests().problem)

    def test_the_bank_leaves_days_out(self):
        self.log_in()
        said, earlier = self.ask(), self.ask(**{"to": "2026-03-07"})
        with self.last_days_left_out(2):
            self.run_cron()
        found = self.look(said).json()
        self.assertEqual((found["state"], found["reason"]), ("failed", "bank_error"))
        self.assertEqual(self.look(earlier).json()["state"], "ready")
        again = self.ask()
        self.run_cron()
        self.assertEqual(self.look(again).json()["state"], "ready")

    def test_a_person_who_stops_the_fetch(self):
        self.log_in()
        said = self.ask(**{"from": "2026-01-01"})
        feed = self.journal._bank_feed()
        feed.action_stop()
        with patch.object(type(self.journal), "_days_at_once", lambda _journal: 10):
            self.run_cron()
        self.assertEqual(self.look(said).json()["state"], "failed")

    def test_the_balance(self):
        self.log_in()
        said = self.ask(kind="balance", **{"from": "2026-03-10", "to": "2026-03-10"})
        self.assertEqual(said.status_code, 202)
        self.run_cron()
        found = self.look(said).json()
        feed = self.journal._bank_feed()
        self.assertEqual(found["state"], "ready", found)
        self.assertEqual(found["balance"]["booked"], f"{feed.balance_booked:.2f}")
        self.assertEqual(found["balance"]["currency"], "RUB")

    def test_todays_operations(self):
        self.log_in()
        self.sandbox.post(
            "/control/incoming", account=OWN, amount="77.00", title="Сегодня", name="ООО Ромашка"
        )
        said = self.ask(kind="interim", **{"from": "2026-03-10", "to": "2026-03-10"})
        self.assertEqual(said.status_code, 202)
        self.run_cron()
        found = self.look(said).json()
        self.assertEqual(found["state"], "ready")
        amounts = [entry["amount"] for entry in found["statement"]["entries"]]
        self.assertIn("77.00", amounts)
        self.assertFalse(found["statement"]["final"])


class TestAnswered(StatementsCase):
    def setUp(self):
        super().setUp()
        self.book("2026-03-01", "2026-03-05", "-100.00")
        self.book("2026-03-06", "2026-03-09", "20.00", "-5.50", opening="900.00")

    def test_by_itself_from_the_books(self):
        said = self.ask(**{"from": "2026-03-06"})
        self.assertEqual((said.status_code, said.json()["state"]), (200, "ready"))
        found = self.look(said)
        self.assertEqual(found.headers["Content-Type"], "application/json")
        statement = found.json()["statement"]
        self.assertEqual(
            (statement["opening_balance"], statement["closing_balance"]), ("900.00", "914.50")
        )
        self.assertEqual([one["amount"] for one in statement["entries"]], ["20.00", "-5.50"])
        self.assertFalse(self.journal._bank_feed().next_fetch_at)
        self.assertTrue(self.requests().served_at)

    def test_from_the_middle_of_a_statement(self):
        statement = self.look(self.ask(**{"from": "2026-03-07"})).json()["statement"]
        self.assertEqual(
            (statement["opening_balance"], statement["closing_balance"]), ("900.00", "914.50")
        )
        statement = self.look(self.ask(**{"to": "2026-03-06"})).json()["statement"]
        self.assertEqual(
            (statement["opening_balance"], statement["closing_balance"]), ("1000.00", "900.00")
        )

    def test_as_1c_file(self):
        found = self.look(self.ask(format="1c", **{"from": "2026-03-06"}))
        self.assertEqual(found.headers["Content-Type"], "text/plain; charset=windows-1251")
        (statement,) = client_bank_1c.parse(found.content)
        self.assertEqual(statement.closing_balance, Decimal("914.50"))
        read = list(statement.entries)
        self.assertEqual([entry.amount for entry in read], [Decimal("20.00"), Decimal("-5.50")])
        self.assertEqual(read[0].counterparty_account, PAYEE)
        self.assertEqual(read[1].details["payer_tax_id"], "7701000019")

    def test_a_gap_is_not_answered_from_the_books(self):
        self.book("2026-03-10", "2026-03-10", "1.00", opening="500.00")
        self.assertTrue(self.journal._statement_gaps())
        request = self.system["moedelo.statement.request"].new(
            {"journal_id": self.journal.id, "since": "2026-03-08", "until": "2026-03-09"}
        )
        self.assertFalse(request._is_imported(fields.Date.to_date("2026-03-10")))

    def test_days_before_the_first_statement_are_fetched(self):
        self.assertEqual(self.ask(**{"from": "2026-02-20"}).status_code, 202)

    def test_the_services_own_document_is_named(self):
        order = self.imported()
        order.sudo()._set_state("accepted")
        line = (
            self.env["account.bank.statement.line"]
            .sudo()
            .search([("journal_id", "=", self.journal.id)], limit=1)
        )
        line.bank_order_id = order
        said = self.ask(**{"from": fields.Date.to_string(line.bank_booked_on - timedelta(1))})
        entries = self.look(said).json()["statement"]["entries"]
        named = [one["external_id"] for one in entries if "external_id" in one]
        self.assertEqual(named, [order.moedelo_external_id])

    def test_a_consent_that_became_narrower(self):
        said = self.ask(**{"from": "2026-03-06"})
        self.system["moedelo.grant"].search([]).account_ids = False
        self.assertIn("#/account", self.assert_problem(self.look(said), "invalid", 422))
