# SPDX-License-Identifier: LGPL-3.0-only
"""Logging out of Odoo ends the bank sessions of that user."""

from odoo import SUPERUSER_ID, api, http
from odoo.addons.web.controllers.session import Session
from odoo.http import request
from odoo.modules.registry import Registry


def end_bank_sessions(database, uid):
    """Ends the user's bank sessions here and queues the log-out at the bank.

    In a transaction of its own: the log-out routes are read-only, and their request has no
    environment of the user any more when they are done.
    """
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["res.users"].browse(uid)._end_bank_sessions(env._("Logged out of Odoo."))


class BankSession(Session):
    @http.route()
    def destroy(self):
        return self._with_bank(super().destroy)

    @http.route()
    def logout(self, redirect="/odoo"):
        return self._with_bank(super().logout, redirect=redirect)

    def _with_bank(self, leave, **kwargs):
        # Read first: leaving clears the session.
        database, uid = request.session.db, request.session.uid
        response = leave(**kwargs)
        if database and uid:
            end_bank_sessions(database, uid)
        return response
