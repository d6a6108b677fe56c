# SPDX-License-Identifier: LGPL-3.0-only
"""*Test connection*: says in words what works and what does not, step by step."""

from markupsafe import Markup
from odoo import fields, models
from odoo.exceptions import LockError, UserError

from ...protocol import errors
from ...protocol.banks import BANKS
from .operation import LoginNeeded, bank_operation, database_uuid, refuse_when_neutralized
from .words import explain, link_to, user_error, way_out


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @bank_operation
    def action_test_connection(self):
        """Button: logs in if needed, and walks through what daily work needs."""
        self.ensure_one()
        # Before any call is made: who may not keep the result does not ask for it either.
        self.check_access("read")
        self.env["bank.connection.test"].check_access("create")
        wizard = self._run_connection_test()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test of the connection"),
            "res_model": "bank.connection.test",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def _run_connection_test(self):
        """Tests, and keeps that it was good. Returns the bank.connection.test."""
        self._hold_for_test()
        steps, good = self._test_connection()
        if good:
            now = fields.Datetime.now()
            uuid = database_uuid(self.env)
            self.sudo().write({"webservice_tested_at": now, "webservice_tested_uuid": uuid})
            self.sudo().bank_id.write({"webservice_tested_at": now})
        return self.env["bank.connection.test"].create(
            {"account_id": self.id, "good": good, "result": self._steps_html(steps)}
        )

    def _hold_for_test(self):
        """What is written at the end is locked first: no log-in at the bank is in vain then, and
        none is repeated because Odoo runs the request again."""
        try:
            for records in (self.sudo().bank_id, self.sudo()):
                records.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._(
                    "Somebody else is testing or changing this account or its bank at this "
                    "moment. Try again in a minute."
                )
            ) from None

    def _test_connection(self):
        """[(works, words or the error)], all good? LoginNeeded goes through: a person has to
        confirm first."""
        refuse_when_neutralized(self.env)
        steps = []
        try:
            session = self.env["bank.session"]._of_account(self)
            steps.append((True, self._words_complete()))
            ask = self._asking(session)
            wanted = self._webservice_account()
            accounts = ask("accounts", lambda bank, s: bank.accounts(s, wanted))
            steps.append((True, self._words_accepted()))
            steps += self._test_agreement(ask, wanted)
            session._complete()
            account = self._own_at_bank(accounts)
            steps.append((True, self.env._("The account is in the agreement.")))
            self._check_currency(account)
            steps.append((True, self.env._("The currency is the journal's: %s.", account.currency)))
            try:
                balance = ask("balance", lambda bank, s: bank.balance(s, account))
            except errors.Later:
                steps.append((True, self.env._("The bank took the question for the balance.")))
            else:
                steps.append(
                    (
                        True,
                        self.env._(
                            "The balance was read: %(amount)s.",
                            amount=self._journal_currency().format(float(balance.booked)),
                        ),
                    )
                )
            return [*steps, *self._probe(ask, account)], True
        except LoginNeeded:
            raise
        except errors.BankError as error:
            return [*steps, (False, user_error(self.env, error))], False
        except UserError as error:
            return [*steps, (False, error)], False

    def _words_complete(self):
        if self.bank_id.has_session:
            return self.env._("The settings of account, bank and operator are complete.")
        return self.env._("The settings of account, bank and company are complete.")

    def _words_accepted(self):
        bank = self.bank_id.name
        if self.bank_id.has_session:
            return self.env._("%(bank)s answers, and the login is accepted.", bank=bank)
        return self.env._("%(bank)s answers, and it knows your company.", bank=bank)

    def _asking(self, session):
        """How the bank is asked, with one log-in at most: a session that was opened just now and
        that the bank ends at once is a finding, not a reason to log in again."""
        was_open = session.state == "open"
        session._ensure_open()
        return session._read if was_open else session._call

    def _test_agreement(self, ask, account):
        """[(works, words)] of how the bank wants to be spoken to, read anew and kept."""
        if not self.has_agreement:
            return []
        try:
            self._take_agreement(ask("agreement", lambda bank, s: bank.agreement(s, account)))
        except errors.BadAnswer as error:
            return [(False, explain(self.env, error))]
        return [(True, words) for words in self._agreement_lines()]

    def _probe(self, ask, account):
        """[(works, words)] of a message that changes nothing, at banks that answer one."""
        if not BANKS[self.bank_id.sudo().bank_channel].has_probe:
            return []
        try:
            ask("probe", lambda bank, s: bank.probe(s, account))
        except errors.Later:
            return [(True, self.env._("The bank took the test message."))]
        return [(True, self.env._("The bank answered a test message: messages go both ways."))]

    def _own_at_bank(self, accounts):
        """This account among those that the bank lists for the client identifier."""
        number = self._number_key(self.sanitized_acc_number)
        for account in accounts:
            if self._number_key(account.number) == number:
                return account
        words = self.env._(
            "The account %(account)s is not among those that the bank lists for the client "
            "identifier %(client)s: %(listed)s. Check both.",
            account=self.acc_number,
            client=self.client_identifier,
            listed=", ".join(account.number for account in accounts) or "-",
        )
        raise way_out(words, self)

    def _check_currency(self, account):
        currency = self._journal_currency()
        if currency and currency.name != account.currency:
            words = self.env._(
                "The bank keeps the account %(account)s in %(bank)s, the journal is in "
                "%(journal)s. Correct the journal's currency.",
                account=self.acc_number,
                bank=account.currency,
                journal=currency.name,
            )
            raise way_out(words, self.journal_id[:1] or self)

    def _steps_html(self, steps):
        rows = Markup().join(
            Markup("<li class='list-group-item'><i class='fa {}' title='{}'/> {}{}</li>").format(
                "fa-check text-success" if works else "fa-times text-danger",
                self.env._("works") if works else self.env._("does not work"),
                words,
                link_to(words),
            )
            for works, words in steps
        )
        return Markup("<ul class='list-group'>{}</ul>").format(rows)
