"""Above which amount two people must sign, and who trusted an account lately: what the approval of
packages is decided by."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..connection.rights import require_group
from .bank_package_approval import SIGNED
from .states import OVER


class BankOrder(models.Model):
    _inherit = "bank.order"

    def _payee_day_totals(self):
        """{(payee, day): amount} of this journal's living orders, other packages included.

        A payee is the same by his account, or by his contact where he has several accounts.
        """
        domain = [
            ("journal_id", "in", self.journal_id.ids),
            ("execute_on", "in", self.mapped("execute_on")),
            ("bank_state", "not in", OVER),
            "|",
            ("payee_account", "in", self.mapped("payee_account")),
            ("partner_id", "in", self.partner_id.ids),
        ]
        totals = {}
        for payee in ("payee_account", "partner_id"):
            groups = self.sudo()._read_group(
                domain, [payee, "execute_on:day"], ["amount:sum", "payee_name:max"]
            )
            for who, day, amount, name in groups:
                if who:
                    key = name, fields.Date.to_string(day)
                    totals[key] = max(amount, totals.get(key, 0))
        return totals


class AccountJournal(models.Model):
    _inherit = "account.journal"

    two_signers_above = fields.Monetary(
        "Two people must sign above",
        tracking=True,
        help="Two different people must sign a package whose total, or a payee's total of a day, "
        "is above this amount. 0: one signature is enough.",
    )

    def write(self, vals):
        if "two_signers_above" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda j: j.two_signers_above != vals["two_signers_above"])
        if changed:
            self._check_limit_right()
        result = super().write(vals)
        if changed:
            packages = self.env["bank.package"].sudo()
            packages = packages.search(
                [("order_ids.journal_id", "in", changed.ids), ("state", "in", SIGNED)]
            )
            packages._drop_signatures(self.env._("the limit of the journal was changed."))
        return result

    def _check_limit_right(self):
        """Who may lift the limit could sign alone: neither an accountant nor a signer does it."""
        if not self.env.su:
            group = "bank_webservice.group_administrator"
            require_group(self.env, group, self.env._("Bank administration"))


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    trusted_by_id = fields.Many2one("res.users", "Trusted by", readonly=True, copy=False)
    trusted_at = fields.Datetime(readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts.filtered("allow_out_payment")._note_trust()
        return accounts

    def write(self, vals):
        if not self.env.su and {"trusted_by_id", "trusted_at"} & vals.keys():
            raise UserError(self.env._("Who trusted an account is written by Odoo itself."))
        before = self.filtered("allow_out_payment")
        result = super().write(vals)
        if vals.get("allow_out_payment"):
            (self - before)._note_trust()
        return result

    def _note_trust(self):
        self.sudo().write({"trusted_by_id": self.env.uid, "trusted_at": fields.Datetime.now()})
        packages = self.env["bank.package"].sudo()
        packages.search(
            [("order_ids.partner_bank_id", "in", self.ids), ("state", "in", SIGNED)]
        )._follow_approval()
