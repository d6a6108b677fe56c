# SPDX-License-Identifier: LGPL-3.0-only
"""The person at the signer: in a real terminal, and the options that stand in for one in tests."""

import os
import pty
import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from types import SimpleNamespace

import pytest
import requests
from envelopes import envelope
from signer_samples import challenge, opening, pain001
from signer_world import PIN, ROOT, SITE, Authority, Card, Page, rsa_key, signer_command

from signer import words
from signer.desk import Answer, Asked, Desk, Part, Question, SoftwareDesk
from signer.desk_terminal import TerminalDesk
from signer.documents import Payment
from signer.errors import Refusal
from signer.pairing import Pairings
from signer.program import arguments
from signer.tokens import TRIES_LAST, CardState


class Terminal:
    """The signer in a terminal of its own; `until(text)` reads, `type(text)` types a line."""

    def __init__(self, home, environment, language="en"):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            signer_command(home, "--port", "0", "--terminal"),
            cwd=ROOT,
            env={**environment, "LANGUAGE": language},
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
        )
        os.close(theirs)
        self.seen, self.open = "", "may pair for"
        self.url = re.search(r"http://127.0.0.1:\d+", self.until("\n")).group()

    def until(self, text: str) -> str:
        start = len(self.seen)
        while text not in self.seen[start:]:
            self.seen += os.read(self.ours, 4096).decode()
        return self.seen[start:]

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode() + b"\n")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        os.close(self.ours)


@pytest.fixture
def terminal(wallet, tmp_path):
    terminal = Terminal(tmp_path / "home", wallet.card.environment)
    yield terminal
    terminal.stop()


@pytest.fixture
def background():
    with ThreadPoolExecutor(2) as pool:
        yield pool.submit


def pairing_of(page, terminal, background):
    """The person opens the pairing, the page begins it: (what it waits for, its code)."""
    assert page.post("/v2/pair", commitment="0" * 64).json()["error"] == "pairing_closed"
    terminal.type("pair")
    terminal.until(terminal.open)
    waiting, code = page.start_pairing()
    return background(page.post, "/v2/pair/wait", **waiting), code


@pytest.fixture
def page(terminal, background):
    """Paired by the person, who sees the site and the code of the page."""
    page = Page(terminal.url)
    waiting, code = pairing_of(page, terminal, background)
    shown = terminal.until("refuses: ")
    for part in (code, page.origin):
        assert part in shown
    terminal.type("yes")
    page.token = waiting.result().json()["token"]
    return page


def test_the_person_refuses_the_pairing(terminal, background):
    waiting, _code = pairing_of(Page(terminal.url), terminal, background)
    terminal.until("refuses: ")
    terminal.type("no")
    assert waiting.result().json()["error"] == "pairing_refused"


def test_the_person_refuses_the_payments(terminal, background, page, wallet):
    waiting = background(page.sign, wallet.rsa, pain001())
    terminal.until("refuses: ")
    terminal.type("")
    assert waiting.result().json()["error"] == "refused_by_user"


def test_a_wrong_pin_is_said_and_not_tried_again(terminal, background, page, wallet):
    waiting = background(page.sign, wallet.rsa, pain001())
    terminal.until("refuses: ")
    terminal.type("yes")
    terminal.until("PIN: ")
    terminal.type("000000")
    answer = waiting.result().json()
    assert answer["error"] == "wrong_pin"
    assert "000000" not in terminal.seen


def test_what_is_signed_is_shown_and_the_pin_is_not(terminal, background, page, wallet):
    waiting = background(page.sign, wallet.rsa, pain001())
    shown = terminal.until("refuses: ")
    for part in (
        "Sign payments: 3",
        "Total: 351.49 PLN",
        "Bank: mBank",
        "Asked by: https://odoo.example.com\r\n",
        "Odoo says, and the signer cannot check it:",
        "100.00 PLN  →  Dostawca 1 Żółw\r\n",
        "PL27 1140 2004 0000 3002 0135 5387",
        "Execution day: 2026-11-23",
        "FV/3/2026",
        "Anna Podpisująca",
    ):
        assert part in shown
    terminal.type("yes")
    terminal.until("PIN: ")
    terminal.type(PIN)
    assert waiting.result().status_code == 200
    assert PIN not in terminal.seen


