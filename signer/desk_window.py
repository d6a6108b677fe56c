# SPDX-License-Identifier: LGPL-3.0-only
"""The questions in windows (tkinter, which comes with Python)."""

from __future__ import annotations

import queue
import threading
import time
import tkinter as tk
from collections.abc import Callable
from tkinter import font, messagebox, ttk

from . import __version__, tray
from .desk import Answer, Asked, Desk, Question
from .documents.summary import shown
from .words import say

POLL_MS = 150


class WindowDesk(Desk):
    """A small main window with the pairings, and one window a question.

    `pairings`: has all() and revoke(id).
    """

    def __init__(self, pairings):
        super().__init__()
        self.pairings = pairings
        self.soon: queue.Queue[Callable[[], None]] = queue.Queue()
        self.root = tk.Tk()  # raises TclError where there is no display
        if self.root.tk.call("tk", "windowingsystem") == "x11":
            ttk.Style().theme_use("clam")
            self.root.configure(background=ttk.Style().lookup("TFrame", "background"))

    def run(self, stop: threading.Event) -> None:
        self.stop = stop
        self.root.title(say("Bank signer"))
        self.root.protocol("WM_DELETE_WINDOW", self._minimize)
        self._fill_main()
        self.root.after(POLL_MS, self._poll)
        soon = self.soon.put  # only this thread may touch windows
        take_away = tray.icon(
            lambda: soon(self._show),
            {
                "Pair now": self.open_pairing,
                "Cards": lambda: soon(self._show_cards),
                "Quit": lambda: soon(self.root.quit),
            },
        )
        self.root.mainloop()
        take_away()
        stop.set()

    def _minimize(self) -> None:
        self.root.iconify()

    def _show(self) -> None:
        self.root.deiconify()
        self.root.lift()

    def _fill_main(self) -> None:
        for child in self.root.winfo_children():
            if not isinstance(child, tk.Toplevel):
                child.destroy()
        frame = ttk.Frame(self.root, padding=16)
        frame.pack(fill="both", expand=True)
        ttk.Label(frame, text=say("The signer is ready at {address}", address=self.address)).pack(
            anchor="w"
        )
        pairings = self.pairings.all()
        ttk.Label(frame, text=say("Paired with:" if pairings else "Not paired yet.")).pack(
            anchor="w"
        )
        for pairing in pairings:
            row = ttk.Frame(frame)
            row.pack(fill="x", pady=2)
            words = shown(f"{pairing.origin} · {pairing.database} · {pairing.user}")
            ttk.Label(row, text=words).pack(side="left")
            revoke = self._revoker(pairing.id)
            ttk.Button(row, text=say("Revoke"), command=revoke).pack(side="right", padx=(12, 0))
        self.news = ttk.Label(frame, foreground="#a00000", wraplength=480)
        self.news.pack(anchor="w", pady=(8, 0))
        row = ttk.Frame(frame)
        row.pack(fill="x", pady=(12, 0))
        ttk.Button(row, text=say("Pair now"), command=self.open_pairing).pack(side="left")
        ttk.Button(row, text=say("Cards"), command=self._show_cards).pack(side="left", padx=8)
        ttk.Button(row, text=say("Quit"), command=self.root.quit).pack(side="right")
        ttk.Label(row, text=f"{__version__}").pack(side="right", padx=12)

    def _revoker(self, pairing_id: str) -> Callable[[], None]:
        def revoke() -> None:
            self.pairings.revoke(pairing_id)
            self._fill_main()

        return revoke

    def _show_cards(self) -> None:
        """What the cards hold. Drivers may take long, so another thread asks them."""

        def look() -> None:
            lines = self.cards()
            self.soon.put(lambda: messagebox.showinfo(say("Cards"), "\n".join(map(shown, lines))))

        threading.Thread(target=look, daemon=True).start()

    def _tell_news(self) -> None:
        """How long a site may pair; that Odoo has a newer signer."""
        news = []
        if self.pairing_seconds():
            news.append(
                say("A site may pair for {seconds} seconds.", seconds=self.pairing_seconds())
            )
        if self.newest:
            news.append(say("Odoo has a newer signer: {version}. Install it.", version=self.newest))
        self.news.configure(text="\n".join(news))

    def _poll(self) -> None:
        if self.stop.is_set():
            self.root.quit()
            return
        self._tell_news()
        while not self.soon.empty():
            self.soon.get()()
        try:
            asked = self.questions.get_nowait()
        except queue.Empty:
            pass
        else:
            QuestionWindow(self.root, asked, self._fill_main)
        self.root.after(POLL_MS, self._poll)


#: how a line looks -> font and margins of its text
LOOKS = {
    "title": {"font": ("TkDefaultFont", 11, "bold"), "spacing1": 6},
    "strong": {"font": ("TkDefaultFont", 11, "bold"), "spacing1": 6, "lmargin2": 24},
    "fact": {"lmargin2": 24},
    "payment": {"lmargin1": 24, "lmargin2": 48},
    "warning": {"font": ("TkDefaultFont", 11, "bold"), "foreground": "#a00000"},
}
UNREAD_SECONDS = 0.7  # a key that was meant for the window below agrees to nothing
WIDTH = 96  # characters
MOST_LINES = 40  # of text at once, where the screen has room for them
AROUND = 250  # pixels that heading, code, PIN, buttons and the desktop's own bars may take


