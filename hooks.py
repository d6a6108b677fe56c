# SPDX-License-Identifier: LGPL-3.0-only
"""Uninstalling leaves a working Odoo, even after real use."""

from .models.connection.account_journal import FEED


def uninstall_hook(env):
    """Journals go back to no feed, method lines in use to the manual method; demo companies go.

    Odoo restricts deleting a payment method that is in use, and nothing resets the feed. The lines
    come first: a journal that is no longer connected loses the method.
    """
    ours = env.ref("bank_webservice.payment_method_webservice_out", False)
    manual = env.ref("account.account_payment_method_manual_out")
    if ours:
        lines = env["account.payment.method.line"].search([("payment_method_id", "=", ours.id)])
        lines.write({"payment_method_id": manual.id})
    journals = env["account.journal"].search([("bank_statements_source", "=", FEED)])
    journals.write({"bank_statements_source": "undefined"})
    env["bank.demo"]._retire()
