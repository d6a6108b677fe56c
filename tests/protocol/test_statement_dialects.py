# SPDX-License-Identifier: LGPL-3.0-only
"""What banks really write: rules that hold for any text, wherever it stands.

Whole files of each bank stand beside what is read from them: `test_statement_golden`.
"""

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statements_for_tests import (
    account_section,
    camt,
    client_bank,
    credit,
    document_section,
    entries_of,
    ntry,
    read,
    stmt,
    swift,
)

from protocol import formats
from protocol.errors import InvalidDocument
from protocol.formats import account, charset
from protocol.formats.mt940 import text as mt940_text

SAMPLES = Path(__file__).parent / "samples"
FILES = [path for path in (SAMPLES / "mt940").iterdir() if path.suffix == ".sta"]
FILES += (SAMPLES / "client_bank_1c").glob("*.txt")
OWN, OTHER = "40702810500000012345", "40702810900000054321"
LETTERS = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻabcdeABCDE0123456789 "
# Short enough for no field to be full: a full one runs on in the next one.
words = st.text(LETTERS, min_size=1, max_size=20).map(str.strip).filter(bool)
numbers = st.sampled_from(["00", "20", "21", "22", "25", "30", "32", "33", "60", "63"])
fields = st.dictionaries(numbers, st.one_of(st.just(""), words), min_size=1)
examples = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def of_text(text, **options):
    """The one entry over 1.00 with this `:86:`."""
    return entries_of(swift(credit(text=text), closing="C260312PLN101,00"), **options)[0]


def subfields(pairs, mark="~", filler=""):
    return "020" + "\n".join(f"{mark}{number}{text or filler}" for number, text in pairs)


def everything(data):
    return [
        (statement.account_number, statement.closing_balance, list(entries))
        for statement, entries in read(data, pending=True)
    ]


# ---- refusals -------------------------------------------------------------------------------


def test_notification_is_refused_by_its_name():
    data = camt(stmt(ntry(), closing="101.00")).replace(b"camt.053", b"camt.054")
    with pytest.raises(InvalidDocument, match=r"camt\.054, a notification"):
        formats.identify(data)


@pytest.mark.parametrize("text", ["ABC\n:45:30 SKLEP", "T12\n:45:3", "T12\n:45:300", "T12\n:99:30"])
def test_tag_that_is_no_time_is_refused(text):
    with pytest.raises(InvalidDocument, match="may not"):
        of_text(text)


def test_lost_start_of_a_statement_is_no_wrapped_time():
    lost = swift(credit(text="GODZ. 12"), closing="C260312PLN101,00").replace(b"62F", b"61F")
    with pytest.raises(InvalidDocument):
        read(lost + swift())


@pytest.mark.parametrize("amount", ["1 00.00", "1  000.00", "1 000 00.00", "1,000,000.00"])
def test_thousands_apart_only_in_threes(amount):
    document = document_section(Сумма=amount, ДатаПоступило="12.03.2026")
    with pytest.raises(InvalidDocument, match="amount"):
        read(client_bank(account_section(), document))


def test_documents_without_day_and_sums_are_refused():
    section = account_section(opening="", closing="")
    with pytest.raises(InvalidDocument, match="ДатаСписано"):
        read(client_bank(section, document_section()))


def test_executed_document_outside_of_its_section_is_refused():
    late = document_section(Дата="13.03.2026")
    with pytest.raises(InvalidDocument, match="outside"):
        read(client_bank(account_section(closing="101.00"), late))
    assert entries_of(client_bank(account_section(), late)) == []


def test_half_a_letter_of_utf_16_is_refused():
    data = swift().decode().encode("utf-16")
    with pytest.raises(InvalidDocument, match="utf-16"):
        read(data + b"\0")


# ---- charsets, fillers, ends ----------------------------------------------------------------


@examples
@given(fields, st.sampled_from([*charset.POLISH, "utf-8"]), st.integers(1, 3))
def test_filler_is_nothing_and_speaks_for_no_charset(pairs, written, count):
    bare = swift(credit(text=subfields(pairs.items())), closing="C260312PLN101,00")
    bare = bare.decode("iso-8859-2")
    filled = bare
    for number, text in pairs.items():
        if not text:
            filled = filled.replace(f"~{number}\n", f"~{number}{'#' * count}\n")
    data = filled.encode(written).replace(b"#", b"\xff")
    assert everything(data) == everything(bare.encode(written))


