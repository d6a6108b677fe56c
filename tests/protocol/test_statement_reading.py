# SPDX-License-Identifier: LGPL-3.0-only
"""How statements are read: charsets, laziness, ids, and whom to believe."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from statements_for_tests import (
    account_section,
    camt,
    client_bank,
    credit,
    document_section,
    entries_of,
    ntry,
    stmt,
    swift,
)

from protocol import formats

ROOT = Path(__file__).resolve().parents[2]
TEXT = "ZAŻÓŁĆ GĘŚLĄ JAŹŃ zażółć gęślą jaźń"
TNR = "; TNR: 260710001234567.000001"


def labelled(text):
    return f"770 PRZELEW; Z RACH.: 61109010140000071219812874; OD: JAN; TYT.: {text}{TNR}"


def mbank(text, mark="C"):
    """The one entry of an mBank statement with this title."""
    closing = {"C": "C260312PLN101,00", "D": "C260312PLN99,00"}[mark]
    line = f"2603120312{mark}N1,00NTRFNONREF"
    return entries_of(swift(credit(text=labelled(text), line=line), closing=closing))[0]


def test_title_cannot_pretend_an_operation_id():
    entry = mbank("X; TNR: 999999999999999.999999")
    assert entry.operation_id == "260710001234567.000001"
    assert "999999999999999.999999" in entry.title


def test_title_cannot_pretend_another_payer():
    entry = mbank("X; OD: URZĄD SKARBOWY; Z RACH.: 00000000000000000000000000")
    assert (entry.counterparty_name, entry.counterparty_account[:4]) == ("JAN", "6110")
    assert "OD: URZĄD SKARBOWY" in entry.title


def test_title_broken_by_fields_of_35_is_whole_again():
    whole = "/VAT/230,00/IDC/5252344078/INV/FV/17/2026/03/WAW/TXT/ZA TOWAR"
    entry = mbank(f"{whole[:35]} {whole[35:]}  ")
    assert entry.title == whole
    assert entry.details["vat_invoice"] == "FV/17/2026/03/WAW"


@pytest.mark.parametrize("spaces", ["", " ", "  ", "   "])
def test_title_of_short_lines_keeps_its_spaces(spaces):
    title = "ZALICZKA NA POCZET ZAMÓWIENIA NR 12 Z DNIA 1 MARCA 2026 ROKU ORAZ KAUCJA ZA NAJEM"
    assert title[35] == " "
    assert mbank(title + spaces).title == title


def test_payer_cannot_pretend_our_reference():
    assert mbank("X; REF. KLIENTA: E-1").our_reference is None
    assert mbank("X; REF. KLIENTA: E-1", "D").our_reference == "E-1"


def test_fee_is_not_the_order_whose_reference_it_bears():
    text = f"794 OPŁATA; TYT.: OPŁATA; REF. KLIENTA: E-1{TNR}"
    line = "2603120312DN1,00NCOMNONREF"
    entry = entries_of(swift(credit(text=text, line=line), closing="C260312PLN99,00"))[0]
    assert entry.our_reference is None
    assert entry.details["client_reference"] == "E-1"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "iso-8859-2", "cp1250", "cp852"])
def test_polish_charset_is_detected(charset):
    data = swift(credit(text=TEXT), closing="C260312PLN101,00").decode("iso-8859-2")
    assert entries_of(data.encode(charset))[0].title == TEXT


@pytest.mark.parametrize("charset", ["cp1251", "cp866", "utf-8", "utf-8-sig"])
def test_russian_charset_is_detected_whatever_the_header_says(charset):
    data = client_bank(
        account_section(closing="101.00"),
        document_section(НазначениеПлатежа="Съешь ещё этих мягких булок"),
        charset=charset,
    )
    assert entries_of(data)[0].title == "Съешь ещё этих мягких булок"


@pytest.mark.parametrize("charset", ["iso-8859-2", "cp1250", "cp852"])
def test_forced_charset_wins_over_the_declaration(charset):
    inside = f"<AddtlNtryInf>{TEXT}</AddtlNtryInf>"
    data = camt(stmt(ntry(inside=inside), closing="101.00")).decode().encode(charset)
    assert entries_of(data, charset=charset)[0].title == TEXT


def test_stray_bytes_of_another_charset_garble_only_their_own_text():
    text = TEXT.encode("iso-8859-2")
    data = swift(credit(text=TEXT) * 5 + credit(text="###"), closing="C260312PLN106,00").replace(
        b"###", "żółw".encode()
    )
    titles = [entry.title for entry in entries_of(data)]
    assert titles[:5] == [TEXT] * 5
    assert text in data


def test_entries_are_read_only_when_they_are_asked_for():
    good = credit() * 3
    broken = credit(line="rubbish")
    statement = next(formats.parse(swift(good + broken, closing="C260312PLN104,00")))
    assert len(list(islice(statement.entries, 3))) == 3


@pytest.mark.parametrize(
    "data",
    [
        swift(credit(), closing="C260312PLN101,00") * 2,
        camt(stmt(ntry(), closing="101.00"), stmt(ntry(), closing="101.00", number="50")),
    ],
    ids=["mt940", "camt"],
)
def test_entries_outlive_the_step_to_the_next_statement(data):
    statements = list(formats.parse(data))
    counts = [len(list(formats.check(statement).entries)) for statement in statements]
    assert counts == [1, 1]


def test_batch_is_split_only_when_its_parts_add_up():
    def part(amount):
        return f'<TxDtls><Amt Ccy="PLN">{amount}</Amt></TxDtls>'

    def batch(*amounts):
        inside = f"<NtryDtls>{''.join(map(part, amounts))}</NtryDtls>"
        return entries_of(camt(stmt(ntry("5.00", inside=inside), closing="105.00")))

    assert [entry.amount for entry in batch("2.00", "3.00")] == [2, 3]
    assert [entry.amount for entry in batch("2.00", "2.00")] == [5]


def test_id_that_a_bank_gives_twice_stays_two_operations():
    one = ntry(inside="<AcctSvcrRef>BANK-1</AcctSvcrRef>")
    found = entries_of(camt(stmt(one * 2, closing="102.00")))
    assert [entry.operation_id for entry in found] == ["BANK-1", "BANK-1/2"]


def test_running_number_is_no_operation_id():
    inside = "<NtryDtls><TxDtls><Refs><InstrId>THEIRS</InstrId></Refs></TxDtls></NtryDtls>"
    data = camt(stmt("<Ntry><NtryRef>1</NtryRef>" + ntry(inside=inside)[6:], closing="101.00"))
    assert entries_of(data)[0].operation_id is None


def test_bank_day_never_moves_through_utc():
    day = "<BookgDt><DtTm>2026-03-12T00:30:00+02:00</DtTm></BookgDt>"
    data = camt(stmt(ntry().replace("<BookgDt><Dt>2026-03-12</Dt></BookgDt>", day), closing="101"))
    assert entries_of(data)[0].booked_on.isoformat() == "2026-03-12"


def test_booking_day_beside_the_turn_of_the_year():
    found = entries_of(
        swift(
            credit(line="2601021231CN1,00NTRFX") + credit(line="2512310102CN1,00NTRFX"),
            closing="C260312PLN102,00",
        )
    )
    assert [entry.booked_on.isoformat() for entry in found] == ["2025-12-31", "2026-01-02"]


def test_direction_by_side_when_both_dates_are_filled():
    dates = {"ДатаСписано": "12.03.2026", "ДатаПоступило": "12.03.2026"}
    data = client_bank(account_section(closing="101.00"), document_section(**dates))
    assert entries_of(data)[0].amount == 1


def test_fingerprint_ignores_how_the_bank_wraps_and_pads():
    first = entries_of(swift(credit("5,00", "Faktura  nr 17"), closing="C260312PLN105,00"))[0]
    again = entries_of(swift(credit("5,0", "FAKTURA NR\n17 "), closing="C260312PLN105,00"))[0]
    other = entries_of(swift(credit("5,01", "Faktura nr 17"), closing="C260312PLN105,01"))[0]
    assert formats.fingerprint(first) == formats.fingerprint(again)
    assert formats.fingerprint(first) != formats.fingerprint(other)


def test_mt940_is_read_without_odoo_and_without_lxml():
    program = (
        "import sys\n"
        "from protocol.formats import mt940\n"
        "data = open(sys.argv[1], 'rb').read()\n"
        "for statement in mt940.parse(data):\n"
        "    print(statement.number, sum(1 for entry in statement.entries))\n"
        "assert not {'odoo', 'lxml'} & set(sys.modules)\n"
    )
    sample = ROOT / "tests/protocol/samples/mt940/pko.cp852.sta"
    command = [sys.executable, "-c", program, str(sample)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "000071 2\n"
