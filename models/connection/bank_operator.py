# SPDX-License-Identifier: LGPL-3.0-only
"""A user of Odoo as the bank knows him: his login there and how he confirms it."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...protocol import records
from .operation import create_once
from .rights import require_right
from .words import way_out

METHODS = [("mobile", "Mobile token"), ("certificate", "Certificate")]


# What a running session was made from.
SECRETS = {"login", "active", "user_id", "certificate_id", "password_sealed",
           "statement_password_sealed"}  # fmt: skip


class BankOperator(models.Model):
    _name = "bank.operator"
    _description = "Bank operator"
    _inherit = ["mail.thread"]
    _order = "bank_id, user_id"
    _rec_name = "login"

    bank_id = fields.Many2one("res.bank", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    login = fields.Char(
        "Bank login",
        tracking=True,
        help="The login that the bank gave to this person. Empty at a bank without log-in.",
    )
    default_method = fields.Selection(
        METHODS, "Default log-in", required=True, default="mobile", tracking=True
    )
    certificate_id = fields.Many2one(
        "bank.certificate", tracking=True, ondelete="restrict", index="btree_not_null"
    )
    active = fields.Boolean(default=True, tracking=True)
    has_password = fields.Boolean(compute="_compute_has_password")
    password_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    new_password = fields.Char(
        store=False,
        compute="_compute_new_password",
        inverse="_inverse_new_password",
        help="Only for banks that want a password. It is kept encrypted and never shown again.",
    )

    statement_password_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    new_statement_password = fields.Char(
        "Password for statements",
        store=False,
        compute="_compute_new_password",
        inverse="_inverse_new_statement_password",
        help="Of the log-in that some banks give for statements only. Kept encrypted.",
    )

    _user_bank_unique = models.Constraint(
        "unique (bank_id, user_id)", "This user is an operator of this bank already."
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("login", "user_id.name")
    def _compute_display_name(self):
        for operator in self:
            login = f" ({operator.login})" if operator.login else ""
            operator.display_name = f"{operator.user_id.name}{login}"

    def _compute_has_password(self):
        for operator in self:
            operator.has_password = bool(operator.sudo().password_sealed)

    def _compute_new_password(self):
        self.new_password = self.new_statement_password = False

    def _inverse_new_password(self):
        for operator in self:
            if operator.new_password:
                vault = operator.env["bank.vault"]
                vault._seal_typed(operator, "password_sealed", operator.new_password)

    def _inverse_new_statement_password(self):
        for operator in self:
            if typed := operator.new_statement_password:
                vault = operator.env["bank.vault"]
                vault._seal_typed(operator, "statement_password_sealed", typed)

    # -------------------------------------------------------------------------
    # CONSTRAINTS
    # -------------------------------------------------------------------------

    @api.constrains("certificate_id", "user_id")
    def _check_certificate_owner(self):
        for operator in self:
            owner = operator.sudo().certificate_id.user_id
            if owner and owner != operator.user_id:
                raise ValidationError(
                    self.env._(
                        "%(operator)s: the certificate belongs to %(owner)s.",
                        operator=operator.display_name,
                        owner=owner.name,
                    )
                )

    @api.constrains("login", "bank_id")
    def _check_login(self):
        for operator in self:
            if operator.bank_id.has_session and not (operator.login or "").strip():
                raise ValidationError(
                    self.env._(
                        "Operator %(user)s: enter the bank login.", user=operator.user_id.name
                    )
                )

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_administrator()
        return super().create(vals_list)

    def write(self, vals):
        # His own default method is the one thing that a user may choose for himself.
        if vals.keys() - {"default_method"} or self.user_id != self.env.user:
            self._check_administrator()
        result = super().write(vals)
        if SECRETS & vals.keys():
            self._end_sessions(self.env._("The operator was changed."))
        return result

    def unlink(self):
        self._check_administrator()
        return super().unlink()

    def _check_administrator(self):
        if not self.env.su:
            require_right(self.env, "administrator")

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _end_sessions(self, reason):
        sessions = self.env["bank.session"].sudo().search([("operator_id", "in", self.ids)])
        sessions._end(reason)

    @api.model
    def _of_user(self, bank, user=None):
        """The operator that `user` is at `bank`; a UserError that says what is missing.

        A bank without log-in knows no operators, so that nobody has to enter them: empty then.
        """
        user = user or self.env.user
        mine = self.sudo().with_context(active_test=False)
        mine = mine.search([("bank_id", "=", bank.id), ("user_id", "=", user.id)])
        operator = mine.filtered("active").with_env(self.sudo().env)
        if not operator and (mine or bank.has_session):
            words = self.env._(
                "%(bank)s does not know %(user)s as an operator. An administrator adds operators "
                "on the bank's card, tab Web service.",
                user=user.name,
                bank=bank.name,
            )
            raise way_out(words, bank)
        return operator

    @api.model
    def _of_user_or_new(self, bank, user=None):
        """`_of_user`; at a bank without log-in anybody with Odoo's rights is one."""
        user = user or self.env.user
        values = {"bank_id": bank.id, "user_id": user.id}
        return self._of_user(bank, user) or create_once(self.sudo(), values)

    def _needs_nobody(self):
        """True where a session opens with no person there: there is no log-in, or its key is here
        and chosen."""
        self.ensure_one()
        if not self.bank_id.has_session:
            return True
        if self.default_method != "certificate":
            return False
        certificate = self.sudo().certificate_id
        return certificate.source == "pkcs12" and certificate._is_valid()

    def _to_protocol(self, method):
        """The operator as protocol record, for a log-in by `method`."""
        self.ensure_one()
        certificate = self.sudo().certificate_id
        if method == "certificate":
            self._check_certificate(certificate)
        return records.Operator(
            login=self.login or "",
            method=method,
            signer=certificate._signer() if method == "certificate" else None,
            secret=self.env["bank.vault"]._open(self, "password_sealed").decode(),
            bank_name=self.bank_id.name,
            statement_secret=self.env["bank.vault"]
            ._open(self, "statement_password_sealed")
            .decode(),
        )

    def _check_certificate(self, certificate):
        """Revoked, expired, of an authority that nobody trusts: each has its own words."""
        if not certificate:
            words = self.env._(
                "Operator %(operator)s has no certificate. Register one, or log in with the "
                "mobile token.",
                operator=self.display_name,
            )
            raise way_out(words, self)
        certificate._require_valid()
