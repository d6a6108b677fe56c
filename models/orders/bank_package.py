# SPDX-License-Identifier: LGPL-3.0-only
"""One message of orders to the bank: made whole, signed whole, sent whole."""

import base64
import hashlib
from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain

from ...protocol import ids, records
from ...protocol.formats.packages import PACKAGE_FORMATS
from ...protocol.states import ASK, OPEN, SETTLED, SIGNED, STATES, USED_UP
from ..connection.rights import CHATTER, require_right
from ..connection.tables import amount_in, found_by
from ..connection.words import in_words, problem_lines
from .account_journal import SERVICE_CHARSET
from .bank_white_list import ask_white_list, tell_silence
from .res_partner_bank import require_other_payee_reason


class BankPackage(models.Model):
    _name = "bank.package"
    _description = "Package of payment orders"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    bank_id = fields.Many2one("res.bank", required=True, readonly=True)
    journal_id = fields.Many2one("account.journal", required=True, readonly=True, index=True)
    payer_account = fields.Char(related="journal_id.bank_account_id.acc_number")
    order_ids = fields.One2many("bank.order", "package_id", readonly=True)
    order_count = fields.Integer(compute="_compute_total")
    total = fields.Monetary(compute="_compute_total")
    has_refused = fields.Boolean(compute="_compute_has_refused")
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
    asking_ended = fields.Boolean("Not asked any more", readonly=True, copy=False)
    not_known_since = fields.Datetime(
        "Not known to the bank since",
        readonly=True,
        copy=False,
        help="The first time that the bank said it does not know this message.",
    )
    not_known_confirmed = fields.Boolean(readonly=True, copy=False)
    bank_status = fields.Char("Status at the bank", readonly=True, copy=False)
    bank_reason = fields.Char("The bank's words", readonly=True, copy=False, tracking=True)
    bank_words = fields.Char("What the bank says", compute="_compute_bank_words")
    release_by = fields.Char("Can be released by", readonly=True, copy=False)
    confirmation_code = fields.Char(readonly=True, copy=False)

    bank_find = fields.Char(
        "Payee, title, account or sum", store=False, search="_search_bank_find", exportable=False
    )

    # In the words of `_cron_status`: those that are over are the many.
    _to_ask = models.Index(f"(ask_next_at, id) WHERE state IN {ASK}")
    _message_unique = models.Constraint("unique (message_id)", "A message id is never used twice.")

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    def _search_bank_find(self, operator, value):
        """By what stands in its orders, and by its total."""
        if operator != "ilike":
            return NotImplemented
        orders = self.env["bank.order"]
        found = Domain("order_ids", "any", [("bank_find", "ilike", value)])
        found |= found_by(value, ("name", "message_id"))
        if (amount := amount_in(value)) is not None:
            groups = orders._read_group(
                [("package_id", "!=", False)],
                ["package_id"],
                having=[("amount:sum", "=", amount)],
            )
            found |= Domain("id", "in", [package.id for (package,) in groups])
        return found

    @api.depends("order_ids.amount")
    def _compute_total(self):
        for package in self:
            package.order_count = len(package.order_ids)
            package.total = sum(package.order_ids.mapped("amount"))

    @api.depends("order_ids.bank_state", "order_ids.corrected_by_ids")
    def _compute_has_refused(self):
        for package in self:
            package.has_refused = any(
                order.bank_state in USED_UP and not order.corrected_by_ids
                for order in package.order_ids
            )

    def _compute_call_ids(self):
        for package in self:
            package.call_ids = self.env["bank.call"].search(
                [("message_id", "=", package.message_id)] if package.message_id else [(0, "=", 1)]
            )

    @api.depends("state", "bank_status", "bank_reason")
    @api.depends_context("lang")
    def _compute_bank_words(self):
        for package in self:
            said = (package.bank_status, "", package.bank_reason, package.state)
            package.bank_words = in_words(self.env, *said)

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
    # STATES
    # -------------------------------------------------------------------------

    def _set_state(self, state, **values):
        """A new state of the package and of its orders."""
        self.sudo().write({"state": state, **values})
        self.sudo().order_ids.filtered(lambda order: order.bank_state not in SETTLED)._set_state(
            state
        )

    def _reject(self, words):
        """The bank took nothing of it; the orders tell their payments, with the reason."""
        self.sudo().write({"state": "rejected", "bank_reason": words})
        self.sudo().order_ids.filtered(lambda order: order.bank_state not in SETTLED)._reject(words)
        self._follow_orders()

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

    def _refuse_problems(self, problems):
        if problems:
            raise UserError(problem_lines(self.env, problems))

    # -------------------------------------------------------------------------
    # MAKING: THE IDS AND THE BYTES ARE FIXED HERE, SINCE THEY ARE WHAT IS SIGNED
    # -------------------------------------------------------------------------

    @api.model
    def _prepare(self, orders, white_list_reason="", other_payee_reason=""):
        """Packages of the orders: one for the accounts that a client has at a bank, or as many as
        the bank wants.

        Another package for the same payee and day may ask a second person for a signed one too.
        """
        require_right(self.env, "operator")
        ask_white_list(orders, white_list_reason)
        require_other_payee_reason(orders, other_payee_reason)
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
        self.sudo().search(
            [
                # Of the package alone: a question about its orders would write them all first.
                ("company_id", "child_of", packages.company_id.root_id.ids),
                ("state", "in", SIGNED),
            ]
        )._follow_approval()
        tell_silence(packages)
        return packages

    @api.model
    def _portions(self, orders):
        """(first journal, orders) of each package to make."""
        keys = orders.grouped(
            lambda order: (order.journal_id._package_key(), order._apart(), order._is_payroll())
        )
        for group in keys.values():
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
        if self.format == "elixir":
            charset = self.journal_id.elixir_charset or SERVICE_CHARSET
            return {"charset": charset, "bank": self.bank_id.bank_channel or ""}
        if self.format.startswith("pain.001"):
            return {"bank": self.bank_id.bank_channel or ""}
        return {}

    def _initiator(self):
        company = self.company_id
        account = self.journal_id.bank_account_id
        kind, tax_id = self.bank_id._kind(), company.vat or ""
        details = {"client_identifier": account.sudo().client_identifier or ""}
        if "rouble" in self.sudo().order_ids.mapped("kind"):
            tax_id = company.partner_id._bank_inn()
            details["kpp"] = company.partner_id.bank_kpp or ""
        party = records.Party(
            name=kind.initiator_name(company.name) if kind else company.name,
            account=account.sanitized_acc_number,
            tax_id=tax_id,
            details=details,
        )
        return kind.initiator(party, account.sudo().bank_agreement or "") if kind else party

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_cancel(self):
        """Button: give the package up before it was sent; its payments are free again."""
        require_right(self.env, "operator")
        self._lock_or_refuse()
        self._require_state(*OPEN)
        for package in self:
            package._set_state("cancelled")
            package.order_ids.sudo()._set_state("cancelled")

    def action_send_again(self):
        """Button: pay anew what the bank refused of these packages."""
        return self.order_ids.action_send_again()
