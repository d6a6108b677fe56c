# SPDX-License-Identifier: LGPL-3.0-only
"""What a reader sees: whether the record rules hide something from him, and what is owed to a payee
without what they hide."""

import operator

from odoo import api, fields, models
from odoo.fields import Domain

COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
SIDES = {"credit": ("asset_receivable", 1), "debit": ("liability_payable", -1)}


class ResCompany(models.Model):
    _inherit = "res.company"

    # Of the topmost company, for it and its branches. Set with the first flag and never taken away:
    # one that is true too long costs time, one that is false too early shows the payroll.
    bank_has_confidential = fields.Boolean(
        "Has confidential payments", readonly=True, copy=False, groups=fields.NO_ACCESS
    )


class ResUsers(models.Model):
    _inherit = "res.users"

    def _bank_sees_all(self, company_ids):
        """For the record rules, which keep the answer for a user and his chosen companies."""
        roots = self.env["res.company"].sudo().browse(company_ids).root_id
        return self.has_group("bank_webservice.group_confidential") or not any(
            roots.mapped("bank_has_confidential")
        )


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.depends_context("uid", "su")
    def _credit_debit_get(self):
        """Odoo adds up in SQL, past the record rules."""
        super()._credit_debit_get()
        if not self._hides_confidential():
            return
        for name, (kind, sign) in SIDES.items():
            domain = self._open_items(kind, [("partner_id", "in", self.ids)])
            for partner, amount in self._sums(domain & Domain("bank_confidential", "=", True)):
                partner = partner.with_env(self.env)
                partner[name] = partner[name] - sign * amount

    @api.model
    def _asset_difference_search(self, account_type, operator, operand):
        found = super()._asset_difference_search(account_type, operator, operand)
        if not self._hides_confidential() or operator not in COMPARE:
            return found
        every = self._open_items(account_type)
        hidden = Domain("bank_confidential", "=", True)
        others = [partner.id for partner, _sum in self._sums(every & hidden)]
        if not others:
            return found
        # Those of whom something is hidden are looked at again, by what may be seen.
        sign = dict(SIDES.values())[account_type]
        seen = self._sums(every & ~hidden & Domain("partner_id", "in", others))
        good = [partner.id for partner, amount in seen if COMPARE[operator](sign * amount, operand)]
        return (Domain(found) & Domain("id", "not in", others)) | Domain("id", "in", good)

    @api.model
    def _hides_confidential(self):
        group = "bank_webservice.group_confidential"
        return not self.env.su and not self.env.user.has_group(group)

    @api.model
    def _open_items(self, kind, more=()):
        return Domain(
            [
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", kind),
                ("company_id", "child_of", self.env.company.root_id.id),
                *more,
            ]
        )

    @api.model
    def _sums(self, domain):
        """[(partner, sum of what is open)]."""
        items = self.env["account.move.line"].sudo()
        return items._read_group(domain, ["partner_id"], ["amount_residual:sum"])
