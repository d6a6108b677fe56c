"""The questions in windows (tkinter, which comes with Python)."""

from __future__ import annotations

import queue
import threading
import tkinter as tk
from collections.abc import Callable
from tkinter import font, ttk

from .desk import Answer, Asked, Desk, Question, in_groups, written_amount
from .documents.summary import Payment, shown
from .words import say

POLL_MS = 150
COLUMNS = ("payee", "account", "amount", "title")
WHOLE = ("account", "amount")  # never cut off: the person compares them
WIDEST = 260  # pixels of the other columns


class WindowDesk(Desk):
    """A small main window with the pairings, and one window a question.

    `pairings`: has all() and revoke(id).
    """

    def __init__(self, pairings):
        super().__init__()
        self.pairings = pairings
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
        self.root.mainloop()
        stop.set()

    def _minimize(self) -> None:
        self.root.iconify()

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
        ttk.Button(frame, text=say("Quit"), command=self.root.quit).pack(anchor="e", pady=(12, 0))

    def _revoker(self, pairing_id: str) -> Callable[[], None]:
        def revoke() -> None:
            self.pairings.revoke(pairing_id)
            self._fill_main()

        return revoke

    def _poll(self) -> None:
        if self.stop.is_set():
            self.root.quit()
            return
        try:
            asked = self.questions.get_nowait()
        except queue.Empty:
            pass
        else:
            QuestionWindow(self.root, asked, self._fill_main)
        self.root.after(POLL_MS, self._poll)


def _row(payment: Payment) -> tuple[str, ...]:
    return (
        shown(payment.payee),
        in_groups(shown(payment.account)),
        written_amount(payment),
        shown(payment.title),
    )


def _width(name: str, rows: list[tuple[str, ...]], number: int) -> int:
    """Pixels that the longest text of a column needs."""
    needed = max(font.nametofont("TkDefaultFont").measure(row[number]) for row in rows) + 24
    return max(80, needed if name in WHOLE else min(needed, WIDEST))


class QuestionWindow:
    """One question: what, who asks, payees, and the PIN field."""

    def __init__(self, root: tk.Tk, asked: Asked, done: Callable[[], None]):
        self.asked = asked
        self.done = done
        self.window = window = tk.Toplevel(root)
        question = asked.question
        window.title(question.heading)
        window.protocol("WM_DELETE_WINDOW", self.refuse)
        window.attributes("-topmost", True)
        frame = ttk.Frame(window, padding=20)
        frame.pack(fill="both", expand=True)
        ttk.Label(frame, text=question.heading, font=("TkDefaultFont", 15, "bold")).pack(anchor="w")
        self._facts(frame, question)
        if question.payments:
            self._payments(frame, question)
        if question.code:
            ttk.Label(frame, text=question.code, font=("TkFixedFont", 26)).pack(pady=8)
            ttk.Label(frame, text=say("Agree only if Odoo shows the same code.")).pack()
        self.pin = self._pin_field(frame, question) if question.wants_pin else None
        self._buttons(frame, question)
        window.bind("<Escape>", lambda _event: self.refuse())
        window.after(POLL_MS, self._watch)

    @staticmethod
    def _facts(frame: ttk.Frame, question: Question) -> None:
        grid = ttk.Frame(frame)
        grid.pack(fill="x", pady=10)
        rows = [*question.facts, *(("Total", total) for total in question.totals)]
        for number, (label, value) in enumerate(rows):
            ttk.Label(grid, text=say(label)).grid(row=number, column=0, sticky="nw", padx=(0, 16))
            look = ("TkDefaultFont", 11, "bold") if label == "Total" else "TkDefaultFont"
            words = ttk.Label(grid, text=shown(value), wraplength=620, font=look)
            words.grid(row=number, column=1, sticky="w")

    @staticmethod
    def _payments(frame: ttk.Frame, question: Question) -> None:
        rows = [_row(payment) for payment in question.payments]
        area = ttk.Frame(frame)
        area.pack(fill="both", expand=True, pady=(0, 10))
        height = min(12, len(question.payments))
        table = ttk.Treeview(area, columns=COLUMNS, show="headings", height=height)
        for number, name in enumerate(COLUMNS):
            side = "e" if name == "amount" else "w"
            table.heading(name, text=say(name.capitalize()), anchor=side)
            table.column(name, width=_width(name, rows, number), anchor=side)
        for row in rows:
            table.insert("", "end", values=row)
        bar = ttk.Scrollbar(area, command=table.yview)
        table.configure(yscrollcommand=bar.set)
        table.pack(side="left", fill="both", expand=True)
        bar.pack(side="right", fill="y")

    def _pin_field(self, frame: ttk.Frame, question: Question) -> ttk.Entry:
        if question.note:
            ttk.Label(frame, text=say(question.note), foreground="#a00000", wraplength=700).pack(
                anchor="w", pady=(0, 6)
            )
        row = ttk.Frame(frame)
        row.pack(fill="x")
        ttk.Label(row, text=say("PIN of the card")).pack(side="left", padx=(0, 12))
        field = ttk.Entry(row, show="•", width=18)
        field.pack(side="left")
        field.bind("<Return>", lambda _event: self.agree())
        field.focus_force()
        return field

    def _buttons(self, frame: ttk.Frame, question: Question) -> None:
        row = ttk.Frame(frame)
        row.pack(fill="x", pady=(14, 0))
        agree = say(question.agree or ("Sign" if question.needs_card else "Agree"))
        ttk.Button(row, text=agree, command=self.agree).pack(side="right")
        ttk.Button(row, text=say("Refuse"), command=self.refuse).pack(side="right", padx=8)

    def agree(self) -> None:
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
        self.window.after(POLL_MS, self._watch)