@pytest.mark.parametrize("answers", [[], ["yes"]], ids=["question", "PIN"])
def test_ctrl_c_at_a_question_refuses_it_and_ends_the_program(
    terminal, background, page, wallet, answers
):
    waiting = background(page.sign, wallet.rsa, pain001())
    terminal.until("refuses: ")
    for answer in answers:
        terminal.type(answer)
        terminal.until("PIN: ")
    os.write(terminal.ours, b"\x03")
    assert terminal.process.wait(timeout=20) == 0
    with pytest.raises(requests.ConnectionError):
        page.post("/v1/hello")
    assert waiting.exception() or waiting.result().json()["error"] == "refused_by_user"


def test_a_question_whose_page_left_is_not_asked(capsys, monkeypatch, background):
    monkeypatch.setattr("builtins.input", lambda _prompt: "no")
    desk, stop = TerminalDesk(), threading.Event()
    left, waits = Asked(Question("Left", ())), Asked(Question("Waits", ()))
    left.over.set()
    for asked in (left, waits):
        desk.questions.put(asked)
    running = background(desk.run, stop)
    assert waits.over.wait(20)
    stop.set()
    running.result(timeout=20)
    assert "Waits" in (shown := capsys.readouterr().out)
    assert "Left" not in shown


def test_a_second_question_does_not_replace_the_first(terminal, background, page, wallet):
    waiting = background(page.sign, wallet.rsa, pain001())
    terminal.until("refuses: ")
    second = page.log_in(wallet.rsa, challenge())
    assert (second.status_code, second.json()["error"]) == (409, "busy")
    terminal.type("no")
    assert waiting.result().json()["error"] == "refused_by_user"


def test_a_log_in_shows_its_bank_and_login(terminal, background, page, wallet):
    waiting = background(page.log_in, wallet.ec, challenge())
    shown = terminal.until("refuses: ")
    for part in ("Log in to a bank", "Bank: mbank", "Login: jan", "Client: 10000001"):
        assert part in shown
    terminal.type("yes")
    terminal.until("PIN: ")
    terminal.type(PIN)
    assert waiting.result().status_code == 200


def test_a_log_in_to_be_opened_shows_what_it_is_for(terminal, background, page, wallet):
    waiting = background(page.open, wallet.rsa, opening(), envelope(wallet.rsa))
    shown = terminal.until("refuses: ")
    for part in (
        "NEW: no session was opened at this address",
        "Log in to a bank",
        "Bank: ПАО Пример Банк",
        "Address of the bank: bank.example.com",
        "Login: jan",
        "What for: The card opens the session id",
        "Asked by: https://odoo.example.com\r\n",
    ):
        assert part in shown
    terminal.type("no")
    assert waiting.result().json()["error"] == "refused_by_user"


def test_the_second_time_the_address_of_the_bank_is_no_longer_new(
    terminal, background, page, wallet
):
    asked = ({}, {}, {"issuer": "other.example.com"}, {"bank": "Другой банк"}, {})
    news = []
    for changes in asked:
        waiting = background(page.open, wallet.rsa, opening(**changes), envelope(wallet.rsa))
        news.append("NEW: no session" in terminal.until("refuses: "))
        terminal.type("yes")
        terminal.until("PIN: ")
        terminal.type(PIN)
        assert waiting.result().status_code == 200
    assert news == [True, False, True, True, False]


def test_a_card_pulled_out_before_the_pin(tmp_path, background):
    authority, key = Authority(), rsa_key()
    certificate = authority.issue("Anna", key)
    card = Card(tmp_path / "card")
    card.put(key, certificate, "01")
    terminal = Terminal(tmp_path / "home", card.environment)
    try:
        page = Page(terminal.url, token=Pairings(tmp_path / "home").add(SITE, "main", "anna"))
        waiting = background(page.sign, certificate, pain001())
        terminal.until("refuses: ")
        card.pull_out()
        terminal.type("yes")
        terminal.until("PIN: ")
        terminal.type(PIN)
        answer = waiting.result().json()
        assert answer["error"] == "card_removed", answer
        assert "signatures" not in answer
    finally:
        terminal.stop()


# the options that stand in for a person


@pytest.mark.parametrize("words", [["--approve"], ["--approve", "--pin-from", "x"]])
def test_approving_by_itself_needs_the_test_options(words, capsys):
    with pytest.raises(SystemExit):
        arguments(words)
    assert "--approve is for tests" in capsys.readouterr().err


