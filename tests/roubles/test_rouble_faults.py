# SPDX-License-Identifier: LGPL-3.0-only
"""Rouble orders while everything breaks: each is paid once, or known not to be.

Deaths of workers are the fault suite's; the code under both banks is the same. Here it is the
contract of DirectBank, whose status questions travel the same way as orders and break as well.
The fault suite pays at a plain bank, so the one here is strict in every way at once.
"""

from collections import Counter
from datetime import datetime, timedelta

import requests
from freezegun import freeze_time
from odoo.exceptions import UserError

from ..common import TODAY
from .common import RoubleCase

KINDS = (
    "drop_before",
    "drop_after",
    "take_late",
    "http_500",
    "garbage",
    "truncated",
    "session_lost",
    "busy",
)
UNSETTLED = ("to_send", "sending", "unknown", "prepared", "signed")
# Longer than the delay after which "not known" is believed.
STEP = timedelta(minutes=70)


class TestRoubleFaults(RoubleCase):
    def plan(self, operation, limit, seed):
        self.sandbox.post(
            "/control/faults/plan",
            seed=seed,
            operation=operation,
            kinds=list(KINDS),
            rate=0.7,
            limit=limit,
            seconds=0,
        )

    def calm(self):
        requests.delete(f"{self.sandbox.url}/control/faults", timeout=10).raise_for_status()

    def new_session(self):
        self.env["bank.session"].sudo().search([("state", "!=", "ended")])._end(
            "test", tell_bank=False
        )
        self.log_in()

    def press(self, packages, button):
        """A person presses; what is refused is tried in the next round."""
        for package in packages:
            try:
                getattr(package, button)()
            except UserError:
                continue

    def settle(self, packages):
        """One round of what crons and people do, some time later."""
        self.new_session()
        self.press(packages.filtered(lambda p: p.state == "unknown"), "action_refresh_status")
        self.press(packages.filtered("not_known_confirmed"), "action_hand_over_again")
        self.press(packages.filtered(lambda p: p.state in ("prepared", "signed")), "action_send")
        self.env["bank.package"].sudo()._cron_send()

    def meet_the_strictest_bank(self):
        self.addCleanup(self.be, "plain")
        self.operator.sudo().new_statement_password = "demo-ru"
        self.give_certificate(may_sign=False)
        self.account.action_test_connection()  # an id that the bank changes has been right before
        self.be("everything at once")
        self.new_session()
        self.account.action_test_connection()
        self.assertIn("RU000001-N", self.account.agreement_words)

    def be(self, profile):
        self.sandbox.post("/control/settings", directbank_profile=profile)

    def test_each_order_is_paid_once(self):
        count = 16
        self.meet_the_strictest_bank()
        payments = self.env["account.payment"].union(
            *(self.make_payment(amount=100 + number, memo=f"Счёт № {number}")
              for number in range(count))
        )  # fmt: skip
        packages = self.prepare(payments).package_id
        self.assertEqual(len(packages), count)
        self.plan("SendPack", 40, seed=3)
        self.press(packages, "action_send")
        now = datetime.fromisoformat(TODAY)
        with self.no_patience():
            self.env["bank.package"].sudo()._cron_send()
        for _round in range(25):
            if not packages.filtered(lambda p: p.state in UNSETTLED):
                break
            now += STEP
            with freeze_time(now, tick=True):
                self.settle(packages)
        self.assertFalse(packages.filtered(lambda p: p.state in UNSETTLED).mapped("state"))
        self.assertGreater(self.sandbox.get("/control/faults")["total"], 15)
        self.calm()
        self.sandbox.post("/control/late")
        self.execute_and_prove(payments, now)

    def execute_and_prove(self, payments, now):
        """The bank's ledger against Odoo's orders, and then the statement."""
        self.sandbox.phone("demo-ru")
        self.sandbox.post("/control/run")
        orders = payments.bank_order_ids
        alive = orders.filtered(lambda order: order.bank_state != "rejected")
        paid = Counter(row["end_to_end_id"] for row in self.sandbox.ledger())
        self.assertEqual(set(paid.values()), {1})
        self.assertEqual(set(paid), set(alive.mapped("end_to_end_id")))
        self.sandbox.post("/control/clock", days=1)
        with freeze_time(now + timedelta(days=1), tick=True):
            self.new_session()
            day = alive[0].execute_on
            self.env["bank.fetch"].create(
                {"journal_id": self.journal.id, "date_from": day, "date_to": day}
            ).action_fetch()
        self.assertEqual(set(alive.mapped("bank_state")), {"executed"})
