# SPDX-License-Identifier: LGPL-3.0-only
"""The signer's own window, on a screen of 1366 x 768 that nobody sees."""

import contextlib
import os
import subprocess
import sys
import threading
import tkinter as tk
from decimal import Decimal
from types import SimpleNamespace

import pytest

from signer import __version__, tray
from signer.desk import Asked, Part, Question
from signer.desk_window import UNREAD_SECONDS, QuestionWindow, WindowDesk
from signer.documents.summary import Payment

SCREEN = (1366, 768)
LONG = "Faktura " + "z bardzo długim tytułem " * 12 + "KONIEC"


@pytest.fixture(scope="module")
def screen():
    ours, its = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    words = ["Xvfb", "-displayfd", str(its), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[its], stderr=subprocess.DEVNULL)
    os.close(its)
    with os.fdopen(ours) as number:
        yield f":{number.readline().strip()}"
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def root(screen):
    root = tk.Tk(screenName=screen)
    yield root
    root.destroy()


@pytest.fixture
def ask(root):
    """ask(question) -> its window, as it stands on the screen."""
    windows = []

    def show(question):
        window = QuestionWindow(root, Asked(question), lambda: None)
        windows.append(window)
        window.window.wait_visibility()
        settle(root)
        return window

    yield show
    for window in windows:
        if window.window.winfo_exists():
            window.window.destroy()


def settle(root, seconds=UNREAD_SECONDS + 0.4):
    """Until what was asked of the window manager and the timers has happened."""
    done = threading.Event()
    root.after(round(seconds * 1000), done.set)
    while not done.is_set():
        root.update()


def question(payments=1, accounts=1, title="FV 1", note="ONE try is left") -> Question:
    """Payments from as many accounts, each with facts of its own."""
    made = tuple(
        Payment(
            payee=f"Dostawca {number}",
            account="PL27114020040000300201355387",
            amount=Decimal("100.00"),
            currency="PLN",
            title=title,
            facts=(("From account", f"PL{number % accounts:026}"), ("Reference", f"E{number}")),
        )
        for number in range(1, payments + 1)
    )
    return Question(
        heading=f"Sign payments: {payments}",
        facts=(("Total", "1.00 PLN"), ("Asked by", "https://odoo.example.com")),
        parts=(Part(payments=made),),
        said_by_odoo=(("Bank", "mBank"),),
        needs_card=True,
        wants_pin=True,
        note=note,
    )


def pixels_inside(widget) -> bool:
    right, bottom = (
        widget.winfo_rootx() + widget.winfo_width(),
        (widget.winfo_rooty() + widget.winfo_height()),
    )
    return right <= SCREEN[0] and bottom <= SCREEN[1] and widget.winfo_viewable()


@pytest.mark.parametrize("payments", [1, 200, 3000])
def test_pin_and_buttons_are_in_sight_whatever_there_is_to_read(ask, payments):
    window = ask(question(payments, accounts=200))
    assert window.window.winfo_height() <= SCREEN[1]
    assert window.window.winfo_width() <= SCREEN[0]
    assert pixels_inside(window.pin)
    assert pixels_inside(window.button)


def test_enter_does_not_sign_what_was_never_in_sight(ask, root):
    window = ask(question(payments=200))
    window.pin.insert(0, "246810")
    assert window.button.cget("text") == "Show the rest"
    pages = 0
    while not window.seen:
        assert window.asked.answer is None
        window.go_on()
        root.update()
        pages += 1
        assert pages < 200
    assert pages > 20
    assert window.asked.answer is None, "the last page was shown, and not yet agreed to"
    assert window.button.cget("text") == "Sign"
    window.go_on()
    assert window.asked.answer.approved
    assert window.asked.answer.pin == "246810"


def test_a_key_meant_for_another_window_agrees_to_nothing(root):
    """A pairing, or a card whose PIN is typed at the reader: one Enter would be a yes."""
    pairing = Question("Pair?", (("Address", "https://evil.example.com"),), code="123 456")
    window = QuestionWindow(root, Asked(pairing), lambda: None)
    window.window.wait_visibility()
    settle(root, 0.1)
    window.button.focus_force()
    for key in ("<Return>", "<space>"):
        window.button.event_generate(key)
        root.update()
    assert window.asked.answer is None
    settle(root)
    window.go_on()
    assert window.asked.answer.approved


def test_what_fits_is_signed_at_once(ask):
    window = ask(question())
    assert window.seen
    window.go_on()
    assert window.asked.answer is None, "no PIN, no signature"
    window.pin.insert(0, "1234")
    window.go_on()
    assert window.asked.answer.approved


def test_the_whole_text_of_a_payment_can_be_read(ask):
    window = ask(question(title=LONG))
    text = window.text
    assert LONG in text.get("1.0", "end")
    at = text.search("KONIEC", "1.0")
    text.see(at)
    x, _y, width, _height = text.bbox(at)
    assert x + width <= text.winfo_width(), "it is wrapped, not cut off"


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")


def test_escape_refuses_and_enter_agrees_only_where_one_agrees(ask, root):
    window = ask(question())
    window.pin.insert(0, "1234")
    no = texts(window.window)["Refuse"]
    no.focus_force()
    no.event_generate("<Return>")
    root.update()
    assert window.asked.answer is None
    window.window.event_generate("<Escape>")
    root.update()
    assert window.asked.answer.approved is False


# the main window


def texts(widget):
    """Every text of a window, with the widget that shows it."""
    found = {}
    for child in widget.winfo_children():
        with contextlib.suppress(tk.TclError):
            found[child.cget("text")] = child
        found |= texts(child)
    return found


def test_the_main_window_opens_the_pairing_and_tells_of_a_newer_signer(screen, monkeypatch):
    monkeypatch.setenv("DISPLAY", screen)
    opened = []
    desk = WindowDesk(SimpleNamespace(all=list))
    try:
        desk.attach("http://127.0.0.1:17640", lambda: opened.append(1), lambda: 90, list)
        desk._fill_main()
        texts(desk.root)["Pair now"].invoke()
        assert opened == [1]
        desk.newest = "9.0.0"
        desk._tell_news()
        (news,) = [text for text in texts(desk.root) if "90 seconds" in text]
        assert "Odoo has a newer signer: 9.0.0" in news
        assert {"Cards", "Quit", __version__} <= set(texts(desk.root))
    finally:
        desk.root.destroy()


def test_a_click_on_the_icon_shows_the_main_window(monkeypatch):
    """On many desktops of Linux the icon has no menu: a click is all that reaches it."""
    made = []
    pystray = SimpleNamespace(
        Icon=lambda _name, _picture, _title, menu: made.append(menu) or NoIcon(),
        Menu=lambda *entries: entries,
        MenuItem=lambda words, do, default=False: SimpleNamespace(
            words=words, do=do, default=default
        ),
    )
    monkeypatch.setitem(sys.modules, "pystray", pystray)
    monkeypatch.setattr(tray, "_picture", lambda: None)
    shown = []
    tray.icon(lambda: shown.append(1), {"Quit": lambda: None})()
    (clicked,) = [entry for entry in made[0] if entry.default]
    clicked.do("icon", "entry")
    assert shown == [1]
    assert [entry.words for entry in made[0]] == [f"Bank signer {__version__}", "Quit"]


class NoIcon:
    def run(self):
        """Nothing is shown."""

    stop = run
