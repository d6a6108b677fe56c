# SPDX-License-Identifier: LGPL-3.0-only
"""What can be signed as a document, and what cannot."""

import time
from decimal import Decimal

import pytest
from signer_samples import RU_PAYEE, elixir, elixir_line, packet, pain001, pay_doc_ru

from signer import documents
from signer.desk import Part, Question
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
    "an attribute": pain001().replace(b"<GrpHdr>", b'<GrpHdr Id="1">'),
    "an attribute of a name": pain001().replace(b"<Cdtr><Nm>", b'<Cdtr><Nm lang="pl">'),
    "an attribute of the amount": pain001().replace(b'Ccy="PLN"', b'Ccy="PLN" Fx="2"'),
    "nil": pain001().replace(
        b"<Cdtr>",
        b'<Cdtr xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true">',
    ),
    "a foreign payee": pain001().replace(b"<Cdtr>", b'<Cdtr xmlns="urn:x">'),
    "a foreign IBAN": pain001().replace(b"<IBAN>PL27", b'<IBAN xmlns="urn:x">PL27'),
    "a word as IBAN": pain001().replace(b"PL27114020040000300201355387", b"PLEASE PAY HERE"),
    "an IBAN with a wrong digit": pain001().replace(b"PL271140", b"PL281140"),
    "an IBAN too short": pain001().replace(b"<IBAN>PL27114020040000300201355387", b"<IBAN>PL68249"),
    "an IBAN called another number": pain001()
    .replace(b"<IBAN>PL27", b"<Othr><Id>PL27")
    .replace(b"5387</IBAN>", b"5387</Id></Othr>"),
    "a second bank between": pain001(
        extra="<IntrmyAgt2><FinInstnId><BIC>BREXPLPW</BIC></FinInstnId></IntrmyAgt2>"
    ),
    "an exchange rate": pain001(extra="<XchgRateInf><XchgRate>9</XchgRate></XchgRateInf>"),
    "no such day": pain001().replace(b"2026-11-23", b"2026-11-31"),
    "a day in words": pain001().replace(b"2026-11-23", b"as soon as you can"),
    "charges that are unknown": pain001(extra="<ChrgBr>ALL</ChrgBr>"),
    "a payee without a name": pain001().replace(b"<Cdtr>", b"<Cdtr/><Cdtr>"),
    "a processing instruction": pain001().replace(b"<GrpHdr>", b"<?x y?><GrpHdr>"),
    "another encoding": pain001().replace(b"UTF-8", b"ISO-8859-2"),
    "not UTF-8": pain001().replace("Ż".encode(), b"\xaf"),
    "text beside elements": pain001().replace(b"<PmtInf>", b"pay more<PmtInf>"),
    "a payment in an unknown element": pain001(extra="<SplmtryData><Envlp/></SplmtryData>"),
    "an element of another namespace": pain001(extra='<Amt xmlns="urn:x"/>'),
    "two amounts": pain001(extra='<Amt><InstdAmt Ccy="PLN">1</InstdAmt></Amt>'),
    "an amount to be sent in no currency": pain001(amounts=("1.00",)).replace(
        b'<InstdAmt Ccy="PLN">1.00</InstdAmt>', b'<EqvtAmt><Amt Ccy="PLN">1.00</Amt></EqvtAmt>'
    ),
    "an amount, and one to be sent in another currency": pain001(amounts=("1.00",)).replace(
        b"</InstdAmt>",
        b'</InstdAmt><EqvtAmt><Amt Ccy="PLN">1.00</Amt><CcyOfTrf>EUR</CcyOfTrf></EqvtAmt>',
    ),
    "two payees": pain001(extra="<Cdtr><Nm>Other</Nm></Cdtr>"),
    "wrong number of payments": pain001(count=2),
    "wrong control sum": pain001(total="351.48"),
    "a code with a space that XML does not know": pain001(extra="<ChrgBr>\u00a0SHAR</ChrgBr>"),
    "a code behind the end of a line": pain001(extra="<ChrgBr>\u2028SHAR</ChrgBr>"),
    "an IBAN with a space that XML does not know": pain001().replace(
        b"<IBAN>PL27", "<IBAN>\u2003PL27".encode()
    ),
    "a payee of spaces": pain001().replace("Dostawca 1 Żółw".encode(), "\u00a0\u3000".encode()),
    "text beside elements that has no ink": pain001().replace(
        b"<PmtInf>", "\u2028<PmtInf>".encode()
    ),
    "a title that nobody reads to its end": pain001().replace(b"FV/1/2026", b"x" * 1001),
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
    "Elixir on a day that is none": elixir(elixir_line(day="99999999")),
    "Elixir with a wrong check digit": elixir(elixir_line(payee="28114020040000300201355387")),
    "Elixir from a wrong account": elixir(elixir_line(payer="62109010140000071219812874")),
    "Elixir to another bank": elixir(elixir_line(payee_bank="11402005")),
    "Elixir from another bank": elixir(elixir_line(payer_bank="11402005")),
    "Elixir with a control character": elixir(elixir_line(name="A\x07||B|")),
    "Elixir of an unknown class": elixir(elixir_line(kind_of="99")),
    "Elixir with more in it": elixir(elixir_line(empty="pay twice")),
    "Elixir with a number more": elixir(elixir_line(zero="1")),
    "Elixir to nobody": elixir(elixir_line(name="||ul. A 1|")),
    "Elixir of nothing": elixir(elixir_line(grosz="0")),
    "DirectBank of an unknown kind": pay_doc_ru().replace(b"PayDocRu", b"PayDocCur"),
    "DirectBank with more inside": pay_doc_ru(extra="<Sum2>1</Sum2>"),
    "DirectBank on a day that is none": pay_doc_ru().replace(b"2026-11-22</", b"2026-11-31</"),
    "DirectBank with a wrong account": pay_doc_ru().replace(RU_PAYEE.encode(), b"1" * 20),
    "DirectBank from another bank": pay_doc_ru().replace(b"044525888</BIC>", b"044525889</BIC>"),
    "DirectBank with no BIK": pay_doc_ru().replace(b"044525999", b"a good one"),
    "DirectBank with a digest": pay_doc_ru().replace(b"<Data>", b"<Digest>x</Digest><Data>"),
    "DirectBank with a sender's sender": pay_doc_ru().replace(
        b'kpp="770501001"/>', b'kpp="770501001"><Sender id="2"/></Sender>'
    ),
    "DirectBank with an attribute": pay_doc_ru().replace(b"<Sender ", b'<Sender role="2" '),
    "DirectBank with two sums": pay_doc_ru(extra="<Sum>1</Sum>"),
    "an empty packet": packet(),
    "a packet with something else": packet(("10", b"<x/>")),
    "a packet with spaces that XML does not know": packet(("10", pay_doc_ru())).replace(
        b"<Data>", "<Data>\u2028".encode()
    ),
    "a packet with more than text": packet(("10", pay_doc_ru())).replace(
        b"<Data>", b'<Data more="1">'
    ),
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


