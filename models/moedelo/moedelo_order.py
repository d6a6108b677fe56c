# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders that came from Moe Delo: whose they are, who hears of them, who edits them.

Before an imported order is accepted a person may edit or delete it: the row stays when it is
deleted, and the service is told. The service itself may recall an order until it has gone to the
bank: that drops the signatures of its package.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import ids
from ...protocol.moedelo import statuses
from ...protocol.states import OPEN
from ..connection.operation import database_uuid
from ..connection.rights import CHATTER, require_right
from .moedelo_order_accept import Acceptance

SAME_NUMBER = "same_number"  # a key of `problem_words.WARNINGS`

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

    moedelo_client_id = fields.Many2one(
        "moedelo.client", "Came from", readonly=True, copy=False, index="btree_not_null"
    )
    moedelo_client_name = fields.Char("Service", related="moedelo_client_id.name")
    moedelo_external_id = fields.Char(
        "Id at the service", readonly=True, copy=False, index="btree_not_null"
    )
    moedelo_digest = fields.Char("SHA-256 of the document", readonly=True, copy=False)
    moedelo_warnings = fields.Json("Warnings", readonly=True, copy=False)
    moedelo_same_number = fields.Boolean(
        "Same number", compute="_compute_moedelo_same_number", help="Number, date and payer."
    )
    moedelo_received_at = fields.Datetime("Received", readonly=True, copy=False)
    moedelo_edited = fields.Boolean("Edited here", readonly=True, copy=False)
    moedelo_trust_missing = fields.Boolean(
        "Waits for trust", compute="_compute_moedelo_trust_missing"
    )

    _moedelo_external_unique = models.UniqueIndex(
        "(company_id, moedelo_client_id, moedelo_external_id) "
        "WHERE moedelo_external_id IS NOT NULL",
        "This document of the service is here already.",
    )
    _moedelo_in_order = models.Index(
        "(company_id, moedelo_client_id, id) WHERE moedelo_external_id IS NOT NULL"
    )

    @api.depends("moedelo_warnings")
    def _compute_moedelo_same_number(self):
        for order in self:
            order.moedelo_same_number = SAME_NUMBER in (order.moedelo_warnings or [])

    def _compute_moedelo_trust_missing(self):
        """Sending waits for somebody who may trust the payee's account."""
        for order in self:
            card = order.sudo().partner_bank_id
            waits = order.bank_state in ("prepared", "partly_signed", "signed")
            order.moedelo_trust_missing = bool(
                order.moedelo_external_id and waits and card and not card.allow_out_payment
            )

    # -------------------------------------------------------------------------
    # STATES
    # -------------------------------------------------------------------------

    def _set_state(self, state, **values):
        result = super()._set_state(state, **values)
        theirs = self.sudo().filtered("moedelo_external_id")
        if state == "cancelled":
            # The service is told that this is not paid: so nobody may send the payment anew.
            for order in theirs:
                order._undo_books()
        if theirs:
            theirs.env["moedelo.notice"]._write_facts(theirs)
        return result

    # -------------------------------------------------------------------------
    # WHAT THE SERVICE READS
    # -------------------------------------------------------------------------

    @api.model
    def _moedelo_mine(self, access):
        """The domain of what a token may see: its company's orders that it sent itself."""
        return [
            ("company_id", "=", access.company_id),
            ("moedelo_client_id", "=", access.client_id),
            ("moedelo_external_id", "!=", False),
        ]

    @api.model
    def _moedelo_find(self, access, external_id):
        domain = [*self._moedelo_mine(access), ("moedelo_external_id", "=", external_id)]
        return self.sudo().search(domain, limit=1)

    @api.model
    def _moedelo_page(self, access, after, limit):
        """(orders, id to go on after or None): in the order in which they came."""
        domain = [*self._moedelo_mine(access), ("id", ">", after)]
        found = self.sudo().search(domain, order="id", limit=limit + 1)
        page = found[:limit]
        return page, page[-1:].id if len(found) > limit else None

    def _moedelo_said(self):
        """The order as the service reads it: what is to be paid now, and what became of it."""
        self.ensure_one()
        details = self.details or {}
        return {
            "external_id": self.moedelo_external_id,
            "number": details.get("document_number") or "",
            "date": details.get("document_date") or fields.Date.to_string(self.execute_on),
            "amount": f"{self.amount:.2f}",
            "currency": self.currency_id.name,
            "payer": {"account": self.payer_account or ""},
            "payee": {
                "name": self.payee_name or "",
                "inn": self.payee_tax_id or "",
                "account": self.payee_account or "",
                "bik": self.payee_bank_code or "",
            },
            "purpose": self.title or "",
            "received_at": f"{fields.Datetime.to_string(self.moedelo_received_at)}Z".replace(
                " ", "T"
            ),
            "edited": self.moedelo_edited,
            "status": self._moedelo_status(),
        }

    def _moedelo_status(self):
        """{code, state, bank_status, reason, executed_on}; the last one only where it is over."""
        said = {
            "code": statuses.CODES[self.bank_state],
            "state": self.bank_state,
            "bank_status": self.bank_status or "",
            "reason": self.bank_reason or "",
        }
        if self.executed_on:
            said["executed_on"] = fields.Date.to_string(self.executed_on)
        return said

    # -------------------------------------------------------------------------
    # ACCEPT
    # -------------------------------------------------------------------------

    def action_moedelo_accept(self):
        """Button: the payment of each order is made and posted, and the package is prepared."""
        require_right(self.env, "operator")
        self.check_access("read")
        if not self:
            raise UserError(self.env._("Choose orders first."))
        self._moedelo_refuse_unless_imported()
        return Acceptance(self).packages()._get_records_action(name=self.env._("Packages"))

    def _moedelo_refuse_unless_imported(self):
        for order in self:
            if order.bank_state != "imported":
                raise UserError(
                    self.env._(
                        "Payment order %(order)s is %(state)s: only imported orders can be "
                        "accepted, edited or deleted.",
                        order=order.name,
                        state=order._state_label(),
                    )
                )

    def _give_end_to_end_ids(self):
        """Of a service's document: from the document itself, see `ids.document_id`."""
        uuid = database_uuid(self.env)
        for order in self.sudo().filtered("moedelo_external_id"):
            own = ids.document_id(
                uuid,
                order.company_id.id,
                order.moedelo_client_id.identifier,
                order.moedelo_external_id,
            )
            order.end_to_end_id = order.end_to_end_id or ids.as_guid(own)
        return super()._give_end_to_end_ids()

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
        require_right(self.env, "operator")
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
        require_right(self.env, "operator")
        self.check_access("read")
        self._moedelo_refuse_unless_imported()
        # Who it was stays in the order's own history: the reason is told to the service.
        self.sudo()._set_state("cancelled", bank_reason=self.env._("Deleted."))
        for order in self.sudo():
            words = self.env._("Deleted by %s.", self.env.user.name)
            order.message_post(body=words, author_id=self.env.user.partner_id.id)
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


class AccountPayment(models.Model):
    _inherit = "account.payment"

    @api.model
    def imported_orders_waiting(self):
        """How many there are in the user's companies; 0 for one who may not see them."""
        orders = self.env["bank.order"]
        if not orders.has_access("read"):
            return 0
        waiting = [
            ("moedelo_external_id", "!=", False),
            ("bank_state", "=", "imported"),
            ("company_id", "in", self.env.companies.ids),
        ]
        return orders.search_count(waiting)