class QuestionWindow:
    """One question: a text that scrolls, and below it, always in sight, the PIN and the buttons.

    As long as its end was not in sight, the button (and Enter) shows what follows, and cannot sign.
    """

    def __init__(self, root: tk.Tk, asked: Asked, done: Callable[[], None]):
        self.asked = asked
        self.done = done
        self.seen = False
        self.shown_at: float | None = None
        self.window = window = tk.Toplevel(root)
        question = self.question = asked.question
        window.title(question.heading)
        window.protocol("WM_DELETE_WINDOW", self.refuse)
        window.attributes("-topmost", True)
        frame = ttk.Frame(window, padding=(20, 14))
        frame.pack(fill="both", expand=True)
        # from below: what is packed first keeps its place when there is little room
        self.button = self._buttons(frame)
        self.pin = self._pin_field(frame, question) if question.wants_pin else None
        if question.code:
            ttk.Label(frame, text=say("Agree only if Odoo shows the same code.")).pack(
                side="bottom"
            )
            ttk.Label(frame, text=question.code, font=("TkFixedFont", 26)).pack(side="bottom")
        ttk.Label(frame, text=question.heading, font=("TkDefaultFont", 15, "bold")).pack(anchor="w")
        self.text = self._text(frame)
        window.bind("<Escape>", lambda _event: self.refuse())
        for place in filter(None, (self.pin, self.button)):  # not where the focus is on Refuse
            place.bind("<Return>", lambda _event: self.go_on())
        for key, units in (("<Prior>", -1), ("<Next>", 1)):
            window.bind(key, lambda _event, units=units: self.text.yview_scroll(units, "pages"))
        (self.pin or self.button).focus_force()
        self._watch()

    def _text(self, frame: ttk.Frame) -> tk.Text:
        area = ttk.Frame(frame)
        area.pack(fill="both", expand=True, pady=10)
        text = tk.Text(area, width=WIDTH, wrap="word", font="TkDefaultFont", relief="flat", padx=8)
        for look, options in LOOKS.items():
            text.tag_configure(look, **options)
        lines = self.question.lines()
        for number, (look, line) in enumerate(lines):
            text.insert("end", line if number == 0 else f"\n{line}", look)
        spaced = sum("spacing1" in LOOKS.get(look, ()) for look, _line in lines)
        text.configure(state="disabled", height=self._height(len(lines) + spaced + 1))
        bar = ttk.Scrollbar(area, command=text.yview)
        text.configure(yscrollcommand=bar.set)
        bar.pack(side="right", fill="y")
        text.pack(side="left", fill="both", expand=True)
        return text

    def _height(self, lines: int) -> int:
        """Lines of the text, so that the whole window fits on the screen."""
        of_line = font.nametofont("TkDefaultFont").metrics("linespace") + 2
        fitting = (self.window.winfo_screenheight() - AROUND) // of_line
        return max(5, min(lines, MOST_LINES, fitting))

    def _agree(self) -> str:
        question = self.question
        return say(question.agree or ("Sign" if question.needs_card else "Agree"))

    def _pin_field(self, frame: ttk.Frame, question: Question) -> ttk.Entry:
        row = ttk.Frame(frame)
        row.pack(side="bottom", fill="x")
        ttk.Label(row, text=say("PIN of the card")).pack(side="left", padx=(0, 12))
        field = ttk.Entry(row, show="•", width=18)
        field.pack(side="left")
        if question.note:
            ttk.Label(frame, text=say(question.note), foreground="#a00000", wraplength=700).pack(
                side="bottom", anchor="w", pady=(0, 6)
            )
        return field

    def _buttons(self, frame: ttk.Frame) -> ttk.Button:
        row = ttk.Frame(frame)
        row.pack(side="bottom", fill="x", pady=(14, 0))
        agree = ttk.Button(row, text=say("Show the rest"), command=self.go_on)
        agree.pack(side="right")
        ttk.Button(row, text=say("Refuse"), command=self.refuse).pack(side="right", padx=8)
        return agree

    def go_on(self) -> None:
        """The next page of what is to be read; after the last one, yes."""
        if not self.seen:
            self.text.yview_scroll(1, "pages")
            self.window.update_idletasks()
            self._look()
            return
        pin = self.pin.get() if self.pin else None
        if self.pin and not pin:
            self.pin.focus_force()
            return
        self._close(Answer(True, pin))

    def refuse(self) -> None:
        self._close(Answer(False))

    def _close(self, answer: Answer) -> None:
        if self.pin:
            self.pin.delete(0, "end")
        self.asked.give(answer)
        self.window.destroy()
        self.window.after_idle(self.done)

    def _watch(self) -> None:
        """Close by itself when nobody waits for the answer any more."""
        if self.asked.over.is_set():
            if self.window.winfo_exists():
                self.window.destroy()
            return
        self._look()
        self.window.after(POLL_MS, self._watch)

    def _look(self) -> None:
        """Remembers that the end of the text was in sight: then the button agrees."""
        if self.seen or not self.window.winfo_viewable():
            return
        now = time.monotonic()
        self.shown_at = self.shown_at or now
        if now - self.shown_at >= UNREAD_SECONDS and self.text.yview()[1] >= 1:
            self.seen = True
            self.button.configure(text=self._agree())