def test_a_pin_from_a_file_is_refused_for_a_real_card():
    desk = SoftwareDesk(PIN, approve=True, pair_with="https://odoo.example.com")
    real = Question("Sign", (), needs_card=True, wants_pin=True, software_token=False)
    with pytest.raises(Refusal) as refusal:
        desk.ask(real)
    assert refusal.value.code == "only_software_tokens"


def slot(flags, *, maker="ACS", hardware=True):
    import pkcs11

    token = SimpleNamespace(flags=flags, manufacturer_id=maker)
    slot_flags = pkcs11.SlotFlag.HW_SLOT if hardware else pkcs11.SlotFlag(0)
    return SimpleNamespace(get_token=lambda: token, flags=slot_flags)


def test_a_hardware_token_that_calls_itself_softhsm_is_no_software():
    import pkcs11

    ready = pkcs11.TokenFlag.USER_PIN_INITIALIZED
    assert not CardState.of(slot(ready, maker="SoftHSM project")).software
    assert not CardState.of(slot(ready, hardware=False)).software
    assert CardState.of(slot(ready, maker="SoftHSM project", hardware=False)).software


def test_a_locked_card_is_refused_before_the_pin_is_asked_for():
    import pkcs11

    flag = pkcs11.TokenFlag
    with pytest.raises(Refusal) as refusal:
        CardState.of(slot(flag.USER_PIN_INITIALIZED | flag.USER_PIN_LOCKED)).refuse_if_unusable()
    assert refusal.value.code == "card_locked"


def test_the_last_try_is_said_before_the_pin_is_typed():
    import pkcs11

    flag = pkcs11.TokenFlag
    both = flag.USER_PIN_INITIALIZED | flag.USER_PIN_COUNT_LOW | flag.USER_PIN_FINAL_TRY
    assert CardState.of(slot(both)).tries == TRIES_LAST


class NobodyDesk(Desk):
    def run(self, stop):
        """Nobody comes."""


def test_no_part_of_a_long_title_looks_like_a_line_of_its_own(monkeypatch, capsys):
    """It is as long as its writer wants: he knows where a terminal of 80 columns breaks it."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("signer.desk_terminal._typed", lambda *_prompt, **_options: "no")
    title = "FV 1 " + "x" * 62 + " Execution day: 2027-01-01"
    payment = Payment("Anna", "1", Decimal(1), "PLN", title)
    asked = Asked(Question("Sign", (), parts=(Part(payments=(payment,)),)))
    TerminalDesk()._put(asked)
    lines = capsys.readouterr().out.splitlines()
    (broken,) = [line for line in lines if "Execution day" in line]
    assert all(len(line) < 80 for line in lines)
    assert len(broken) - len(broken.lstrip()) == 10


def test_nobody_answers():
    with pytest.raises(Refusal) as refusal:
        NobodyDesk(seconds=0.01).ask(Question("Sign", ()))
    assert refusal.value.code == "no_answer"


def test_an_answer_after_the_page_left_counts_for_nothing():
    desk = NobodyDesk()
    asked = []
    catcher = threading.Thread(target=lambda: asked.append(desk.questions.get()))
    catcher.start()
    with pytest.raises(Refusal):
        desk.ask(Question("Sign", ()), gone=lambda: True)
    catcher.join()
    asked[0].give(Answer(True, PIN))
    assert asked[0].answer is None


def test_a_polish_user_reads_polish(wallet, tmp_path, background):
    terminal = Terminal(tmp_path / "home", wallet.card.environment, language="pl")
    try:
        terminal.open = "może się sparować"
        waiting, _code = pairing_of(Page(terminal.url), terminal, background)
        assert "Sparować ten program z Odoo?" in terminal.until("odmawia: ")
        terminal.type("tak")
        assert waiting.result().json()["token"]
    finally:
        terminal.stop()


def test_every_language_has_every_word_with_its_parts():
    for english, translations in words.WORDS.items():
        assert len(translations) == len(words.LANGUAGES)
        for text in translations:
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", english))


def test_every_word_that_is_said_is_translated():
    said = re.compile(r'\bsay\(\s*"([^"]+)"')
    for path in (ROOT / "signer").rglob("*.py"):
        for text in said.findall(path.read_text(encoding="utf-8")):
            assert text in words.WORDS, f"{path.name}: {text}"
