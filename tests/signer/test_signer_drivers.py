# SPDX-License-Identifier: LGPL-3.0-only
"""Real cards are not tidy: ids that differ, drivers that hang or crash or are for other programs,
readers with keys of their own, and answers that get lost on their way."""

import base64
import ctypes
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from signer_samples import pain001
from signer_world import (
    PIN,
    ROOT,
    Authority,
    Card,
    Page,
    Program,
    ec_key,
    openssl_verify,
    rsa_key,
    signer_command,
)

from signer import child, direct, modules
from signer.child import Child
from signer.errors import Refusal
from signer.kept import SECONDS, Kept, Signed


def refused(call, *arguments, **more) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*arguments, **more)
    return caught.value


# the process of a driver

#: behaves as a driver's process, once badly: what it does stands in the file beside it
BAD_ONCE = """
import os, sys, time, pathlib
mood = pathlib.Path(__file__).with_suffix(".mood")
does = mood.read_text() if mood.exists() else ""
mood.write_text("")
for line in sys.stdin:
    if does == "crash":
        os.abort()
    if does == "hang":
        time.sleep(600)
    print('{"given": {"slots": 1, "found": []}}', flush=True)
"""


@pytest.fixture
def bad_driver(tmp_path, monkeypatch):
    """bad_driver("crash"): a child that crashes once, then works."""
    script = tmp_path / "driver.py"
    script.write_text(BAD_ONCE)
    monkeypatch.setattr(child, "command", lambda: [sys.executable, str(script)])
    made = []

    def make(mood):
        script.with_suffix(".mood").write_text(mood)
        made.append(Child("/usr/lib/slow-p11.so"))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.mark.parametrize(("mood", "code"), [("crash", "driver_stopped"), ("hang", "driver_slow")])
def test_a_driver_that_crashes_or_hangs_is_said_and_started_again(bad_driver, mood, code):
    driver = bad_driver(mood)
    refusal = refused(driver.ask, "certificates", 1.5)
    assert refusal.code == code
    assert "slow-p11.so" in refusal.message
    assert driver.ask("certificates", 20) == {"slots": 1, "found": []}


def test_a_driver_for_32_bits_says_what_to_do(tmp_path):
    path = tmp_path / "old-p11.so"
    path.write_bytes(b"\x7fELF\x01\x01\x01" + bytes(60))
    refusal = refused(Child(str(path)).ask, "certificates", 5)
    assert refusal.code == "driver_bits"
    assert "is for 32-bit programs" in refusal.message
    assert "install" in refusal.message


TALKING = """
import os
from signer import driver

class Module:
    def __init__(self, path): os.write(1, b"this driver talks")
    def certificates(self): return os.write(1, b"and talks") and {"slots": 0}

driver.Module = Module
driver.serve("talking-p11.so")
"""