def test_filler_is_nothing_in_a_file_that_was_saved_anew():
    entry = of_text(subfields([("20", "ZWROT"), ("21", "˙"), ("32", "JAN"), ("33", "˙")]))
    assert (entry.title, entry.counterparty_name) == ("ZWROT", "JAN")


def test_letter_of_a_forced_cyrillic_charset_is_no_filler():
    data = swift(credit(text="#"), closing="C260312PLN101,00")
    data = data.replace(b"#", "счёт за яхту".encode("cp1251"))
    assert entries_of(data, charset="cp1251")[0].title == "счёт за яхту"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("end", [b"\x1a", b"\r\n\x1a\x1a\x1a"])
def test_end_of_a_dos_text_is_nothing(path, end):
    data = path.read_bytes()
    if "utf-16" not in path.name:
        assert everything(data + end) == everything(data)


def test_two_dos_texts_put_together_are_two():
    one = swift(credit(), closing="C260312PLN101,00") + b"\x1a"
    assert everything(one * 2) == everything(one) * 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("written", ["utf-16", "utf-16-le", "utf-16-be"])
def test_file_may_be_saved_in_utf_16(path, written):
    data = charset.plain(path.read_bytes())
    now = path.suffixes[0][1:].replace("utf-16", "utf-8") if len(path.suffixes) > 1 else "ascii"
    again = data.decode(now).removeprefix("\ufeff").encode(written)
    assert formats.identify(again) == formats.identify(data)
    assert everything(again) == everything(data)


# ---- MT940: lines and tags ------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["20", "25", "28C", "60F", "61", "86", "62F"])
def test_line_break_after_a_tag_changes_nothing(tag):
    data = swift(credit(text=subfields([("20", "ZWROT")])), closing="C260312PLN101,00")
    broken = data.replace(f":{tag}:".encode(), f":{tag}:\n".encode())
    assert broken != data
    assert everything(broken) == everything(data)


@examples
@given(st.times(), words, st.sampled_from(["\n", "\r\n"]))
def test_wrapped_time_is_no_tag(moment, before, line_break):
    hours, rest = f"{moment:%H}", f"{moment:%M:%S}"
    data = swift(
        credit(text=f"{before} T{hours}\n:{rest} KONIEC") + credit(), closing="C260312PLN102,00"
    ).replace(b"\n", line_break.encode())
    title = entries_of(data)[0].title
    assert title.replace(" ", "").endswith(f"T{hours}:{rest}KONIEC")


@examples
@given(st.lists(words, min_size=1, max_size=8))
def test_blanks_cut_off_at_the_ends_of_lines_are_back(lines):
    kept = of_text("794 OPŁATA; TYT.: " + " \n".join(lines) + "; TNR: 260710001234567.000001")
    lost = of_text("794 OPŁATA; TYT.: " + "\n".join(lines) + "; TNR: 260710001234567.000001")
    assert lost == kept


def test_word_that_fills_its_line_is_whole():
    assert of_text("X" * 65 + "\nY").title == "X" * 65 + "Y"
    assert of_text("X" * 64 + "\nY").title == "X" * 64 + " Y"


@pytest.mark.parametrize(
    ("line", "day", "details"),
    [
        ("260312    CN1,00NTRFA", "2026-03-12", {"customer_reference": "A"}),
        ("2603120313C1,00", "2026-03-13", {"swift_code": None}),
        ("2603120313C1NTRFA", "2026-03-13", {"customer_reference": "A"}),
        ("2603120313C1,00NTRFA //B", "2026-03-13", {"customer_reference": "A"}),
        ("2603120313C1,00NFEXNONE//B", "2026-03-13", {"customer_reference": None}),
        ("2603120313C1,00NTRFA//NONREF", "2026-03-13", {"bank_reference": None}),
        ("2603120313C0000000000000001,00S   A", "2026-03-13", {"swift_code": "S"}),
        ("260230C1,00NINTA", "2026-02-28", {"value_date": "260230"}),
        ("240230C1,00NINTA", "2024-02-29", {"value_date": "240230"}),
        ("260229C1,00NINTA", "2026-02-28", {"value_date": "260229"}),
        ("240229C1,00NINTA", "2024-02-29", {"value_date": None}),
    ],
)
def test_first_line_of_an_entry(line, day, details):
    entry = entries_of(swift(credit(line=line), closing="C260312PLN101,00"))[0]
    assert (str(entry.booked_on), entry.amount) == (day, 1)
    assert {key: entry.details.get(key) for key in details} == details


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("49/1", ("49", "1")),
        ("00084/00001", ("00084", "00001")),
        ("12", ("12", None)),
        ("01/2025/M", ("01/2025/M", None)),
        ("07M/2026", ("07M/2026", None)),
    ],
)
def test_year_behind_a_number_is_no_page(number, found):
    data = swift().replace(b"49/1", number.encode())
    ((statement, _),) = read(data)
    assert (statement.number, statement.details.get("page")) == found


