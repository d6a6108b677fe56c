# SPDX-License-Identifier: LGPL-3.0-only
"""The icon beside the clock: pair now, cards, quit; a click shows the main window. Where pystray is
installed, and works."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Mapping

from . import __version__
from .words import say

SIZE = 64


def icon(show: Callable[[], None], actions: Mapping[str, Callable[[], None]]) -> Callable[[], None]:
    """Shows the icon; `show`: what a click does, and on desktops without menus there all that can
    be done; `actions`: words -> what they do. Called in the icon's own thread.

    Returns what takes it away. Nothing happens where there is no place for icons.
    """
    logging.getLogger("pystray").setLevel(logging.CRITICAL)  # a desktop without a place is no fault
    if sys.platform == "darwin":
        return lambda: None  # there the icon wants the main thread, which is the windows'
    try:
        import pystray

        own = f"{say('Bank signer')} {__version__}"
        entries = [pystray.MenuItem(own, _calling(show), default=True)]
        entries += [pystray.MenuItem(say(words), _calling(do)) for words, do in actions.items()]
        shown = pystray.Icon("bank-signer", _picture(), say("Bank signer"), pystray.Menu(*entries))
        _hear_clicks(shown)
        # no run_detached: its thread would keep a program alive that is to end
        threading.Thread(target=shown.run, daemon=True).start()
    except Exception:  # no such desktop, no such library: the main window does all of it
        return lambda: None

    def take_away() -> None:
        """Where the desktop answers; else the icon goes with the program."""
        stopping = threading.Thread(target=shown.stop, daemon=True)
        stopping.start()
        stopping.join(1)

    return take_away


def _hear_clicks(shown) -> None:
    """pystray 0.19 handles clicks on an icon of plain X11, but does not ask the screen for them."""
    window = getattr(shown, "_window", None)
    if hasattr(window, "change_attributes"):
        from Xlib import X

        mask = X.ExposureMask | X.StructureNotifyMask | X.ButtonPressMask
        window.change_attributes(event_mask=mask)


def _calling(do: Callable[[], None]) -> Callable[..., None]:
    return lambda _icon, _entry: do()


def _picture():
    """A card with its chip."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((2, 12, 62, 52), 6, fill="#2f5d8a")
    draw.rounded_rectangle((10, 24, 26, 38), 3, fill="#e0b84c")
    draw.rectangle((32, 40, 56, 44), fill="#ffffff")
    return picture
