# SPDX-License-Identifier: LGPL-3.0-only
"""What Polish law wants of a transfer for bills by split payment, and the KSeF number in its title.

The rules, with their sources, are in docs/poland.md.
"""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...protocol import rules_pl
from ...protocol.checks import ksef, mpp
from ...protocol.checks.context import KSEF_FROM
from ...protocol.checks.vat_account import OWN_TRANSFER
from ...protocol.errors import BankError, InvalidOrder, Problem
from ...protocol.ksef_api import Paid
from ...protocol.vocabulary import INVOICE_KINDS
from ..connection.rights import require_right
from ..connection.words import shown, translated
from .bank_order_books import paid_bills
from .white_list_answer import nip_of, spellings_of, today_in_poland

MPP_DUTY = rules_pl.value_of("mpp-duty")
INVOICES = ("in_invoice", "in_refund", "in_receipt")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    bank_vat_amount = fields.Monetary(
        "VAT in it", compute="_compute_bank_vat", store=True, readonly=False
    )
    bank_vat_invoice = fields.Char(
        "Invoice or KSeF number", compute="_compute_bank_vat", store=True, readonly=False
    )

    bank_collective_id = fields.Char(
        "Collective identifier",
        copy=False,
        help="Of KSeF, for several invoices of one seller in one transfer: NIP-IZYYYYMM-…",
    )
    bank_ksef_reason = fields.Char(
        "Why no KSeF number",
        copy=False,
        help="For example: issued while KSeF was out of order.",
    )

    @api.depends("invoice_ids", "bank_kind", "amount", "bank_collective_id")
    def _compute_bank_vat(self):
        for payment in self:
            if payment._between_vat_accounts():
                payment.bank_vat_amount, payment.bank_vat_invoice = payment.amount, OWN_TRANSFER
                continue
            title = payment.bank_kind == "mpp" and payment._mpp_title()
            payment.bank_vat_amount = title and float(title.vat_amount)
            payment.bank_vat_invoice = title and title.vat_invoice

    def _between_vat_accounts(self):
        """All of it is VAT, and it pays no invoice."""
        own, payee = self.journal_id.bank_account_id, self.partner_bank_id
        return self.bank_kind == "mpp" and own.is_vat_account and payee.is_own_account

    def _problems_between_vat_accounts(self, name):
        """The other one is the same tax payer's, and behind an account in PLN: no other has one."""
        payee, own = self.partner_bank_id, self.company_id
        holder = payee.partner_id.commercial_partner_id
        currency = payee.currency_id or payee.sudo().journal_id.currency_id or own.currency_id
        if holder != own.partner_id and nip_of(holder.vat) != (nip_of(own.vat) or None):
            words = self.env._(
                "%(account)s is an account of %(holder)s: from a VAT account money goes to another "
                "VAT account of the same company only.",
                account=payee.acc_number,
                holder=holder.name,
            )
        elif currency.name != "PLN":
            words = self.env._(
                "%(account)s is in %(currency)s: only an account in PLN has a VAT account.",
                account=payee.acc_number,
                currency=currency.name,
            )
        else:
            return []
        return [Problem(name, self.env._("Recipient bank account"), words)]

    def _wants_split_payment(self):
        return any(self.bank_bill_ids.mapped("bank_split_payment"))

    def _bills_and_notes(self):
        bills = self.bank_bill_ids
        return bills | bills._bank_credit_notes()

    # -------------------------------------------------------------------------
    # TITLE
    # -------------------------------------------------------------------------

    def _mpp_form(self):
        """(details of the order, parts of its title)."""
        vat = Decimal(f"{self.bank_vat_amount or 0:.2f}")
        nip = mpp.plain_tax_id(self.partner_id.commercial_partner_id.vat or "")
        number = " ".join(ksef.tidy(self.bank_vat_invoice or "").split())
        details = {"vat_amount": str(vat), "vat_tax_id": nip, "vat_invoice": number}
        if reason := self._ksef_reason():
            details["ksef_reason"] = reason
        return details, mpp.MppTitle(vat, nip, number)

    def _mpp_title(self):
        """The title that the bills of this payment give, or None where they give none."""
        try:
            return self._mpp_combined()
        except InvalidOrder:
            return None

    def _mpp_combined(self):
        """As `_mpp_title`; `InvalidOrder` where the law wants an order for each of them."""
        bills = self._bills_and_notes().filtered("invoice_date").sorted(_due_first)
        if not bills:
            return None
        currency = bills.currency_id if len(bills.currency_id) == 1 else self.currency_id
        invoices = [bill._mpp_invoice(self, bills, currency) for bill in bills]
        paid = Decimal(f"{self._amount_in(currency):.3f}")
        carried = self._vat_carried_before(bills)
        return mpp.combined(invoices, paid, self._collective(), carried=carried)[0]

    def _amount_in(self, currency):
        """As Odoo matches it with bills in another currency."""
        if currency == self.currency_id:
            return self.amount
        return self.currency_id._convert(self.amount, currency, self.company_id, self.date)

    def _vat_carried_before(self, bills):
        """The VAT of the split payments that paid a part of these bills before; None where a part
        was paid otherwise, or together with other bills, and where no credit note changes it."""
        if "in_refund" not in bills.mapped("move_type"):
            return None
        lines = bills.line_ids.filtered(lambda line: line.account_type == "liability_payable")
        matches = lines.matched_debit_ids | lines.matched_credit_ids
        moves = (matches.debit_move_id | matches.credit_move_id).move_id
        before = moves - bills - self.move_id - matches.exchange_move_id
        if own := self._origin.id:
            before = before.filtered(lambda move: move.origin_payment_id.id < own)
        payments = before.origin_payment_id
        if len(payments) != len(before) or any(
            payment.bank_kind != "mpp" or payment.bank_bill_ids - bills for payment in payments
        ):
            return None
        return Decimal(f"{sum(payments.mapped('bank_vat_amount')):.2f}")

    # -------------------------------------------------------------------------
    # MAY THEY BE PAID TOGETHER?
    # -------------------------------------------------------------------------

    def _problems_of_split(self, name):
        """[Problem] of a split payment of several bills."""
        if self.bank_kind != "mpp":
            return self._hint_of_split(name)
        if self._between_vat_accounts():
            return self._problems_between_vat_accounts(name)
        try:
            title = self._mpp_combined()
        except InvalidOrder as error:
            return [
                Problem.of(name, problem.field, problem.template, **problem.values)
                for problem in error.problems
            ]
        days = mpp.period_of(self.bank_vat_invoice or "")
        found = self._problems_of_period(name, *days) if days else []
        if title and not self.currency_id.compare_amounts(float(title.vat_amount), self.amount):
            words = self.env._(
                "all that is paid is VAT: the credit notes take away money, and less VAT. Lower "
                "the VAT where the supplier has agreed to set it off otherwise."
            )
            found.append(Problem(name, self.env._("VAT in it"), words, severity="warning"))
        if self.bank_vat_invoice in self.bank_bill_ids.filtered("name").mapped("name"):
            words = self.env._(
                "%s is our own number of the bill. Enter the supplier's number on it, as its "
                "reference: the law wants that one in the title.",
                self.bank_vat_invoice,
            )
            label = self.env._("Invoice or KSeF number")
            found.append(Problem(name, label, words, severity="warning"))
        return found

    def _hint_of_split(self, name):
        """What a bill asks for is said; the law's duty depends on what was bought, which a person
        knows."""
        bills, label = self.bank_bill_ids, self.env._("Kind of transfer")
        meant = bills.filtered("bank_split_payment")
        if meant:
            words = self.env._(
                "%s: to be paid by split payment, and this transfer is none. Split payment is in "
                "PLN.",
                _names(meant),
            )
        elif self._may_owe_split_payment():
            # Without the bill, which is named beside it: of several it is one line.
            words = self.env._(
                "a bill above %s PLN gross. With goods or services of annex 15 to the VAT act "
                "split payment is a duty.",
                shown(self.env, MPP_DUTY),
            )
        else:
            return []
        return [Problem(name, label, words, severity="warning")]

    def _may_owe_split_payment(self):
        """Whether it pays an invoice of the law's size in the ordinary way, in any currency."""
        return self.bank_kind in INVOICE_KINDS and any(
            bill.move_type == "in_invoice"
            and nip_of(bill.commercial_partner_id.vat)
            and -bill.amount_total_signed > MPP_DUTY
            for bill in self.bank_bill_ids
        )

    def _problems_of_period(self, name, first, last):
        """The title names a period: the law lets it only where all invoices of it are paid."""
        label = self.env._("Invoice or KSeF number")
        period = {"first": format_date(self.env, first), "last": format_date(self.env, last)}
        others = self._other_bills_of(first, last)
        if others:
            words = self.env._(
                "the title says that this order pays all invoices of %(first)s to %(last)s, and "
                "these are not in it: %(bills)s. Pay one order a bill, or all of them together.",
                bills=_names(others),
                **period,
            )
            return [Problem(name, label, words)]
        words = self.env._(
            "the title says that this order pays all invoices that %(payee)s issued from "
            "%(first)s to %(last)s. If there is one more, pay one order a bill.",
            payee=self.partner_id.commercial_partner_id.name,
            **period,
        )
        return [Problem(name, label, words, severity="warning")]

    def _other_bills_of(self, first, last):
        """The supplier's posted invoices of these days that this payment does not pay."""
        supplier = self.partner_id.commercial_partner_id
        own = self._bills_and_notes()
        return (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("move_type", "in", INVOICES),
                    ("state", "=", "posted"),
                    ("company_id", "=", self.company_id.id),
                    ("invoice_date", ">=", first),
                    ("invoice_date", "<=", last),
                    ("id", "not in", own.ids),
                    # A bill and its credit note, against each other: nothing to pay.
                    ("payment_state", "!=", "reversed"),
                    "|",
                    ("commercial_partner_id", "=", supplier.id),
                    ("commercial_partner_id.vat", "in", spellings_of(supplier.vat or "-")),
                ],
                order="invoice_date, id",
            )
        )

    # -------------------------------------------------------------------------
    # THE KSEF NUMBER
    # -------------------------------------------------------------------------

    @api.onchange("bank_collective_id")
    def _onchange_bank_collective_id(self):
        self.bank_collective_id = ksef.tidy(self.bank_collective_id or "")

    def _ksef_bills(self):
        """{name of the bill: KSeF number, or empty} of the Polish suppliers' bills paid by it.

        A credit note goes with the one bill that it corrects.
        """
        bills = self.bank_bill_ids.filtered(
            lambda bill: (
                bill.move_type in ("in_invoice", "in_refund")
                and nip_of(bill.commercial_partner_id.vat)
            )
        )
        notes = bills.filtered(lambda bill: bill.move_type == "in_refund")
        alone = bills - notes
        if len(alone) == 1 and all(note.reversed_entry_id == alone for note in notes):
            bills = alone
        numbers = {}
        for bill in bills:
            name = bill.ref or bill.name
            # A supplier may have given two of them one number.
            numbers[bill.name if name in numbers else name] = bill._bank_ksef()
        return numbers

    def _ksef_number(self):
        """What the title names: the collective identifier, or the number of the only bill."""
        if self._collective():
            return self._collective()
        numbers = list(self._ksef_bills().values())
        return numbers[0] if len(numbers) == 1 else ""

    def _collective(self):
        return ksef.tidy(self.bank_collective_id or "").strip()

    def _ksef_reason(self):
        """Why there is no number: the payment's word, or that of all its bills. Blanks are none."""
        own, bills = (self.bank_ksef_reason or "").strip(), self.bank_bill_ids
        reasons = [(bill.bank_ksef_reason or "").strip() for bill in bills]
        without = bool(bills) and not any(bill._bank_ksef() for bill in bills)
        return own or (", ".join(dict.fromkeys(reasons)) if without and all(reasons) else "")

    def _ksef_form(self, day):
        """(details, title) of a transfer that is no split payment; the title is empty where
        there is no number to name, and before the law's day unless somebody entered a collective
        identifier."""
        if self.bank_kind not in INVOICE_KINDS or not (day >= KSEF_FROM or self._collective()):
            return {}, ""
        if number := self._ksef_number():
            named = any(number in part for part in self._title_parts())
            return {"ksef_number": number}, self._title("" if named else number)
        reason = self._ksef_reason()
        return ({"ksef_reason": reason} if reason else {}), ""

    def _problems_of_ksef(self, name, day, active):
        """[Problem]. `active`: see `_active_vat_payers`."""
        if self.bank_kind not in INVOICE_KINDS or not (day >= KSEF_FROM or self._collective()):
            return []
        return list(
            ksef.problems_of_bills(
                name,
                day,
                self._ksef_bills(),
                collective=self._collective(),
                reason=self._ksef_reason(),
                payee_is_active=self._is_between_active(active),
            )
        )

    def _is_between_active(self, active):
        """Whether both sides are active VAT payers; None where nobody asked about the payee."""
        own = active.get(nip_of(self.company_id.vat), True)
        return active.get(nip_of(self.partner_id.commercial_partner_id.vat)) if own else False

    def _lacks_ksef(self, title, active):
        """Whether the law's day has passed this title by: it names no number, and ought to."""
        if not self._ksef_bills() or self._ksef_reason():
            return False
        number = self._ksef_number()
        return self._is_between_active(active) is not False and (not number or number not in title)

    def _active_vat_payers(self):
        """{tax id: whether it is an active VAT payer today}, ours too, as far as it was asked."""
        texts = [
            *self.company_id.mapped("vat"),
            *self.partner_id.commercial_partner_id.mapped("vat"),
        ]
        nips = {nip_of(text) for text in texts} - {""}
        return self.env["bank.white.list"]._active(nips, today_in_poland()) if nips else {}

    # -------------------------------------------------------------------------
    # ASKING KSEF
    # -------------------------------------------------------------------------

    def action_ask_collective_id(self):
        """Button: KSeF gives the number that stands for all bills of this payment."""
        require_right(self.env, "operator")
        for payment in self:
            payment._refuse_when_ordered(None)
            payment.bank_collective_id = payment._ask_collective_id()

    def _ask_collective_id(self):
        bills = self.bank_bill_ids
        without = bills.filtered(lambda bill: not bill._bank_ksef())
        if without:
            words = self.env._("%s: no KSeF number. Enter it on the bill.", _names(without))
            raise UserError(words)
        paid = paid_bills(self).get(self.id, {})
        invoices = [self._told_to_ksef(bill, paid.get(str(bill.id))) for bill in bills]
        try:
            return self.company_id._ksef().collective_identifier(invoices)
        except BankError as error:
            words = translated(self.env, error.message)
            words = f"KSeF: {words} [{error.code}]" if error.code else f"KSeF: {words}"
            raise UserError(words) from None

    def _told_to_ksef(self, bill, paid):
        """What is paid of a bill, in the currency of the payment; where that is not known, all of
        it in the bill's. A credit note is taken off the bills: what is left of them is paid."""
        number = bill._bank_ksef()
        if bill.move_type == "in_refund":
            return Paid(number, None)
        if paid:
            return Paid(number, Decimal(paid), self.currency_id.name)
        return Paid(number, Decimal(f"{bill.amount_total:.2f}"), bill.currency_id.name)


def _due_first(bill):
    """As Odoo matches them with a payment of a part."""
    return bill.invoice_date_due or bill.date, -bill.amount_total


def _names(bills):
    return ", ".join(bill.ref or bill.name for bill in bills)


class ResPartner(models.Model):
    _inherit = "res.partner"

    bank_split_payment = fields.Boolean(
        "Split payment", help="New bills of this supplier are to be paid by split payment (MPP)."
    )
