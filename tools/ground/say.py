# SPDX-License-Identifier: LGPL-3.0-only
"""What the person at the terminal sees: sentences, progress, and the one sentence of a failure."""

import sys
import time


class Stop(Exception):
    """Ends the command with one sentence for the person who typed it, and no traceback."""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Percentages of one long step: a moving line on a terminal, a line every 20 % elsewhere."""

    def __init__(self, title, total):
        self.title, self.total = title, max(total, 1)
        self.moving = sys.stderr.isatty()
        self.shown = -1
        self.last = 0.0
        if not self.moving:
            say(f"{title} ...")

    def at(self, done):
        percent = min(99, 100 * done // self.total)
        if self.moving:
            if percent > self.shown and time.monotonic() - self.last > 0.2:
                self._line(f"{self.title} ... {percent} %")
                self.shown, self.last = percent, time.monotonic()
        elif percent >= self.shown + 20:
            self.shown = percent - percent % 20
            if self.shown:
                say(f"  {self.shown} %")

    def end(self):
        if self.moving:
            self._line(f"{self.title} ... done\n")

    def _line(self, text):
        sys.stderr.write("\r" + text)
        sys.stderr.flush()
