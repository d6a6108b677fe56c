"""The bank's codes in words: states and reasons of ISO 20022 (external code sets of pain.002)."""

from odoo import api, fields, models


class BankOrder(models.Model):
    _inherit = "bank.order"

    bank_words = fields.Char("What the bank says", compute="_compute_bank_words")

    @api.depends("bank_status", "bank_code", "bank_reason")
    @api.depends_context("lang")
    def _compute_bank_words(self):
        for order in self:
            order.bank_words = in_words(
                self.env, order.bank_status, order.bank_code, order.bank_reason
            )


class BankPackage(models.Model):
    _inherit = "bank.package"

    bank_words = fields.Char("What the bank says", compute="_compute_bank_words")
    payer_account = fields.Char(related="journal_id.bank_account_id.acc_number")

    @api.depends("bank_status", "bank_reason")
    @api.depends_context("lang")
    def _compute_bank_words(self):
        for package in self:
            package.bank_words = in_words(self.env, package.bank_status, "", package.bank_reason)


class BankCall(models.Model):
    _inherit = "bank.call"

    operation_words = fields.Char("Question", compute="_compute_operation_words")

    @api.depends("operation")
    @api.depends_context("lang")
    def _compute_operation_words(self):
        words = _operations(self.env)
        for call in self:
            call.operation_words = words.get(call.operation, call.operation)


def in_words(env, status, code="", reason=""):
    """State, then reason; a code that the tables do not have stays as the bank wrote it."""
    parts = [_states(env).get(status, status), _reasons(env).get(code, code)]
    if reason and reason not in parts:
        parts.append(reason)
    return ": ".join(part for part in parts if part) or False


def _states(env):
    return {
        "RCVD": env._("Received"),
        "PDNG": env._("Waiting at the bank"),
        "PATC": env._("Waiting for another signature"),
        "ACTC": env._("Checked and found to be in order"),
        "ACCP": env._("Accepted"),
        "ACSP": env._("Accepted, being executed"),
        "ACSC": env._("Executed by the bank"),
        "ACCC": env._("Executed, credited to the payee"),
        "ACWC": env._("Accepted with a change"),
        "ACFC": env._("Accepted, the money is there"),
        "PART": env._("Accepted in part"),
        "RJCT": env._("Refused"),
        "CANC": env._("Recalled"),
    }


def _reasons(env):
    return {
        "AC01": env._("The account number is wrong"),
        "AC03": env._("The payee's account number is not valid"),
        "AC04": env._("The payee's account is closed"),
        "AC06": env._("The account is blocked"),
        "AG01": env._("This kind of payment is not allowed from this account"),
        "AG02": env._("The kind of payment is wrong"),
        "AM02": env._("The amount is above the limit"),
        "AM03": env._("The currency is not allowed"),
        "AM04": env._("Not enough money on the account"),
        "AM05": env._("The bank has this payment already"),
        "AM09": env._("The amount is wrong"),
        "BE04": env._("The payee's address is missing"),
        "DT01": env._("The date is wrong"),
        "DU01": env._("The bank has a message with this id already"),
        "DU04": env._("The bank has a payment with this id already"),
        "FF01": env._("The format of the file is wrong"),
        "MD07": env._("The payee has died"),
        "MS03": env._("The bank gives no reason"),
        "NARR": "",  # "see the words"
        "RC01": env._("The payee's bank is wrong"),
        "RR04": env._("For a legal reason"),
        "TM01": env._("Too late for today"),
    }


def _operations(env):
    return {
        "log_in": env._("Log in"),
        "confirm": env._("Was it confirmed?"),
        "log_out": env._("Log out"),
        "accounts": env._("Accounts"),
        "balance": env._("Balance"),
        "statements": env._("Statements"),
        "history": env._("Today's operations"),
        "send": env._("Hand over"),
        "status": env._("Status"),
        "pending": env._("What waits at the bank"),
        "recall": env._("Recall"),
        "confirmation": env._("Confirmation of a transfer"),
    }
