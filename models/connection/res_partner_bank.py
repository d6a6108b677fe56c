# SPDX-License-Identifier: LGPL-3.0-only
"""The company's own account at a bank that is reached by web service."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...protocol.records import Account
from .operation import database_uuid
from .rights import ADMINISTRATOR, guard_administrator
from .words import way_out

GUARDED = {"client_identifier", "webservice_tested_at", "webservice_tested_uuid"}
NEEDS_TEST = {"client_identifier", "acc_number", "bank_id"}


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    bank_channel = fields.Selection(related="bank_id.bank_channel", string="Bank web service")
    is_own_account = fields.Boolean(compute="_compute_is_own_account")
    client_identifier = fields.Char(
        copy=False,
        tracking=True,
        help="What the bank calls your company in its web service (mBank: DIK). "
        "One person may be an operator for several companies.",
    )
    webservice_tested_at = fields.Datetime("Last successful test", readonly=True, copy=False)
    # A duplicated database gets another id: it must not send before it was tested itself.
    webservice_tested_uuid = fields.Char(readonly=True, copy=False, groups=ADMINISTRATOR)

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_is_own_account(self):
        for account in self:
            account.is_own_account = bool(account.sudo().partner_id.ref_company_ids)

    @api.model
    def _own_accounts(self):
        """The accounts of all companies here: a transfer between them is an own one."""
        return self.sudo().search([("partner_id.ref_company_ids", "!=", False)])

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            guard_administrator(self, vals, GUARDED)
        return super().create(vals_list)

    def write(self, vals):
        guard_administrator(self, vals, GUARDED)
        changed = self.filtered(
            lambda account: any(
                account._fields[name].convert_to_write(account[name], account) != vals[name]
                for name in NEEDS_TEST & vals.keys()
            )
        )
        result = super().write(vals)
        if changed:
            changed.sudo().write({"webservice_tested_at": False, "bank_agreement": False})
        if "client_identifier" in vals and changed:
            companies = changed.sudo().journal_id.company_id
            domain = [("company_id", "in", companies.ids), ("state", "!=", "ended")]
            sessions = self.env["bank.session"].sudo().search(domain)
            sessions._end(self.env._("The client identifier was changed."))
        return result

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _webservice_company(self):
        """The company whose account this is: that of its journal, else its owner."""
        self.ensure_one()
        own = self.sudo()
        owners = own.partner_id.ref_company_ids
        owner = self.env.company if self.env.company in owners else owners[:1]
        return own.journal_id[:1].company_id or owner or own.company_id or self.env.company

    def _webservice_account(self):
        """This account as protocol record."""
        owner = self._webservice_company()
        return Account(
            number=self.sanitized_acc_number,
            currency=self._journal_currency().name,
            bank_code=self._bank_bik(),
            owner_tax_id=(owner.vat or "").removeprefix(owner.country_code or ""),
        )

    def _number_key(self, number):
        """Account numbers compare without blanks and without a leading country code."""
        number = "".join((number or "").split()).upper()
        return number[2:] if number[:2].isalpha() and number[2:].isdigit() else number

    def _bank_bik(self):
        """The account's own clearing number, else the BIK on its bank's card."""
        self.ensure_one()
        return (self.clearing_number or self.bank_id.bank_bik or "").replace(" ", "")

    def _journal_currency(self):
        journal = self.sudo().journal_id[:1]
        return (
            journal.currency_id
            or journal.company_id.currency_id
            or self.currency_id
            or self._webservice_company().currency_id
        )

    def _refuse_other_company(self, user):
        """Nobody reads the account of a company in which he does not work; before any call."""
        company = self._webservice_company()
        if not user._is_superuser() and company not in user.sudo().company_ids:
            raise UserError(
                self.env._(
                    "Account %(account)s belongs to %(company)s: %(user)s does not work there.",
                    account=self.acc_number,
                    company=company.name,
                    user=user.name,
                )
            )

    def _check_webservice_ready(self):
        """UserError that says what is missing on the cards, before any call is made."""
        self.ensure_one()
        bank = self.sudo().bank_id
        missing, card = "", self
        if not bank:
            missing = self.env._("Choose the bank of the account.")
        elif not bank.bank_channel or not bank.webservice_address:
            card = bank.with_env(self.env)
            missing = self.env._(
                "The card of the bank %(bank)s has no web service or no address.", bank=bank.name
            )
        elif not (self.sudo().client_identifier or "").strip():
            missing = self.env._("Enter the client identifier of the account.")
        elif bank.wants_identity:
            identity = self.env["bank.identity"]._of(bank, self._webservice_company())
            missing, card = identity._problem(bank), (identity or bank).with_env(self.env)
        if missing:
            words = self.env._(
                "Account %(account)s: %(missing)s", account=self.acc_number, missing=missing
            )
            raise way_out(words, card)

    def _is_tested(self):
        """Sending waits for a successful test after each change of address or identifier."""
        self.ensure_one()
        account = self.sudo()
        return bool(
            account.webservice_tested_at
            and account.webservice_tested_uuid == database_uuid(self.env)
            and account.bank_id.webservice_tested_at
        )


class ResPartner(models.Model):
    _inherit = "res.partner"

    bank_kpp = fields.Char("KPP", size=9, help="9 characters, for organisations in Russia.")
    bank_kio = fields.Char(
        "KIO",
        size=5,
        help="Of a foreign payee on a Russian payment order (61), in place of an INN: 5 digits, "
        "or 0.",
    )

    @api.constrains("bank_kio")
    def _check_bank_kio(self):
        for partner in self.filtered("bank_kio"):
            if not re.fullmatch(r"0|\d{5}", partner.bank_kio, re.ASCII):
                raise ValidationError(self.env._("A KIO has 5 digits, or is 0."))

    def _commercial_fields(self):
        return [*super()._commercial_fields(), "bank_kpp", "bank_kio"]

    def _bank_inn(self):
        """The tax number as a Russian form has it: without the country's letters."""
        if self.commercial_partner_id.bank_kio:
            return self.commercial_partner_id.bank_kio
        number = (self.commercial_partner_id.vat or "").replace(" ", "")
        return number[2:] if number[:2].upper() == "RU" else number