# ---- MT940: texts ---------------------------------------------------------------------------


@examples
@given(fields, st.randoms(use_true_random=False), st.sampled_from("~<^?"))
def test_order_of_subfields_changes_nothing(pairs, chosen, mark):
    mixed = list(pairs.items())
    chosen.shuffle(mixed)
    assert of_text(subfields(mixed, mark)) == of_text(subfields(pairs.items(), mark))


@examples
@given(fields, numbers, st.integers(0, 10), st.booleans())
def test_empty_subfield_hides_nothing(pairs, number, at, twice):
    assume(twice or number not in pairs)
    more = list(pairs.items())
    more.insert(at, (number, ""))
    assert of_text(subfields(more)) == of_text(subfields(pairs.items()))


@pytest.mark.parametrize("empty", [[("32", "")], [("32", " "), ("33", "")], []])
def test_name_in_27_counts_where_32_is_empty(empty):
    entry = of_text(subfields([("20", "ZWROT"), ("27", "ŁUCJA ŻAK"), *empty]))
    assert entry.counterparty_name == "ŁUCJA ŻAK"


def test_name_in_32_counts_before_27():
    entry = of_text(subfields([("27", "WSPÓLNOTA"), ("32", "ŁUCJA ŻAK")]))
    assert (entry.counterparty_name, entry.details["field_27"]) == ("ŁUCJA ŻAK", "WSPÓLNOTA")


def test_name_goes_on_where_pekao_has_the_address_elsewhere():
    pairs = [("32", "MUSTER"), ("33", "SUED"), ("62", "HAUPTSTRASSE 7")]
    assert of_text(subfields(pairs, "^")).counterparty_name == "MUSTER SUED"
    assert of_text(subfields(pairs, "~")).counterparty_name == "MUSTER"


def test_own_account_is_not_the_other_one():
    own, other = "27114020040000300201355387", "61109010140000071219812874"
    for pairs in ([("31", other), ("38", own)], [("31", own), ("38", f"PL{other}")]):
        assert of_text(subfields(pairs)).counterparty_account.removeprefix("PL") == other


def test_rate_leaves_the_title_and_what_looks_like_one_stays():
    entry = of_text("172^00PRZEKAZ^20ZAKUP^51PLN00001,000000^52EUR00004,250000")
    assert (entry.title, entry.details["field_52"]) == ("ZAKUP", "EUR00004,250000")
    assert of_text("172^00PRZEKAZ^20A^51B").title == "A^51B"


@examples
@given(fields, words)
def test_texts_of_one_entry_belong_together(pairs, beside):
    whole = subfields(pairs.items())
    assert of_text(f"020\n:86:{whole}") == of_text(whole)
    assume(not whole.startswith(beside))
    entry = of_text(f"{whole}\n:86:{beside}")
    assert entry.details["booking_text"] == " ".join(beside.split())
    assert entry.counterparty_name == of_text(whole).counterparty_name


@examples
@given(st.lists(words, min_size=2, max_size=6))
def test_lines_that_are_each_a_field_are_one_text(lines):
    assume(not any(b.startswith(a) for a, b in pairwise(lines)))
    assert of_text("\n:86:".join(lines)).title == " ".join(" ".join(lines).split())


LABELLED = "944 PRZELEW; NA RACH.: 61109010140000071219812874; DLA: {}; TYT.: {}; TNR: {}"


@examples
@given(words, words)
def test_small_labels_say_the_same(name, title):
    small = re.sub("NA RACH|DLA|TYT", lambda found: found[0].lower(), LABELLED)
    tnr = "260710001234567.000001"
    assert of_text(small.format(name, title, tnr)) == of_text(LABELLED.format(name, title, tnr))


