# SPDX-License-Identifier: LGPL-3.0-only
"""Banks of Russia by BIK: the Bank of Russia's directory, and what it fills in on cards."""

import base64
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...protocol import bik as directory
from ...protocol import errors
from ...protocol.checks.rouble_keys import is_key_right
from ..connection.words import user_error


class BankBik(models.Model):
    _name = "bank.bik"
    _description = "Bank of Russia: bank by BIK"
    _order = "bik"
    _rec_names_search = ["bik", "name"]

    bik = fields.Char("BIK", required=True, readonly=True, size=9)
    name = fields.Char(required=True, readonly=True)
    town = fields.Char(readonly=True)
    corr_account = fields.Char(
        "Correspondent account", readonly=True, help="Box 15; of the Treasury, its single account."
    )
    treasury_accounts = fields.Char("Treasury's accounts", readonly=True)
    opened_on = fields.Date("In the directory since", readonly=True)
    closed_on = fields.Date("Closed since", readonly=True)
    directory_day = fields.Date("Directory of", readonly=True, index=True)

    _bik_unique = models.Constraint("unique (bik)", "This BIK is in the directory already.")

    @api.depends("bik", "name")
    def _compute_display_name(self):
        for bank in self:
            bank.display_name = f"{bank.bik} {bank.name}"

    # -------------------------------------------------------------------------
    # UPLOAD
    # -------------------------------------------------------------------------

    @api.model
    def _take_file(self, content):
        """The directory in `content` (base64: XML or ZIP) in place of what was here. Returns the
        protocol's `Directory`. UserError where it is none, or older than the one here."""
        try:
            found = directory.read(base64.b64decode(content))
        except errors.BankError as error:
            raise user_error(self.env, error) from None
        newest = self._directory_day()
        if newest and found.day < newest:
            raise UserError(
                self.env._(
                    "This directory is of %(day)s; the one here is newer, of %(newest)s.",
                    day=found.day,
                    newest=newest,
                )
            )
        self.sudo()._take(found)
        return found

    @api.model
    def _take(self, found):
        known = {bank.bik: bank for bank in self.search([])}
        values = {one.bik: self._prepare_vals(one, found.day) for one in found.participants}
        for bik in values.keys() & known.keys():
            known[bik].write(values[bik])
        self.create([values[bik] for bik in values.keys() - known.keys()])
        if found.is_whole:
            missing = self.browse(known[bik].id for bik in known.keys() - values.keys())
            missing.filtered(lambda bank: not bank.closed_on).closed_on = found.day

    @api.model
    def _prepare_vals(self, participant, day):
        return {
            "bik": participant.bik,
            "name": participant.name,
            "town": participant.town,
            "corr_account": participant.corr_account,
            "treasury_accounts": " ".join(participant.treasury_accounts),
            "opened_on": participant.opened_on,
            "closed_on": participant.closed_on,
            "directory_day": day,
        }

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _directory_day(self):
        """Of which day the newest directory here is; False without one."""
        return self.sudo().search([], order="directory_day desc", limit=1).directory_day

    @api.model
    def _of_code(self, code):
        return self.sudo().search([("bik", "=", (code or "").replace(" ", ""))], limit=1)

    def _to_protocol(self):
        self.ensure_one()
        return directory.Participant(
            bik=self.bik,
            name=self.name,
            corr_account=self.corr_account or "",
            treasury_accounts=tuple((self.treasury_accounts or "").split()),
            closed_on=self.closed_on or None,
        )

    @api.model
    def _problems_of_orders(self, orders):
        """Problems of orders (protocol records) by the directory; none without a directory."""
        day = self._directory_day()
        if not day:
            return []
        codes = [order.payee.bank_code for order in orders]
        banks = self.sudo().search([("bik", "in", codes)])
        known = {bank.bik: bank._to_protocol() for bank in banks}
        return [
            problem
            for order in orders
            for problem in directory.check(order, known.get(order.payee.bank_code), day)
        ]

    def _card(self):
        """The bank's card with this BIK; made where it is missing."""
        self.ensure_one()
        banks = self.env["res.bank"].sudo()
        return banks.search([("bank_bik", "=", self.bik)], limit=1) or banks.create(
            {
                "name": self.name,
                "city": self.town,
                "country": self.env.ref("base.ru").id,
                "bank_bik": self.bik,
                "corr_account": self.corr_account,
            }
        )


class ResBank(models.Model):
    _inherit = "res.bank"

    @api.constrains("bank_bik", "corr_account")
    def _check_bank_bik(self):
        for bank in self.filtered(lambda one: one.bank_bik or one.corr_account):
            bik, corr = bank.bank_bik or "", (bank.corr_account or "").replace(" ", "")
            if bik and not re.fullmatch(r"(?!0+$)\d{9}", bik, re.ASCII):
                raise ValidationError(self.env._("%s: a BIK has 9 digits.", bank.name))
            if corr and not re.fullmatch(r"\d{20}", corr, re.ASCII):
                raise ValidationError(
                    self.env._("%s: a correspondent account has 20 digits.", bank.name)
                )
            if bik and corr and not is_key_right(corr, bik, correspondent=True):
                raise ValidationError(
                    self.env._(
                        "%(bank)s: the correspondent account %(account)s does not fit BIK "
                        "%(bik)s, its control digit is wrong.",
                        bank=bank.name,
                        account=corr,
                        bik=bik,
                    )
                )

    @api.onchange("bank_bik")
    def _onchange_bank_bik(self):
        if found := self.env["bank.bik"]._of_code(self.bank_bik):
            self.update(
                {
                    "name": found.name,
                    "city": found.town,
                    "corr_account": found.corr_account,
                    "country": self.env.ref("base.ru"),
                }
            )


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.constrains("acc_number", "bank_id", "clearing_number")
    def _check_rouble_account(self):
        """An account at a bank with a BIK is one that this bank can have."""
        for account in self:
            bik, number = account._bank_bik(), account.sanitized_acc_number or ""
            if not account.bank_id.bank_bik or not re.fullmatch(r"\d{9}", bik, re.ASCII):
                continue
            if not re.fullmatch(r"\d{5}[0-9ABCEHKMPTX]\d{14}", number, re.ASCII):
                raise ValidationError(
                    self.env._(
                        "%(account)s: an account at a bank in Russia has 20 digits.",
                        account=account.acc_number,
                    )
                )
            # A bank's own card has its account at the Bank of Russia: see `payee_account`.
            own = number.startswith("30101")
            if not is_key_right(number, bik, correspondent=own):
                raise ValidationError(
                    self.env._(
                        "The account %(account)s does not fit BIK %(bik)s: its control digit is "
                        "wrong.",
                        account=account.acc_number,
                        bik=bik,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_bank(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(vals if any(one.bank_id for one in self) else self._with_bank(vals))

    @api.model
    def _with_bank(self, vals):
        """With the bank of a BIK that was typed as clearing number, where no bank was chosen."""
        code = vals.get("clearing_number")
        found = code and not vals.get("bank_id") and self.env["bank.bik"]._of_code(code)
        return {**vals, "bank_id": found._card().id} if found else vals
