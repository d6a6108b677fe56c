# SPDX-License-Identifier: LGPL-3.0-only
"""What goes wrong around the tools is one sentence and an exit code, never a traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools.ground import odoo_home, packages, postgres, stack
from tools.ground.say import Progress, Stop

ROOT = Path(__file__).resolve().parents[2]


def call(*arguments, **variables):
    environment = {**os.environ, **variables}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "tools", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def sentence(done):
    """The one line that a failed command said."""
    assert done.returncode != 0
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_odoo_home_without_odoo(tmp_path):
    assert "is no Odoo" in sentence(call("setup", ODOO_HOME=str(tmp_path)))


def test_odoo_home_of_another_series(tmp_path):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    said = sentence(call("setup", ODOO_HOME=str(tmp_path)))
    assert "is Odoo 18; this add-on needs Odoo 19" in said


def test_cache_in_a_place_that_is_none(tmp_path):
    (tmp_path / "file").write_text("")
    said = sentence(call("setup", XDG_CACHE_HOME=str(tmp_path / "file")))
    assert said.startswith("It cannot go on: ")
    assert str(tmp_path / "file") in said


def test_disk_full_while_unpacking(monkeypatch, tmp_path):
    """tar ends before it has read everything."""
    for name, script in (("dpkg-deb", "head -c 9000000 /dev/zero"), ("tar", "exit 2")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(Stop, match="could not be unpacked"):
        odoo_home._unpack(tmp_path / "odoo.deb", tmp_path / "root")


def test_source_checkout_of_odoo(tmp_path):
    (tmp_path / "odoo" / "addons").mkdir(parents=True)
    (tmp_path / "addons").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = ('saas~19', 1, 0, FINAL, 0)\n")
    home = odoo_home._named(tmp_path)
    assert home.addons == (tmp_path / "odoo" / "addons", tmp_path / "addons")


def test_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        said = sentence(call("run", ODOO_PORT=str(port)))
    assert said.startswith(f"Port {port} is in use")


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_port_that_is_none(port):
    assert sentence(call("run", ODOO_PORT=port)) == f"ODOO_PORT={port} is no port number."


def test_unknown_command():
    assert sentence(call("destroy")).startswith("Commands: ")


def test_no_mirror_reached(tmp_path):
    unreachable = f"http://127.0.0.1:{stack.free_port()}/debian"
    said = sentence_after_progress(
        call("setup", XDG_CACHE_HOME=str(tmp_path), ODOO_MIRROR=unreachable, ODOO_HOME="")
    )
    assert said.startswith(f"Debian's package list could not be read from {unreachable}")
    assert "network" in said


def sentence_after_progress(done):
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_no_apt_here(monkeypatch):
    monkeypatch.setattr(packages.shutil, "which", lambda _name: None)
    with pytest.raises(Stop, match=r"Please install these first .*: postgresql\.$"):
        packages.ensure({"postgresql": lambda: False})


def test_neither_root_nor_sudo(monkeypatch):
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages.shutil, "which", lambda name: name == "apt-get" or None)
    with pytest.raises(Stop, match=r"^Neither root nor sudo: .* chromium softhsm2\.$"):
        packages.ensure({"chromium": lambda: False, "softhsm2": lambda: False})


def test_optional_package_costs_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(packages.shutil, "which", lambda _name: None)
    packages.ensure_optional({"wkhtmltopdf": lambda: False}, "no PDF")
    assert capsys.readouterr().err.startswith("Going on without wkhtmltopdf: no PDF")


def test_postgresql_cannot_run_as_root_without_its_user(monkeypatch):
    def unknown(_name):
        raise KeyError

    monkeypatch.setattr(postgres.os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres.pwd, "getpwnam", unknown)
    with pytest.raises(Stop, match="cannot run as root"):
        postgres._owner()


def test_socket_stays_short_below_a_long_checkout(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "folder", lambda: tmp_path / ("long" * 30))
    assert len(str(postgres.socket_folder())) < postgres.LONGEST_SOCKET


def test_progress_without_terminal_shows_a_line_every_fifth(capsys):
    progress = Progress("Unpacking", 100)
    for done in range(101):
        progress.at(done)
    said = capsys.readouterr().err.splitlines()
    assert said == ["Unpacking ...", "  20 %", "  40 %", "  60 %", "  80 %"]
