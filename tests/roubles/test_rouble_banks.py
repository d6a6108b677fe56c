# SPDX-License-Identifier: LGPL-3.0-only
"""The directory of banks by BIK: read from a file, it fills in cards and refuses closed banks."""

import base64

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user

from .common import RoubleCase

TREASURY = "017003983"
ACCOUNTS = {"044030653": "30101810500000000653", TREASURY: "40102810445370000059"}


def directory(*biks, day="2026-03-10", closed=(), kind="FIRR"):
    """ED807 with these banks, in base64."""
    rows = []
    for bik in biks:
        out = ' DateOut="2026-03-01"' if bik in closed else ""
        number = ACCOUNTS.get(bik, "")
        account = "UTRA" if number.startswith("40102") else "CRSA"
        rows.append(
            f'<BICDirectoryEntry BIC="{bik}"><ParticipantInfo NameP="БАНК {bik}" Tnp="г" '
            f'Nnp="Пермь"{out}/>'
            f'<Accounts Account="{number}" RegulationAccountType="{account}"/></BICDirectoryEntry>'
        )
    head = f'EDDate="{day}" BusinessDay="{day}" InfoTypeCode="{kind}"'
    text = f'<ED807 xmlns="urn:cbr-ru:ed:v2.0" {head}>{"".join(rows)}</ED807>'
    declared = f'<?xml version="1.0" encoding="windows-1251"?>{text}'
    return base64.b64encode(declared.encode("cp1251"))


class TestRoubleBanks(RoubleCase):
    def setUp(self):
        super().setUp()
        self.boss = new_test_user(
            self.env(su=True),
            "ru_boss",
            groups="base.group_user,base.group_partner_manager,bank_webservice.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.banks = self.env["bank.bik"]

    def upload(self, content):
        dialog = self.env["bank.bik.upload"].with_user(self.boss).create({"content": content})
        return dialog.action_upload()

    def make_bank(self, **values):
        return self.env(su=True)["res.bank"].create({"name": "Банк", **values})

    def test_who_may_upload(self):
        with self.assertRaises(AccessError):
            self.env["bank.bik.upload"].create({"content": directory("044030653")})
        with self.assertRaises(AccessError):
            self.banks.create({"bik": "044030653", "name": "Б"})
        with self.assertRaisesRegex(UserError, "no directory of banks"):
            self.upload(base64.b64encode(b"<html/>"))

    def test_what_no_bank_and_no_account_has_is_refused_on_the_card(self):
        for values, words in (
            ({"bank_bik": "abcdefghi"}, "BIK has 9 digits"),
            ({"bank_bik": "000000000"}, "BIK has 9 digits"),
            ({"bank_bik": "044030653", "corr_account": "301018105"}, "20 digits"),
            ({"bank_bik": "044030653", "corr_account": "30101810500000000654"}, "control digit"),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words):
                self.make_bank(**values)
        bank = self.make_bank(bank_bik="044030653", corr_account="30101810500000000653")
        accounts = self.env(su=True)["res.partner.bank"]
        values = {"partner_id": self.supplier.id, "bank_id": bank.id}
        for number, words in (("4070281065500000010", "20 digits"),
                              ("40702810755000000101", "control digit")):  # fmt: skip
            with self.subTest(number), self.assertRaisesRegex(ValidationError, words):
                accounts.create({**values, "acc_number": number})

    def test_a_closed_bank_gets_no_order(self):
        payment = self.make_payment()
        self.assertEqual(self.problems(payment), [])
        self.upload(directory("044030653"))
        self.assertEqual(self.problems(payment), [])
        self.upload(directory("044030653", day="2026-03-11", closed=("044030653",)))
        self.assertIn("is closed since 2026-03-01", self.problems(payment)[0])
        with self.assertRaisesRegex(UserError, "closed"):
            self.prepare(payment)

    def test_a_bank_that_a_whole_directory_lacks_is_closed_by_changes_not(self):
        self.upload(directory("044030653", "044525225"))
        self.upload(directory("044525225", day="2026-03-11", kind="CIRR"))
        self.assertFalse(self.banks._of_code("044030653").closed_on)
        self.upload(directory("044525225", day="2026-03-12"))
        self.assertEqual(str(self.banks._of_code("044030653").closed_on), "2026-03-12")
        with self.assertRaisesRegex(UserError, "is newer"):
            self.upload(directory("044525225", day="2026-03-11"))

    def test_a_bik_fills_in_the_rest(self):
        self.upload(directory("044030653", TREASURY))
        form = Form(self.env["res.bank"].with_user(self.boss))
        form.bank_bik = TREASURY
        self.assertEqual((form.name, form.city), (f"БАНК {TREASURY}", "г. Пермь"))
        card = form.save()
        self.assertEqual(card.corr_account, "40102810445370000059")
        values = {"acc_number": "03100643000000018500", "partner_id": self.supplier.id}
        accounts = self.env(su=True)["res.partner.bank"]
        account = accounts.create({**values, "clearing_number": TREASURY})
        self.assertEqual(account.bank_id, card)

    def test_500_banks_cost_no_question_each(self):
        self.upload(directory("044030653"))
        before = self.env.cr.sql_log_count
        self.upload(directory(*(f"04{number:07d}" for number in range(1, 501)), day="2026-03-11"))
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 50)
        self.assertEqual(self.banks.search_count([("town", "=", "г. Пермь")]), 501)
