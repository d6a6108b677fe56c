# SPDX-License-Identifier: LGPL-3.0-only
"""The Bank of Russia's directory of banks, in files made up here."""

import dataclasses
import io
import zipfile
from datetime import date, timedelta

import pytest
import roubles

from protocol import bik
from protocol.errors import InvalidDocument

DAY = roubles.DAY


def entry(code="044525888", info="", accounts="", more=""):
    info = f'NameP="ДЕМО-БАНК  «Один»" Tnp="г" Nnp="Москва" DateIn="2001-02-03" {info}'
    return (
        f'<BICDirectoryEntry BIC="{code}" {more}><ParticipantInfo {info}</ParticipantInfo>'
        f"{accounts}</BICDirectoryEntry>"
    )


def account(number, kind="CRSA", status="ACAC"):
    return f'<Accounts Account="{number}" RegulationAccountType="{kind}" AccountStatus="{status}"/>'


def file(*entries, head='EDDate="2026-11-17" BusinessDay="2026-11-18" InfoTypeCode="FIRR"'):
    body = "".join(entries)
    text = (
        '<?xml version="1.0" encoding="WINDOWS-1251"?>\n'
        f'<ED807 xmlns="urn:cbr-ru:ed:v2.0" {head}>{body}</ED807>'
    )
    return text.encode("cp1251")


def packed(data, name="20261118_ED807_full.xml"):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"BIC;NAME", b"<ED808/>", file(head=""), packed(b"x"), packed(file(), "list.txt"),
     file()[:-9], packed(file())[:40],
     b'<!DOCTYPE a [<!ENTITY b "c">]><ED807 EDDate="2026-11-17">&b;</ED807>'],
    ids=range(9),
)  # fmt: skip
def test_files_that_are_no_directory(data):
    with pytest.raises(InvalidDocument):
        bik.read(data)


def test_name_town_and_accounts_out_of_an_archive_in_cp1251():
    corr, closed = "30101810400000000888", "30101810400000000777"
    accounts = account(closed, status="ACDL") + account("30101", "CBRA") + account(corr)
    found = bik.read(packed(file(entry(info=">", accounts=accounts))))
    assert (found.day, found.is_whole) == (date(2026, 11, 18), True)
    assert found.participants == (
        bik.Participant(
            "044525888", "ДЕМО-БАНК «Один»", "г. Москва", corr, opened_on=date(2001, 2, 3)
        ),
    )


def test_the_treasury_has_a_single_account_and_its_own():
    accounts = account("40102810445370000059", "UTRA") + account("03100643000000018500", "TRSA")
    (found,) = bik.read(file(entry("017003983", ">", accounts))).participants
    assert found.corr_account == "40102810445370000059"
    assert found.treasury_accounts == ("03100643000000018500",)


@pytest.mark.parametrize(
    ("info", "more", "day"),
    [
        ('DateOut="2026-03-04">', "", date(2026, 3, 4)),
        ('><RstrList Rstr="LWRS" RstrDate="2026-05-06"/>', "", date(2026, 5, 6)),
        ('ParticipantStatus="PSDL">', "", DAY),
        (">", 'ChangeType="DLTD"', DAY),
        ('ParticipantStatus="PSAC"><RstrList Rstr="URRS" RstrDate="2026-05-06"/>', "", None),
    ],
)
def test_since_when_a_bank_is_closed(info, more, day):
    (found,) = bik.read(file(entry(info=info, more=more))).participants
    assert found.closed_on == day


def problems(known, **payee):
    order = roubles.order()
    order = dataclasses.replace(order, payee=dataclasses.replace(order.payee, **payee))
    return {(found.field, found.severity) for found in bik.check(order, known, DAY)}


def test_an_order_against_the_directory():
    payee = roubles.PAYEE
    known = bik.Participant(payee.bank_code, "Б", "", payee.details["corr_account"])
    assert problems(known) == set()
    assert problems(None) == {("payee.bank_code", "warning")}
    tomorrow = dataclasses.replace(known, closed_on=DAY + timedelta(days=1))
    assert problems(tomorrow) == set()
    assert problems(dataclasses.replace(known, closed_on=DAY)) == {("payee.bank_code", "error")}
    other = dataclasses.replace(known, corr_account="30101810400000000888")
    assert problems(other) == {("payee.details.corr_account", "warning")}
    treasury = dataclasses.replace(known, treasury_accounts=("03100643000000018500",))
    assert problems(treasury, account="03100643000000018500") == set()
    assert problems(treasury, account="03100643000000018501") == {("payee.account", "warning")}
