# SPDX-License-Identifier: LGPL-3.0-only
"""What a journal says of the payments from its account: format, way, and who must sign; on which
days, and until when on a day, banks carry out transfers."""

from datetime import time, timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...protocol import calendar_pl, titles
from ...protocol.banks import BANKS
from ...protocol.errors import Invalid
from ...protocol.formats import elixir
from ...protocol.vocabulary import CHARGES, KINDS, POLISH_ROUTES, ROUTES
from ..connection.words import explain, shown, translated

CHARSETS = [(name, name.upper()) for name in elixir.CHARSETS]
# The web service, and the signer, read this one.
SERVICE_CHARSET = "cp1250"
# What the journal's card counts: name of the search filter -> states.
COUNTED = {
    "imported": ("imported",),
    "to_sign": ("prepared", "partly_signed"),
    "unknown": ("unknown",),
    "waiting": ("waiting",),
    "rejected": ("rejected", "returned"),
}
OLD_NEWS = timedelta(days=30)  # a refusal that nobody acted on by then is no news any more


class AccountJournal(models.Model):
    _inherit = "account.journal"

    package_format = fields.Selection(selection_add=[("elixir", "Elixir-O")])
    elixir_charset = fields.Selection(
        CHARSETS,
        "Code page of Elixir-O",
        default=SERVICE_CHARSET,
        help="CP1250 for the web service; another one only for files that a person hands over.",
    )
    bank_charges = fields.Selection(
        [*CHARGES.items()], "Charges of foreign transfers", default="SHA"
    )
    bank_title_words = fields.Char(
        "Title of transfers for bills",
        help="Words before the invoice numbers, such as “Zapłata za”, or a template: “{reference} "
        "Zapłata za {numbers}, {payment}”. {reference} is the payee's, {payment} the number of the "
        "payment, {date} its day. Of many numbers as many are named as fit.",
    )
    bank_route = fields.Selection([*POLISH_ROUTES.items()], "Way of transfers in PLN")
    # It belongs to the account, which may have a second journal: see there for who may change it.
    two_signers_above = fields.Monetary(related="bank_account_id.two_signers_above", readonly=False)
    bank_order_count = fields.Integer("Payment orders", compute="_compute_bank_order_count")

    @api.constrains("bank_title_words")
    def _check_bank_title_words(self):
        for journal in self.filtered("bank_title_words"):
            try:
                titles.check_template(journal.bank_title_words)
            except Invalid as error:
                raise ValidationError(explain(self.env, error)) from None

    def _compute_bank_order_count(self):
        groups = self.env["bank.order"]._read_group(
            [("journal_id", "in", self.ids)], ["journal_id"], ["__count"]
        )
        counts = dict(groups)
        for journal in self:
            journal.bank_order_count = counts.get(journal, 0)

    # -------------------------------------------------------------------------
    # PACKAGES
    # -------------------------------------------------------------------------

    def _package_key(self):
        """Accounts with the same key pay in one package."""
        return (*self._client_key(), self._package_format(), self.elixir_charset)

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

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_bank_orders(self):
        """The journal's orders; `bank_filter` in the context chooses among them."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("bank_webservice.action_bank_order")
        name = self.env.context.get("bank_filter")
        context = {f"search_default_{name}": 1} if name in COUNTED else {}
        domain = [("journal_id", "=", self.id)]
        if name == "rejected":
            context = {}
            domain += self.env["bank.order"]._refused_domain()
        return {**action, "domain": domain, "context": context}


class BankHoliday(models.Model):
    _name = "bank.holiday"
    _description = "Day without bank transfers"
    _order = "day"
    _rec_name = "day"

    day = fields.Date(required=True)
    name = fields.Char("Why")
    # False and not empty: an empty one is unlike any other, and the day could be there twice.
    euro_only = fields.Boolean("Transfers in euro only", default=False)
    works = fields.Boolean("The bank works", help="Takes this day out of the days of the law.")

    _day_unique = models.Constraint("unique (day, euro_only)", "This day is in the list already.")

    @api.model
    def _days(self, first, euro_only=False):
        """The days of the law and of the list, less those that a line of the list takes away."""
        rows = self.sudo().search([("euro_only", "=", euro_only)])
        legal = calendar_pl.target_holidays if euro_only else calendar_pl.holidays
        days = legal(first.year) | legal(first.year + 1)
        working = rows.filtered("works")
        return (days | {row.day for row in rows - working}) - {row.day for row in working}


class BankCutOff(models.Model):
    _name = "bank.cut.off"
    _description = "Until when a bank takes orders of a day"
    _order = "bank_id, name"

    bank_id = fields.Many2one("res.bank", help="Empty: every bank without a line of its own.")
    name = fields.Selection([*KINDS.items(), *ROUTES.items()], "Kind or way", required=True)
    hour = fields.Float("Until", required=True, help="On the clock of the bank's town.")

    _hour_right = models.Constraint("CHECK (hour >= 0 AND hour < 24)", "0:00 to 23:59.")

    @api.model
    def get_empty_list_help(self, help_message):
        """With the times that count where nobody wrote one down."""
        row = Markup("<tr><td class='text-start pe-4'>{}</td><td>{}</td></tr>")
        rows = [(shown(self.env, name), at) for name, at in calendar_pl.DEFAULT_CUT_OFFS.items()]
        for channel, times in calendar_pl.BANK_CUT_OFFS.items():
            bank = translated(self.env, BANKS[channel].title)
            rows += [(f"{bank}: {shown(self.env, name)}", at) for name, at in times.items()]
        rows = Markup().join(row.format(name, f"{at:%H:%M}") for name, at in rows)
        table = Markup("<table class='table table-sm w-auto mx-auto'>{}</table>").format(rows)
        return super().get_empty_list_help(f"{help_message or ''}{table}")

    @api.model
    def _times(self, bank):
        """{kind or way: time}: the bank's lines, those of all, what it publishes, what is usual."""
        rows = self.sudo().search([("bank_id", "in", (False, bank.id))]).sorted("bank_id")
        lines = {}
        for row in rows.sorted(lambda item: bool(item.bank_id)):
            minutes = min(round(row.hour * 60), 24 * 60 - 1)
            lines[row.name] = time(minutes // 60, minutes % 60)
        own = calendar_pl.BANK_CUT_OFFS.get(bank.bank_channel, {})
        return {**calendar_pl.DEFAULT_CUT_OFFS, **own, **lines}