MEGABYTE = 1024 * 1024
#: each kept a processor busy for minutes, or for ever, with fewer than ten megabytes
WITHOUT_END = {
    "a title": pain001().replace(b"FV/1/2026", b"x" * 9 * MEGABYTE),
    "a title of references": pain001().replace(b"FV/1/2026", b"&#65;" * (2 * MEGABYTE - 9000)),
    "an attribute": pay_doc_ru().replace(b'inn="', b'inn="' + b"9" * 9 * MEGABYTE),
    "attributes": pain001().replace(
        b"<GrpHdr>", b"<GrpHdr %s>" % b" ".join(b'a%d="1"' % n for n in range(600_000))
    ),
    "a name": pain001().replace(b"<GrpHdr>", b"<%s/><GrpHdr>" % (b"a" * 5 * MEGABYTE)),
    "elements in a long namespace": b'<a xmlns="%s">%s</a>'
    % (b"a" * 5 * MEGABYTE, b"<b/>" * 200_000),
    "an order in a packet": packet(
        ("10", pay_doc_ru().replace("за товар".encode(), b"x" * 6 * MEGABYTE))
    ),
}


@pytest.mark.parametrize("content", WITHOUT_END.values(), ids=WITHOUT_END)
def test_what_has_no_end_is_refused_at_once(content):
    assert len(content) < documents.LARGEST
    begun = time.process_time()
    with pytest.raises(Refusal, match="too"):
        documents.read(content)
    assert time.process_time() - begun < 2


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
    assert ("From account", "PL61109010140000071219812874") in first.facts
    assert ("Execution day", "2026-11-23") in first.facts
    assert summary.id == "MSG-1"


@pytest.mark.parametrize("encoding", ["cp1250", "utf-8", "iso-8859-2", "cp852"])
def test_elixir_shows_every_line(encoding):
    summary = documents.read(elixir(encoding=encoding))
    assert summary.totals == {"PLN": Decimal("125.95")}
    first = summary.payments[0]
    assert (first.payee, first.title) == ("Dostawca Żółw", "FV 1/2026reszta")
    assert first.account == "27114020040000300201355387"
    assert dict(first.facts) == {
        "Execution day": "2026-11-23",
        "From account": "61109010140000071219812874",
        "Payer": "Firma",
        "Payer's address": "ul. A 1",
        "Payee's address": "ul. Długa 1",
        "Category": "ordinary",
        "Reference": "note",
    }


def test_directbank_payment_order():
    budget = (
        "<BudgetPaymentInfo><CBC>18201061201010000510</CBC><OKTMO>0</OKTMO></BudgetPaymentInfo>"
    )
    summary = documents.read(pay_doc_ru(extra=budget))
    (payment,) = summary.payments
    assert (payment.payee, payment.currency) == ("ООО Канцтовары", "RUB")
    assert payment.amount == Decimal("15.00")
    assert payment.account == f"{RU_PAYEE}, BIK 044525999"
    facts = dict(payment.facts)
    assert facts["KBK (104)"] == "18201061201010000510"
    assert facts["Number"] == "14"
    assert facts["Payee's bank"] == "044525999 · Банк 2"


def test_packet_shows_the_payments_of_all_documents():
    summary = documents.read(packet(("10", pay_doc_ru()), ("10", pay_doc_ru(total="5"))))
    assert summary.totals == {"RUB": Decimal("20.00")}
    assert len(summary.payments) == 2


HIDDEN = "\u202e\u200b\u3164\u2800\u034f\u00ad\ufe0f\u115f\U000e0041\u0300\u20dd"


def test_a_payee_cannot_hide_the_amount_by_control_characters():
    content = pain001().replace(b"Dostawca 1", f"Dostawca{HIDDEN} 1".encode())
    payment = documents.read(content).payments[0]
    question = Question("", (), parts=(Part(payments=(payment,)),))
    text = "\n".join(line for _look, line in question.lines())
    assert not set(HIDDEN) & set(text)
    assert f"Dostawca{chr(0xFFFD) * len(HIDDEN)} 1 Żółw" in text
    assert text.strip().startswith("1. 100.00 PLN")
