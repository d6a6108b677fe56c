# SPDX-License-Identifier: LGPL-3.0-only
"""Pulling the tax calendar: each company's own, whole or not at all, and when that last worked."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ...protocol import errors
from ..connection.operation import commit_step
from .moedelo_tax_event import STALE

_logger = logging.getLogger(__name__)

BACK, AHEAD = timedelta(days=90), timedelta(days=365)


class MoedeloTaxCalendar(models.Model):
    """One row a company: when the service last answered, and why it did not since."""

    _name = "moedelo.tax.calendar"
    _description = "State of a company's tax calendar"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    pulled_at = fields.Datetime(readonly=True)
    failure = fields.Char(readonly=True)

    _company_unique = models.Constraint("unique (company_id)", "One calendar a company.")

    # -------------------------------------------------------------------------
    # CRON
    # -------------------------------------------------------------------------

    @api.model
    def _cron_pull(self):
        """Every company whose package has a calendar; one that fails does not stop the others."""
        subscriptions = self.env["moedelo.subscription"].sudo()
        for company in subscriptions.search([("client_id", "!=", False)]).company_id:
            if "calendar" in subscriptions._allowed_scopes(company.id):
                self._pull(company)
                # days pass also while the service cannot be asked
                self._days_pass(company)
                commit_step(self.env, 1)

    @api.model
    def _days_pass(self, company):
        known = self.env["moedelo.tax.event"].sudo().search([("company_id", "=", company.id)])
        known._refresh_state()
        known._remind()

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _of(self, company):
        found = self.sudo().search([("company_id", "=", company.id)])
        return found or self.sudo().create({"company_id": company.id})

    @api.model
    def _pull(self, company):
        """Fetch and store; gives the reason when it failed, in words, else an empty string."""
        calendar = self._of(company)
        client = self.env["moedelo.subscription"]._of_company(company).client_id
        try:
            events = calendar._fetch(client)
        except UserError as error:
            calendar.failure = error.args[0]
        except errors.BankError as error:
            _logger.info("tax calendar: %s", error.detail or error.message)
            calendar.failure = client._outbound_words(error)
        else:
            calendar._store(client, events)
            calendar.write({"pulled_at": fields.Datetime.now(), "failure": False})
        return calendar.failure or ""

    def _fetch(self, client):
        if not client:
            raise UserError(self.env._("The company is not connected to the service yet."))
        today = fields.Date.context_today(self)
        inn = self.env["moedelo.grant"]._organisation(self.company_id.id)[1]
        outbound = client._outbound("calendar", self.company_id)
        return outbound.tax_events(inn, today - BACK, today + AHEAD)

    def _store(self, client, events):
        """What the service says replaces what was known; what it no longer names is gone."""
        model = self.env["moedelo.tax.event"].sudo().with_context(tracking_disable=True)
        mine = [("company_id", "=", self.company_id.id), ("client_id", "=", client.id)]
        known = {event.external_id: event for event in model.search(mine)}
        kept = model
        for said in events:
            vals = self._prepare_event_vals(client, said)
            event = known.get(said.id)
            if event:
                event.write(vals)
            else:
                event = model.create(vals)
            kept |= event
        shown = [*mine, ("due_on", ">=", fields.Date.context_today(self) - BACK)]
        gone = model.search(shown) - kept
        gone.filtered(lambda event: not event.payment_id).unlink()
        self._days_pass(self.company_id)

    def _prepare_event_vals(self, client, said):
        return {
            "company_id": self.company_id.id,
            "client_id": client.id,
            "external_id": said.id,
            "name": said.title,
            "kind": said.kind,
            "period": said.period,
            "due_on": said.due_on,
            "amount": float(said.amount or 0),
            "currency_id": self.env.ref("base.RUB").id,
            "is_done": said.done,
            "url": said.url,
            "payment_details": dict(said.payment),
            "pulled_at": fields.Datetime.now(),
        }

    @api.model
    def _title(self):
        """The calendar's name, with the time of the last success, and a warning when it is old."""
        calendar = self._of_user()
        if not calendar.pulled_at:
            return self.env._("Tax calendar (never fetched yet)")
        when = calendar._last_success()
        if calendar._is_stale():
            return self.env._("Tax calendar, NOT UP TO DATE: as of %(when)s", when=when)
        return self.env._("Tax calendar as of %(when)s", when=when)

    @api.model
    def _stale_words(self):
        """The warning alone: a name is lost where a page is loaded anew."""
        calendar = self._of_user()
        if not calendar.pulled_at:
            return self.env._("Never fetched from the service yet")
        if not calendar._is_stale():
            return ""
        return self.env._("Not up to date: as of %(when)s", when=calendar._last_success())

    @api.model
    def _of_user(self):
        return self.sudo().search([("company_id", "=", self.env.company.id)])

    def _is_stale(self):
        return bool(self.failure) or self.pulled_at < fields.Datetime.now() - STALE

    def _last_success(self):
        return format_datetime(self.env, self.pulled_at, dt_format="short")
