"""Packages in roubles: who sends them, and answers of the bank that come later."""

import dataclasses

from odoo import fields, models

from ...protocol import errors


class BankPackage(models.Model):
    _inherit = "bank.package"

    def _initiator(self):
        party = super()._initiator()
        if "rouble" not in self.sudo().order_ids.mapped("kind"):
            return party
        partner = self.company_id.partner_id
        details = {**party.details, "kpp": partner.bank_kpp or ""}
        return dataclasses.replace(party, tax_id=partner._bank_inn(), details=details)

    def _ask_status(self, session, person=True):
        """Some banks take the question and answer later: then the cron asks again soon."""
        try:
            return super()._ask_status(session, person)
        except errors.Later:
            self.sudo().write({"asked_at": fields.Datetime.now()})
            self._ask_soon()
        if person:
            self._tell_later()
        return None

    def _tell_later(self):
        self.env.user._bus_send(
            "bank_webservice.changed",
            {
                "model": self._name,
                "id": self.id,
                "type": "info",
                "title": self.env._("Package %s", self.name),
                "message": self.env._("The bank is preparing its answer. It is asked again soon."),
            },
        )
