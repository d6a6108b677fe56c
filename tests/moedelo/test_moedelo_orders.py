# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders over the API: everything that is refused, then what is taken, and how."""

import json
import uuid

from odoo.tests import tagged

from ..roubles.common import OWN
from .common import BUDGET, ORDERS, OrdersCase

LONG = "я" * 211


@tagged("post_install", "-at_install")
class TestRefused(OrdersCase):
    def assert_refused(self, document, pointer, code=None):
        before = self.count()
        errors = self.assert_problem(self.push(document), "invalid", 422)
        self.assertIn(f"#{pointer}", errors)
        if code:
            self.assertEqual(errors[f"#{pointer}"], code)
        self.assertEqual(self.count(), before)

    # ---- who may

    def test_without_the_right(self):
        answer = self.call("POST", ORDERS, self.document(), Authorization="")
        self.assert_problem(answer, "unauthorized", 401)
        self.assertTrue(answer.headers["WWW-Authenticate"].startswith('Bearer realm="moedelo"'))
        answer = self.push(self.document(), token=self.connected("statements"))
        self.assert_problem(answer, "forbidden", 403)
        self.assertEqual(self.count(), 0)

    def test_foreign_accounts(self):
        self.assert_refused(
            self.document(payer__account="40702810900000000002"), "/payer/account", "not_yours"
        )
        other = self.system["res.company"].create({"name": "Other", "vat": "7710140679"})
        self._make_account(other, "40702810000000000003")
        self.assert_refused(
            self.document(payer__account="40702810000000000003"), "/payer/account", "not_yours"
        )
        self.assert_refused(self.document(payer__inn="7710140679"), "/payer/inn", "not_payer")
        self.assert_refused(self.document(payer__bik="044030653"), "/payer/bik", "not_payer")

    def test_an_account_that_pays_nothing_here(self):
        self._make_account(self.company.sudo(), "40702810400000000002")
        token = self.connected("payments")
        document = self.document(payer__account="40702810400000000002")
        answer = self.push(document, token=token)
        errors = self.assert_problem(answer, "invalid", 422)
        self.assertEqual(errors, {"#/payer/account": "no_journal"})

    # ---- bodies

    def test_bodies_that_cannot_be_read(self):
        good = json.dumps(self.document())
        for raw, kind, status in (
            (b"", "malformed", 400),
            (b"\xff\xfe", "malformed", 400),
            (good.replace("{", '{"number": "18", ', 1).encode(), "malformed", 400),
            (good[:-1].encode(), "malformed", 400),
            (b" " * 50_000_000, "too-large", 413),
            (iter([b" " * 9_000_000, good.encode()]), "too-large", 413),  # of no length
        ):
            answer = self.call("POST", ORDERS, raw=raw)
            self.assert_problem(answer, kind, status)
        answer = self.call("POST", ORDERS, raw=good, Content_Type="text/xml")
        self.assert_problem(answer, "media-type", 415)
        self.assertEqual(self.count(), 0)

    def test_a_thousand_and_one(self):
        answer = self.call("POST", ORDERS, {"documents": [self.document()] * 1001})
        errors = self.assert_problem(answer, "invalid", 422)
        self.assertEqual(errors, {"#/documents": "too_many"})
        answer = self.call("POST", ORDERS, {"documents": []})
        self.assertEqual(self.assert_problem(answer, "invalid", 422), {"#/documents": "empty"})

    # ---- fields

    def test_forms_and_lengths(self):
        for change, pointer, code in (
            ({"purpose": LONG}, "/purpose", "too_long"),
            ({"purpose": None}, "/purpose", "missing"),
            ({"amount": 5}, "/amount", "type"),
            ({"number": "0"}, "/number", "value"),
            ({"note": "x"}, "/note", "unknown"),
            ({"currency": "USD"}, "/currency", "currency"),
            ({"date": "1999-01-01"}, "/date", "rule"),
            ({"date": "2099-01-01"}, "/date", "too_far"),
            ({"date": "0001-01-01"}, "/date", "rule"),
            ({"date": "9999-12-31"}, "/date", "too_far"),
            ({"payee__name": "x\0y"}, "/payee/name", "character"),
            ({"payee__account": "40702810655000000102"}, "/payee/account", "rule"),
            ({"payee__inn": "0000000000"}, "/payee/inn", "rule"),
            ({"payee__inn": "7813002015"}, "/payee/inn", "rule"),
            ({"payee__name": "Снег ☃"}, "/payee/name", "rule"),
            ({"budget": {**BUDGET, "kbk": "18201061201O10000510"}}, "/budget/kbk", "value"),
            ({"budget": {**BUDGET, "payer_status": "20"}}, "/budget/payer_status", "rule"),
            ({"budget": {**BUDGET, "reason": None}}, "/budget/reason", "type"),
        ):
            with self.subTest(**change):
                self.assert_refused(self.document(**change), pointer, code)

    def test_a_foreign_currency_account(self):
        self.journal.sudo().currency_id = self.env.ref("base.EUR")
        self.assert_refused(self.document(), "/currency", "currency")

    # ---- words

    def test_russian_and_english(self):
        document = self.document(payee__account="40702810655000000102")
        for wanted, language, words in (
            ("ru-RU,ru;q=0.9,en;q=0.5", "ru", "контрольная"),
            ("en-GB", "en", "control digit"),
            ("pl", "en", "control digit"),
            ("", "en", "control digit"),
        ):
            answer = self.push(document, Accept_Language=wanted)
            self.assertEqual(answer.headers["Content-Language"], language)
            self.assertIn(words, answer.json()["errors"][0]["detail"].lower())

    def test_before_our_own_code_too(self):
        for method, path, kind, status in (
            ("GET", "/moedelo/v1/nothing", "not-found", 404),
            ("PUT", ORDERS, "not-allowed", 405),
            ("GET", f"{ORDERS}/rubbish", "not-found", 404),
            ("GET", f"{ORDERS}/{uuid.uuid4()}", "not-found", 404),
        ):
            answer = self.call(method, path, Accept_Language="ru")
            self.assert_problem(answer, kind, status)
            self.assertRegex(answer.json()["title"], "[а-я]")

    def test_a_failure_of_the_server_tells_nothing(self):
        with self.assertLogs("odoo.http", "ERROR"):
            model = type(self.env["moedelo.subscription"])
            self.patch(model, "_import_documents", lambda *_args: 1 / 0)
            answer = self.push(self.document(), Accept_Language="ru")
        self.assert_problem(answer, "failed", 500)
        self.assertNotIn("division", answer.text)