def test_small_label_in_a_title_is_the_payers():
    text = LABELLED.format("JAN", "x; nip: 123; okres: maj", "260710001234567.000001")
    assert of_text(text).title == "x; nip: 123; okres: maj"
    for text in ("WPŁATA; od: JAN", "770 WPŁATA; od: JAN; TYT.: x"):
        assert of_text(text).counterparty_name == ""


@pytest.mark.parametrize("label", mt940_text.LABELS)
def test_empty_label_hides_nothing_and_leaves_no_mark(label):
    text = f"944 PRZELEW; {label}: ; ; {label}: 12; ; TNR: 260710001234567.000001"
    entry = of_text(text)
    found = {**entry.details, "title": entry.title}
    assert found[mt940_text.LABELS[label]] == "12"
    assert ";" not in found["operation_name"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("HURTOWNIA ŚRUBEK I NAKRĘTEK SP. Z O .O.", "HURTOWNIA ŚRUBEK I NAKRĘTEK SP. Z O.O."),
        (
            "ŻABKA I SYN UL. NOWOWIEJSKA 1276 26 09-148 P",
            "ŻABKA I SYN UL. NOWOWIEJSKA 1276 26 09-148 P",
        ),
        (
            "STOWARZYSZENIE MIŁOŚNIKÓW ŻABEK I Ś UL. POLNA",
            "STOWARZYSZENIE MIŁOŚNIKÓW ŻABEK I Ś UL. POLNA",
        ),
    ],
)
def test_broken_name_is_whole_and_an_address_keeps_its_blanks(written, name):
    assert written[35] == " "
    text = LABELLED.format(written, "FV", "260710001234567.000001")
    assert of_text(text).details["payee_name"] == name


# ---- accounts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "currency", "number", "bank"),
    [
        ("/PL61109010140000071219812874", "PLN", "PL61109010140000071219812874", {}),
        ("61109010140000071219812874PLN", "PLN", "61109010140000071219812874", {}),
        ("PL61109010140000071219812874EUR", "EUR", "PL61109010140000071219812874", {}),
        ("PL61109010140000071219812874/PLN", "PLN", "PL61109010140000071219812874", {}),
        ("NL17RABO6064103256EUR", "EUR", "NL17RABO6064103256", {}),
        ("MU17BOMM0101101030300200000MUR", "MUR", "MU17BOMM0101101030300200000MUR", {}),
        ("1291.99.348EUR", "EUR", "129199348", {}),
        ("BANKPLPW/320000546101", "PLN", "320000546101", {"bank_bic": "BANKPLPW"}),
        ("BANKPLPWXXX/320000546101/PLN", "PLN", "320000546101", {"bank_bic": "BANKPLPWXXX"}),
        ("20041111/0301086000", "EUR", "0301086000", {"bank_code": "20041111"}),
        ("2000145399/0800", "CZK", "2000145399", {"bank_code": "0800"}),
        ("BANKPLPW/PL61109010140000071219812874", "PLN", "PL61109010140000071219812874", {}),
    ],
)
def test_number_of_an_account_stands_alone(text, currency, number, bank):
    assert account.parts(text, currency) == (number, bank)


def statement_of(written, currency="PLN"):
    balance = f"C260312{currency}100,00"
    data = swift(opening=balance, closing=balance)
    ((statement, _),) = read(re.sub(rb":25:.*", f":25:{written}".encode(), data))
    return statement


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("PL61109010140000071219812874", "61109010140000071219812874"),
        ("61109010140000071219812874PLN", "PL61 1090 1014 0000 0712 1981 2874"),
        ("BANKPLPW/320000546101", "BANKPLPW/320000546101"),
        ("BANKPLPW/320000546101", "BANKPLPW320000546101"),
        ("BANKPLPW/320000546101", "320000546101"),
        ("BANKPLPW/320000546101", "PL25106000760000320000546101"),
        ("20041111/301086000", "DE10200411110301086000"),
        ("20041111/301086000", "20041111/301086000"),
        ("2000145399/0800", "CZ6508000000002000145399"),
    ],
)
def test_statement_is_of_our_account(written, ours):
    assert formats.is_of(statement_of(written), ours)


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("PL61109010140000071219812874", "27114020040000300201355387"),
        ("BANKPLPW/320000546101", "DE10200411110320000546101"),
        ("BANKPLPW/546101", "PL25106000760000320000546101"),
        ("20041111/301086000", "DE10200411120301086000"),
        ("20041111/301086000", "DE10200411111301086000"),
        ("301086000", "DE10200411110301086000"),
        ("20041111/000", "DE10200411110000000000"),
    ],
)
def test_statement_is_of_another_account(written, ours):
    assert not formats.is_of(statement_of(written), ours)


