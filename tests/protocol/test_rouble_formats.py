# SPDX-License-Identifier: LGPL-3.0-only
"""Rouble orders and statements as files and documents: refusals first, then the round trip."""

import dataclasses
import os
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import roubles
from lxml import etree

from protocol import formats
from protocol.errors import Invalid, InvalidDocument, InvalidOrder
from protocol.formats.client_bank_1c import order as client_bank_1c_order
from protocol.formats.directbank import order as directbank_order
from protocol.formats.packages import PACKAGE_FORMATS

SAMPLES = Path(__file__).parent / "samples" / "directbank"
AT = datetime(2026, 11, 18, 21, 30, tzinfo=timezone.utc)
BUDGET = {
    "payer_status": "01",
    "kbk": "18201061201010000510",
    "oktmo": "45382000",
    "tax_reason": "0",
    "tax_period": "КВ.03.2026",
    "tax_document_number": "0",
    "tax_document_date": "0",
    "uin": "0",
}
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Statement xmlns="http://directbank.1c.ru/XMLSchema" id="S1" formatVersion="2.3.2"
  creationDate="2026-11-19T08:00:00"><Sender bic="044525888"/><Recipient id="C-1"/><Data>
<StatementType>{type}</StatementType><DateFrom>2026-11-18T00:00:00</DateFrom>
<DateTo>2026-11-18T23:59:59</DateTo><Account>{account}</Account>
<Bank><BIC>044525888</BIC></Bank><OpeningBalance>-10.00</OpeningBalance>
<ClosingBalance>{closing}</ClosingBalance>{operations}</Data>
<ExtIDStatementRequest>R1</ExtIDStatementRequest></Statement>"""
OPERATION = """<OperationInfo><PayDoc id="{id}" docKind="10"><PayDocRu><DocNo>7</DocNo>
<DocDate>2026-11-18</DocDate><Sum>{sum}</Sum>
<Payer><Name>Мы</Name><Account>1</Account><Bank><BIC>044525888</BIC></Bank></Payer>
<Payee><Name>Они</Name><Account>2</Account><Bank><BIC>044525999</BIC></Bank></Payee>
<Purpose>За товар</Purpose></PayDocRu></PayDoc><DC>{dc}</DC><Date>2026-11-18</Date>{ext}
</OperationInfo>"""


def statement(*operations, closing="90.00", account=roubles.OWN, kind="0"):
    body = "".join(operations)
    return STATEMENT.format(type=kind, account=account, closing=closing, operations=body).encode()


def operation(amount="100.00", dc="2", id="8e1d52f8-0000-4000-8000-00000000000a", ext=""):
    ext = f"<ExtID>{ext}</ExtID>" if ext else ""
    return OPERATION.format(sum=amount, dc=dc, id=id, ext=ext)


def entries(data):
    (read,) = formats.parse(data)
    return list(formats.check(read).entries)


# Reading


@pytest.mark.parametrize(
    "data",
    [
        statement(operation(), closing="90.01"),
        statement(operation(amount="-100.00")),
        statement(operation(amount="")),
        statement(operation(dc="3")),
        statement(operation(dc="")),
        statement(operation()).replace(b"<Date>2026-11-18", b"<Date>2026-02-30"),
        statement(operation(), kind="9"),
        statement(operation(), account="40702999300000000001"),
        statement(operation(), account="4070281030000000000"),
        statement(operation())[:-40],
        statement(operation())
        .replace(b"PayDoc>", b"PayOther>")
        .replace(b"<PayDoc ", b"<PayOther "),
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + statement(operation())[38:],
    ],
    ids=range(12),
)
def test_statements_that_cannot_be_right(data):
    with pytest.raises(InvalidDocument):
        entries(data)


def test_a_notice_is_no_statement():
    with pytest.raises(InvalidDocument):
        formats.identify(statement().replace(b"Statement", b"StatusDocNotice"))


def test_a_statement():
    data = statement(
        operation(ext="theirs"), operation("0.50", "1", "768", "ours"), closing="89.50"
    )
    assert formats.identify(data) == "directbank.statement"
    (read,) = formats.parse(data)
    assert (read.account_number, read.currency, read.final) == (roubles.OWN, "RUB", True)
    assert (read.opened_on, read.opening_balance) == (date(2026, 11, 18), Decimal("-10.00"))
    theirs, paid = entries(data)
    assert theirs.details["end_to_end_id"] == "theirs"
    assert (theirs.amount, theirs.our_reference, theirs.counterparty_name) == (
        Decimal("100.00"), None, "Мы",
    )  # fmt: skip
    assert (paid.amount, paid.our_reference, paid.counterparty_account) == (
        Decimal("-0.50"), "ours", "2",
    )  # fmt: skip
    assert paid.details["payee_bank_code"] == "044525999"
    # A short id is the document's number: it comes again next year.
    assert paid.operation_id == "2026-11-18/1/768"
    assert theirs.operation_id == "8e1d52f8-0000-4000-8000-00000000000a"


def test_how_the_bank_writes_a_day_changes_no_operation_id():
    ids = set()
    for day in ("2026-11-18", "2026-11-18Z", "2026-11-18+03:00"):
        data = statement(operation("0.50", "1", "768"), closing="-10.50")
        data = data.replace(b"<Date>2026-11-18<", f"<Date>{day}<".encode())
        (entry,) = entries(data)
        assert entry.booked_on == date(2026, 11, 18)
        ids.add(entry.operation_id)
    assert ids == {"2026-11-18/1/768"}


def test_a_payment_in_parts_keeps_what_it_is_for():
    more = "<TransitionContent>Часть 1</TransitionContent>".encode()
    data = statement(operation("0.50", "1"), closing="-10.50")
    for place in (b"</PayDocRu>", b"<Purpose>"):
        changed = data.replace(place, more + place).replace(b'docKind="10"', b'docKind="17"')
        (entry,) = entries(changed)
        assert (entry.title, entry.details["operation_content"]) == ("За товар", "Часть 1")


@pytest.mark.parametrize(("kind", "final"), [("0", True), ("1", False), ("2", False)])
def test_interim_statements_are_not_final(kind, final):
    (read,) = formats.parse(statement(kind=kind, closing="-10.00"))
    assert read.final is final


# Writing


def render(name, *orders, **options):
    return PACKAGE_FORMATS[name].render("M1", AT, roubles.PAYER, orders, **options)


@pytest.mark.parametrize("name", ["client_bank_1c", "directbank.order"])
def test_orders_of_another_kind_or_none_at_all_are_refused(name):
    with pytest.raises(InvalidOrder):
        render(name, roubles.order(kind="domestic"))
    with pytest.raises(InvalidOrder):
        render(name)


def test_directbank_takes_one_order_and_needs_the_client_identifier():
    with pytest.raises(InvalidOrder, match="one order"):
        render("directbank.order", roubles.order(1), roubles.order(2))
    nobody = dataclasses.replace(roubles.PAYER, details={})
    with pytest.raises(InvalidOrder, match="client identifier"):
        directbank_order.render("M1", AT, nobody, [roubles.order()])


@pytest.mark.parametrize("title", ["оплата\nКонецФайла", "訂單", "a\rb", "a\x00b"])
def test_a_text_cannot_break_out_of_its_line(title):
    with pytest.raises(InvalidOrder) as caught:
        render("client_bank_1c", roubles.order(title=title))
    assert caught.value.problems[0].field == "title"


def test_an_unknown_charset():
    with pytest.raises(Invalid):
        render("client_bank_1c", roubles.order(), charset="utf-8")


@pytest.mark.parametrize("charset", ["cp1251", "cp866"])
def test_the_exchange_file(charset):
    order = roubles.order(details=BUDGET, title="Налог по счёту")
    lines = render("client_bank_1c", order, roubles.order(2), charset=charset).decode(charset)
    assert lines.startswith("1CClientBankExchange\r\nВерсияФормата=1.03\r\n")
    assert lines.endswith("КонецДокумента\r\nКонецФайла\r\n")
    wanted = ("Номер=1", "Дата=18.11.2026", "Сумма=1500.00", f"ПлательщикСчет={roubles.OWN}",
              "ПлательщикИНН=7707083893", "ПлательщикКПП=770701001", "ПолучательБИК=044525999",
              "СтатусСоставителя=01", "ПоказательКБК=18201061201010000510", "ОКАТО=45382000",
              "Очередность=5", "НазначениеПлатежа=Налог по счёту", "ДатаСоздания=19.11.2026",
              f"РасчСчет={roubles.OWN}")  # fmt: skip
    assert [line for line in wanted if f"\r\n{line}\r\n" not in lines] == []
    assert lines.count("СекцияДокумент=Платежное поручение") == 2
    assert set(client_bank_1c_order.DOCUMENT) >= {
        line.partition("=")[0]
        for line in lines.split("КонецДокумента")[0].split("Документ=")[-1].split("\r\n")[1:-1]
        if not line.startswith(("Сумма", "НазначениеПлатежа"))
    }


def test_box_17_of_a_bank_stays_empty():
    corr = roubles.PAYEE.details["corr_account"]
    order = roubles.order(payee=dataclasses.replace(roubles.PAYEE, account=corr))
    text = render("client_bank_1c", order, charset="cp1251").decode("cp1251")
    assert f"\r\nПолучательКорсчет={corr}\r\n" in text
    assert "ПолучательСчет" not in text
    assert "ПолучательРасчСчет" not in text
    payee = etree.fromstring(render("directbank.order", order)).find(".//{*}Payee")
    assert payee.find("{*}Account") is None
    assert payee.findtext("{*}Bank/{*}CorrespAcc") == corr


def test_the_document_of_directbank():
    order = roubles.order(details=BUDGET)
    data = render("directbank.order", order)
    assert data == render("directbank.order", order)
    root = etree.fromstring(data)
    assert (root.get("id"), root.get("creationDate")) == (
        order.end_to_end_id, "2026-11-19T00:30:00+03:00",
    )  # fmt: skip
    texts = {etree.QName(e).localname: e.text for e in root.iter() if e.text}
    assert texts["Purpose"] == order.title
    assert (texts["DrawerStatus"], texts["CBC"]) == ("01", BUDGET["kbk"])
    assert root.findtext(".//{*}Payee/{*}Bank/{*}BIC") == roubles.OTHER_BIK


if os.environ.get("DIRECTBANK_XSD"):

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("PayDocRu", render("directbank.order", roubles.order(details=BUDGET))),
            ("PayDocRu", render("directbank.order", roubles.order())),
            *(("Statement", path.read_bytes()) for path in sorted(SAMPLES.glob("*.xml"))),
        ],
    )
    def test_against_the_schemas_of_the_standard(name, data):
        path = Path(os.environ["DIRECTBANK_XSD"]) / f"1C-Bank_{name}.xsd"
        etree.XMLSchema(etree.parse(str(path))).assertValid(etree.fromstring(data))
