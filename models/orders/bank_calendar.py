"""On which days, and until when on a day, banks carry out transfers."""

from datetime import time

from odoo import api, fields, models

from ...protocol import calendar_pl


class BankHoliday(models.Model):
    _name = "bank.holiday"
    _description = "Day without bank transfers"
    _order = "day"
    _rec_name = "day"

    day = fields.Date(required=True)
    name = fields.Char("Why")
    euro_only = fields.Boolean("Transfers in euro only")
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
    name = fields.Char("Kind or way", required=True, help="For example domestic, sepa, sorbnet.")
    hour = fields.Float("Until", required=True, help="On the clock of the bank's town.")

    _hour_right = models.Constraint("CHECK (hour >= 0 AND hour < 24)", "0:00 to 23:59.")

    @api.model
    def _times(self, bank):
        """{kind or way: time}: the bank's lines, those of all, what it publishes, what is usual."""
        rows = self.sudo().search([("bank_id", "in", (False, bank.id))]).sorted("bank_id")
        lines = {}
        for row in rows.sorted(lambda item: bool(item.bank_id)):
            minutes = round(row.hour * 60)
            lines[row.name] = time(minutes // 60, minutes % 60)
        own = calendar_pl.BANK_CUT_OFFS.get(bank.bank_channel, {})
        return {**calendar_pl.DEFAULT_CUT_OFFS, **own, **lines}
