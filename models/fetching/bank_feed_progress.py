"""How far a journal is fetched, and long fetches in the background: asked for by a person, told
live, and stopped when wanted."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..connection.rights import require_right

PROGRESS = "bank_webservice.fetch_progress"


class BankFeedStop(models.Model):
    """A wish to stop: a row of its own, since the feed's row is locked by its worker."""

    _name = "bank.feed.stop"
    _description = "Wish to stop a fetch"

    feed_id = fields.Many2one("bank.feed", required=True, readonly=True, ondelete="cascade")


class BankFeed(models.Model):
    _inherit = "bank.feed"

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
        require_right(self.env, "operator")
        self.env["bank.feed.stop"].sudo().create([{"feed_id": feed.id} for feed in self])
        return True

    def _stop_wanted(self):
        wishes = self.env["bank.feed.stop"].sudo().search([("feed_id", "=", self.id)])
        wanted = bool(wishes)
        wishes.unlink()
        return wanted

    def _fetched(self, since, until, failed, final_until=None):
        """Moves “fetched until” - after a success, and never over days that were not fetched.

        `final_until`: the last final day of what the bank gave, where it says so.
        """
        values = {"last_fetch_at": fields.Datetime.now(), "last_error": False}
        if failed:
            values["last_error"] = failed[0].problem
        else:
            # Today is not over: its statement comes tomorrow.
            last = min(until, self.journal_id._bank_today() - timedelta(days=1))
            reached, known = min(last, final_until or last), self.fetched_until
            if reached < last:
                values["last_error"] = self.env._(
                    "The bank gave no final statement yet for the days after %(day)s.",
                    day=format_date(self.env, reached),
                )
            joins = not known or since <= known + timedelta(days=1)
            if reached >= since and joins and (not known or reached > known):
                values["fetched_until"] = reached
        self.sudo().write(values)

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
        return super()._tell_made(made, count)
