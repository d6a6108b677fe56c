# SPDX-License-Identifier: LGPL-3.0-only
"""Who must sign: two different people above the journal's limit, and the identity checked first."""

import functools
import itertools
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError
from odoo.http import request

from ...protocol.states import OVER, SIGNED
from .res_partner_bank import reason_of_other_payee

# An account that the signer himself declared good so recently needs a second pair of eyes.
FRESH_TRUST = timedelta(days=7)


def identity_checked(method):
    """Odoo's `check_identity` where a person acts in the web client; nobody else is asked."""
    asking = check_identity(method)

    @functools.wraps(method)
    def operation(self, *args, **kwargs):
        return (asking if request else method)(self, *args, **kwargs)

    operation.__has_check_identity = True
    return operation


class _Payees:
    """Which account numbers and contacts are one payee: joined step by step, then asked for."""

    def __init__(self, env, numbers):
        """numbers: of those that are looked up among the cards, to know whose they are."""
        self.above = {}
        cards = env["res.partner.bank"].with_context(active_test=False)
        self.key = cards._number_key
        for card in cards.search([("sanitized_acc_number", "in", list(set(numbers)))]):
            self.join(card.sanitized_acc_number, card.partner_id)

    def join(self, number, partner):
        if partner:
            self.above[self._top(self.key(number))] = self._top(partner.commercial_partner_id.id)

    def of(self, number):
        """One and the same key for every number of a payee."""
        return self._top(self.key(number))

    def _top(self, key):
        while key in self.above and self.above[key] != key:
            key = self.above[key]
        return key


class BankPackage(models.Model):
    _inherit = "bank.package"

    two_signers_reason = fields.Char("Two people must sign", compute="_compute_two_signers_reason")

    @api.depends(
        "order_ids.amount",
        "order_ids.journal_id.bank_account_id.two_signers_above",
        "signature_ids",
        "sender_id",
    )
    def _compute_two_signers_reason(self):
        for package in self:
            package.two_signers_reason = package._reason_for_two() or False

    def _reason_for_two(self):
        """Why one signature is not enough, in words; empty where it is."""
        self.ensure_one()
        # Of several accounts the strictest limit counts.
        accounts = self.env["res.partner.bank"]
        limit = accounts._two_signers_limit(self.sudo().order_ids.mapped("payer_account"))
        money = self.currency_id.format
        if not limit:
            return ""
        if self.currency_id.compare_amounts(self.total, limit) > 0:
            return self.env._(
                "the total of the package is %(total)s, more than %(limit)s",
                total=money(self.total),
                limit=money(limit),
            )
        for (payee, day), amount in self._payee_day_totals().items():
            if self.currency_id.compare_amounts(amount, limit) > 0:
                return self.env._(
                    "%(payee)s gets %(amount)s on %(day)s, more than %(limit)s",
                    payee=payee,
                    amount=money(amount),
                    day=day,
                    limit=money(limit),
                )
        return self._reason_of_fresh_trust() or reason_of_other_payee(self)

    def _payee_day_totals(self):
        """{(payee, day): amount in the package's currency} of all living orders of the company
        and its branches.

        From whatever account and package. A payee is one by an account number, and by a company
        (commercial entity) whatever contact and account of it is paid; one thing leads to another.
        """
        orders = self.sudo().order_ids
        domain = [
            ("company_id", "child_of", self.sudo().company_id.root_id.id),
            ("execute_on", "in", list(set(orders.mapped("execute_on")))),
            ("bank_state", "not in", OVER),
        ]
        by = ["execute_on:day", "payee_account", "partner_id", "currency_id"]
        groups = orders._read_group(domain, by, ["amount:sum"])
        payees = _Payees(self.sudo().env, [group[1] for group in groups])
        for _day, number, partner, _currency, _amount in groups:
            payees.join(number, partner)
        totals, today = defaultdict(float), fields.Date.context_today(self)
        for day, number, _partner, currency, amount in groups:
            totals[payees.of(number), day] += currency._convert(
                amount, self.currency_id, self.company_id, today
            )
        named = {}
        for order in orders:
            key = order.payee_name, fields.Date.to_string(order.execute_on)
            total = totals[payees.of(order.payee_account), order.execute_on]
            named[key] = max(total, named.get(key, 0))
        return named

    def _reason_of_fresh_trust(self):
        """Who trusted an account just now does not pay it alone: neither by his signature, nor by
        sending it, which he may confirm on his phone."""
        since = fields.Datetime.now() - FRESH_TRUST
        acting = self.sudo().signature_ids.user_id | self.sudo().sender_id
        signers = self._card_signatures().user_id
        for account in self.sudo().order_ids.partner_bank_id:
            who = account.trusted_by_id
            fresh = (account.trusted_at or since) > since
            if fresh and who in acting and not signers - who:
                return self.env._(
                    "%(user)s trusted the account %(account)s less than 7 days ago, and would sign "
                    "or send alone",
                    user=who.name,
                    account=account.acc_number,
                )
        return ""

    def _card_signatures(self):
        """Those of persons: a key that lies on the server, or a company's seal, is nobody's."""
        return self.sudo().signature_ids.filtered(
            lambda signature: (
                signature.certificate_id.source == "card" and not signature.certificate_id.is_seal
            )
        )

    def _enough_signatures(self):
        """Two people are two users with two keys who, where the cards name them, are two."""
        return not self._reason_for_two() or any(
            one._other_person(two)
            for one, two in itertools.combinations(self._card_signatures(), 2)
        )

    def _ready_state(self):
        if not self.signature_ids:
            return "prepared"
        return "signed" if self._enough_signatures() else "partly_signed"

    # -------------------------------------------------------------------------
    # WHAT CHANGES AFTER SIGNING
    # -------------------------------------------------------------------------

    def _drop_signatures(self, reason):
        """Signatures that are no longer worth what they were; only before anything was sent."""
        for package in self.sudo().filtered(lambda item: item.state in SIGNED):
            package.signature_ids.unlink()
            package._set_state("prepared")
            package.message_post(body=self.env._("Signatures were removed: %s", reason))

    def _drop_failed_signatures(self):
        """[sentence] of each signature whose certificate may not sign any more: it is removed.

        Revoked, ended or not trusted any more since it was given: then it is not sent with it.
        """
        self.check_access("read")
        told = []
        for package in self.sudo().filtered(lambda item: item.state in (*SIGNED, "to_send")):
            package.signature_ids.certificate_id._renew_standing()
            for signature in package.signature_ids:
                if not (problem := signature._problem()):
                    continue
                words = self.env._(
                    "Package %(package)s: the signature of %(user)s was removed. %(problem)s",
                    package=package.name,
                    user=signature.user_id.name,
                    problem=problem,
                )
                signature.unlink()
                package.message_post(body=words)
                told.append(words)
        self._follow_approval()
        return told

    def _follow_approval(self):
        """Signed packages that need another signature now say so, and can be signed."""
        for package in self.sudo():
            if package.state in SIGNED and package.state != package._ready_state():
                package._set_state(package._ready_state())

    def _approve_as_sender(self):
        """Known before the approvals are held: who sends it is one of those who act."""
        self.sudo().sender_id = self.env.user

    def _refuse_unapproved(self):
        """Held again at sending and at the download of a file."""
        problems = list(filter(None, (item._problem() for item in self.sudo().signature_ids)))
        if problems:
            raise UserError("\n".join(problems))
        if not self._enough_signatures():
            raise UserError(
                self.env._(
                    "Package %(package)s: two different people must sign it, since %(reason)s.",
                    package=self.name,
                    reason=self._reason_for_two(),
                )
            )
