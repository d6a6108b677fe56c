"""What every button that talks to a bank has in common.

This file and `bank_session` are THE BORDER: here protocol errors become words for users, there
ORM records become protocol records.
"""

import functools

import psycopg2
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import mute_logger, str2bool

from ...protocol import errors
from .bank_problem import translated


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


def require_group(env, group, right):
    """AccessError unless the user (not the superuser's mode) is in `group`."""
    if not env.user.has_group(group):
        raise AccessError(
            env._("You need the right “%(right)s” for this. Ask an administrator.", right=right)
        )


ADMINISTRATOR = "bank_webservice.group_administrator"


def guard_administrator(records, vals, guarded):
    """AccessError where somebody else than the Administrator writes one of the `guarded` fields.

    records: empty in `create`, where empty values are not a change.
    """
    if not records.env.su and any(vals.get(name) or records for name in guarded & vals.keys()):
        require_group(records.env, ADMINISTRATOR, records.env._("Bank administration"))


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


def user_error(env, error):
    return UserError(explain(env, error))


def explain(env, error):
    """The error in the user's language: what it is, what to do, and the bank's own words."""
    texts = _texts(env)
    text = next((texts[cls] for cls in type(error).__mro__ if cls in texts), "")
    # A class docstring as message means: nobody had more to say than the class itself.
    own = error.message != (type(error).__doc__ or "").strip()
    words = translated(env, error.message) if own else ""
    code = f" [{error.code}]" if error.code else ""
    if not text:
        return f"{words or error.message}{code}"
    return f"{text}\n{words}{code}".strip() if words else f"{text}{code}"


def _texts(env):
    return {
        errors.Unreachable: env._(
            "The bank's web service cannot be reached. Check the address on the bank's card "
            "and the connection of this server."
        ),
        errors.CertificateRefused: env._(
            "The secure connection to the bank could not be made: the certificate of the address "
            "on the bank's card is not trusted. Nothing was sent."
        ),
        errors.Busy: env._("The bank is busy. Try again in some minutes."),
        errors.SessionEnded: env._("The session at the bank has ended. Log in again."),
        errors.Timeout: env._("The bank did not answer in time."),
        errors.BadAnswer: env._("The bank's answer cannot be understood."),
        errors.LoginRefused: env._(
            "The bank did not accept the login. Check login, client identifier and certificate "
            "of the operator."
        ),
        errors.ConfirmationRefused: env._(
            "It was refused on the phone. If nobody of you did that, tell the bank."
        ),
        errors.ConfirmationExpired: env._("Nobody confirmed in time. Start again."),
        errors.AccountRefused: env._(
            "The bank does not serve this account under your agreement. Check the account number "
            "and the client identifier."
        ),
        errors.NoStatement: env._("The bank has no statement for this period."),
        errors.NotKnown: env._("The bank does not know this message."),
        errors.Duplicate: env._("The bank already has a message with this id. Ask for its status."),
        errors.Refused: env._("The bank refused."),
        errors.Later: env._("The bank is preparing its answer. Ask again in a minute."),
        errors.BadCertificate: env._(
            "The certificate cannot be used. Choose another one, or ask an administrator."
        ),
        errors.BadSignature: env._("The signature does not hold. Nothing was sent."),
        errors.MissingLibrary: env._("A library is missing on the server."),
        errors.InvalidDocument: env._("The document cannot be read."),
    }
