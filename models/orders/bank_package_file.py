"""For the day the service is down: a signed package as a file, and the bank's answer from one."""

from odoo import fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.formats import pain001, pain002
from ...protocol.formats.packages import PACKAGE_FORMATS
from ..connection.operation import refuse_when_neutralized
from ..connection.words import explain
from .bank_package_approval import identity_checked


class BankPackage(models.Model):
    _inherit = "bank.package"

    by_hand_id = fields.Many2one("res.users", "Handed over by hand by", readonly=True, copy=False)
    by_hand_at = fields.Datetime("Handed over by hand", readonly=True, copy=False)

    @identity_checked
    def action_download(self):
        """Button: the signed package as a file. From then on it counts as handed over."""
        self.ensure_one()
        refuse_when_neutralized(self.env)
        self._check_right("sender")
        self._lock_or_refuse()
        self._require_state("signed")
        self._refuse_problems(self.order_ids.sudo()._problems_before_sending())
        self._refuse_unapproved()
        content = self._to_protocol().content
        now = fields.Datetime.now()
        self._set_state(
            "sent",
            by_hand_id=self.env.uid,
            by_hand_at=now,
            handed_over_at=now,
            sender_id=self.env.uid,
        )
        self.sudo().message_post(
            body=self.env._(
                "%s took this package as a file, to hand it over by hand. It is not sent by the "
                "web service any more.",
                self.env.user.name,
            )
        )
        extension = PACKAGE_FORMATS[self.format].extension
        return self.env["bank.package.file"]._open(f"{self.name}{extension}", content)

    def _take_not_known(self, now):
        """The service need not know what went by file: nothing follows from that."""
        if self.by_hand_at:
            return self._ask_soon()
        return super()._take_not_known(now)

    def _require_not_known(self):
        if self.by_hand_at:
            raise UserError(
                self.env._("Package %s was handed over by hand: look for it there.", self.name)
            )
        return super()._require_not_known()

    def _mark_to_send(self):
        if self.by_hand_at:
            raise UserError(self.env._("Package %s was handed over by hand already.", self.name))
        return super()._mark_to_send()

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
            if package.format.startswith("pain.001"):
                groups = pain001.payments_of(package._raw_content())
                receipt = pain002.parse(content, groups)
        except errors.BankError as error:
            raise UserError(explain(self.env, error)) from None
        package.sudo()._take_receipt(receipt)
        words = self.env._("A receipt was uploaded by %s.", self.env.user.name)
        package.sudo().message_post(body=words)
        return package
