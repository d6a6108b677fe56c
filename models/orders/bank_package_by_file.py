"""The file fallback of rouble orders: kl_to_1c, handed to the bank's own program by a person.

Such a package counts as sent from the moment the file is made, so that it cannot also go through
the web service. The file carries no id of ours: the statement entry is known by number, date,
amount and payee's account of the order.
"""

import base64
import hashlib
from datetime import timezone

from odoo import fields, models
from odoo.exceptions import UserError

from ...protocol.formats.packages import PACKAGE_FORMATS
from ..connection.operation import refuse_when_neutralized
from .bank_package_approval import identity_checked
from .states import READY

FORMAT = "client_bank_1c"
FILE_NAME = "kl_to_1c.txt"


class BankPackage(models.Model):
    _inherit = "bank.package"

    is_rouble = fields.Boolean(compute="_compute_is_rouble")

    def _compute_is_rouble(self):
        for package in self:
            package.is_rouble = set(package.sudo().order_ids.mapped("kind")) == {"rouble"}

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    @identity_checked
    def action_give_as_file(self):
        """Button and server action: one file of all these packages, which are sent with it."""
        refuse_when_neutralized(self.env)
        self._check_right("sender")
        self._lock_or_refuse()
        self._require_state(*READY)
        if not all(self.mapped("is_rouble")):
            raise UserError(self.env._("Only payment orders in roubles go into such a file."))
        orders = self.sudo().order_ids
        self._refuse_problems(orders._problems_before_sending())
        for package in self:
            package._refuse_unapproved()
        document = self._keep_file(orders)
        now, words = fields.Datetime.now(), self.env._("Given as a file")
        self._set_state(
            "sent",
            by_hand_id=self.env.uid,
            by_hand_at=now,
            handed_over_at=now,
            sender_id=self.env.uid,
            bank_status=words,
        )
        orders.write({"bank_status": words})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/bank.document/{document.id}/content/{FILE_NAME}?download=true",
            "target": "download",
        }

    @identity_checked
    def action_download(self):
        """Russian banks' programs read another file than their web service."""
        return self.action_give_as_file() if self.is_rouble else super().action_download()

    def _keep_file(self, orders):
        """The file as a document, kept with each of its packages."""
        now = fields.Datetime.now()
        content = PACKAGE_FORMATS[FORMAT].render(
            "",
            now.replace(tzinfo=timezone.utc),
            self[:1]._initiator(),
            [order._to_protocol() for order in orders],
        )
        document = self.env["bank.document"].sudo()
        document = document.create(
            {
                "name": FILE_NAME,
                "company_id": self.company_id[:1].id,
                "format": FORMAT,
                "content": base64.b64encode(content),
                "digest": hashlib.sha256(content).hexdigest(),
                "state": "kept",
            }
        )
        self.sudo().write({"document_ids": [(4, document.id)]})
        return document

    def action_file_refused(self):
        """Button: the bank did not take the file; the bills are open again."""
        self._check_right("sender")
        self._lock_or_refuse()
        for package in self:
            package._require_state("sent")
            if not package.by_hand_at:
                raise UserError(
                    self.env._("Package %s was not given as a file: ask the bank.", package.name)
                )
            words = self.env._("The bank did not take the file, says %s.", self.env.user.name)
            package._set_state("rejected", bank_reason=words)
            for order in package.sudo().order_ids:
                order._set_state("rejected", bank_reason=words)
                order._undo_books()

    def _status_question(self):
        if self.is_rouble and self.by_hand_at:
            raise UserError(
                self.env._(
                    "Package %s was given as a file: the bank's web service does not know it. The "
                    "statement shows what became of it.",
                    self.name,
                )
            )
        return super()._status_question()


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _settle_orders(self):
        result = super()._settle_orders()
        for line in self.filtered(lambda item: item.amount < 0):
            details = line.transaction_details or {}
            number = details.get("document_number")
            if number and not details.get("our_reference"):
                order = line._order_given_by_file(number, details.get("document_date"))
                if len(order) == 1:
                    order._take_statement_line(line)
        return result

    def _order_given_by_file(self, number, day):
        """The orders of this account, given as a file, that the entry can be about."""
        orders = (
            self.env["bank.order"]
            .sudo()
            .search(
                [
                    ("journal_id", "=", self.journal_id.id),
                    ("package_id.by_hand_at", "!=", False),
                    ("bank_state", "=", "sent"),
                    ("payee_account", "=", self.account_number),
                ]
            )
        )
        return orders.filtered(
            lambda order: (
                order.details.get("document_number") == number
                and order.details.get("document_date") == day
                and not order.currency_id.compare_amounts(order.amount, -self.amount)
            )
        )
