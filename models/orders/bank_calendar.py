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

    _day_unique = models.Constraint("unique (day, euro_only)", "This day is in the list already.")

    @api.model
    def _days(self, first, euro_only=False):
        """The days of the list; of a year that the list does not have, those of the law."""
        rows = self.sudo().search([("euro_only", "=", euro_only)]).mapped("day")
        legal = calendar_pl.target_holidays if euro_only else calendar_pl.holidays
        known = {day.year for day in rows}
        years = {first.year, first.year + 1} - known
        return frozenset(rows).union(*(legal(year) for year in years))


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
        """{kind or way: time} of a bank: its own lines, those of all banks, else what is usual."""
        rows = self.sudo().search([("bank_id", "in", (False, bank.id))]).sorted("bank_id")
        lines = {}
        for row in rows.sorted(lambda item: bool(item.bank_id)):
            minutes = round(row.hour * 60)
            lines[row.name] = time(minutes // 60, minutes % 60)
        return {**calendar_pl.DEFAULT_CUT_OFFS, **lines}
