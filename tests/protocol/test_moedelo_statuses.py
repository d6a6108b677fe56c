"""Every state of an order has a code of the exchange."""

import ast
from pathlib import Path

from protocol.moedelo import statuses

STATES_FILE = Path(__file__).resolve().parents[2] / "models" / "orders" / "states.py"


def states_of_orders():
    tree = ast.parse(STATES_FILE.read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "STATES":
            return {name for name, _label in ast.literal_eval(node.value)}
    raise AssertionError("no STATES")


def test_no_state_is_without_a_code():
    assert set(statuses.CODES) == states_of_orders()


def test_nothing_that_may_have_left_is_called_waiting_or_cancelled():
    for state in ("to_send", "sending", "unknown", "sent", "waiting", "accepted"):
        assert statuses.CODES[state] == statuses.IN_WORK
