"""Split payment of bills: VAT, number, and whether one order may pay them all.

The law's rules, with their sources, are in docs/poland.md.
"""

from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_date

from ...protocol.checks import mpp
from ...protocol.errors import InvalidOrder, Problem

INVOICES = ("in_invoice", "in_refund", "in_receipt")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    bank_vat_amount = fields.Monetary(
        "VAT in it", compute="_compute_bank_vat", store=True, readonly=False
    )
    bank_vat_invoice = fields.Char(
        "Invoice or KSeF number", compute="_compute_bank_vat", store=True, readonly=False
    )

    @api.depends("invoice_ids", "bank_kind", "amount")
    def _compute_bank_vat(self):
        for payment in self:
            title = payment.bank_kind == "mpp" and payment._mpp_title()
            payment.bank_vat_amount = title and float(title.vat_amount)
            payment.bank_vat_invoice = title and title.vat_invoice

    def _wants_split_payment(self):
        return any(self._bank_bills().mapped("bank_split_payment"))

    def _bills_and_notes(self):
        bills = self._bank_bills()
        return bills | bills._bank_credit_notes()

    # -------------------------------------------------------------------------
    # TITLE
    # -------------------------------------------------------------------------

    def _mpp_form(self):
        """(details of the order, parts of its title)."""
        vat = Decimal(f"{self.bank_vat_amount or 0:.2f}")
        nip = (self.partner_id.commercial_partner_id.vat or "").removeprefix("PL")
        number = self.bank_vat_invoice or ""
        details = {"vat_amount": str(vat), "vat_tax_id": nip, "vat_invoice": number}
        return details, mpp.MppTitle(vat, nip, number)

    def _mpp_title(self):
        """The title that the bills of this payment give, or None where they give none."""
        try:
            return self._mpp_combined()
        except InvalidOrder:
            return None

    def _mpp_combined(self):
        """As `_mpp_title`; `InvalidOrder` where the law wants an order for each of them."""
        bills = self._bills_and_notes().filtered("invoice_date")
        if not bills:
            return None
        invoices = [bill._mpp_invoice(self, bills) for bill in bills]
        return mpp.combined(invoices, Decimal(f"{self.amount:.2f}"))[0]

    # -------------------------------------------------------------------------
    # MAY THEY BE PAID TOGETHER?
    # -------------------------------------------------------------------------

    def _problems_of_split(self, name):
        """[Problem] of a split payment of several bills."""
        if self.bank_kind != "mpp":
            return []
        try:
            self._mpp_combined()
        except InvalidOrder as error:
            return [
                Problem.of(name, problem.field, problem.template, **problem.values)
                for problem in error.problems
            ]
        days = mpp.period_of(self.bank_vat_invoice or "")
        return self._problems_of_period(name, *days) if days else []

    def _problems_of_period(self, name, first, last):
        """The title names a period: the law lets it only where all invoices of it are paid."""
        label = self.env._("Invoice or KSeF number")
        period = {"first": format_date(self.env, first), "last": format_date(self.env, last)}
        others = self._other_bills_of(first, last)
        if others:
            words = self.env._(
                "the title says that this order pays all invoices of %(first)s to %(last)s, and "
                "these are not in it: %(bills)s. Pay one order a bill, or all of them together.",
                bills=", ".join(bill.ref or bill.name for bill in others),
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
                    ("commercial_partner_id.vat", "=", supplier.vat or "-"),
                ],
                order="invoice_date, id",
            )
        )
