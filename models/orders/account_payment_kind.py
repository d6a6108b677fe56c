# SPDX-License-Identifier: LGPL-3.0-only
"""What an accountant may choose of a transfer before it is prepared: kind, charges, way, form."""

from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from ...protocol.checks import mpp, tax
from ...protocol.errors import InvalidOrder
from ...protocol.vocabulary import CHARGES, KINDS, ROUTES

TAX_IDS = [
    ("N", "NIP"),
    ("R", "REGON"),
    ("P", "PESEL"),
    ("1", "Identity card"),
    ("2", "Passport"),
    ("3", "Other id"),
]
# ISO 20022, external category purposes.
PURPOSES = [
    ("SALA", "Salaries"),
    ("PENS", "Pensions"),
    ("SUPP", "Suppliers"),
    ("VATX", "VAT"),
    ("TAXS", "Taxes"),
]
TAX_FIELDS = ("tax_id_type", "tax_id", "tax_period", "tax_form", "tax_obligation")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    bank_kind = fields.Selection(
        [*KINDS.items()],
        "Kind of transfer",
        compute="_compute_bank_kind",
        store=True,
        readonly=False,
        help="Proposed from account, payee and amount; it can be changed until the order is made.",
    )
    bank_charges = fields.Selection(
        [*CHARGES.items()], "Charges", help="Empty: as the journal says."
    )
    bank_route = fields.Selection([*ROUTES.items()], "Way", help="Empty: the bank's ordinary way.")
    bank_purpose = fields.Selection(
        PURPOSES, "Purpose", help="A code for the bank. Salaries go in a package of their own."
    )
    bank_as_one = fields.Boolean(
        "One entry for all salaries",
        help="The bank is asked to book all salaries of the package as one entry of the statement.",
    )
    bank_deal = fields.Char(
        "Currency deal", copy=False, help="The number that the bank's dealer gave, with its rate."
    )
    bank_sent_currency_id = fields.Many2one(
        "res.currency",
        "Sent in",
        help="Of a transfer abroad: the bank takes the amount as it stands here, and sends what it "
        "is worth in this currency. Empty: it sends the amount itself.",
    )
    bank_intermediary_bic = fields.Char(
        "Intermediary bank (BIC)",
        compute="_compute_bank_intermediary",
        store=True,
        readonly=False,
        help="Proposed from the payee's account.",
    )
    bank_tax_id_type = fields.Selection(TAX_IDS, "Kind of id", default="N")
    bank_tax_id = fields.Char("Our id", compute="_compute_bank_tax_id", store=True, readonly=False)
    bank_tax_period = fields.Char("Period", help="For example 26M10, 26K03, 26R, or 0.")
    bank_tax_form = fields.Char("Form", help="For example VAT-7, PIT-4, CIT-8.")
    bank_tax_obligation = fields.Char("Obligation")

    @api.depends("partner_bank_id", "journal_id", "currency_id", "payment_type", "invoice_ids")
    def _compute_bank_kind(self):
        orders = self.env["bank.order"]
        own_accounts = orders._own_account_numbers()
        for payment in self:
            if payment.payment_type != "outbound" or not payment.partner_bank_id:
                payment.bank_kind = False
            elif not payment.bank_order_id:
                payment.bank_kind = orders._derived_kind(payment, own_accounts)

    @api.depends("partner_bank_id", "bank_kind")
    def _compute_bank_intermediary(self):
        for payment in self:
            known = payment.bank_kind == "foreign" and payment.partner_bank_id.intermediary_bic
            payment.bank_intermediary_bic = known

    @api.depends("bank_kind", "company_id")
    def _compute_bank_tax_id(self):
        for payment in self:
            own = mpp.plain_tax_id(payment.company_id.vat or "")
            payment.bank_tax_id = own if payment.bank_kind == "tax" else False

    def _compute_older_than_addon(self):
        """What payments lack that were there before the add-on: it computed nothing for them."""
        older = self.filtered(
            lambda one: one.payment_type == "outbound" and one.partner_bank_id and not one.bank_kind
        )
        for name in ("bank_kind", "bank_vat_amount", "bank_vat_invoice", "bank_tax_id"):
            self.env.add_to_compute(self._fields[name], older)
        older.filtered(lambda one: not one.bank_tax_id_type).bank_tax_id_type = TAX_IDS[0][0]

    # -------------------------------------------------------------------------
    # THE BILLS
    # -------------------------------------------------------------------------

    def _blocked_bills(self):
        """{payment id: bills that somebody blocked}, where there are any."""
        if not self.ids:
            return {}
        # These alone: what else waits to be written is written once, at the end.
        self.flush_model(["move_id", "invoice_ids"])
        self.env["account.move"].flush_model(["payment_state"])
        self.env["account.partial.reconcile"].flush_model()
        query = SQL(
            """
            SELECT paid.payment, array_agg(DISTINCT bill.id)
              FROM (SELECT payment.id AS payment, theirs.move_id AS bill
                      FROM account_payment payment
                      JOIN account_move_line ours ON ours.move_id = payment.move_id
                      JOIN account_partial_reconcile part ON part.debit_move_id = ours.id
                      JOIN account_move_line theirs ON theirs.id = part.credit_move_id
                     WHERE payment.id IN %(ids)s
                     UNION ALL
                    SELECT payment_id, invoice_id
                      FROM account_move__account_payment
                     WHERE payment_id IN %(ids)s) AS paid
              JOIN account_move bill ON bill.id = paid.bill
             WHERE bill.payment_state = 'blocked'
             GROUP BY paid.payment
            """,
            ids=tuple(self.ids),
        )
        moves = self.env["account.move"]
        return {row[0]: moves.browse(row[1]) for row in self.env.execute_query(query)}

    # -------------------------------------------------------------------------
    # THE TITLE AND THE FORM OF THE ORDER
    # -------------------------------------------------------------------------

    def _bank_form(self, day):
        """(details, title) of the kinds that have a form of their own on `day`; else ({}, "").

        Parts that do not fit leave the ordinary title: the checks then name what is wrong.
        """
        if self.bank_kind == "mpp":
            details, parts, build = *self._mpp_form(), mpp.build
        elif self.bank_kind == "tax":
            details = {name: (self[f"bank_{name}"] or "").strip() for name in TAX_FIELDS}
            bank = self.journal_id.bank_account_id.bank_id.bank_channel or ""
            parts, build = tax.TaxTitle.of(details), partial(tax.build, bank=bank)
        else:
            return self._ksef_form(day)
        try:
            return details, build(parts)
        except InvalidOrder:
            return details, ""

    def _bank_choices(self):
        """{key of an order's details: value} of what a person chose beside kind and form.

        Own transfers and those to a tax office have a purpose of their own.
        """
        purpose = self.bank_kind not in ("own", "tax") and self.bank_purpose
        own = self.journal_id.bank_account_id
        chosen = {
            "vat_account": own.is_vat_account and "yes",
            "purpose": purpose,
            "batch_booking": self.bank_as_one and purpose == "SALA" and "yes",
            "exchange_deal": self.bank_deal and self.bank_deal.strip(),
            "sent_currency": self.bank_sent_currency_id.name,
            "intermediary_bic": self.bank_intermediary_bic and self.bank_intermediary_bic.upper(),
        }
        return {key: value for key, value in chosen.items() if value}

    def _bank_execution_day(self, batch):
        """The payment's own day. When it is over: what a person chose instead; without a choice it
        stays, and the checks refuse it with a proposal. A rouble order has its document's date."""
        chosen = batch.execute_on
        if chosen and batch.for_all and self.bank_kind != "rouble":
            return chosen
        past = chosen and self.date < self.journal_id._bank_today()
        return chosen if past else self.date
