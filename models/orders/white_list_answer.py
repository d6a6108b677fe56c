# SPDX-License-Identifier: LGPL-3.0-only
"""What the white list said of a payee's account on a day: asked once, kept as the proof.

Asked before the wizard opens, for all payees together and while nobody's payments are locked; an
order takes the answer of its day from here. Nobody may read these rows by themselves: they tell of
confidential payments, too.
"""

import json
import logging
from datetime import timezone
from zoneinfo import ZoneInfo

import psycopg2
from odoo import api, fields, models
from odoo.tools import mute_logger

from ...protocol import accounts, errors
from ...protocol.accounts import nrb_of
from ...protocol.checks import mpp
from ...protocol.flat_list import FlatList
from ...protocol.kinds import office_of
from ...protocol.whitelist import ACTIVE, WhiteList
from ..connection.account_journal import WARSAW

_logger = logging.getLogger(__name__)
ADDRESS = "bank_webservice.white_list_address"
# Of this transaction: who got no answer is not asked about again in it, which might take long while
# payments are locked.
SILENT = "bank_webservice.white_list_silent"
PAUSE = "bank_webservice.pause."  # and the address of the service that asked for it
# Of the ministry's daily files, for the day on which the service is down: see docs/poland.md.
FOLDER = "bank_webservice.white_list_folder"


# A row without the time of an answer: sought in the day's file, which lacks it.
ANSWERED, SOUGHT = [("checked_at", "!=", False)], [("checked_at", "=", False)]


class KeptPauses:
    """`protocol.patience.Pauses` in the database: of all processes, whatever becomes of a request.

    Read and written in transactions of their own: a request that fails leaves them too.
    """

    def __init__(self, env):
        self._env = env

    def of(self, service):
        with self._env.registry.cursor() as cr:
            # Not by `get_param`: that remembers, and another process may have written meanwhile.
            kept = self._parameters(cr).search([("key", "=", PAUSE + service)]).value
        return tuple(json.loads(kept)) if kept else (0.0, "")

    def keep(self, service, until, code):
        try:
            with mute_logger("odoo.sql_db"), self._env.registry.cursor() as cr:
                self._parameters(cr).set_param(PAUSE + service, json.dumps([until, code]))
        except (psycopg2.IntegrityError, psycopg2.OperationalError) as error:
            # Another process was told the same at this very moment.
            _logger.info("pause of %s: %s", service, error)

    def _parameters(self, cr):
        """By the superuser: a reference to a user would wait for a request that locks that user."""
        return self._env(cr=cr, user=api.SUPERUSER_ID)["ir.config_parameter"]


def today_in_poland():
    """The register's day: the day on which a transfer is ordered."""
    return day_in_poland(fields.Datetime.now())


def day_in_poland(moment):
    """The day in Poland of a moment in UTC, as Odoo keeps it."""
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(WARSAW)).date()


def nip_of(text):
    """The tax id as people write it (PL 525-10-00-017), as digits; empty for another country's."""
    nip = mpp.plain_tax_id(text or "")
    return nip if nip.isdigit() else ""


def spellings_of(text):
    """This tax id as it may stand on other cards: with the country's letters and without."""
    nip = nip_of(text)
    return [nip, f"PL{nip}"] if nip else [text]


def account_of(text):
    """26 digits of an account in Poland that the register may know; an IBAN of another country, of
    which it knows that it is none of its own; else empty."""
    account = nrb_of(text or "")
    if not account:
        return text if text and accounts.is_abroad(text) else ""
    return "" if office_of(account) else account


def pair_of(partner, account):
    """(tax id, account) of a payee; either may be empty."""
    return nip_of(partner.commercial_partner_id.vat), account_of(account.sanitized_acc_number)


