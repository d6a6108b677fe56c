# SPDX-License-Identifier: LGPL-3.0-only
"""How a bank wants to be spoken to: its exchange settings, kept with the company's account.

They come from the bank with every *Test connection*, or as a file that the bank gave. Whatever is
asked or sent follows them: who the sender is, which version, what is signed and compressed.
"""

import base64
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.banks.directbank.post import Letter
from .rights import require_right
from .words import translated, user_error

_logger = logging.getLogger(__name__)
# Codes of a bank that was spoken to otherwise than it wants to be: its settings are read anew.
OTHER_SETTINGS = ("1003", "2004", "2006", "2008", "2011", "2013")
DAYS = 90  # after which nobody asks any more


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    bank_agreement = fields.Text(copy=False, groups=fields.NO_ACCESS)
    has_agreement = fields.Boolean(related="bank_id.has_agreement")
    agreement_words = fields.Text(
        "Exchange settings of the bank", compute="_compute_agreement_words"
    )
    agreement_file = fields.Binary(
        "Settings file of the bank",
        compute="_compute_agreement_file",
        inverse="_inverse_agreement_file",
        help="The XML file with the exchange settings, where the bank gave one.",
    )

    @api.depends("bank_agreement")
    @api.depends_context("lang")
    def _compute_agreement_words(self):
        for account in self:
            account.agreement_words = "\n".join(account._agreement_lines()) or False

    def _compute_agreement_file(self):
        self.agreement_file = False

    def _inverse_agreement_file(self):
        for account in self.filtered(lambda one: one.agreement_file and one.has_agreement):
            require_right(self.env, "administrator")
            account._take_agreement_file(account.agreement_file)

    def _agreement_lines(self):
        """What the kept settings say, in the user's language."""
        kept, kind = self.sudo().bank_agreement, self.bank_id._kind()
        if not kept or not self.has_agreement:
            return []
        said = kind.read_agreement(kept.encode())
        return [translated(self.env, words) for words in said.words]

    def _take_agreement_file(self, content):
        """`content`: base64. UserError where it is no such file, or another company's."""
        try:
            self._take_agreement(base64.b64decode(content))
        except errors.BankError as error:
            raise user_error(self.env, error) from None

    def _take_agreement(self, data):
        """Keeps the bank's settings for all accounts of this client identifier.

        `data`: the file as bytes, or the text that the bank's channel makes of it.
        """
        self.ensure_one()
        bank = self.bank_id._kind()
        data = data.encode() if isinstance(data, str) else data
        said = bank.read_agreement(data, self.sudo().bank_agreement or "")
        own = self._webservice_account().owner_tax_id
        if said.tax_id and own and said.tax_id != own:
            raise UserError(
                self.env._(
                    "The settings are those of another company: INN %(theirs)s, not %(ours)s.",
                    theirs=said.tax_id,
                    ours=own,
                )
            )
        if not self.sudo().client_identifier:
            self.client_identifier = said.client_identifier
        same = self._of_same_client()
        same.filtered(lambda one: one.bank_agreement != said.kept).bank_agreement = said.kept

    def _of_same_client(self):
        own = self.sudo()
        domain = [
            ("bank_id", "=", own.bank_id.id),
            ("client_identifier", "=", own.client_identifier),
        ]
        company = own._webservice_company()
        return own.search(domain).filtered(lambda one: one._webservice_company() == company)


