"""Payment orders that came from Moe Delo: whose they are there, and who hears of their states."""

from odoo import api, fields, models

from ...protocol.moedelo import statuses

SAME_NUMBER = "same_number"  # a key of `problem_words.WARNINGS`


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

    _moedelo_external_unique = models.UniqueIndex(
        "(company_id, moedelo_client_id, moedelo_external_id) "
        "WHERE moedelo_external_id IS NOT NULL",
        "This document of the service is here already.",
    )

    @api.depends("moedelo_warnings")
    def _compute_moedelo_same_number(self):
        for order in self:
            order.moedelo_same_number = SAME_NUMBER in (order.moedelo_warnings or [])

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
            theirs._moedelo_state_changed()
        return result

    def _moedelo_state_changed(self):
        """Called with the orders of a service after each new state, in the same transaction.

        In superuser mode. What the service is told: `protocol.moedelo.statuses.CODES`, with
        `executed_on` and `bank_reason`.
        """

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