class BankWhiteList(models.Model):
    _name = "bank.white.list"
    _description = "Answer of the white list"
    _order = "day desc, id desc"
    _rec_name = "account"

    nip = fields.Char("Tax id", required=True, readonly=True)
    account = fields.Char(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    listed = fields.Boolean("On the list", readonly=True)
    vat_status = fields.Char("VAT status", readonly=True, help="Empty: not registered.")
    request_id = fields.Char("Request id", readonly=True)
    checked_at = fields.Datetime("Asked", readonly=True)

    _asked = models.Index("(day, nip, account)")

    @api.model
    def _address(self):
        return self.env["ir.config_parameter"].sudo().get_param(ADDRESS)

    @api.model
    def _ask(self, pairs, day=None):
        """{(tax id, account): answer} of the day; what got no answer is not in it.

        Only what is not known yet is asked for. A service that is down is not asked again for each
        of them.
        """
        day, address = day or today_in_poland(), self._address()
        pairs = {pair for pair in pairs if all(pair)}
        if not address or not pairs:
            return {}
        known = self._known(pairs, day)
        missing, listings = pairs - known.keys(), []
        asked = self.env.cr.precommit.data.setdefault((SILENT, day), set())
        try:
            # While there is nothing to ask for, no connection is made.
            service = WhiteList(address, pauses=KeptPauses(self.env))
            listings.extend(service.check_many(sorted(missing - asked), day))
        except errors.BankError as error:
            _logger.warning("white list: %s", error)
        # The service may be down, or refuse one of them alone.
        silent = missing - {(listing.nip, listing.account) for listing in listings}
        asked |= silent
        silent = {pair for pair in silent if not accounts.is_abroad(pair[1])}
        listings += self._in_file(silent, day)
        made = self.sudo().create([self._values(listing) for listing in listings])
        return known | {(answer.nip, answer.account): answer for answer in made}

    @api.model
    def _in_file(self, pairs, day):
        """Listings of those that the file of the day has, where a folder of such files is given.

        Whoever is not in it has no answer: the file tells no status of a payee by itself.
        """
        folder = self.env["ir.config_parameter"].sudo().get_param(FOLDER)
        if not folder or not pairs:
            return []
        try:
            file = FlatList(folder, day)
            sought = [*SOUGHT, ("day", "=", day), ("request_id", "=", file.version)]
            pairs = pairs - {(row.nip, row.account) for row in self.sudo().search(sought)}
            found = list(file.listed(pairs))
        except (errors.BankError, OSError) as error:
            _logger.warning("white list, file: %s", error)
            return []
        # Somebody is waiting, and the file is read from end to end: what it lacks is sought once.
        lacking = pairs - {(listing.nip, listing.account) for listing in found}
        values = {"day": day, "request_id": file.version}
        self.sudo().create([{**values, "nip": nip, "account": one} for nip, one in lacking])
        return found

    @api.autovacuum
    def _gc_sought(self):
        """They prove nothing, and another day has another file."""
        self.search([*SOUGHT, ("day", "<", today_in_poland())]).unlink()

    @api.model
    def _values(self, listing):
        return {
            "nip": listing.nip,
            "account": listing.account,
            "day": listing.day,
            "listed": listing.listed,
            "vat_status": listing.status_vat,
            "request_id": listing.request_id,
            "checked_at": listing.checked_at.replace(tzinfo=None),
        }

    @api.model
    def _known(self, pairs, day):
        nips = [nip for nip, _account in pairs]
        rows = self.sudo().search([*ANSWERED, ("day", "=", day), ("nip", "in", nips)], order="id")
        return {(row.nip, row.account): row for row in rows if (row.nip, row.account) in pairs}

    @api.model
    def _active(self, nips, day):
        """{tax id: whether an active VAT payer on that day}, of those that were asked for."""
        domain = [*ANSWERED, ("day", "=", day), ("nip", "in", list(nips))]
        rows = self.sudo().search(domain, order="id")
        return {row.nip: row.vat_status == ACTIVE for row in rows}

    @api.model
    def _said_today(self, pairs):
        """{(tax id, account): in words what is known today}, whatever the amount."""
        known = self._known(set(pairs), today_in_poland()) if self._address() else {}
        return {pair: answer._in_words() for pair, answer in known.items()}

    def _in_words(self):
        if self.listed:
            return self.env._("On the list")
        if self.vat_status == ACTIVE:
            return self.env._("Not on the list")
        return self.env._("No active VAT payer")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    bank_white_list = fields.Char("White list", compute="_compute_bank_white_list")
    bank_white_list_reason = fields.Char("White list: reason", copy=False)

    def _white_list_pair(self):
        return pair_of(self.partner_id, self.partner_bank_id)

    def _ask_white_list(self):
        """For all payees at once, and for ourselves. Nothing is locked meanwhile."""
        self.env["bank.white.list"]._ask(self._white_list_pairs())

    def _white_list_pairs(self):
        asked = self.filtered(
            lambda payment: (
                payment.company_id.country_id.code == "PL" and payment.bank_kind != "own"
            )
        )
        pairs = {payment._white_list_pair() for payment in asked}
        for journal in asked.journal_id:
            own = journal.bank_account_id
            pairs.add((nip_of(journal.company_id.vat), account_of(own.sanitized_acc_number)))
        return pairs

    @api.depends("partner_id", "partner_bank_id")
    def _compute_bank_white_list(self):
        """Empty where it was not asked today."""
        pairs = [payment._white_list_pair() for payment in self]
        said = self.env["bank.white.list"]._said_today(pairs)
        for payment, pair in zip(self, pairs, strict=True):
            payment.bank_white_list = said.get(pair)
