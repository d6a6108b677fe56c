# SPDX-License-Identifier: LGPL-3.0-only
"""What no reader may take: each refused with `InvalidDocument`, and with its place."""

import pytest
from statements_for_tests import (
    account_section,
    balance,
    camt,
    client_bank,
    credit,
    document_section,
    ntry,
    read,
    stmt,
    swift,
)

from protocol import formats
from protocol.errors import InvalidDocument

FRAMED = swift().replace(b":20:", b"\x01\n:20:", 1).replace(b"\n-\n", b"\n-\x03\n")
DAY = document_section(ДатаПоступило="12.03.2026")

MT940 = {
    "31 February": swift(credit(line="260231CN1,00NTRFX")),
    "13th month as booking day": swift(credit(line="2603121312CN1,00NTRFX")),
    "a negative amount": swift(credit("-1,00"), closing="C260312PLN99,00"),
    "no comma in the amount": swift(credit("1")),
    "16 digits": swift(credit("9999999999999999,00")),
    "neither credit nor debit": swift(credit(line="260312XN1,00NTRFX")),
    "an entry that cannot be read": swift(credit(line="rubbish")),
    "a text without its entry": swift(":86:NIC\n" + credit() + ":86:ZA DUŻO\n"),
    "a balance that cannot be read": swift(opening="C260312PL100,00"),
    "a balance of 30 February": swift(opening="C260230PLN100,00"),
    "two currencies": swift(closing="C260312EUR100,00"),
    "no account": swift().replace(b":25:", b":21:"),
    "a NUL byte": swift(credit(text="A\0B"), closing="C260312PLN101,00"),
    "no closing balance": swift().replace(b":62F:", b":62X:"),
    "broken off before its closing balance": swift(credit())[:-25],
    "broken off inside its frame": FRAMED[:-4],
    "a second statement whose start is damaged": swift() + swift()[4:],
    "two statements run into one": swift() + swift().replace(b":20:", b":2O:"),
    "a field of 100,000 bytes": swift(credit(text="X" * 100_000)),
    "one endless line": b":20:A\n:25:" + b"1" * 1_000_000,
}
CAMT = {
    "31 February": camt(stmt(ntry(day="2026-02-31"), closing="101.00")),
    "a negative amount": camt(stmt(ntry("-1.00"), closing="99.00")),
    "an amount in words": camt(stmt(ntry("NaN"))),
    "an amount with an exponent": camt(stmt(ntry("1e2"), closing="200.00")),
    "19 digits": camt(stmt(ntry("9" * 19))),
    "neither credit nor debit": camt(stmt(ntry(mark="CREDIT"))),
    "another currency than the account's": camt(stmt(ntry(currency="EUR"), closing="101.00")),
    "no amount": camt(stmt("<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>")),
    "no account": camt(stmt().replace("IBAN", "Nope")),
    "two currencies in the balances": camt(
        stmt().replace(balance("CLBD", "100.00"), balance("CLBD", "100.00", "EUR"))
    ),
    "no statement": camt(),
    "broken off": camt(stmt(ntry(), closing="101.00"))[:-40],
    "broken off inside an entry": camt(stmt(ntry() * 3, closing="103.00"))[:-150],
    "an entity": camt(stmt(), head='<!DOCTYPE a [<!ENTITY b "c">]>'),
    "an entity bomb": camt(
        stmt(ntry(inside="<AddtlNtryInf>&b;</AddtlNtryInf>"), closing="101.00"),
        head='<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "%s">]>' % ("&a;" * 1000),
    ),
    "a file of the server": camt(
        stmt(ntry(inside="<AddtlNtryInf>&b;</AddtlNtryInf>"), closing="101.00"),
        head='<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    ),
    "a text of 20 megabytes": camt(stmt().replace("<Id>S</Id>", f"<Id>{'x' * 20_000_000}</Id>")),
    "elements 10,000 deep": camt("<a>" * 10_000),
    "a NUL byte": camt(stmt()).replace(b"<Id>S", b"<Id>\0"),
    "another charset than it declares": camt(stmt()).replace(b"<Id>S", b"<Id>\xb1\xb6"),
}
CLIENT_BANK = {
    "31 February": client_bank(
        account_section(closing="101.00"), document_section(ДатаПоступило="31.02.2026")
    ),
    "a negative amount": client_bank(
        account_section(closing="99.00"), document_section(Сумма="-1")
    ),
    "no amount": client_bank(account_section(), document_section(Сумма="")),
    "two amounts": client_bank(
        account_section(closing="101.00"), DAY.replace("Номер", "Сумма=7.00\r\nНомер")
    ),
    "a document of another account": client_bank(
        account_section(), document_section(ПолучательСчет="40702810000000000000")
    ),
    "a document outside of every section": client_bank(
        account_section(), document_section(ДатаПоступило="13.03.2026")
    ),
    "two sections of one day": client_bank(account_section(), account_section()),
    "a currency nobody knows": client_bank(account_section(account="40702999500000012345")),
    "an account section without account": client_bank(account_section(account="")),
    "a document that does not end": client_bank(account_section(), DAY[:-20]),
    "a document inside a document": client_bank(account_section(), DAY[:-14], DAY),
    "no last line": client_bank(account_section(), end=""),
    "orders only": client_bank(DAY),
    "version 3": client_bank(account_section()).replace(b"1.03", b"3.00"),
    "a NUL byte": client_bank(account_section()).replace(b"1.03", b"1.0\0"),
    "a section of 300,000 bytes": client_bank(
        account_section(closing="101.00"), document_section(НазначениеПлатежа="я" * 300_000)
    ),
}
ALL = {
    f"{name}: {case}": data
    for name, cases in (("mt940", MT940), ("camt", CAMT), ("1c", CLIENT_BANK))
    for case, data in cases.items()
}


@pytest.mark.parametrize("data", ALL.values(), ids=ALL)
def test_damaged_document_is_refused_with_its_place(data):
    with pytest.raises(InvalidDocument) as caught:
        read(data)
    assert caught.value.line is not None or caught.value.path


@pytest.mark.parametrize(
    "data",
    [b"", b"   \n", b"\0\0\0", b"PDF", b"<html/>", b":20:", b"<?xml", b"\xff\xfe", b"1C", b"{4:"],
)
def test_unknown_document_is_refused(data):
    with pytest.raises(InvalidDocument):
        formats.identify(data)


def test_two_claims_are_refused():
    both = camt(stmt()).replace(b"<Id>S</Id>", b"<Id>\n" + swift() + b"</Id>")
    with pytest.raises(InvalidDocument, match=r"camt\.053, mt940"):
        formats.identify(both)


def test_unknown_format_and_charset_are_refused():
    with pytest.raises(InvalidDocument, match="pdf"):
        read(swift(), format="pdf")
    for charset in ("latin-99", "rot13", "zip", "utf-16", "\0"):
        with pytest.raises(InvalidDocument):
            read(swift(), charset=charset)


def test_forced_charset_that_does_not_fit_is_refused():
    with pytest.raises(InvalidDocument, match="utf-8") as caught:
        read(swift(credit(text="ŻÓŁW"), closing="C260312PLN101,00"), charset="utf-8")
    assert caught.value.line


@pytest.mark.parametrize("cut", range(20, len(FRAMED), 7))
def test_framed_document_cut_anywhere_is_refused(cut):
    data = FRAMED[:cut]
    if data.endswith(b"-\x03"):
        return
    with pytest.raises(InvalidDocument):
        read(data)
