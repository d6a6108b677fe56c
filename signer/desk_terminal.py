"""The questions in a terminal, for computers without windows."""

from __future__ import annotations

import getpass
import queue
import threading

from .desk import Answer, Asked, Desk
from .words import say


class TerminalDesk(Desk):
    """Prints the question, reads yes or no, then the PIN without showing it."""

    reading = False

    def interrupt(self) -> None:
        """Reading goes on after a signal that raises nothing, until somebody presses Enter."""
        if self.reading:
            raise KeyboardInterrupt

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                asked = self.questions.get(timeout=0.5)
            except queue.Empty:
                continue
            if asked.over.is_set():
                continue  # its page left while another question was read
            asked.give(self._put(asked))
            if asked.answer is None:
                print(say("Too late: nobody waits for this answer any more."))

    def _put(self, asked: Asked) -> Answer:
        question = asked.question
        print("\n" + "=" * 72, question.heading, "-" * 72, *question.lines(), sep="\n")
        if question.note:
            print("!", say(question.note))
        self.reading = True
        try:
            print(say("Type 'yes' to agree, anything else refuses: "), end="", flush=True)
            if input().strip().lower() not in ("yes", say("yes")):
                return Answer(False)
            return Answer(True, getpass.getpass(say("PIN: ")) if question.wants_pin else None)
        except (EOFError, KeyboardInterrupt):
            return Answer(False)
        finally:
            self.reading = False
