# SPDX-License-Identifier: LGPL-3.0-only
"""The sandbox' control routes as the browser tests use them."""

from datetime import date

import requests


class Bank:
    """`url`: where the sandbox is."""

    def __init__(self, url):
        self.url = url

    def control(self, path, **body):
        answer = requests.post(f"{self.url}/control/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def today(self, bank="mbank"):
        """The day where that bank is."""
        answer = requests.get(f"{self.url}/control/clock", timeout=30).json()
        return date.fromisoformat(answer["today"][bank])

    def ledger(self):
        """What orders moved."""
        answer = requests.get(f"{self.url}/control/ledger", params={"orders": "1"}, timeout=30)
        return answer.json()["movements"]


def reach(stack, channel, path):
    """Every bank of this channel is at this stack's sandbox. Returns the `Bank`."""
    call = stack.rpc()
    banks = call("res.bank", "search", [("bank_channel", "=", channel)])
    call("res.bank", "write", banks, {"webservice_address": f"{stack.sandbox.url}/{path}"})
    return Bank(stack.sandbox.url)
