# SPDX-License-Identifier: LGPL-3.0-only
"""Everything that protocol/ says, in the user's language: errors, problems, the bank's codes."""

import re
from datetime import date
from decimal import Decimal

from markupsafe import Markup
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...protocol import errors
from ...protocol.errors import Problem
from ...protocol.wording import Filled, Text

# What is put right on the bank's card.
ON_THE_CARD = (errors.Unreachable, errors.CertificateRefused, errors.LoginRefused)


def in_language(records, user):
    """`records`, for what is read by `user` and not by whoever runs this, such as a cron."""
    return records.with_context(lang=user.lang) if user.lang else records


# -----------------------------------------------------------------------------
# ERRORS
# -----------------------------------------------------------------------------


class WayOut(UserError):
    """A UserError whose dialog has a button that opens the screen where it is put right
    (static/src/desk/way_out.js)."""

    def __init__(self, message, action, button):
        super().__init__(message)
        self.context = {"action": action, "button": button}


def way_out(message, target):
    """UserError with a button to the record `target`; without it where he may not read it, or, of
    a bank's card, where he does not see the tab that the words are about."""
    shown = target.sudo(False)
    is_card = target._name == "res.bank"
    if not shown.has_access("read") or (is_card and not _sees_cards(shown.env.user)):
        return UserError(message)
    button = target.env._("Open: %s", target.sudo().display_name)
    return WayOut(message, shown._get_records_action(), button)


def _sees_cards(user):
    return user.has_group("bank_webservice.group_administrator")


GUIDE = ("bank_webservice.action_bank_setup", "bank.setup")
SETTINGS = ("bank_webservice.action_bank_settings", "res.config.settings")


def way_out_by_action(env, message, screen):
    """The same to `screen`, GUIDE or SETTINGS: (external id of its action, its model)."""
    name, model = screen
    if not env[model].has_access("create"):
        return UserError(message)
    action = env["ir.actions.actions"]._for_xml_id(name)
    return WayOut(message, action, env._("Open: %s", action["name"]))


def link_of(error):
    """{url, label} of the screen where an error is put right that names its way out, or None."""
    if not isinstance(error, WayOut):
        return None
    action = error.context["action"]
    screen = f"{action['res_model']}/{action['res_id']}" if action.get("res_id") else ""
    where = screen or f"action-{action['id']}"
    return {"url": f"/odoo/{where}", "label": error.context["button"]}


def link_to(error):
    """The same as Html; nothing for any other error."""
    link = link_of(error)
    return Markup(" <a href='{url}'>{label}</a>").format(**link) if link else ""


def user_error(env, error):
    """`error.bank`: whose card has the address and the log-ins, where one was asked."""
    words, bank = explain(env, error), getattr(error, "bank", None)
    if bank and isinstance(error, ON_THE_CARD):
        return way_out(words, bank.with_env(env))
    return UserError(words)


def explain(env, error):
    """The error in the user's language: what it is, what to do, and the bank's own words."""
    texts = _texts(env)
    text = next((texts[cls] for cls in type(error).__mro__ if cls in texts), "")
    # A class docstring as message means: nobody had more to say than the class itself.
    own = error.message != (type(error).__doc__ or "").strip()
    words = translated(env, error.message) if own else ""
    # CHALLENGE_REFUSED is a name inside the web service; AC04 is what a clerk asks for.
    code = f" [{error.code}]" if error.code and "_" not in error.code else ""
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


# -----------------------------------------------------------------------------
# PROBLEMS: RECORD, LABEL OF THE FIELD, MESSAGE
# -----------------------------------------------------------------------------


def problem_text(env, problem: Problem, named: bool = True) -> str:
    """One line of text; without the record where it stands beside it anyway."""
    message = problem.message
    if problem.template:
        # The templates are marked for translation in protocol/ (see protocol/wording.py).
        values = {name: shown(env, value) for name, value in problem.values.items()}
        template = env._(problem.template)
        message = template.format(**values)
    parts = (named and problem.record, field_label(env, problem.field), message)
    return ": ".join(part for part in parts if part)


def problem_lines(env, problems) -> str:
    return "\n".join(problem_text(env, problem) for problem in problems)


def field_label(env, name: str) -> str:
    """The label of an order's field: `payee.account` is the field `payee_account`, and
    `payee.address.town` is `payee_town`.

    The parts of a form, `details.tax_form`, stand on the payment.
    """
    model, alias = _ELSEWHERE.get(name, ("", ""))
    if model:
        return env[model]._fields[alias]._description_string(env)
    name = re.sub(r"(?<=\.)(address|details)\.", "", name).replace(".", "_")
    part = name.removeprefix("details_")
    orders, payments = env["bank.order"]._fields, env["account.payment"]._fields
    field = orders.get(part) or (part != name and _form_field(payments, part))
    return field._description_string(env) if field else name


