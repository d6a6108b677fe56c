"""Who must sign: two different people above the journal's limit, and the identity checked first."""

import functools
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError
from odoo.http import request

from .states import OVER, SIGNED

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


class BankPackage(models.Model):
    _inherit = "bank.package"

    two_signers_reason = fields.Char("Two people must sign", compute="_compute_two_signers_reason")

    @api.depends("order_ids.amount", "signature_ids", "order_ids.journal_id.two_signers_above")
    def _compute_two_signers_reason(self):
        for package in self:
            package.two_signers_reason = package._reason_for_two() or False

    def _reason_for_two(self):
        """Why one signature is not enough, in words; empty where it is."""
        self.ensure_one()
        orders = self.sudo().order_ids
        # Of several accounts the strictest limit counts.
        limit = min(filter(None, orders.journal_id.mapped("two_signers_above")), default=0)
        money = self.currency_id.format
        if not limit:
            return ""
        if self.total > limit:
            return self.env._(
                "the total of the package is %(total)s, more than %(limit)s",
                total=money(self.total),
                limit=money(limit),
            )
        for (payee, day), amount in self._payee_day_totals().items():
            if amount > limit:
                return self.env._(
                    "%(payee)s gets %(amount)s on %(day)s, more than %(limit)s",
                    payee=payee,
                    amount=money(amount),
                    day=day,
                    limit=money(limit),
                )
        return self._reason_of_fresh_trust() or self._reason_of_other_payee()

    def _payee_day_totals(self):
        """{(payee, day): amount} of the journals' living orders, other packages included.

        A payee is the same by his account, or by his contact where he has several accounts.
        """
        orders = self.sudo().order_ids
        domain = [
            ("journal_id", "in", orders.journal_id.ids),
            ("execute_on", "in", orders.mapped("execute_on")),
            ("bank_state", "not in", OVER),
            "|",
            ("payee_account", "in", orders.mapped("payee_account")),
            ("partner_id", "in", orders.partner_id.ids),
        ]
        totals = {}
        for payee in ("payee_account", "partner_id"):
            groups = orders._read_group(
                domain, [payee, "execute_on:day"], ["amount:sum", "payee_name:max"]
            )
            for who, day, amount, name in groups:
                if who:
                    key = name, fields.Date.to_string(day)
                    totals[key] = max(amount, totals.get(key, 0))
        return totals

    def _reason_of_fresh_trust(self):
        since = fields.Datetime.now() - FRESH_TRUST
        signers = self.sudo().signature_ids.user_id
        for account in self.sudo().order_ids.partner_bank_id:
            if account.trusted_by_id in signers and (account.trusted_at or since) > since:
                return self.env._(
                    "%(user)s signed, and trusted the account %(account)s less than 7 days ago",
                    user=account.trusted_by_id.name,
                    account=account.acc_number,
                )
        return ""

    def _enough_signatures(self):
        """A key that lies on the server never counts as a person's signature."""
        if not self._reason_for_two():
            return True
        by_card = self.sudo().signature_ids.filtered(
            lambda signature: signature.certificate_id.source == "card"
        )
        return len(by_card.user_id) >= 2

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

    def _follow_approval(self):
        """Signed packages that need another signature now say so, and can be signed."""
        for package in self.sudo():
            if package.state in SIGNED and package.state != package._ready_state():
                package._set_state(package._ready_state())

    def _refuse_unapproved(self):
        """Held again at sending and at the download of a file."""
        if not self._enough_signatures():
            raise UserError(
                self.env._(
                    "Package %(package)s: two different people must sign it, since %(reason)s.",
                    package=self.name,
                    reason=self._reason_for_two(),
                )
            )


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
