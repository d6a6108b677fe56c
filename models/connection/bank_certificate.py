"""A person's certificate: on a card in his computer, or as PKCS#12 kept encrypted here."""

import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.signatures import certificates
from ...protocol.signatures import signers as signing
from ..orders.states import CHATTER
from .operation import ADMINISTRATOR, require_group, user_error

# Everything else of a certificate is what its file or card says, or what became of it.
WRITABLE = {"user_id", "active", "may_sign_payments"}


class BankCertificate(models.Model):
    _name = "bank.certificate"
    _description = "Certificate of a bank operator"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "not_after desc, id"

    name = fields.Char("Subject", readonly=True, copy=False)
    user_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, index=True
    )
    active = fields.Boolean(default=True)
    source = fields.Selection(
        [("card", "Card in the user's computer"), ("pkcs12", "Kept encrypted on the server")],
        required=True,
        default="pkcs12",
        readonly=True,
    )
    issuer = fields.Char(readonly=True, copy=False)
    serial = fields.Char(readonly=True, copy=False)
    not_before = fields.Datetime("Valid from", readonly=True, copy=False)
    not_after = fields.Datetime("Valid until", readonly=True, copy=False)
    certificate_pem = fields.Text("Certificate", readonly=True, copy=False)
    may_sign_payments = fields.Boolean(
        "May sign payments",
        copy=False,
        tracking=True,
        help="A key that lies on a server is not in its owner's hand: it logs in and reads. "
        "Only an administrator can allow it to sign payments as well.",
    )
    pkcs12_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    password_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)

    _certificate_unique = models.Constraint(
        "unique (user_id, issuer, serial)", "This certificate is registered already."
    )

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_rights(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_rights(vals)
        return super().write(vals)

    def _check_rights(self, vals):
        """Who the certificate belongs to and what it may sign is the Administrator's alone."""
        if self.env.su:
            return
        if vals.get("may_sign_payments") or vals.get("user_id", self.env.uid) != self.env.uid:
            require_group(self.env, ADMINISTRATOR, self.env._("Bank administration"))
        # A list of what may be written: whoever revokes, warns or describes does it in sudo.
        if vals.keys() - WRITABLE - CHATTER:
            raise UserError(self.env._("A certificate is registered from its file or card only."))

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _register_pkcs12(self, user, content, password):
        """Keeps a PKCS#12 (base64 text or bytes) of `user`, encrypted, after opening it once."""
        try:
            data = base64.b64decode(content, validate=True)
            signer = signing.Pkcs12Signer(data, password or "")
        except (binascii.Error, ValueError):
            raise UserError(self.env._("The file is not a PKCS#12 file (.p12, .pfx).")) from None
        except errors.BankError as error:
            raise user_error(self.env, error) from None
        certificate = self._register_certificate(user, "pkcs12", signer.certificate)
        vault = self.env["bank.vault"]
        vault._seal(certificate, "pkcs12_sealed", data)
        vault._seal(certificate, "password_sealed", password)
        return certificate

    @api.model
    def _register_certificate(self, user, source, certificate):
        """A certificate record from an X.509 certificate."""
        info = certificates.describe(certificate)
        if info.not_after <= fields.Datetime.now().replace(tzinfo=info.not_after.tzinfo):
            raise UserError(
                self.env._(
                    "The certificate %(name)s has expired. Use a new one.", name=info.subject
                )
            )
        return self.sudo().create(
            {
                "user_id": user.id,
                "source": source,
                "name": info.subject,
                "issuer": info.issuer,
                "serial": info.serial,
                "not_before": info.not_before.replace(tzinfo=None),
                "not_after": info.not_after.replace(tzinfo=None),
                "certificate_pem": certificates.pem(certificate),
            }
        )

    def _is_valid(self):
        self.ensure_one()
        now = fields.Datetime.now()
        return bool(self.active and self.not_before <= now < self.not_after)

    def _signer(self):
        """The signer that uses this certificate's key here; None when the key is on a card."""
        self.ensure_one()
        if self.source != "pkcs12":
            return None
        vault = self.env["bank.vault"]
        password = vault._open(self, "password_sealed").decode()
        return signing.Pkcs12Signer(vault._open(self, "pkcs12_sealed"), password)
