# SPDX-License-Identifier: LGPL-3.0-only
"""Kills the worker that loads it (SIGKILL) at a named step of sending, for the fault suite.

A file with the step's name in the folder $BANK_WEBSERVICE_STEPS is the order to die there, once:

    marked                  a person pressed Send, his request has not committed yet
    picked                  the cron took the package
    before_sending_commit   *sending* is written and not committed
    after_sending_commit    committed, and nothing was said to the bank yet
    answered                the bank's answer is here, nothing of it is written
    before_result_commit    the result is written and not committed
    after_result_commit     all is safe, only the cron's own work is left
"""

import os
import signal
from pathlib import Path

from odoo.addons.bank_webservice.models.orders.bank_package_send import BankPackage
from odoo.addons.bank_webservice.models.connection.bank_session import BankSession

FOLDER = Path(os.environ["BANK_WEBSERVICE_STEPS"])


def die_at(step):
    """SIGKILL to ourselves when it was ordered; only one process finds the order."""
    try:
        (FOLDER / step).rename(FOLDER / f"{step}.{os.getpid()}.done")
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _after(model, name, step, wanted=lambda *args: True):
    original = getattr(model, name)

    def method(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        if wanted(*args):
            die_at(step)
        return result

    setattr(model, name, method)


def _around_commits():
    original = BankPackage._commit_step

    def commit_step(self, processed=0):
        # Of one package; the cron's own commits come without one.
        moment = len(self) == 1 and ("sending" if self.state == "sending" else "result")
        if moment:
            die_at(f"before_{moment}_commit")
        left = original(self, processed)
        if moment:
            die_at(f"after_{moment}_commit")
        return left

    BankPackage._commit_step = commit_step


def _before_send():
    original = BankPackage._send

    def send(self):
        die_at("picked")
        return original(self)

    BankPackage._send = send


_after(BankPackage, "_mark_to_send", "marked")
_after(BankSession, "_call", "answered", lambda operation, *_args: operation == "send")
_around_commits()
_before_send()
