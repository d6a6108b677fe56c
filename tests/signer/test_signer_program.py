# SPDX-License-Identifier: LGPL-3.0-only
"""The program as people get it: one file, its options, its own port."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from signer_world import ROOT, Page, Program

from signer import __version__, autostart, home, pairing, program, server, service
from signer.build import pyz
from signer.errors import REFUSALS
from signer.pairing import Pairings


@pytest.fixture
def one_file(tmp_path) -> Path:
    path = tmp_path / "signer.pyz"
    path.write_bytes(pyz())
    return path


def run(*words, **more):
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


def test_without_its_library_it_says_what_to_install(one_file, tmp_path):
    done = run("-I", "-S", one_file, cwd=tmp_path)
    assert done.returncode == 1
    assert "pip install python-pkcs11" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_one_file_starts_and_is_the_same_each_time(one_file, tmp_path):
    done = run(one_file, "--version", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "2.0.0")
    assert one_file.read_bytes() == pyz()


def test_it_imports_nothing_of_the_add_on(one_file, tmp_path):
    code = "import sys; import signer.program; print(*sys.modules)"
    done = run("-c", code, cwd=tmp_path, env={"PYTHONPATH": str(one_file)})
    roots = {name.split(".")[0] for name in done.stdout.split()}
    assert "signer" in roots
    assert not roots & {"odoo", "protocol", "sandbox", "cryptography", "lxml"}


def test_a_port_in_use_is_said_in_one_sentence(wallet, program, tmp_path):
    done = run("-m", "signer", "--home", tmp_path / "h", "--port", program.port, "--terminal")
    assert done.returncode == 1
    assert "Is it running already?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--port", "80000"), "80000 is no port"),
        (("--pin-from", "/no/such/file"), "cannot use /no/such/file"),
        (("--home", "/dev/null/x"), "cannot use /dev/null/x"),
        (("--revoke", "nothing"), "no such pairing"),
    ],
)
def test_options_that_cannot_be_are_a_sentence(tmp_path, words, said):
    done = run("-m", "signer", "--home", tmp_path / "h", "--terminal", *words)
    assert done.returncode
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_two_signers_of_one_computer_have_ports_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "anna")
    annas = home.ports(tmp_path / "a")
    monkeypatch.setattr("getpass.getuser", lambda: "boris")
    boriss = home.ports(tmp_path / "b")
    assert annas[0] != boriss[0]
    assert sorted(annas) == sorted(boriss) == list(range(17640, 17660))


def test_the_port_is_remembered(tmp_path):
    home.remember_port(tmp_path, 17659)
    assert home.ports(tmp_path)[0] == 17659
    home.remember_port(tmp_path, 80)
    assert home.ports(tmp_path)[0] == 17659


def test_pairings_are_listed_and_revoked_from_the_command_line(program, tmp_path):
    page = Page(program.url).pair()
    pairing = page.token.split(".")[0]
    words = ("-m", "signer", "--home", program.home)
    assert pairing in run(*words, "--pairings").stdout
    assert run(*words, "--revoke", pairing).returncode == 0
    assert page.post("/v2/certificates").json()["error"] == "not_paired"


def test_a_damaged_file_pairs_nobody(tmp_path):
    (tmp_path / "pairings.json").write_text('[{"id": 1}]')
    assert Pairings(tmp_path).all() == []


def test_pairing_again_ends_the_older_pairing(tmp_path):
    pairings = Pairings(tmp_path)
    first = pairings.add("https://a", "main", "anna")
    second = pairings.add("https://a", "main", "anna")
    assert [pairing.id for pairing in pairings.all()] == [second.split(".")[0]]
    assert first != second


def test_starting_with_the_computer_keeps_driver_and_port(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "argv", ["/home/anna/my signer.pyz"])
    words = ["--autostart", "on", "--module", "/opt/my card/p11.so", "--port", "17650"]
    assert program.main(words) == 0
    path = tmp_path / "autostart" / "bank-signer.desktop"
    started = path.read_text()
    assert "'/home/anna/my signer.pyz'" in started
    assert "--port 17650 --module '/opt/my card/p11.so'" in started
    autostart.switch(False)
    assert not path.exists()


def test_the_test_program_has_no_window(wallet, tmp_path):
    program = Program(tmp_path / "home", {**wallet.card.environment, "DISPLAY": ""})
    program.stop()
    assert program.process.returncode == 0


def test_the_page_and_the_signer_agree_on_version_and_protocol():
    page = (ROOT / "static/src/signer/signer_client.js").read_text()
    said = dict(re.findall(r"export const (PROTOCOL|NEWEST|FLOOR) = \"?([0-9.]+)\"?;", page))
    assert said["PROTOCOL"] == str(service.PROTOCOL)
    assert said["NEWEST"] == __version__
    assert [int(n) for n in said["FLOOR"].split(".")] <= [int(n) for n in __version__.split(".")]
    assert f"bank-signer {service.PROTOCOL}" == pairing.PROOF


def test_every_route_that_the_page_calls_is_there():
    source = "".join(path.read_text() for path in (ROOT / "static/src").rglob("*.js"))
    called = set(re.findall(r'"(/v\d/[a-z/-]+)"', source))
    assert called == {*server.OPEN, *server.PAIRED} - {"/v2/unpair"}


def test_every_refusal_of_the_signer_that_a_page_may_meet_has_words():
    words = (ROOT / "static/src/signer/signer_words.js").read_text()
    said = set(re.findall(r"^    ([a-z_]+): \(\) =>", words, re.M))
    of_this_page = {"not_running", "insecure_page", "permission_denied", "permission_dismissed"}
    assert said <= {*REFUSALS, *of_this_page, "too_old", "cancelled"}