# Fields whose names in an order of protocol/ are not those of our models.
_ELSEWHERE = {
    "currency": ("bank.order", "currency_id"),
    "payee": ("bank.order", "payee_name"),
    "message_id": ("bank.package", "message_id"),
    "payer.details.client_identifier": ("res.partner.bank", "client_identifier"),
    "details.batch_booking": ("account.payment", "bank_as_one"),
    "details.exchange_deal": ("account.payment", "bank_deal"),
    "details.ksef_number": ("account.payment", "bank_vat_invoice"),
    "details.vat_tax_id": ("bank.order", "payee_tax_id"),
    "details.vat_text": ("bank.order", "title"),
}


def _form_field(fields, part):
    return fields.get(f"bank_{part}") or fields.get(f"rouble_{part}")


def shown(env, value):
    """A label where the value names a kind or a route, a marked text translated, a day and a sum
    as the user writes them, else the value itself."""
    if isinstance(value, (Filled, Text)):
        return translated(env, value)
    if isinstance(value, date):
        return format_date(env, value)
    if isinstance(value, Decimal):
        return formatLang(env, float(value), digits=max(0, -value.as_tuple().exponent))
    fields = env["bank.order"]._fields
    labels = {
        code: label
        for name in ("route", "kind")
        for code, label in fields[name]._description_selection(env)
    }
    return labels.get(value, value) if isinstance(value, str) else value


def translated(env, text):
    """A text of protocol/ in the user's language where it is marked; the bank's own as it is."""
    if isinstance(text, Filled):
        values = {name: translated(env, value) for name, value in text.values.items()}
        template = env._(str(text.template))
        return template.format(**values)
    return env._(str(text)) if isinstance(text, Text) else text


# -----------------------------------------------------------------------------
# THE BANK'S CODES: STATES AND REASONS OF ISO 20022 (EXTERNAL CODE SETS OF PAIN.002)
# -----------------------------------------------------------------------------


def in_words(env, status, code="", reason="", state=""):
    """Status, then reason; a code that the tables do not have stays as the bank wrote it.

    `state` is ours, and stands beside it: what the statement has not shown is not said to be
    executed, and of what it has shown nothing older is said.
    """
    if state == "executed" and status:
        status = "ACSC"
    said = _states(env).get(status, status)
    if state == "accepted" and status in ("ACSC", "ACCC"):
        said = env._("Carried out, the statement will show it")
    parts = [said, _reasons(env).get(code, code)]
    if reason and reason not in parts:
        parts.append(reason)
    return ": ".join(part for part in parts if part) or False


def _states(env):
    return {
        "RCVD": env._("Received"),
        "PDNG": env._("Waiting at the bank"),
        "PATC": env._("Waiting for another signature"),
        "ACTC": env._("Checked and found to be in order"),
        "ACCP": env._("Accepted"),
        "ACSP": env._("Accepted, being executed"),
        "ACSC": env._("Executed by the bank"),
        "ACCC": env._("Executed, credited to the payee"),
        "ACWC": env._("Accepted with a change"),
        "ACFC": env._("Accepted, the money is there"),
        "PART": env._("Accepted in part"),
        "RJCT": env._("Refused"),
        "CANC": env._("Recalled"),
    }


def _reasons(env):
    return {
        "AC01": env._("The account number is wrong"),
        "AC03": env._("The payee's account number is not valid"),
        "AC04": env._("The payee's account is closed"),
        "AC06": env._("The account is blocked"),
        "AG01": env._("This kind of payment is not allowed from this account"),
        "AG02": env._("The kind of payment is wrong"),
        "AM02": env._("The amount is above the limit"),
        "AM03": env._("The currency is not allowed"),
        "AM04": env._("Not enough money on the account"),
        "AM05": env._("The bank has this payment already"),
        "AM09": env._("The amount is wrong"),
        "BE04": env._("The payee's address is missing"),
        "DS02": env._("Cancelled by a signatory"),
        "DT01": env._("The date is wrong"),
        "DU01": env._("The bank has a message with this id already"),
        "DU04": env._("The bank has a payment with this id already"),
        "FF01": env._("The format of the file is wrong"),
        "MD07": env._("The payee has died"),
        "MS03": env._("The bank gives no reason"),
        "NARR": "",  # "see the words"
        "RC01": env._("The payee's bank is wrong"),
        "RR04": env._("For a legal reason"),
        "TM01": env._("Too late for today"),
    }
