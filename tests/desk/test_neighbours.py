# SPDX-License-Identifier: LGPL-3.0-only
"""Whoever has none of our rights works in Odoo as if the add-on were not there."""

import re

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..common import BankCase

ADDON = "bank_webservice"
# Odoo's own groups, as a company gives them to people who have nothing to do with the bank.
PEOPLE = {
    "billing": "account.group_account_invoice",
    "basic": "account.group_account_basic",
    "accountant": "account.group_account_user",
    "manager": "account.group_account_manager",
    "reader": "account.group_account_readonly",
    "contacts": "base.group_partner_manager",
    "employee": "base.group_user",
    "portal": "base.group_portal",
}
# Odoo itself refuses to copy these: one more line unbalances an entry, for one.
NOT_COPIED = ("account.move.line", "res.partner", "res.company")
OTHER_ACCOUNT = "PL21114010100000100000010099"


class TestNeighbours(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As much of ours as there can be on each record.
        cls.bank.write({"webservice_ca": "-----BEGIN CERTIFICATE-----", "session_max_hours": 4})
        cls.account.two_signers_above = 5000
        cls.journal.write({"fetch_every": 1, "unattended_operator_id": cls.operator.id})
        cls.people = {name: cls._person(name, groups) for name, groups in PEOPLE.items()}

    @classmethod
    def _person(cls, name, groups):
        inside = "" if "portal" in groups else ",base.group_user,base.group_allow_export"
        return new_test_user(
            cls.env,
            f"neighbour_{name}",
            groups=groups + inside,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        statement = self.env["account.bank.statement"].create(
            {"name": "1", "line_ids": [(0, 0, self._line_values())]}
        )
        document = (
            self.env["bank.document"]
            .sudo()
            .create({"name": "1", "company_id": self.company.id, "journal_id": self.journal.id})
        )
        statement.sudo().bank_document_id = document
        payment, bill = self.make_payment(), self.make_bill()
        self.records = {
            one._name: one.sudo()
            for one in (
                *(self.bank, self.account, self.journal, self.company, self.supplier),
                *(payment, bill, bill.line_ids[:1], statement, statement.line_ids),
            )
        }

    def _line_values(self):
        return {
            "journal_id": self.journal.id,
            "date": "2026-03-10",
            "amount": 1,
            "payment_ref": "1",
        }

    def _each(self, right, act):
        """Everybody does `act` to everything where Odoo gives this right; {(person, model)}."""
        done = set()
        for person, user in self.people.items():
            for model, record in self.records.items():
                theirs = record.with_user(user).with_company(self.company)
                if not theirs.has_access("read") or not theirs.has_access(right):
                    continue
                with self.subTest(person=person, model=model), self.env.cr.savepoint() as point:
                    act(theirs)
                    self.env.flush_all()
                    point.rollback()
                    done.add((person, model))
                self.env.invalidate_all()
        return done

    def _ours(self, record):
        fields = record._fields.values()
        return {field for field in fields if field._modules == (ADDON,) and not field.inherited}

    def test_every_extended_model_is_here(self):
        extended = {
            name
            for name in self.env.registry
            if self.env[name]._auto
            and not self.env[name].is_transient()
            and self.env[name]._original_module != ADDON
            and self._ours(self.env[name])
        }
        self.assertEqual(extended, self.records.keys())

    def test_fields_for_some_are_not_copied(self):
        copied = {
            str(field)
            for record in self.records.values()
            for field in self._ours(record)
            if field.groups and field.copy
        }
        self.assertFalse(copied)

    def test_everybody_reads_all_fields_at_once(self):
        def read(record):
            record.read(self._readable(record) or ["id"])
            try:
                record.read()
            except AccessError as error:  # Odoo's own fields may refuse it: calls, payments online
                words = str(error)
                ours = [field.name for field in self._ours(record)] + self._our_models()
                self.assertFalse([name for name in ours if re.search(rf"\b{name}\b", words)])

        people = {person for person, _model in self._each("read", read)}
        self.assertEqual(people, self.people.keys())

    def test_who_has_the_settings_alone_reads_and_saves_them(self):
        person = self._person("settings", "base.group_system")
        settings = self.env["res.config.settings"].with_user(person).create({})
        self.assertIn("bank_key_source", settings.read()[0])
        self.assertNotIn("moedelo_licence_ids", settings.read()[0])
        settings.execute()

    def test_no_route_of_odoos_is_warned_of(self):
        with self.assertNoLogs("odoo.http", "WARNING"):
            rules = self.env["ir.http"]._generate_routing_rules(["web", ADDON], [])
            self.assertIn("/web/session/logout", {url for url, _endpoint in rules})

    def test_everybody_exports_all_fields(self):
        def export(record):
            if record.env.user.has_group("base.group_allow_export"):
                self.assertTrue(record.export_data(["id", *self._readable(record)])["datas"])

        self.assertIn(("manager", "account.journal"), self._each("read", export))

    def test_everybody_duplicates_what_he_may_create(self):
        def copy(record):
            if record._name not in NOT_COPIED:
                more = {"acc_number": OTHER_ACCOUNT} if "acc_number" in record._fields else {}
                copy = record.copy(more)
                copy.read(self._readable(copy) or ["id"])

        done = self._each("create", copy)
        self.assertLessEqual(
            {
                ("manager", "account.journal"),
                ("contacts", "res.bank"),
                ("contacts", "res.partner.bank"),
                ("billing", "account.payment"),
                ("billing", "account.move"),
                ("basic", "account.bank.statement.line"),
            },
            done,
        )

    def test_everybody_archives_and_brings_back(self):
        def archive(record):
            if "active" in record._fields and record._name != "res.company":
                record.active = False
                self.env.flush_all()
                record.active = True

        self.assertIn(("manager", "account.journal"), self._each("write", archive))

    def test_a_duplicate_reaches_no_bank(self):
        manager = self.people["manager"]
        copy = self.journal.sudo().copy()
        self.assertFalse(copy.fetch_every or copy.unattended_operator_id or copy.bank_account_id)
        bank = self.bank.with_user(self.people["contacts"]).copy().sudo()
        self.assertFalse(bank.bank_channel or bank.webservice_address or bank.webservice_ca)
        self.assertEqual((bank.webservice_timeout, bank.session_max_hours), (30, 8))
        copy = self.journal.with_user(manager).copy()
        copy.bank_statements_source = "undefined"
        self.assertEqual(copy.bank_statements_source, "undefined")

    def test_the_duplicate_of_a_confidential_payment_is_confidential(self):
        payment = self.records["account.payment"]
        self.assertFalse(payment.copy().bank_confidential)
        payment.bank_order_id.unlink()
        payment.bank_confidential = True
        self.assertTrue(payment.copy().bank_confidential)

    def _our_models(self):
        return [name for name in self.env.registry if self.env[name]._original_module == ADDON]

    def _readable(self, record):
        return sorted({field.name for field in self._ours(record)} & record.fields_get([]).keys())
