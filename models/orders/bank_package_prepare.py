"""Making packages: the ids and the bytes are fixed here, since they are what is signed."""

import base64
import hashlib
from collections import Counter
from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import ids, records
from ...protocol.formats.packages import PACKAGE_FORMATS
from .states import USED_UP


class BankPackage(models.Model):
    _inherit = "bank.package"

    @api.model
    def _prepare(self, orders):
        """Packages of the orders: one for the accounts that a client has at a bank, or as many as
        the bank wants.

        The ids and the bytes are fixed here.
        """
        self._check_right("operator")
        packages = self.sudo().browse()
        for journal, group in self._portions(orders):
            group._give_end_to_end_ids()
            package = self.sudo().create(
                {
                    "company_id": journal.company_id.id,
                    "bank_id": journal.bank_account_id.bank_id.id,
                    "journal_id": journal.id,
                    "currency_id": group.currency_id[:1].id,
                    "message_id": ids.message_id(),
                    "format": journal._package_format(),
                }
            )
            group.sudo().write({"package_id": package.id})
            package._render()
            package._set_state("prepared")
            packages |= package
        return packages

    @api.model
    def _portions(self, orders):
        """(first journal, orders) of each package to make."""
        for group in orders.grouped(lambda order: order.journal_id._package_key()).values():
            most = group.journal_id[0]._orders_per_package() or len(group)
            for start in range(0, len(group), most):
                portion = group[start : start + most]
                yield portion.journal_id[0], portion

    def _render(self):
        """Makes the bytes. InvalidOrder names every order and field that the format refuses."""
        self.ensure_one()
        content = PACKAGE_FORMATS[self.format].render(
            self.message_id,
            fields.Datetime.now().replace(tzinfo=timezone.utc),
            self._initiator(),
            [order._to_protocol() for order in self.order_ids],
            **self._render_options(),
        )
        self.sudo().write(
            {
                "content": base64.b64encode(content),
                "digest": hashlib.sha256(content).hexdigest(),
            }
        )

    def _render_options(self):
        """What only some formats want to know."""
        return {}

    def _initiator(self):
        company = self.company_id
        account = self.journal_id.bank_account_id
        return records.Party(
            name=company.name,
            account=account.sanitized_acc_number,
            tax_id=company.vat or "",
            details={"client_identifier": account.sudo().client_identifier or ""},
        )

    def _raw_content(self):
        """The bytes, after holding them against the digest. What was signed is what is sent."""
        self.ensure_one()
        content = base64.b64decode(self.sudo().content or b"")
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise UserError(
                self.env._("Package %s: its content was changed after it was made.", self.name)
            )
        return content


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _package_key(self):
        """Accounts with the same key pay in one package."""
        return (*self._client_key(), self._package_format())

    def _client_key(self):
        """One client at one bank, with the accounts of one currency."""
        self.ensure_one()
        account = self.bank_account_id
        return (
            self.company_id,
            account.bank_id,
            account.sudo().client_identifier,
            self.currency_id or self.company_id.currency_id,
        )


class BankOrder(models.Model):
    _inherit = "bank.order"

    def _give_end_to_end_ids(self):
        """Derived from what is older than the order, so that a restored backup repeats them, and
        the bank refuses: from the payment, and from how often the bank has used up its id."""
        orders = self.filtered(lambda item: not item.end_to_end_id).sudo()
        for order in orders.with_context(tracking_disable=True):
            vals = self._end_to_end_vals(order.payment_id)
            if not vals:
                uuid = self._database_uuid()
                own = ids.end_to_end_id(uuid, order.id, order.correction, ids.OF_ORDER)
                vals = {"end_to_end_id": own}
            order.write(vals)

    @api.model
    def _end_to_end_vals(self, payment):
        """The id of the next order of `payment`, known before there is an order; {} without one."""
        if not payment:
            return {}
        used = payment.sudo().bank_order_ids.filtered(lambda order: order.bank_state in USED_UP)
        own = ids.end_to_end_id(self._database_uuid(), payment.id, len(used), ids.OF_PAYMENT)
        return {"correction": len(used), "end_to_end_id": own}

    @api.model
    def _database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _totals(self):
        """Counter: account number -> total, for the wizard and the form."""
        totals = Counter()
        for order in self:
            totals[order.payer_account] += order.amount
        return totals