@tagged("post_install", "-at_install")
class TestTaken(OrdersCase):
    def test_other_content_under_the_same_id(self):
        document = self.document()
        self.assertEqual(self.push(document).status_code, 200)
        answer = self.push({**document, "amount": "1500.51"})
        self.assert_problem(answer, "conflict", 409)
        self.assertEqual(self.order_of(document).amount, 1500.50)
        again = self.push(document, self.document(number="18"), {**document, "number": "19"})
        said = [result["result"] for result in again.json()["results"]]
        self.assertEqual(said, ["accepted", "accepted", "conflict"])
        self.assertEqual(again.json()["results"][2]["problem"]["status"], 409)
        self.assertEqual(self.count(), 2)

    def test_the_same_again_is_the_same_answer(self):
        document = self.document()
        first, again = self.push(document), self.push(dict(reversed(document.items())))
        self.assertEqual(first.json(), again.json())
        self.assertEqual(
            first.json(),
            {"external_id": document["external_id"], "result": "accepted", "warnings": []},
        )
        twice = self.document(number="20")
        self.assertEqual(self.push(twice, twice).json()["results"][0]["result"], "accepted")
        self.assertEqual(self.count(), 2)
        self.order_of(document).action_moedelo_delete()
        self.assertEqual(self.push(document).json(), first.json())
        self.assertEqual(self.order_of(document).bank_state, "cancelled")

    def test_the_same_number_of_a_day_is_a_warning(self):
        first, second, other_day = (
            self.document(),
            self.document(),
            self.document(date="2026-03-09"),
        )
        said = self.push(first, second, other_day).json()["results"]
        codes = [[warning["code"] for warning in result["warnings"]] for result in said]
        self.assertEqual(codes, [[], ["same_number"], []])
        self.assertTrue(self.order_of(second).moedelo_same_number)
        self.assertFalse(self.order_of(first).moedelo_same_number)
        third = self.document()
        answer = self.push(third, Accept_Language="ru")
        self.assertIn("таким номером", answer.json()["warnings"][0]["detail"])
        self.assertEqual(self.push(third).json()["warnings"][0]["code"], "same_number")

    def test_each_document_on_its_own(self):
        good, wrong, budget = (
            self.document(),
            self.document(purpose=""),
            self.document(number="19", uin="0", budget=BUDGET),
        )
        answer = self.push(good, wrong, budget, ["rubbish"])
        self.assertEqual(answer.status_code, 200)
        results = answer.json()["results"]
        said = [result["result"] for result in results]
        self.assertEqual(said, ["accepted", "refused", "accepted", "refused"])
        self.assertEqual(results[1]["external_id"], wrong["external_id"])
        self.assertEqual(results[1]["problem"]["errors"][0]["pointer"], "#/purpose")
        self.assertNotIn("external_id", results[3])
        self.assertEqual(self.order_of(budget).rouble_kbk, BUDGET["kbk"])
        self.assertFalse(self.order_of(wrong))

    def test_what_is_kept(self):
        order = self.imported()
        self.assertEqual((order.bank_state, order.kind), ("imported", "rouble"))
        self.assertEqual((order.amount, order.currency_id.name), (1500.50, "RUB"))
        self.assertEqual(order.journal_id, self.journal)
        self.assertEqual(order.company_id, self.company)
        self.assertEqual((order.payer_account, order.payer_name), (OWN, "ООО Демо Торговля"))
        self.assertEqual((order.payer_kpp, order.payer_bank_code), ("770101001", "044525901"))
        self.assertEqual((order.payee_tax_id, order.payee_kpp), ("7813002014", "781301001"))
        self.assertEqual((order.rouble_document_number, order.rouble_priority), ("17", "5"))
        self.assertFalse(order.payment_id)

    def test_a_day_in_the_near_future_waits(self):
        self.assertEqual(self.imported(date="2026-03-12").bank_state, "imported")

    def test_looked_up(self):
        order = self.imported()
        said = self.call("GET", f"{ORDERS}/{order.moedelo_external_id}").json()
        self.assertEqual(said["status"]["code"], "06")
        self.assertEqual(said["status"]["state"], "imported")
        self.assertEqual((said["amount"], said["number"]), ("1500.50", "17"))
        other, _secret = self.make_other_client()
        token = self.connected("payments", client=other)
        answer = self.call("GET", f"{ORDERS}/{order.moedelo_external_id}", token=token)
        self.assert_problem(answer, "not-found", 404)
        self.assertEqual(self.call("GET", ORDERS, token=token).json()["documents"], [])

    def make_other_client(self):
        with self.as_system():
            return self.make_client(name="Other service")

    def test_listed_with_a_cursor(self):
        documents = [self.document(number=str(number)) for number in range(1, 6)]
        self.push(*documents)
        seen, cursor = [], ""
        for _page in range(3):
            page = self.call("GET", f"{ORDERS}?limit=2{cursor}").json()
            seen += [one["external_id"] for one in page["documents"]]
            cursor = f"&cursor={page['next_cursor']}"
        self.assertEqual(seen, [one["external_id"] for one in documents])
        self.assertIsNone(page["next_cursor"])
        for query in ("limit=0", "limit=1001", "limit=x", "cursor=rubbish", "cursor=", "offset=2",
                      "limit=1&limit=2"):  # fmt: skip
            self.assert_problem(self.call("GET", f"{ORDERS}?{query}"), "invalid", 422)

    def test_recalled(self):
        order = self.imported()
        path = f"{ORDERS}/{order.moedelo_external_id}"
        for _time in range(2):
            said = self.call("DELETE", path).json()
            self.assertEqual(said["status"]["code"], "05")
        self.assertEqual(order.bank_state, "cancelled")

    def test_not_recalled_any_more(self):
        order = self.imported()
        path = f"{ORDERS}/{order.moedelo_external_id}"
        for state in ("to_send", "sending", "unknown", "sent", "accepted", "executed", "rejected"):
            order.sudo()._set_state(state)
            self.assert_problem(self.call("DELETE", path), "too-late", 409)
            self.assertEqual(order.bank_state, state)