# ---- 1C -------------------------------------------------------------------------------------

documents = st.lists(st.tuples(st.integers(1, 5000), st.booleans(), st.booleans()), max_size=6)


@examples
@given(documents, st.booleans(), st.booleans())
def test_sums_say_what_was_executed(drawn, undated_moved, turnovers):
    """Each document: grosz, whether it came in, whether it says its day."""
    sections, moved, known = [], {True: Decimal(0), False: Decimal(0)}, []
    for cents, incoming, dated in drawn:
        amount = Decimal(cents) / 100
        day = {("ДатаПоступило" if incoming else "ДатаСписано"): "12.03.2026"} if dated else {}
        sides = (OTHER, OWN) if incoming else (OWN, OTHER)
        sides = dict(zip(("ПлательщикСчет", "ПолучательСчет"), sides, strict=True))
        sections.append(document_section(Сумма=str(amount), **sides, **day))
        if dated or undated_moved:
            moved[incoming] += amount
            known.append(amount if incoming else -amount)
    undated = sum((1 if incoming else -1) * cents for cents, incoming, dated in drawn if not dated)
    assume(turnovers or undated or all(dated for *_, dated in drawn))
    head = account_section(closing=str(100 + moved[True] - moved[False]))
    if turnovers:
        stated = f"ВсегоПоступило={moved[True]}\r\nВсегоСписано={moved[False]}\r\nКонецРасчСчет"
        head = head.replace("КонецРасчСчет", stated)
    assert [entry.amount for entry in entries_of(client_bank(head, *sections))] == known


@pytest.mark.parametrize("blank", [" ", "\u00a0"])
def test_thousands_may_stand_apart(blank):
    text = f"1{blank}234{blank}567.89"
    data = client_bank(
        account_section(opening=f"-{text}", closing="0.00"),
        document_section(Сумма=text, ДатаПоступило="12.03.2026"),
    )
    assert entries_of(data)[0].amount == Decimal("1234567.89")


# ---- camt -----------------------------------------------------------------------------------


def bare(*entries):
    inside = f"<Acct><Id><IBAN>PL1</IBAN></Id></Acct>{''.join(entries)}"
    return camt(f"<Stmt><Id>S</Id><CreDtTm>2026-03-14T05:00:00</CreDtTm>{inside}</Stmt>")


def test_statement_without_currency_has_that_of_its_entries():
    assert [statement.currency for statement, _ in read(bare(ntry(currency="EUR")))] == ["EUR"]
    with pytest.raises(InvalidDocument, match="names no currency"):
        read(bare())
    with pytest.raises(InvalidDocument, match="the amount is in PLN"):
        read(bare(ntry(currency="EUR"), ntry()))


def test_statement_without_days_has_those_of_its_booked_entries():
    waiting = ntry(day="2026-03-20", status="PDNG")
    data = bare(ntry(day="2026-03-13"), ntry(day="2026-03-11"), waiting)
    ((statement, entries),) = read(data, pending=True)
    assert [str(day) for day in (statement.opened_on, statement.closed_on)] == [
        "2026-03-11",
        "2026-03-13",
    ]
    assert len(entries) == 3
    ((statement, _),) = read(bare().replace(b"</Acct>", b"<Ccy>PLN</Ccy></Acct>"))
    assert str(statement.closed_on) == "2026-03-14"


def test_structured_reference_is_the_title_where_nothing_else_is():
    strd = "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>"

    def title(remittance):
        inside = f"<TxDtls><RmtInf>{remittance}</RmtInf></TxDtls>"
        inside = f"<NtryDtls>{inside}</NtryDtls><AddtlNtryInf>PRZELEW</AddtlNtryInf>"
        return entries_of(camt(stmt(ntry(inside=inside), closing="101.00")))[0].title

    assert title(strd) == "RF18539007547034"
    assert title(f"<Ustrd>FV 17</Ustrd>{strd}") == "FV 17"
    assert title("") == "PRZELEW"


def test_end_of_a_dos_text_behind_camt_is_nothing():
    data = camt(stmt(ntry(), closing="101.00"))
    assert everything(data + b"\x1a") == everything(data)
