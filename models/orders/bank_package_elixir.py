"""Elixir-O as the format of a journal's packages: its code page, and where that may go."""

from odoo import fields, models
from odoo.exceptions import UserError

from ...protocol.formats import elixir

CHARSETS = [(name, name.upper()) for name in elixir.CHARSETS]
# The web service, and the signer, read this one.
SERVICE_CHARSET = "cp1250"


class AccountJournal(models.Model):
    _inherit = "account.journal"

    package_format = fields.Selection(selection_add=[("elixir", "Elixir-O")])
    elixir_charset = fields.Selection(
        CHARSETS,
        "Code page of Elixir-O",
        default=SERVICE_CHARSET,
        help="CP1250 for the web service; another one only for files that a person hands over.",
    )

    def _package_key(self):
        return (*super()._package_key(), self.elixir_charset)


class BankPackage(models.Model):
    _inherit = "bank.package"

    def _render_options(self):
        if self.format != "elixir":
            return super()._render_options()
        return {"charset": self.journal_id.elixir_charset or SERVICE_CHARSET}

    def _refuse_unsendable(self):
        charset = self.journal_id.elixir_charset or SERVICE_CHARSET
        if self.format == "elixir" and charset != SERVICE_CHARSET:
            raise UserError(
                self.env._(
                    "Package %(package)s is written in %(charset)s, for a file that a person hands "
                    "over. The web service reads CP1250: choose it on the journal, cancel this "
                    "package and prepare it again.",
                    package=self.name,
                    charset=charset.upper(),
                )
            )
        return super()._refuse_unsendable()