@pytest.mark.parametrize("place", [2, None])
def test_what_a_driver_prints_is_no_answer(place):
    """Windows gives a program that is built without a console no place for errors either."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    closing = None if place else lambda: os.close(2)
    words = [sys.executable, "-c", TALKING]
    process = subprocess.Popen(words, cwd=ROOT, **pipes, preexec_fn=closing)
    answer, _errors = process.communicate(b'{"do": "certificates"}\n', timeout=60)
    assert json.loads(answer) == {"given": {"slots": 0}}


def test_a_hanging_driver_does_not_hide_the_card_of_another_one(wallet, tmp_path):
    """The bad one is no library at all here: its process refuses, the other one signs."""
    broken = tmp_path / "broken-p11.so"
    broken.write_bytes(b"no library")
    program = Program(tmp_path / "home", wallet.card.environment, "--module", str(broken))
    try:
        assert Page(program.url).pair().sign(wallet.rsa, pain001()).status_code == 200
    finally:
        program.stop()


def test_drivers_are_found_by_patterns_each_file_once(tmp_path):
    (tmp_path / "opt" / "proCertumSmartSign-9.1").mkdir(parents=True)
    real = tmp_path / "opt" / "proCertumSmartSign-9.1" / "cryptoCertum3PKCS-3.0.6.66-MS.so"
    real.touch()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libcryptoCertum3PKCS.so").symlink_to(real)
    folders = [f"{tmp_path}/lib", f"{tmp_path}/opt/proCertum*"]
    patterns = [
        f"{folder}/{name}" for folder in folders for name in modules.LINUX["Certum proCertum"]
    ]
    assert modules.matching(patterns) == [str(tmp_path / "lib" / "libcryptoCertum3PKCS.so")]


@pytest.mark.parametrize("table", [modules.LINUX, modules.MAC, modules.WINDOWS])
def test_every_maker_has_names_of_its_own(table):
    names = [name for patterns in table.values() for name in patterns]
    assert len(names) == len(set(names))
    for maker in ("Certum proCertum", "Certum SimplySign", "Rutoken", "JaCarta"):
        assert table[maker]


# which key belongs to the certificate


@pytest.fixture
def sign_with(tmp_path):
    """sign_with(key, key_id, certificate_id, *others): what OpenSSL says of it, or the refusal."""
    programs = []

    def sign(key, key_id, certificate_id, *others):
        authority, card = Authority(), Card(tmp_path / "card")
        certificate = authority.issue("Anna", key)
        for other in others:
            card.put_key(other, key_id)
        card.put_key(key, key_id)
        card.put_certificate(certificate, certificate_id)
        programs.append(Program(tmp_path / "home", card.environment))
        answer = Page(programs[-1].url).pair().sign(certificate, pain001())
        if answer.status_code != 200:
            return answer.json()["error"]
        signature = base64.b64decode(answer.json()["signatures"][0]["signature"])
        return openssl_verify(tmp_path, signature, pain001(), authority.pem())

    yield sign
    for program in programs:
        program.stop()


@pytest.mark.parametrize("make", [rsa_key, ec_key], ids=["rsa", "ec"])
def test_a_key_with_another_id_than_its_certificate_is_found(sign_with, make):
    assert sign_with(make(), "01", "77") == ""


def test_of_two_keys_with_one_id_the_right_one_signs(sign_with):
    assert sign_with(rsa_key(), "05", "05", rsa_key(), rsa_key()) == ""


def test_a_card_with_other_peoples_keys_only(sign_with, tmp_path):
    authority, card, key = Authority(), Card(tmp_path / "other"), rsa_key()
    certificate = authority.issue("Anna", key)
    card.put_key(rsa_key(), "01")
    card.put_certificate(certificate, "01")
    program = Program(tmp_path / "home2", card.environment)
    try:
        answer = Page(program.url).pair().sign(certificate, pain001())
        assert answer.json()["error"] == "no_key"
    finally:
        program.stop()


# a reader with keys of its own


def test_a_key_that_wants_the_pin_at_the_reader_each_time(monkeypatch):
    """Init, log in for this one use without a PIN, sign: in this order, by the module's table."""
    called = []
    kind = ctypes.CFUNCTYPE(ctypes.c_ulong, *[ctypes.c_void_p] * 5)

    def call(name, result=0):
        def function(session, first, second, _third, length):
            called.append((name, session, first if name == "login" else None, second))
            if name == "sign":
                ctypes.cast(length, ctypes.POINTER(ctypes.c_ulong))[0] = 3
            return result

        return kind(function)

    functions = {direct.SIGN_INIT: call("init"), direct.LOGIN: call("login"),
                 direct.SIGN: call("sign")}  # fmt: skip
    table = {place: ctypes.cast(f, ctypes.c_void_p).value for place, f in functions.items()}
    monkeypatch.setattr(direct, "functions_of", lambda _path: table)
    key = SimpleNamespace(handle=7, session=SimpleNamespace(handle=4))
    assert direct.DirectKey(key, "x.so").sign(b"content", mechanism=0x40) == bytes(3)
    assert [name for name, *_more in called] == ["init", "login", "sign"]
    assert {session for _name, session, *_more in called} == {4}
    assert called[1] == ("login", 4, direct.CONTEXT_SPECIFIC, None)


@pytest.mark.parametrize(("result", "name"), [(0xA0, "PinIncorrect"), (0x99, "FunctionFailed")])
def test_what_the_reader_answers_is_the_packages_own_error(result, name):
    assert type(direct.error_of(result)).__name__ == name


# nothing is lost


def test_a_signature_whose_answer_was_lost_is_given_again_without_the_card(tmp_path):
    key, authority, card = rsa_key(), Authority(), Card(tmp_path / "card")
    certificate = authority.issue("Anna", key)
    card.put(key, certificate, "01")
    program = Program(tmp_path / "home", card.environment)
    try:
        page = Page(program.url).pair()
        first = page.sign(certificate, pain001()).json()
        card.pull_out()
        assert page.sign(certificate, pain001()).json() == first
        assert page.sign(certificate, pain001(), form="xades").json()["error"] == "no_card"
        stranger = Page(program.url, user="boris").pair()
        assert stranger.sign(certificate, pain001()).json()["error"] == "no_card"
    finally:
        program.stop()


def test_kept_signatures_are_forgotten_in_time():
    now = [0.0]
    kept = Kept(clock=lambda: now[0])
    kept.put(("a",), Signed("", "", b""))
    now[0] = SECONDS - 1
    assert ("a",) in kept.all()
    now[0] = SECONDS + 1
    assert kept.all() == {}


def test_no_window_and_no_terminal_is_not_a_refusal_of_the_person(wallet, tmp_path):
    home = tmp_path / "home"
    process = subprocess.Popen(
        signer_command(home, "--port", "0", "--terminal"),
        cwd=ROOT,
        env=wallet.card.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        url = process.stdout.readline().split()[-1]
        page = Page(url).paired_in(home)
        assert page.sign(wallet.rsa, pain001()).json()["error"] == "no_window"
    finally:
        process.terminate()
        process.wait()


def test_an_old_python_is_refused_in_a_sentence():
    code = "import sys, signer.__main__ as m; m.OLDEST = (99, 0); sys.exit(m.main())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "needs Python 99.0 or newer" in done.stdout
    assert PIN not in done.stdout
