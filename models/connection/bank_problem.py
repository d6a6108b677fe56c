"""Problems from `protocol.checks` in the user's language: record, label of the field, message."""

from ...protocol.errors import Problem
from ...protocol.wording import Filled, Text


def problem_text(env, problem: Problem) -> str:
    """One line of text."""
    message = problem.message
    if problem.template:
        # The templates are marked for translation in protocol/ (see protocol/wording.py).
        values = {name: shown(env, value) for name, value in problem.values.items()}
        template = env._(problem.template)
        message = template.format(**values)
    parts = (problem.record, field_label(env, problem.field), message)
    return ": ".join(part for part in parts if part)


def problem_lines(env, problems) -> str:
    return "\n".join(problem_text(env, problem) for problem in problems)


def field_label(env, name: str) -> str:
    """The label of an order's field: `payee.account` is the field `payee_account`."""
    field = env["bank.order"]._fields.get(name.replace(".", "_").removeprefix("details_"))
    return field._description_string(env) if field else name


def shown(env, value):
    """A label where the value names one, a marked text translated, else the value itself."""
    if isinstance(value, (Filled, Text)):
        return translated(env, value)
    kinds = dict(env["bank.order"]._fields["kind"]._description_selection(env))
    return kinds.get(value, value) if isinstance(value, str) else value


def translated(env, text):
    """A text of protocol/ in the user's language where it is marked; the bank's own as it is."""
    if isinstance(text, Filled):
        values = {name: translated(env, value) for name, value in text.values.items()}
        template = env._(str(text.template))
        return template.format(**values)
    return env._(str(text)) if isinstance(text, Text) else text