@tagged("post_install", "-at_install")
class TestClient(OrdersCase):
    def test_registration_that_is_refused(self):
        for body, pointer in (
            ({}, "#/status"),
            ({"status": "done"}, "#/status"),
            ({"status": "registered", "more": 1}, "#/more"),
            ({"status": "registered", "message": "x" * 251}, "#/message"),
        ):
            answer = self.call("POST", "/moedelo/v1/client/status", body)
            self.assertIn(pointer, self.assert_problem(answer, "invalid", 422))
        self.assertFalse(self.subscription.registration_status)

    def test_registration(self):
        body = {"status": "registered", "reference": "MD-1", "message": "Готово"}
        answer = self.call("POST", "/moedelo/v1/client/status", body)
        self.assertEqual(answer.json(), {"status": "registered"})
        self.assertEqual(self.subscription.registration_reference, "MD-1")

    def test_a_program_that_speaks_what_is_not_installed_here(self):
        body = {"status": "registered"}
        answer = self.call("POST", "/moedelo/v1/client/status", body, Accept_Language="uk-UA")
        self.assertEqual(answer.status_code, 200, answer.text)

    def test_the_organisation(self):
        said = self.call("GET", "/moedelo/v1/client").json()
        self.assertEqual((said["inn"], said["kpp"]), ("7701000019", "770101001"))
        accounts = {one["number"]: one["bik"] for one in said["accounts"]}
        self.assertEqual(accounts[OWN], "044525901")
        (account,) = [one for one in said["accounts"] if one["number"] == OWN]
        self.assertEqual(account["currency"], "RUB")
        self.journal.sudo().currency_id = self.env.ref("base.EUR")
        said = self.call("GET", "/moedelo/v1/accounts").json()
        self.assertIn("EUR", [one["currency"] for one in said["accounts"]])
        self.keep(self.bank, "bank_bik", "044030653")
        self.company.sudo().partner_id.bank_kpp = "770101002"
        said = self.call("GET", "/moedelo/v1/client").json()
        accounts = {one["number"]: one["bik"] for one in said["accounts"]}
        self.assertEqual((accounts[OWN], said["kpp"]), ("044030653", "770101002"))

    def test_the_description_is_served(self):
        answer = self.opener.get(self.base_url() + "/moedelo/v1/openapi.json", timeout=30)
        self.assertEqual(answer.json(), self.described.document)
