# SPDX-License-Identifier: LGPL-3.0-only
"""What every button that talks to a bank has in common.

This file and `bank_session` are THE BORDER: here protocol errors become words for users (those of
`words`), there ORM records become protocol records.
"""

import functools

import psycopg2
from odoo import modules
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import mute_logger, str2bool

from ...protocol import errors
from .words import user_error

RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


class LoginNeeded(Exception):
    """A person has to log in to the bank before this can go on."""

    def __init__(self, session):
        super().__init__("login needed")
        self.session = session


def refuse_when_neutralized(env):
    """A copy of a database must never reach a bank."""
    if str2bool(env["ir.config_parameter"].sudo().get_param("database.is_neutralized", False)):
        raise UserError(
            env._(
                "This is a neutralized copy of a database: it does not talk to banks. "
                "Work in the original database."
            )
        )


def database_uuid(env):
    """The name of this database, which a copy of it does not have."""
    return env["ir.config_parameter"].sudo().get_param("database.uuid")


def commit_step(env, processed=0, **progress):
    """Commits a cron's step; seconds left for its run. Tests hold their one transaction open."""
    if modules.module.current_test:
        return float("inf")
    return env["ir.cron"]._commit_progress(processed, **progress)


def notify(message, kind="info", **more):
    """The answer of a button that shows `message` in a corner of the screen.

    kind: "info", "success", "warning", "danger"; more: title, sticky, next (an action: `RELOAD`).
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {"type": kind, "message": message, **more},
    }


def tell_changed(user, record, title, message, kind="info"):
    """A user sees live, wherever he is in Odoo, that `record` changed; the screens that show it are
    read again. kind: as in `notify`."""
    values = {"model": record._name, "id": record.id, "type": kind}
    user._bus_send("bank_webservice.changed", {**values, "title": title, "message": message})


def create_once(model, values):
    """`create` of a row that may exist once. Where another request makes the same one at this very
    moment, ConcurrencyError: Odoo runs the request again, and it finds that row."""
    try:
        with mute_logger("odoo.sql_db"):
            return model.create(values)
    except psycopg2.errors.UniqueViolation as error:
        raise ConcurrencyError("Another request has just made this row.") from error


def bank_operation(method):
    """Decorates an `action_*` that talks to a bank.

    Returns the dialog *Confirm* when a log-in is needed; the dialog then calls the same method
    with the same arguments again. Protocol errors come out as UserError.
    """

    @functools.wraps(method)
    def operation(self, *args, **kwargs):
        refuse_when_neutralized(self.env)
        try:
            return method(self, *args, **kwargs)
        except LoginNeeded as need:
            resume = {"model": self._name, "ids": self.ids, "method": method.__name__}
            return need.session._action_confirm(resume)
        except errors.BankError as error:
            raise user_error(self.env, error) from None

    operation.is_bank_operation = True  # the test of neutralized copies presses each of them
    return operation
