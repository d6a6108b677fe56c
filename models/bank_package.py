"""One message of orders to the bank: made whole, signed whole, sent whole."""

import base64
import hashlib
from collections import Counter
from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

from ..protocol import ids, records
from ..protocol.formats.packages import PACKAGE_FORMATS
from .bank_operation import bank_operation, require_group
from .bank_problem import problem_lines
from .bank_states import CHATTER, OPEN, SETTLED, STATES, USED_UP

RIGHTS = {
    "operator": "bank_webservice.group_operator",
    "signer": "bank_webservice.group_signer",
    "sender": "bank_webservice.group_sender",
}


class BankPackage(models.Model):
    _name = "bank.package"
    _description = "Package of payment orders"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    bank_id = fields.Many2one("res.bank", required=True, readonly=True)
    journal_id = fields.Many2one("account.journal", required=True, readonly=True, index=True)
    order_ids = fields.One2many("bank.order", "package_id", readonly=True)
    order_count = fields.Integer(compute="_compute_total")
    total = fields.Monetary(compute="_compute_total")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    state = fields.Selection(
        [item for item in STATES if item[0] != "imported"],
        required=True,
        readonly=True,
        default="prepared",
        index=True,
        tracking=True,
        copy=False,
    )
    # Fixed when the package is prepared, since it stands inside the signed bytes.
    message_id = fields.Char("Message id", readonly=True, copy=False, index=True)
    format = fields.Char(readonly=True)
    # Bytes that a bank would take leave only through `action_download`, with all its checks.
    content = fields.Binary(
        "What is signed and sent",
        attachment=True,
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )
    digest = fields.Char("SHA-256", readonly=True, copy=False)
    signature_ids = fields.One2many("bank.signature", "package_id", readonly=True)
    document_ids = fields.Many2many("bank.document", string="Receipts", readonly=True)
    call_ids = fields.One2many("bank.call", compute="_compute_call_ids")

    sender_id = fields.Many2one("res.users", "Sent by", readonly=True, copy=False)
    session_id = fields.Many2one("bank.session", readonly=True, copy=False, ondelete="set null")
    handed_over_at = fields.Datetime("Given to the bank", readonly=True, copy=False)
    asked_at = fields.Datetime("Status asked", readonly=True, copy=False)
    ask_next_at = fields.Datetime(readonly=True, copy=False)
    ask_count = fields.Integer(readonly=True, copy=False)
    not_known_since = fields.Datetime(
        "Not known to the bank since",
        readonly=True,
        copy=False,
        help="The first time that the bank said it does not know this message.",
    )
    not_known_confirmed = fields.Boolean(readonly=True, copy=False)
    bank_status = fields.Char("Status at the bank", readonly=True, copy=False)
    bank_reason = fields.Char("The bank's words", readonly=True, copy=False, tracking=True)
    release_by = fields.Char("Can be released by", readonly=True, copy=False)
    confirmation_code = fields.Char(readonly=True, copy=False)

    _message_unique = models.Constraint("unique (message_id)", "A message id is never used twice.")

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("order_ids.amount")
    def _compute_total(self):
        for package in self:
            package.order_count = len(package.order_ids)
            package.total = sum(package.order_ids.mapped("amount"))

    def _compute_call_ids(self):
        for package in self:
            package.call_ids = self.env["bank.call"].search(
                [("message_id", "=", package.message_id)] if package.message_id else [(0, "=", 1)]
            )

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Packages are made by “Send to bank”."))
        for vals in vals_list:
            vals["name"] = self.env["ir.sequence"].next_by_code("bank.package") or "/"
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() - CHATTER:
            raise UserError(
                self.env._("Package %s: its content and state cannot be edited.", self[:1].name)
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A package is never deleted. Cancel it instead."))

    # -------------------------------------------------------------------------
    # PREPARE
    # -------------------------------------------------------------------------

    @api.model
    def _prepare(self, orders):
        """Packages of the orders: one a journal, or as many as its bank takes in one.

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
        """(journal, orders) of each package to make."""
        for journal, group in orders.grouped("journal_id").items():
            most = journal._orders_per_package() or len(group)
            for start in range(0, len(group), most):
                yield journal, group[start : start + most]

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

    # -------------------------------------------------------------------------
    # STATES AND RIGHTS
    # -------------------------------------------------------------------------

    def _set_state(self, state, **values):
        """A new state of the package and of its orders."""
        self.sudo().write({"state": state, **values})
        self.sudo().order_ids.filtered(lambda order: order.bank_state not in SETTLED)._set_state(
            state
        )

    @api.model
    def _check_right(self, right):
        labels = {
            "operator": self.env._("Bank operations"),
            "signer": self.env._("Bank signing"),
            "sender": self.env._("Bank sending"),
        }
        require_group(self.env, RIGHTS[right], labels[right])

    def _lock_or_refuse(self):
        """Locks the rows until the end of the request; UserError where somebody else has them."""
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._(
                    "Somebody else, or Odoo itself, is working with %(packages)s at this moment. "
                    "Look again in some seconds.",
                    packages=", ".join(self.mapped("name")),
                )
            ) from None

    def _require_state(self, *states):
        label = dict(self._fields["state"]._description_selection(self.env))
        for package in self:
            if package.state not in states:
                raise UserError(
                    self.env._(
                        "Package %(package)s is in the state “%(state)s”: this is not possible "
                        "any more.",
                        package=package.name,
                        state=label[package.state],
                    )
                )

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    @bank_operation
    def action_sign(self):
        """Button: sign with the own certificate."""
        self._check_right("signer")
        for package in self:
            package._sign()

    def _sign(self):
        self._lock_or_refuse()
        self._require_state("prepared", "partly_signed")
        self._refuse_problems(self.order_ids.sudo()._problems_before_sending())
        certificate = self.env["bank.operator"]._of_user(self.bank_id).certificate_id.sudo()
        self._check_may_sign(certificate)
        signature = certificate._signer().sign_document(self._raw_content())
        self._add_signature(certificate, signature)

    def _check_may_sign(self, certificate):
        if not certificate or not certificate._is_valid():
            raise UserError(self.env._("You have no valid certificate at %s.", self.bank_id.name))
        if certificate.source != "pkcs12" or not certificate.may_sign_payments:
            raise UserError(
                self.env._(
                    "The certificate %(name)s lies on the server and may not sign payments. An "
                    "administrator can allow it on the certificate's form.",
                    name=certificate.name,
                )
            )

    def _add_signature(self, certificate, content):
        self.env["bank.signature"].sudo().create(
            {
                "package_id": self.id,
                "user_id": self.env.uid,
                "certificate_id": certificate.id,
                "signed_at": fields.Datetime.now(),
                "digest": self.digest,
                "content": base64.b64encode(content),
            }
        )
        self._set_state("signed")

    def action_cancel(self):
        """Button: give the package up before it was sent; its payments are free again."""
        self._check_right("operator")
        self._lock_or_refuse()
        self._require_state(*OPEN)
        for package in self:
            package._set_state("cancelled")
            package.order_ids.sudo()._set_state("cancelled")

    def _refuse_problems(self, problems):
        if problems:
            raise UserError(problem_lines(self.env, problems))


class BankOrder(models.Model):
    _inherit = "bank.order"

    def _give_end_to_end_ids(self):
        """Derived from what is older than the order, so that a restored backup repeats them, and
        the bank refuses: from the payment, and from how often the bank has used up its id."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        orders = self.filtered(lambda item: not item.end_to_end_id).sudo()
        for order in orders.with_context(tracking_disable=True):
            payment, number = order.payment_id, order.correction
            if payment:
                others = payment.bank_order_ids
                number = len(others.filtered(lambda other: other.bank_state in USED_UP))
            kind = ids.OF_PAYMENT if payment else ids.OF_ORDER
            own = ids.end_to_end_id(uuid, payment.id or order.id, number, kind)
            order.write({"correction": number, "end_to_end_id": own})

    def _totals(self):
        """Counter: account number -> total, for the wizard and the form."""
        totals = Counter()
        for order in self:
            totals[order.payer_account] += order.amount
        return totals
