# SPDX-License-Identifier: LGPL-3.0-only
"""For the day the service is down: a signed package as a file, and the bank's answer from one.

A package counts as handed over from the moment its file is made, so that it cannot also go through
the web service. The file of rouble orders, kl_to_1c, carries no id of ours: the statement entry is
known by number, date, amount and payee's account of the order.
"""

import base64
import hashlib
from datetime import timezone

from odoo import fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.formats import pain001, pain002
from ...protocol.formats.packages import PACKAGE_FORMATS
from ...protocol.states import READY
from ..connection.operation import RELOAD, notify, refuse_when_neutralized
from ..connection.rights import require_right
from ..connection.words import explain, in_words
from .bank_package_approval import identity_checked
from .bank_white_list import ask_again, remind_of_notice

FORMAT = "client_bank_1c"
FILE_NAME = "kl_to_1c.txt"


class BankPackage(models.Model):
    _inherit = "bank.package"

    by_hand_id = fields.Many2one("res.users", "Handed over by hand by", readonly=True, copy=False)
    by_hand_at = fields.Datetime("Handed over by hand", readonly=True, copy=False)
    is_rouble = fields.Boolean(compute="_compute_is_rouble")

    def _compute_is_rouble(self):
        for package in self:
            package.is_rouble = set(package.sudo().order_ids.mapped("kind")) == {"rouble"}

    @identity_checked
    def action_download(self):
        """Button: the signed package as a file. From then on it counts as handed over."""
        if self.is_rouble:
            # Russian banks' programs read another file than their web service.
            return self.action_give_as_file()
        self.ensure_one()
        refuse_when_neutralized(self.env)
        require_right(self.env, "sender")
        if failed := self._drop_failed_signatures():
            return notify("\n".join(failed), "danger", sticky=True, next=RELOAD)
        ask_again(self)
        self._lock_or_refuse()
        self._require_state("signed")
        self._refuse_problems(self.order_ids.sudo()._problems_before_sending())
        self._approve_as_sender()
        self._refuse_unapproved()
        content = self._to_protocol().content
        self._take_by_hand()
        self.sudo().message_post(
            body=self.env._(
                "%s took this package as a file, to hand it over by hand. It is not sent by the "
                "web service any more.",
                self.env.user.name,
            )
        )
        extension = PACKAGE_FORMATS[self.format].extension
        return self.env["bank.package.file"]._open(f"{self.name}{extension}", content)

    def _take_by_hand(self, **values):
        """From now on these packages count as handed over, by this person."""
        now = fields.Datetime.now()
        by_hand = {"by_hand_id": self.env.uid, "by_hand_at": now}
        self._set_state("sent", handed_over_at=now, **by_hand, **values)
        remind_of_notice(self)

    # -------------------------------------------------------------------------
    # ROUBLES: KL_TO_1C, FOR THE BANK'S OWN PROGRAM
    # -------------------------------------------------------------------------

    @identity_checked
    def action_give_as_file(self):
        """Button and server action: one file of all these packages, which are sent with it."""
        refuse_when_neutralized(self.env)
        require_right(self.env, "sender")
        if failed := self._drop_failed_signatures():
            return notify("\n".join(failed), "danger", sticky=True, next=RELOAD)
        self._lock_or_refuse()
        self._require_state(*READY)
        if not all(self.mapped("is_rouble")):
            raise UserError(self.env._("Only payment orders in roubles go into such a file."))
        orders = self.sudo().order_ids
        self._refuse_problems(orders._problems_before_sending())
        self._approve_as_sender()
        for package in self:
            package._refuse_unapproved()
        document = self._keep_file(orders)
        words = self.env._("Given as a file")
        self._take_by_hand(bank_status=words)
        orders.write({"bank_status": words})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/bank.document/{document.id}/content/{FILE_NAME}?download=true",
            "target": "download",
        }

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
        require_right(self.env, "sender")
        self._lock_or_refuse()
        for package in self:
            package._require_state("sent")
            if not package.by_hand_at:
                raise UserError(
                    self.env._("Package %s was not given as a file: ask the bank.", package.name)
                )
            words = self.env._("The bank did not take the file, says %s.", self.env.user.name)
            package._reject(words)

    # -------------------------------------------------------------------------
    # A RECEIPT FROM A FILE
    # -------------------------------------------------------------------------

    def _take_receipt_file(self, content):
        """A pain.002 as bytes: it finds its package by the message id. Returns the package."""
        try:
            receipt = pain002.parse(content)
            package = self.search([("message_id", "=", receipt.message_id)])
            if not package:
                raise UserError(self.env._("No package has the message id %s.", receipt.message_id))
            package._require_state(
                "sent", "waiting", "accepted", "paused", "unknown", "rejected", "partly_executed"
            )
            if not package.by_hand_at:
                raise UserError(
                    self.env._(
                        "Package %s went to the bank by the web service, which is asked for its "
                        "answer: press “Refresh status”. Only of a package that was given as a "
                        "file is the answer uploaded.",
                        package.name,
                    )
                )
            if package.format.startswith("pain.001"):
                groups = pain001.payments_of(package._raw_content())
                receipt = pain002.parse(content, groups)
        except errors.BankError as error:
            raise UserError(explain(self.env, error)) from None
        package.sudo()._take_receipt(receipt)
        words = self.env._("A receipt was uploaded by %s.", self.env.user.name)
        package.sudo().message_post(body=words)
        return package

    def _keep_receipt(self, receipt):
        """The raw receipt, once for each new content."""
        if not receipt.content:
            return
        digest = hashlib.sha256(receipt.content).hexdigest()
        if digest in self.document_ids.mapped("digest"):
            return
        document = (
            self.env["bank.document"]
            .sudo()
            .create(
                {
                    "name": f"{self.name}: {self._receipt_words(receipt)}",
                    "company_id": self.company_id.id,
                    "format": receipt.format,
                    "content": base64.b64encode(receipt.content),
                    "digest": digest,
                    "state": "kept",
                }
            )
        )
        self.sudo().write({"document_ids": [(4, document.id)]})

    def _receipt_words(self, receipt):
        return in_words(self.env, receipt.bank_status, receipt.code) or receipt.state
