"""How many workers fetch statements: so many identical cron records."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

MOST = 16


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bank_fetch_workers = fields.Integer(
        "Workers that fetch statements",
        default=lambda self: len(self.env["bank.feed"]._workers().filtered("active")),
        help="So many journals are fetched at the same time, as far as this server has cron "
        "workers (--max-cron-threads) or other hosts share its database.",
    )

    @api.constrains("bank_fetch_workers")
    def _check_bank_fetch_workers(self):
        for settings in self:
            if not 1 <= settings.bank_fetch_workers <= MOST:
                raise ValidationError(
                    self.env._("Between 1 and %(most)s workers can fetch statements.", most=MOST)
                )

    def set_values(self):
        result = super().set_values()
        self.env["bank.feed"]._set_workers(self.bank_fetch_workers)
        return result


class BankFeed(models.Model):
    _inherit = "bank.feed"

    @api.model
    def _set_workers(self, count):
        """Exactly `count` active cron records; one cron record never runs twice at a time."""
        workers = self._workers().sorted("id")
        if len(workers.filtered("active")) == count:
            return
        first = self.env.ref("bank_webservice.cron_fetch", raise_if_not_found=False)
        workers = first.sudo() | workers if first else workers
        if not workers:
            return
        first = workers[0]
        for number in range(len(workers) + 1, count + 1):
            workers |= first.copy({"name": f"{first.name} ({number})"})
        for number, worker in enumerate(workers):
            if worker.active != (number < count):
                worker.active = number < count
