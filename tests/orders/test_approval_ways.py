# SPDX-License-Identifier: LGPL-3.0-only
"""Ways round the approval of two people: another journal, account, contact, or no signature."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..connection.test_card import Key
from .test_two_signers import SigningCase

SECOND_ACCOUNT = "PL92114010100000100000010002"
OTHER_NUMBER = "PL52124010371111001000112233"
# Made here, before any clock is frozen: see there.
OTHER = Key("Jan Inny", ca=False)


class LimitCase(SigningCase):
    def setUp(self):
        super().setUp()
        self.account.sudo().two_signers_above = 150.0

    def make_manager(self):
        return new_test_user(
            self.env(su=True),
            "manager",
            groups="base.group_user,base.group_partner_manager,account.group_account_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def pay_from(self, journal, *args, **kwargs):
        first, self.journal = self.journal, journal.with_env(self.env)
        try:
            return self.make_payment(*args, **kwargs)
        finally:
            self.journal = first

    def age_trust(self, accounts):
        accounts.sudo().trusted_at = fields.Datetime.now() - timedelta(days=8)


class TestLimitOfTheAccount(LimitCase):
    def journal_values(self, **values):
        return {
            "name": "Another",
            "code": "BX1",
            "type": "bank",
            "bank_account_id": self.account.id,
            "bank_statements_source": "bank_webservice",
            **values,
        }

    def test_second_journal_on_the_account_keeps_its_limit(self):
        journals = self.env["account.journal"].with_user(self.make_manager())
        journal = journals.create(self.journal_values())
        self.assertEqual(journal.two_signers_above, 150.0)
        package = self.prepare(self.pay_from(journal, 5000.0))
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.state, "partly_signed")
        with self.assertRaisesRegex(UserError, "two different people"):
            package.with_user(self.jan).action_send()

    def test_accountant_lifts_the_limit_in_no_way(self):
        manager = self.make_manager()
        journals = self.env["account.journal"].with_user(manager)
        account = self.account.with_user(manager)
        for name, way in {
            "journal": lambda: journals.create(self.journal_values(two_signers_above=9000.0)),
            "default": lambda: journals.with_context(default_two_signers_above=9000.0).create(
                self.journal_values()
            ),
            "write": lambda: self.journal.with_user(manager).write({"two_signers_above": 0.0}),
            "account": lambda: account.write({"two_signers_above": 0.0}),
            "number": lambda: account.write({"acc_number": OTHER_NUMBER}),
            "owner": lambda: account.write({"partner_id": self.supplier.id}),
            "new account": lambda: account.create(
                {"acc_number": OTHER_NUMBER, "partner_id": 1, "two_signers_above": 1.0}
            ),
        }.items():
            with self.subTest(name), self.assertRaises(AccessError):
                way()
        self.assertEqual(self.account.two_signers_above, 150.0)

    def test_journal_without_its_account_has_the_limit_of_what_was_prepared(self):
        package = self.prepare(self.make_payment(200.0))
        self.journal.with_user(self.make_manager()).bank_account_id = False
        self.assertTrue(package._reason_for_two())
        with self.assertRaises(UserError):
            self.sign_by_card(package, self.jan)

    def test_the_same_number_on_another_card_has_the_same_limit(self):
        bare = self.account.acc_number.removeprefix("PL")
        limit = self.env["res.partner.bank"]._two_signers_limit
        self.assertEqual(limit([bare]), 150.0)
        twin = self.make_account(self.company, bare, "10000001")
        twin.two_signers_above = 90.0
        self.assertEqual(limit([self.account.sanitized_acc_number]), 90.0)
        self.assertEqual(limit([SECOND_ACCOUNT]), 0)


class TestPayee(LimitCase):
    """What a payee gets on a day is added up, whatever way it goes."""

    def assert_two_needed(self, *packages):
        for package in packages:
            self.sign_by_card(package, self.jan)
            self.assertEqual(package.state, "partly_signed")
            self.assertIn("200", package.two_signers_reason)

    def test_from_two_accounts(self):
        account = self.make_account(self.company, SECOND_ACCOUNT, "10000001")
        account.two_signers_above = 150.0
        second = self.make_journal(self.company, account, "BW2")
        packages = [
            self.prepare(self.make_payment(100.0)),
            self.prepare(self.pay_from(second, 100.0)),
        ]
        self.assert_two_needed(*packages)

    def test_from_an_account_in_another_currency_at_another_bank(self):
        euro = self.env.ref("base.EUR")
        self.env["res.currency.rate"].sudo().create(
            {"currency_id": euro.id, "company_id": self.company.id, "name": "2026-01-01",
             "inverse_company_rate": 4.0}
        )  # fmt: skip
        bank = self.bank.sudo().copy({"name": "Other", "bic": "PKOPPLPW"})
        account = self.make_account(self.company, SECOND_ACCOUNT, "10000001")
        account.bank_id = bank
        second = self.make_journal(self.company, account, "BW2", euro)
        first = self.prepare(self.make_payment(100.0))
        self.sign_by_card(first, self.jan)
        self.assertEqual(first.state, "signed")
        self.prepare(self.pay_from(second, 25.0))
        self.assertEqual(first.state, "partly_signed")
        self.assertIn("200", first.two_signers_reason)

    def test_from_a_branch(self):
        branch = self.env["res.company"].sudo().create(
            {"name": "Branch", "parent_id": self.company.id, "currency_id": self.pln.id}
        )  # fmt: skip
        self.env.cr.precommit.run()  # its chart of accounts
        self.user.sudo().company_ids = [(4, branch.id)]
        both = [self.company.id, branch.id]
        self.env = self.env(context={**self.env.context, "allowed_company_ids": both})
        packages = []
        for company in (branch, branch, self.company):
            payment = self.make_payment(memo=f"{len(packages)}", company_id=company.id)
            self.assertEqual(payment.company_id, company)
            packages.append(self.prepare(payment))
        for package in packages:
            self.assertIn("300", package.two_signers_reason)

    def test_to_two_contacts_of_one_company(self):
        branch = self.env["res.partner"].sudo()
        branch = branch.create({"name": "Papier, oddział", "parent_id": self.supplier.id})
        branch = branch.with_env(self.env)
        self.age_trust(self.trusted_account(branch))
        packages = [
            self.prepare(self.make_payment(100.0)),
            self.prepare(self.make_payment(100.0, partner=branch)),
        ]
        self.assert_two_needed(*packages)

    def test_to_one_account_under_two_names(self):
        twin = self.env["res.partner"].sudo().create({"name": "Somebody else"})
        number = self.supplier.bank_ids.acc_number
        self.age_trust(self.trusted_account(twin, number))
        packages = [
            self.prepare(self.make_payment(100.0)),
            self.prepare(self.make_payment(100.0, partner=twin.with_env(self.env))),
        ]
        self.assert_two_needed(*packages)

    def trusted_account(self, partner, number=OTHER_NUMBER):
        return (
            self.env["res.partner.bank"]
            .sudo()
            .create({"acc_number": number, "partner_id": partner.id, "allow_out_payment": True})
        )


class TestCertificateAfterSigning(LimitCase):
    """A signature is worth what its certificate is worth on the day when money leaves."""

    def signed(self):
        package = self.prepare(self.make_payment(20.0))
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.state, "signed")
        certificate = package.signature_ids.certificate_id.sudo()
        return package, certificate

    def assert_dropped(self, package, words):
        self.assertEqual(package.state, "prepared")
        self.assertFalse(package.signature_ids)
        self.assertIn(words, package.message_ids[:1].body)
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])

    def ways(self):
        authority = self.env["bank.certificate.authority"].sudo()
        return {
            "ended on": lambda one: one.write({"not_after": fields.Datetime.now()}),
            "is archived": lambda one: one.write({"active": False}),
            "which is not among": lambda one: authority.create({"certificate_pem": OTHER.pem}),
            "lies on the server": lambda one: one.write(
                {"source": "pkcs12", "may_sign_payments": False}
            ),
        }

    def test_it_is_not_sent(self):
        for words, spoil in self.ways().items():
            with self.subTest(words):
                package, certificate = self.signed()
                savepoint = self.env.cr.savepoint()
                spoil(certificate)
                answer = package.with_user(self.ewa).action_send()
                self.assertEqual(answer["params"]["type"], "danger")
                self.assert_dropped(package, words)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_nor_when_it_happens_between_the_button_and_the_call(self):
        for words, spoil in self.ways().items():
            with self.subTest(words):
                package, certificate = self.signed()
                savepoint = self.env.cr.savepoint()
                package.with_user(self.ewa).action_send()
                self.assertEqual(package.state, "to_send")
                spoil(certificate)
                self.env["bank.package"].sudo()._cron_send()
                self.assert_dropped(package, words)
                self.assertIn(words, package.bank_reason)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_revoking_drops_the_signatures_of_that_certificate_alone(self):
        package = self.prepare(self.make_payment(200.0))
        self.sign_by_card(package, self.jan)
        certificate = package.signature_ids.certificate_id.sudo()
        self.sign_by_card(package, self.ewa)
        self.assertEqual(package.state, "signed")
        certificate.with_user(self.jan).action_revoke()
        self.assertEqual(package.state, "partly_signed")
        self.assertEqual(package.signature_ids.user_id, self.ewa)
        self.assertIn("was revoked on", package.message_ids[:1].body)

    def test_what_was_sent_keeps_them(self):
        package, certificate = self.signed()
        self.send_now(package, self.jan)
        certificate.with_user(self.jan).action_revoke()
        self.assertEqual(package.state, "accepted")
        self.assertEqual(package.signature_ids.user_id, self.jan)

    def test_who_has_a_new_certificate_signs_again(self):
        package, certificate = self.signed()
        certificate.with_user(self.jan).action_revoke()
        self.assert_dropped(package, "was revoked on")
        operator = self.env["bank.operator"]._of_user(self.bank, self.jan).sudo()
        new = self.env["bank.certificate"]._register_certificate(
            self.jan, "card", OTHER.certificate
        )
        operator.certificate_id = new
        answer = OTHER.sign(package._raw_content())
        package.with_user(self.jan).card_answer([answer])
        self.assertEqual(package.state, "signed")


class TestOneCardIsOnePerson(LimitCase):
    def both_signed(self, **values):
        """A package that needs two, signed by two users; `values` are written on both cards."""
        package = self.prepare(self.make_payment(200.0))
        for user in (self.jan, self.ewa):
            self.sign_by_card(package, user)
        package.signature_ids.certificate_id.sudo().write(values)
        return package

    def test_one_key_or_one_personal_number_or_a_companys_seal_is_not_two(self):
        for values in (
            {"key_fingerprint": "0" * 64},
            {"person_number": "44051401359"},
            {"is_seal": True, "may_sign_payments": True},
        ):
            with self.subTest(values), self.env.cr.savepoint() as savepoint:
                package = self.both_signed(**values)
                with self.assertRaisesRegex(UserError, "two different people"):
                    package.with_user(self.jan).action_send()
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_two_people_without_numbers_are_two(self):
        self.assertTrue(self.both_signed(person_number=False)._enough_signatures())

    def test_companys_seal_signs_by_choice_of_the_administrator_only(self):
        package = self.prepare(self.make_payment(70.0))
        certificate = self.env["bank.operator"]._of_user(self.bank, self.jan).certificate_id.sudo()
        certificate.write({"is_seal": True, "may_sign_payments": False})
        with self.assertRaisesRegex(UserError, "company's seal"):
            self.sign_by_card(package, self.jan)
        certificate.may_sign_payments = True
        self.sign_by_card(package, self.jan)
        self.assertEqual(package.state, "signed")


class TestFreshTrust(LimitCase):
    """Who trusted the payee's account just now, and nobody else, lets no money go to it."""

    def setUp(self):
        super().setUp()
        self.payee = self.make_supplier("New", OTHER_NUMBER, trusted=False)
        self.payee.bank_ids.with_user(self.jan).sudo().allow_out_payment = True

    def test_sending_it_unsigned_and_confirming_it_on_the_phone(self):
        package = self.prepare(self.make_payment(10.0, partner=self.payee))
        with self.assertRaisesRegex(UserError, "two different people"):
            package.with_user(self.jan).action_send()
        self.assertEqual(package.state, "prepared")
        self.send_now(package, self.ewa)
        self.assertEqual(package.state, "waiting")

    def test_sending_what_a_key_on_the_server_signed(self):
        package = self.prepare(self.make_payment(10.0, partner=self.payee))
        package.with_user(self.ewa).action_sign()
        self.assertEqual(package.state, "signed")
        with self.assertRaisesRegex(UserError, "two different people"):
            package.with_user(self.jan).action_send()

    def test_taking_it_as_a_file(self):
        package = self.prepare(self.make_payment(10.0, partner=self.payee))
        package.with_user(self.ewa).action_sign()
        with self.assertRaisesRegex(UserError, "two different people"):
            package.with_user(self.jan).action_download()

    def test_another_persons_card_is_the_second_pair_of_eyes(self):
        package = self.prepare(self.make_payment(10.0, partner=self.payee))
        self.sign_by_card(package, self.ewa)
        self.send_now(package, self.jan)
        self.assertEqual(package.state, "accepted")
