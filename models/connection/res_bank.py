# SPDX-License-Identifier: LGPL-3.0-only
"""The bank's card: which channel reaches it, at which address, and who works with it."""

import hashlib
import tempfile
from pathlib import Path

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config

from ...protocol import bank_codes
from ...protocol.banks import BANKS
from ...protocol.errors import BankError
from ...protocol.wire.http import check_address
from .rights import ADMINISTRATOR, guard_administrator
from .words import translated

CHANNELS = [(name, bank.title) for name, bank in BANKS.items()]

# Whoever may change these decides where money goes: rule 9 of the design. They are not copied:
# everybody who keeps contacts may duplicate a bank's card.
GUARDED = {
    "bank_channel",
    "webservice_address",
    "webservice_ca",
    "webservice_timeout",
    "operator_ids",
    "session_idle_minutes",
    "session_max_hours",
    "webservice_tested_at",
}
# A change here means: another bank may answer. Nothing is sent before it was tested again.
NEEDS_TEST = {"bank_channel", "webservice_address", "webservice_ca"}


class ResBank(models.Model):
    _name = "res.bank"
    _inherit = ["res.bank", "mail.thread"]

    bank_channel = fields.Selection(
        CHANNELS,
        "Web service",
        copy=False,
        tracking=True,
        help="The web service that reaches this bank. Empty: statements and payments go by file.",
    )
    wants_password = fields.Boolean("Logs in with a password", compute="_compute_channel_wants")
    has_session = fields.Boolean("Has a log-in", compute="_compute_channel_wants")
    wants_identity = fields.Boolean("Knows the company itself", compute="_compute_channel_wants")
    has_agreement = fields.Boolean("Has exchange settings", compute="_compute_channel_wants")
    webservice_address = fields.Char("Address", copy=False, tracking=True)
    webservice_ca = fields.Text(
        "Trusted certificates (PEM)",
        groups=ADMINISTRATOR,
        copy=False,
        help="Certificates to trust for this address, instead of those that the system trusts.",
    )
    webservice_timeout = fields.Integer(
        "Time-out (seconds)", default=30, copy=False, help="For one call. At most 60."
    )
    session_idle_minutes = fields.Integer(
        "Idle limit (minutes)",
        default=10,
        copy=False,
        tracking=True,
        help="A session that nobody uses for so long is ended, beside the bank's own limit.",
    )
    session_max_hours = fields.Integer(
        "Longest session (hours)", default=8, copy=False, tracking=True
    )
    operator_ids = fields.One2many("bank.operator", "bank_id", "Operators")
    identity_ids = fields.One2many(
        "bank.identity", "bank_id", "Companies at this bank", copy=False, groups=ADMINISTRATOR
    )
    webservice_tested_at = fields.Datetime("Last successful test", readonly=True, copy=False)
    # What a payment order in roubles says of a bank.
    bank_bik = fields.Char("BIK", size=9, tracking=True, help="9 digits, for banks in Russia.")
    corr_account = fields.Char("Correspondent account", size=20, tracking=True)

    is_russian = fields.Boolean(compute="_compute_is_russian")
    order_codes = fields.Html("Codes in payment orders", compute="_compute_order_codes")

    @api.depends("country", "bic")
    def _compute_is_russian(self):
        """Or of no known country: the card asks for the BIK and the correspondent account."""
        for bank in self:
            country = bank.country.code or (bank.bic or "")[4:6] or "RU"
            bank.is_russian = country.upper() == "RU"

    @api.depends("bank_channel")
    def _compute_order_codes(self):
        """What is written into the orders for this bank, and who says so."""
        kinds = dict(self.env["bank.order"]._fields["kind"]._description_selection(self.env))
        kinds |= dict(self.env["bank.order"]._fields["route"]._description_selection(self.env))
        row = Markup("<tr><td>{}</td><td>{}</td><td class='text-break'>{}</td><td>{}</td></tr>")

        def source(code):
            ours = not code.confirmed and self.env._("not confirmed by the bank")
            return ", ".join(filter(None, (translated(self.env, code.source), ours)))

        for bank in self:
            rows = Markup().join(
                row.format(
                    translated(self.env, code.place),
                    kinds.get(code.of, code.of),
                    code.value,
                    source(code),
                )
                for code in bank_codes.codes_of(bank.bank_channel or "")
            )
            bank.order_codes = Markup("<table class='table table-sm'>{}</table>").format(rows)

    @api.depends("bank_channel")
    def _compute_channel_wants(self):
        for bank in self:
            kind = bank._kind()
            bank.wants_password = bool(kind) and kind.wants_password
            bank.has_agreement = bool(kind) and kind.has_agreement
            bank.has_session = not kind or kind.has_session
            bank.wants_identity = bool(kind) and bool(kind.shows_certificate or kind.settings)

    # -------------------------------------------------------------------------
    # CONSTRAINTS
    # -------------------------------------------------------------------------

    @api.constrains("bank_channel", "webservice_address")
    def _check_webservice_address(self):
        for bank in self.filtered("bank_channel"):
            try:
                check_address(bank.webservice_address or "")
            except BankError:
                raise ValidationError(
                    self.env._(
                        "%(bank)s: the address of the web service must begin with https:// "
                        "(http:// is for tests on this computer only).",
                        bank=bank.name,
                    )
                ) from None

    @api.constrains("webservice_timeout", "session_idle_minutes", "session_max_hours")
    def _check_limits(self):
        for bank in self:
            # Well under Odoo's limit_time_real, so that a worker is never killed while it waits.
            if not 1 <= bank.webservice_timeout <= 60:
                raise ValidationError(
                    self.env._("%s: time-out must be 1 to 60 seconds.", bank.name)
                )
            if bank.session_idle_minutes < 1 or bank.session_max_hours < 1:
                raise ValidationError(self.env._("%s: session limits must be positive.", bank.name))

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            guard_administrator(self, vals, GUARDED)
        return super().create(vals_list)

    def write(self, vals):
        guard_administrator(self, vals, GUARDED)
        changed = self.filtered(
            lambda bank: any(bank.sudo()[name] != vals[name] for name in NEEDS_TEST & vals.keys())
        )
        result = super().write(vals)
        if changed:
            changed.sudo().write({"webservice_tested_at": False})
            changed.operator_ids.sudo()._end_sessions(self.env._("The bank's card was changed."))
            changed.sudo().identity_ids._add_values()
        return result

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _kind(self):
        """The class of the channel, which says what it needs; None without a web service."""
        return BANKS.get(self.sudo().bank_channel)

    def _webservice_ca_file(self):
        """Path of the trusted certificates as a file, or "". Named by its content."""
        self.ensure_one()
        text = self.sudo().webservice_ca
        if not text:
            return ""
        # In Odoo's own folder: one that others can write to could hold a file of theirs.
        folder = Path(config["data_dir"]) / "bank_webservice"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"ca-{hashlib.sha256(text.encode()).hexdigest()}.pem"
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
                file.write(text)
            Path(file.name).replace(path)
        return str(path)
