"""A user who goes, or whose password changes, leaves no open session at a bank."""

from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "password" in vals or vals.get("active") is False:
            self._end_bank_sessions(self.env._("The user's password or account was changed."))
        return result

    def _set_password(self):
        # The password wizards come this way.
        result = super()._set_password()
        self._end_bank_sessions(self.env._("The user's password was changed."))
        return result

    def _end_bank_sessions(self, reason):
        domain = [("user_id", "in", self.ids), ("state", "!=", "ended")]
        self.env["bank.session"].sudo().search(domain)._end(reason)


class ResDevice(models.Model):
    _inherit = "res.device"

    def _revoke(self):
        """A revoked device may have been the last one of its user."""
        users = self.user_id
        result = super()._revoke()
        users._end_bank_sessions(self.env._("A device was logged out."))
        return result
