# SPDX-License-Identifier: LGPL-3.0-only
"""Starting with the computer, where the user wants it: one small file in the usual place."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

NAME = "bank-signer"

DESKTOP = """[Desktop Entry]
Type=Application
Name=Bank signer
Exec={command}
X-GNOME-Autostart-enabled=true
"""
PLIST = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Label</key><string>org.bank-signer</string>
<key>ProgramArguments</key><array>{arguments}</array>
<key>RunAtLoad</key><true/>
</dict></plist>
"""


def command() -> list[str]:
    """How this very program was started: the built program, the one file, or the package."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    started = Path(sys.argv[0]).resolve()
    if started.suffix == ".pyz":
        return [sys.executable, str(started)]
    return [sys.executable, str(Path(__file__).resolve().with_name("__main__.py"))]


def switch(on: bool, options: Sequence[str] = ()) -> Path:
    """Write or remove the file; returns its path. `options`: what the program is started with."""
    path, content = _file([*command(), *options])
    if on:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    else:
        path.unlink(missing_ok=True)
    return path


def _file(words: list[str]) -> tuple[Path, str]:
    if sys.platform == "win32":
        start = Path(os.environ["APPDATA"]) / r"Microsoft\Windows\Start Menu\Programs\Startup"
        windowless = [words[0].replace("python.exe", "pythonw.exe"), *words[1:]]
        line = " ".join(f'"{word}"' for word in windowless)
        return start / f"{NAME}.cmd", f'@start "" {line}\r\n'
    if sys.platform == "darwin":
        arguments = "".join(f"<string>{escape(word)}</string>" for word in words)
        path = Path.home() / "Library/LaunchAgents" / f"org.{NAME}.plist"
        return path, PLIST.format(arguments=arguments)
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "autostart" / f"{NAME}.desktop", DESKTOP.format(command=shlex.join(words))
