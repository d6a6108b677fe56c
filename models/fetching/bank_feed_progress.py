"""Long fetches in the background: asked for by a person, told live, and stopped when wanted."""

from odoo import api, fields, models
from odoo.exceptions import UserError

PROGRESS = "bank_webservice.fetch_progress"


class BankFeedStop(models.Model):
    """A wish to stop: a row of its own, since the feed's row is locked by its worker."""

    _name = "bank.feed.stop"
    _description = "Wish to stop a fetch"

    feed_id = fields.Many2one("bank.feed", required=True, readonly=True, ondelete="cascade")


class BankFeed(models.Model):
    _inherit = "bank.feed"

    @api.model
    def _workers(self):
        """The identical cron records that fetch."""
        return (
            self.env["ir.cron"]
            .sudo()
            .with_context(active_test=False)
            .search([("model_id.model", "=", self._name), ("code", "=", "model._cron_fetch()")])
        )

    @api.model
    def _trigger_workers(self):
        for worker in self._workers().filtered("active"):
            worker._trigger()

    def _ask_for_run(self, since, until):
        """Queues a period for the workers, at once."""
        self.ensure_one()
        feed = self.sudo()
        if feed.run_user_id and feed.next_fetch_at:
            raise UserError(
                self.env._(
                    "%(user)s is fetching into this journal already.", user=feed.run_user_id.name
                )
            )
        self.env["bank.feed.stop"].sudo().search([("feed_id", "=", feed.id)]).unlink()
        feed.write(
            {
                "run_since": since,
                "run_until": until,
                "run_user_id": self.env.uid,
                "next_fetch_at": fields.Datetime.now(),
            }
        )
        self._trigger_workers()

    def action_stop(self):
        """Button, also in the notification: the worker stops after the piece it works on."""
        self.check_access("read")
        self.env["bank.package"]._check_right("operator")
        self.env["bank.feed.stop"].sudo().create([{"feed_id": feed.id} for feed in self])
        return True

    def _stop_wanted(self):
        wishes = self.env["bank.feed.stop"].sudo().search([("feed_id", "=", self.id)])
        wanted = bool(wishes)
        wishes.unlink()
        return wanted

    # -------------------------------------------------------------------------
    # TELLING
    # -------------------------------------------------------------------------

    def _process_telling(self, documents):
        """Processes documents one by one; who asked sees each day and each thousand lines."""
        results = []
        for document in documents:
            self._tell(day=str(document.day or ""), name=document.name)
            results += document.with_context(bank_webservice_feed=self.id)._process()
        return results

    def _tell(self, **what):
        """A message that leaves at once: the transaction of the fetch goes on meanwhile."""
        user = self.sudo().run_user_id
        if not user:
            return
        message = {
            "feed_id": self.id,
            "journal": self.journal_id.display_name,
            "until": str(self.sudo().run_until or ""),
            **what,
        }
        with self.env.registry.cursor() as cr:
            user.with_env(self.env(cr=cr, su=True))._bus_send(PROGRESS, message)

    def _tell_end(self, user, words="", left=None):
        """The last message of a run, with what came of it. It leaves with the commit.

        `left`: the first day that was not fetched, when somebody stopped it.
        """
        if user:
            user._bus_send(
                PROGRESS,
                {
                    "feed_id": self.id,
                    "journal": self.journal_id.display_name,
                    "done": True,
                    "problem": words,
                    "left": str(left or ""),
                },
            )


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _tell_made(self, made, count):
        feed = self.env["bank.feed"].browse(self.env.context.get("bank_webservice_feed"))
        if feed:
            feed.sudo()._tell(made=made, count=count)
