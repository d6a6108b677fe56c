"""What a person may do with an imported order before it is accepted: edit it, or delete it.

The row stays when it is deleted, and the service is told. The service itself may recall an order
until it has gone to the bank: that drops the signatures of its package.
"""

from odoo import models

from ...protocol import ids
from ..connection.rights import CHATTER
from ..orders.states import OPEN

# The boxes of the form; who pays and who sent it stay.
_PARTY = ("name", "account", "tax_id", "kpp", "bank_code", "bank_name", "bank_town", "corr_account")
_BOXES = (
    *("document_number", "document_date", "payment_kind", "operation_kind", "income_code"),
    *("priority", "uin", "payer_status", "kbk", "oktmo", "tax_reason", "tax_period"),
    *("tax_document_number", "tax_document_date", "tax_payment_kind"),
)
EDITABLE = {
    "amount",
    "title",
    "payer_kpp",
    *(f"payee_{name}" for name in _PARTY),
    *(f"rouble_{name}" for name in _BOXES),
}


class BankOrder(models.Model):
    _inherit = "bank.order"

    # -------------------------------------------------------------------------
    # EDIT
    # -------------------------------------------------------------------------

    def write(self, vals):
        if self.env.su or not vals.keys() - CHATTER or not self._moedelo_may_edit(vals):
            return super().write(vals)
        told = [order._moedelo_changes(vals) for order in self]
        vals = {**vals, "moedelo_edited": True}
        if vals.get("rouble_document_date"):
            vals["execute_on"] = vals["rouble_document_date"]
        result = super(BankOrder, self.sudo()).write(vals)
        for order, words in zip(self, told, strict=True):
            order.sudo().message_post(body=words, author_id=self.env.user.partner_id.id)
        return result

    def _moedelo_may_edit(self, vals):
        """True where all of these are imported and the boxes may be edited by this user."""
        if not self or vals.keys() - EDITABLE:
            return False
        if any(not order.moedelo_external_id for order in self.sudo()):
            return False
        self.env["bank.package"]._check_right("operator")
        self.check_access("write")
        self._moedelo_refuse_unless_imported()
        return True

    def _moedelo_changes(self, vals):
        """What is edited, from what to what, for the order's own history."""
        lines = []
        for name, value in vals.items():
            before = self[name]
            if (before or "") != (value or ""):
                label = self._fields[name]._description_string(self.env)
                lines.append(f"{label}: {before or '–'} → {value or '–'}")
        return self.env._("Edited: %(changes)s", changes="; ".join(lines))

    # -------------------------------------------------------------------------
    # DELETE
    # -------------------------------------------------------------------------

    def action_moedelo_delete(self):
        """Button: this is not paid. The row stays and the service is told."""
        self.env["bank.package"]._check_right("operator")
        self.check_access("read")
        self._moedelo_refuse_unless_imported()
        words = self.env._("Deleted by %s.", self.env.user.name)
        self.sudo()._set_state("cancelled", bank_reason=words)
        return True

    def _moedelo_recall(self, words):
        """The service takes its order back. False where it has gone to the bank already.

        LockError where somebody works with its package at this moment.
        """
        self.ensure_one()
        order = self.sudo()
        if order.bank_state == "cancelled":
            return True
        if order.bank_state not in OPEN:
            return False
        package = order.package_id
        if package:
            package.lock_for_update(allow_referencing=True)
            if package.state not in OPEN:
                return False
            order._moedelo_leave_package(words)
        order._set_state("cancelled", bank_reason=words)
        return True

    def _moedelo_leave_package(self, words):
        """Out of its package: alone it takes it along, else the others need new signatures."""
        package, others = self.package_id, self.package_id.order_ids - self
        if not others:
            package._set_state("cancelled")
            package.message_post(body=words)
            return
        self.package_id = False
        # Other bytes are another message: nothing of the old one was ever sent.
        package.message_id = ids.message_id()
        package._drop_signatures(words)
        package._render()
