"""What can be signed as a document, and what cannot."""

from decimal import Decimal

import pytest
from signer_samples import elixir, elixir_line, packet, pain001, pay_doc_ru

from signer import documents
from signer.desk import Question
from signer.errors import Refusal

BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'

NOT_TO_BE_SIGNED = {
    "empty": b"",
    "random bytes": bytes(range(256)),
    "a bare digest": bytes(32),
    "signed attributes": bytes.fromhex("314b301806092a864886f70d010903310b06092a864886f70d010701"),
    "a log-in": b'{"bank":"mbank","purpose":"log-in"}',
    "SignedInfo": b'<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
    "another message": pain001().replace(b"pain.001.001.03", b"pain.008.001.02"),
    "an entity bomb": pain001().replace(HEAD, HEAD + BOMB),
    "an outer file": pain001().replace(HEAD, HEAD + b'<!DOCTYPE d SYSTEM "file:///etc/passwd">'),
    "a comment in an amount": pain001().replace(b"100.00<", b"1<!-- -->00.00<"),
    "a processing instruction": pain001().replace(b"<GrpHdr>", b"<?x y?><GrpHdr>"),
    "another encoding": pain001().replace(b"UTF-8", b"ISO-8859-2"),
    "not UTF-8": pain001().replace("Ż".encode(), b"\xaf"),
    "text beside elements": pain001().replace(b"<PmtInf>", b"pay more<PmtInf>"),
    "a payment in an unknown element": pain001(extra="<SplmtryData><Envlp/></SplmtryData>"),
    "an element of another namespace": pain001(extra='<Amt xmlns="urn:x"/>'),
    "two amounts": pain001(extra='<Amt><InstdAmt Ccy="PLN">1</InstdAmt></Amt>'),
    "two payees": pain001(extra="<Cdtr><Nm>Other</Nm></Cdtr>"),
    "wrong number of payments": pain001(count=2),
    "wrong control sum": pain001(total="351.48"),
    "a cheque": pain001(method="CHK"),
    "a negative amount": pain001(amounts=("-5.00",)),
    "an amount of zero": pain001(amounts=("0.00",)),
    "three decimals": pain001(amounts=("1.001",)),
    "an exponent": pain001(amounts=("1e3",)),
    "no currency": pain001().replace(b' Ccy="PLN"', b""),
    "no payment": pain001(amounts=()),
    "nobody to pay": pain001()
    .replace(b"<Cdtr><Nm>", b"<Cdtr><Id>")
    .replace("Żółw</Nm>".encode(), "Żółw</Id>".encode()),
    "an IBAN and another number": pain001().replace(
        b"</IBAN></Id></CdtrAcct>", b"</IBAN><Othr><Id>1</Id></Othr></Id></CdtrAcct>"
    ),
    "Elixir of another type": elixir(elixir_line(kind="120")),
    "Elixir with a field too many": elixir(elixir_line(more=',"x"')),
    "Elixir with a quote inside": elixir(elixir_line(name='A" ,1,"B')),
    "Elixir with half an order": elixir(elixir_line()[:90]),
    "Elixir of nothing": elixir(elixir_line(grosz="0")),
    "DirectBank of an unknown kind": pay_doc_ru().replace(b"PayDocRu", b"PayDocCur"),
    "DirectBank with more inside": pay_doc_ru(extra="<Sum2>1</Sum2>"),
    "DirectBank with two sums": pay_doc_ru(extra="<Sum>1</Sum>"),
    "an empty packet": packet(),
    "a packet with something else": packet(("10", b"<x/>")),
    "a packet in a packet": packet(("10", packet(("10", pay_doc_ru())))),
    "a payment called a probe": packet(("05", pay_doc_ru())),
    "a packed document": packet(("10", pay_doc_ru()), attributes='compressed="true"'),
    "an encrypted document": packet(("10", pay_doc_ru()), attributes='encrypted="1"'),
    "deep nesting": b"<a>" * 5000 + b"</a>" * 5000,
    "too large": b"<a>" + b" " * documents.LARGEST + b"</a>",
}


@pytest.mark.parametrize("content", NOT_TO_BE_SIGNED.values(), ids=NOT_TO_BE_SIGNED)
def test_what_is_not_understood_is_refused(content):
    with pytest.raises(Refusal) as refusal:
        documents.read(content)
    assert refusal.value.code == "document_refused"


@pytest.mark.parametrize("version", ["03", "09"])
def test_pain001_shows_every_payment(version):
    summary = documents.read(pain001(version=version))
    assert [payment.amount for payment in summary.payments] == [
        Decimal("100.00"),
        Decimal("250.50"),
        Decimal("0.99"),
    ]
    assert summary.totals == {"PLN": Decimal("351.49")}
    first = summary.payments[0]
    assert (first.payee, first.title) == ("Dostawca 1 Żółw", "FV/1/2026")
    assert first.account == "PL27114020040000300201355387"
    assert first.payer_account == "PL61109010140000071219812874"
    assert first.execute_on == "2026-11-23"
    assert summary.id == "MSG-1"


@pytest.mark.parametrize("encoding", ["cp1250", "utf-8"])
def test_elixir_shows_every_line(encoding):
    summary = documents.read(elixir(encoding=encoding))
    assert summary.totals == {"PLN": Decimal("125.95")}
    assert summary.payments[0].payee == "Dostawca Żółw ul. Długa 1"
    assert summary.payments[0].account == "27114020040000300201355387"


def test_directbank_payment_order():
    summary = documents.read(pay_doc_ru())
    (payment,) = summary.payments
    assert (payment.payee, payment.currency) == ("ООО Канцтовары", "RUB")
    assert payment.amount == Decimal("15.00")
    assert payment.account == "40702810401200000035, BIK 044525999"


def test_packet_shows_the_payments_of_all_documents():
    summary = documents.read(packet(("10", pay_doc_ru()), ("10", pay_doc_ru(total="5"))))
    assert summary.totals == {"RUB": Decimal("20.00")}
    assert len(summary.payments) == 2


def test_a_payee_cannot_hide_the_amount_by_control_characters():
    content = pain001().replace(b"Dostawca 1", "Dostawca\u202e 1\u200b".encode())
    payment = documents.read(content).payments[0]
    (line,) = Question("", (), payments=(payment,)).lines()
    assert not {"\u202e", "\u200b"} & set(line)
    assert line.startswith("1. 100.00 PLN")
