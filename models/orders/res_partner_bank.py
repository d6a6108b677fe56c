# SPDX-License-Identifier: LGPL-3.0-only
"""What an account card says of approvals: the limit of two people, and who trusted a payee's.

And accounts that are not what one thinks: somebody else's, or changed since the package was signed.
Factoring makes it legal to pay a bill to somebody else's account, and swapping accounts is the
oldest fraud: a person says why, and where two must sign above some limit, two sign this, too.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol.states import SIGNED
from ..connection.rights import guard_administrator, require_right

# Under another number or owner the card's limit would hold for nothing any more.
IDENTITY = {"acc_number", "partner_id"}


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    two_signers_above = fields.Monetary(
        "Two people must sign above",
        copy=False,
        tracking=True,
        help="Two different people must sign a package from this account whose total, or a payee's "
        "total of a day from all accounts, is above this amount. 0: one signature is enough.",
    )
    is_vat_account = fields.Boolean(
        "VAT account",
        tracking=True,
        help="Of split payment. It pays taxes, ZUS and our own other VAT account, nothing else.",
    )
    office_kind = fields.Selection(
        [("tax", "Tax office"), ("zus", "ZUS")],
        "Account of an office",
        tracking=True,
        help="Where the number does not tell it: local taxes of a commune.",
    )
    intermediary_bic = fields.Char(
        "Intermediary bank (BIC)",
        tracking=True,
        help="The bank through which transfers from abroad reach this account, where the payee "
        "names one.",
    )
    trusted_by_id = fields.Many2one("res.users", "Trusted by", readonly=True, copy=False)
    trusted_at = fields.Datetime(readonly=True, copy=False)

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            guard_administrator(self.browse(), vals, {"two_signers_above"})
        accounts = super().create(vals_list)
        accounts.filtered("allow_out_payment")._note_trust()
        return accounts

    def write(self, vals):
        if not self.env.su and {"trusted_by_id", "trusted_at"} & vals.keys():
            raise UserError(self.env._("Who trusted an account is written by Odoo itself."))
        changed = self._limit_changes(vals)
        if not self.env.su and (changed or self._leave_limit(vals)):
            # Who may lift the limit could sign alone: neither an accountant nor a signer does it.
            require_right(self.env, "administrator")
        before = self.filtered("allow_out_payment")
        result = super().write(vals)
        if vals.get("allow_out_payment"):
            (self - before)._note_trust()
        changed._packages(SIGNED)._drop_signatures(self.env._("the limit was changed."))
        return result

    @api.model
    def _offices(self):
        """{account: tax or zus} of the cards that say so."""
        cards = self.sudo().search([("office_kind", "!=", False)])
        return {card.sanitized_acc_number: card.office_kind for card in cards}

    # -------------------------------------------------------------------------
    # THE LIMIT
    # -------------------------------------------------------------------------

    def _limit_changes(self, vals):
        """Those whose limit these values change."""
        if "two_signers_above" not in vals:
            return self.browse()
        return self.filtered(lambda card: card.two_signers_above != vals["two_signers_above"])

    def _leave_limit(self, vals):
        """True where a card with a limit would become another account."""
        return any(
            card._fields[name].convert_to_write(card[name], card) != vals[name]
            for card in self.filtered("two_signers_above")
            for name in IDENTITY & vals.keys()
        )

    @api.model
    def _two_signers_limit(self, numbers):
        """The strictest limit of the companies' own accounts with these numbers; 0: none.

        However a number is written, on however many cards and journals it stands.
        """
        keys = {self._number_key(number) for number in numbers}
        cards = self.sudo().with_context(active_test=False)
        cards = cards.search(
            [("two_signers_above", ">", 0), ("partner_id.ref_company_ids", "!=", False)]
        ).filtered(lambda card: card._number_key(card.sanitized_acc_number) in keys)
        return min(cards.mapped("two_signers_above"), default=0)

    def _packages(self, states):
        """The packages in these states that pay from one of these accounts."""
        if not self:
            return self.env["bank.package"].sudo()
        keys = {self._number_key(card.sanitized_acc_number) for card in self}
        packages = self.env["bank.package"].sudo().search([("state", "in", states)])
        return packages.filtered(
            lambda package: (
                keys & {self._number_key(order.payer_account) for order in package.order_ids}
            )
        )

    # -------------------------------------------------------------------------
    # TRUST
    # -------------------------------------------------------------------------

    def _note_trust(self):
        self.sudo().write({"trusted_by_id": self.env.uid, "trusted_at": fields.Datetime.now()})
        packages = self.env["bank.package"].sudo()
        packages.search(
            [("order_ids.partner_bank_id", "in", self.ids), ("state", "in", SIGNED)]
        )._follow_approval()

    # -------------------------------------------------------------------------
    # CHANGED ACCOUNTS
    # -------------------------------------------------------------------------

    @api.constrains("acc_number", "clearing_number", "bank_id")
    def _drop_signatures_of_changed(self):
        _drop_signatures(self.env, [("partner_bank_id", "in", self.ids)])
        _drop_signatures(self.env, [("journal_id.bank_account_id", "in", self.ids)])


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _pays_somebody_else(self):
        """The payments whose account belongs to another company or person than what they pay."""

        def is_other(payment):
            owner = payment.partner_bank_id.partner_id.commercial_partner_id
            bills = payment.bank_bill_ids.commercial_partner_id
            return owner and payment.partner_id.commercial_partner_id | bills != owner

        return self.filtered(is_other)


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.constrains("bank_account_id")
    def _drop_signatures_of_moved(self):
        _drop_signatures(self.env, [("journal_id", "in", self.ids)])


def other_payee_words(order):
    """Whose account it is, and whose bill."""
    account = order.sudo().partner_bank_id
    return order.env._(
        "the account %(account)s belongs to %(owner)s, and what is paid is of %(payee)s.",
        account=account.acc_number,
        owner=account.partner_id.display_name,
        payee=order.partner_id.display_name,
    )


def require_other_payee_reason(orders, reason=""):
    """UserError where somebody else's account is paid and nobody says why."""
    others = orders.sudo().payment_id._pays_somebody_else()
    orders = orders.sudo().filtered(lambda order: order.payment_id in others)
    if orders and not (reason or "").strip():
        lines = [f"{order.payment_id.name}: {other_payee_words(order)}" for order in orders]
        raise UserError(
            orders.env._(
                "Enter the reason to pay somebody else's account, for example factoring.\n%s",
                "\n".join(lines),
            )
        )
    orders.write({"other_payee_reason": reason})


def _drop_signatures(env, domain):
    """Signed orders whose account, the payer's or the payee's, is not the frozen one now."""
    orders = env["bank.order"].sudo().search([*domain, ("bank_state", "in", SIGNED)])
    moved = orders.filtered(
        lambda order: order.payer_account != order.journal_id.bank_account_id.sanitized_acc_number
    )
    packages = (moved | orders._frozen_payee_changed()).package_id
    packages._drop_signatures(env._("an account was changed since."))


def reason_of_other_payee(package):
    """Why a second person signs; empty where every account is that of its bill."""
    orders = package.sudo().order_ids.filtered("other_payee_reason")
    return other_payee_words(orders[:1]).rstrip(".") if orders else ""
