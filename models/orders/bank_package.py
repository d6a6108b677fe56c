"""One message of orders to the bank: made whole, signed whole, sent whole."""

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

from ..connection.rights import CHATTER, require_group
from ..connection.words import problem_lines
from .states import OPEN, SETTLED, STATES

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
