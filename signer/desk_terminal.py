# SPDX-License-Identifier: LGPL-3.0-only
"""The questions in a terminal, for computers without windows."""

from __future__ import annotations

import contextlib
import getpass
import queue
import select
import shutil
import sys
import textwrap
import threading
from collections.abc import Iterator

try:
    import termios
except ImportError:  # Windows
    termios = None

from .desk import Answer, Asked, Desk
from .words import say

SECONDS_BETWEEN_LOOKS = 0.5
#: how a line looks -> what stands before it
INDENTS = {"payment": "      ", "warning": "!! "}


class TerminalDesk(Desk):
    """Prints the question, reads yes or no, then the PIN without showing it."""

    reading = False

    def interrupt(self) -> None:
        """Reading goes on after a signal that raises nothing, until somebody presses Enter."""
        if self.reading:
            raise KeyboardInterrupt

    def run(self, stop: threading.Event) -> None:
        if sys.stdin and sys.stdin.isatty():
            print(say("Type 'pair' and Enter to pair with a site."), flush=True)
        while not stop.is_set():
            try:
                asked = self.questions.get(timeout=0.5)
            except queue.Empty:
                self._take_command()
                continue
            if asked.over.is_set():
                continue  # its page left while another question was read
            asked.give(self._put(asked))
            if asked.answer is None:
                print(say("Too late: nobody waits for this answer any more."))

    def _take_command(self) -> None:
        """What was typed while nothing was asked."""
        if termios is None or not sys.stdin or not sys.stdin.isatty():
            return
        if not select.select([sys.stdin], [], [], 0)[0]:
            return
        if sys.stdin.readline().strip().lower() == "pair":
            self.open_pairing()
            print(say("A site may pair for {seconds} seconds.", seconds=self.pairing_seconds()))

    def _put(self, asked: Asked) -> Answer:
        question = asked.question
        print("\n" + "=" * 72, question.heading, "-" * 72, sep="\n")
        for look, text in question.lines():
            print(_wrapped(text, INDENTS.get(look, "")))
        if question.note:
            print("!", say(question.note))
        self.reading = True
        try:
            agreed = _typed(say("Type 'yes' to agree, anything else refuses: "))
            if agreed.strip().lower() not in ("yes", say("yes")):
                return Answer(False)
            return Answer(True, _typed(say("PIN: "), hidden=True) if question.wants_pin else None)
        except EOFError:
            return Answer(False, seen=False)
        except KeyboardInterrupt:
            return Answer(False)
        finally:
            self.reading = False


def _wrapped(text: str, indent: str) -> str:
    """A long line goes on further to the right: no part of it looks like a line of its own."""
    columns = shutil.get_terminal_size().columns
    further = " " * (len(indent) + 4)
    wide = max(columns - 1, len(further) + 20)
    return textwrap.fill(text, wide, initial_indent=indent, subsequent_indent=further)


def _typed(prompt: str, *, hidden: bool = False) -> str:
    """A line from the person; EOFError at the end of the input.

    Waits in select: a signal that comes just before a blocking read would wait for Enter with it.
    """
    if termios is None or not sys.stdin.isatty():
        return getpass.getpass(prompt) if hidden else input(prompt)
    with _hiding() if hidden else contextlib.nullcontext():
        print(prompt, end="", flush=True)
        while not select.select([sys.stdin], [], [], SECONDS_BETWEEN_LOOKS)[0]:
            continue
        line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


@contextlib.contextmanager
def _hiding() -> Iterator[None]:
    """What is typed meanwhile is not shown."""
    before = termios.tcgetattr(sys.stdin)
    hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, before)
        print(flush=True)