class BankSession(models.Model):
    _inherit = "bank.session"

    def _agreed_connection(self):
        """Of a `Connection`: the bank's settings, what they need, and where its mail is kept."""
        bank = self.bank_id.sudo()
        if not bank._kind().has_agreement:
            return {}
        kept = self._account().bank_agreement or ""
        certificate = self.operator_id.sudo().certificate_id
        here = kept and certificate.source == "pkcs12" and certificate._is_valid()
        return {
            "agreement": kept,
            "signer": certificate._signer() if here else None,
            "post": Post(self.env, bank.id),
        }

    def _account(self):
        """The company's account of this session; one with settings before others."""
        domain = [
            ("bank_id", "=", self.bank_id.id),
            ("client_identifier", "=", self.client_identifier),
        ]
        accounts = self.env["res.partner.bank"].sudo().search(domain)
        own = accounts.filtered(lambda one: one._webservice_company() == self.company_id)
        return own.filtered("bank_agreement")[:1] or own[:1]

    def _call_as_agreed(self, operation, call, message_id="", person=True):
        """`_call`; a bank that wants to be spoken to otherwise is asked how, and then once more."""
        try:
            return self._call(operation, call, message_id, person)
        except errors.BankError as error:
            if error.code not in OTHER_SETTINGS or not self._refresh_agreement(person):
                raise
        return self._call(operation, call, message_id, person)

    def _refresh_agreement(self, person=False):
        """Reads how the bank wants to be spoken to, which it may change from one log-in to the
        next. True where that is new. A bank that does not say is spoken to as before."""
        account = self._account()
        if self.state != "open" or not account.has_agreement:
            return False
        before, wanted = account.bank_agreement, account._webservice_account()
        try:
            kept = self._call("agreement", lambda bank, s: bank.agreement(s, wanted), "", person)
            account._take_agreement(kept)
            self._complete()
        except (errors.BankError, UserError) as error:
            _logger.info("exchange settings of %s: %s", self.bank_id.name, error)
        return account.bank_agreement != before

    def _complete(self):
        """Opens what else the settings ask for: a log-in of its own for statements."""
        kept = self._account().bank_agreement
        kind = self.bank_id._kind()
        wanted = kept and self.state == "open" and kind.read_agreement(kept.encode())
        if not wanted or not wanted.statement_login:
            return
        own, operator = self._to_protocol(), self.operator_id._to_protocol("")
        whole = self._logged("log_in", lambda: self._bank().completed(own, operator))
        if whole != own:
            self.env["bank.vault"]._seal(self, "token_sealed", whole.token)


class BankLetter(models.Model):
    """Documents that a bank's mailbox gave, until their owner asks for them.

    Written and read in transactions of their own: a bank that gives each packet once does not give
    it again because a request here was rolled back. So no row refers to another table.
    """

    _name = "bank.letter"
    _description = "Document from a bank's mailbox"
    _order = "id"

    bank_key = fields.Integer(required=True)
    client = fields.Char(required=True)
    packet = fields.Char(required=True)
    kind = fields.Char()
    about = fields.Char(help="The id of ours that it speaks of.")
    data = fields.Binary(attachment=False)

    _packet_index = models.Index("(bank_key, client, packet)")
    _about_index = models.Index("(bank_key, client, about)")

    @api.autovacuum
    def _gc_letters(self):
        old = fields.Datetime.now() - timedelta(days=DAYS)
        self.search([("create_date", "<", old)], limit=10_000).unlink()


class Post:
    """`protocol.banks.directbank.post.Post` over the table."""

    def __init__(self, env, bank_key):
        self._env, self._bank_key = env, bank_key

    def _letters(self, cr):
        return self._env["bank.letter"].with_env(self._env(cr=cr)).sudo()

    def _mine(self, client):
        return [("bank_key", "=", self._bank_key), ("client", "=", client)]

    def known(self, client, packets):
        with self._env.registry.cursor() as cr:
            domain = [*self._mine(client), ("packet", "in", list(packets))]
            return set(self._letters(cr).search(domain).mapped("packet"))

    def keep(self, client, packet, letters):
        row = {"bank_key": self._bank_key, "client": client, "packet": packet}
        rows = [
            {**row, "kind": letter.kind, "about": about, "data": base64.b64encode(letter.data)}
            for letter in letters
            for about in letter.about
        ]
        with self._env.registry.cursor() as cr:
            self._letters(cr).create(rows or [row])

    def about(self, client, identifier):
        with self._env.registry.cursor() as cr:
            found = self._letters(cr).search([*self._mine(client), ("about", "=", identifier)])
            return [
                Letter(one.packet, one.kind, base64.b64decode(one.data or b""), (one.about,))
                for one in found
            ]
