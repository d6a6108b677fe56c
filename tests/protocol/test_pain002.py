# SPDX-License-Identifier: LGPL-3.0-only
"""pain.002: what is no receipt, every status on every level, and the bank's own words."""

import contextlib
import random
from datetime import date

import pytest

from protocol.errors import InvalidDocument
from protocol.formats import pain002
from protocol.records import RECEIPT_STATES


def report(group="<GrpSts>ACTC</GrpSts>", parts="", version="03", head="MSG-1"):
    original = f"<OrgnlMsgId>{head}</OrgnlMsgId>" if head else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-11-20T10:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts>{original}<OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>
{parts}</CstmrPmtStsRpt></Document>""".encode()


def part(*transactions, status="", reason="", identifier="MSG-1-1"):
    whole = f"<PmtInfSts>{status}</PmtInfSts>" if status else ""
    inner = "".join(transactions)
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{identifier}</OrgnlPmtInfId>{whole}{reason}{inner}"
        "</OrgnlPmtInfAndSts>"
    )


def payment(end_to_end_id, status="", more=""):
    own = f"<TxSts>{status}</TxSts>" if status else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId>{own}{more}</TxInfAndSts>"
    )


def reason(code, *words, tag="Cd"):
    lines = "".join(f"<AddtlInf>{word}</AddtlInf>" for word in words)
    return f"<StsRsnInf><Rsn><{tag}>{code}</{tag}></Rsn>{lines}</StsRsnInf>"


BOMB = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        report()[:-20],
        b"<Document><CstmrPmtStsRpt/></Document>",
        report(version="02"),
        report(version="11"),
        report(head=""),
        report().replace(b"CstmrPmtStsRpt", b"CstmrCdtTrfInitn"),
        report(parts=part("<TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>")),
        report(
            parts=part(
                payment(
                    "E1",
                    "ACSC",
                    "<OrgnlTxRef><IntrBkSttlmDt>soon</IntrBkSttlmDt></OrgnlTxRef>",
                )
            )
        ),
    ],
)
def test_what_is_no_receipt_is_refused(content):
    with pytest.raises(InvalidDocument):
        pain002.parse(content)


def test_entities_are_never_resolved():
    content = report(parts=part(payment("&x;", "RJCT")))
    declaration, body = content.split(b"\n", 1)
    with pytest.raises(InvalidDocument, match="type declaration"):
        pain002.parse(declaration + BOMB + body)


def test_broken_receipts_never_raise_anything_but_our_errors():
    generator = random.Random(2)
    more = reason("AC01", "Rachunek") + "<AcctSvcrRef>B77</AcctSvcrRef>"
    whole = report("<GrpSts>PART</GrpSts>", part(payment("E1", "RJCT", more), payment("E2")))
    pieces = [b"<", b">", b"/", b"&#0;", b"<?x y?>", b"\x00", b"\xff", b"<TxSts/>", b"]]>"]
    for _ in range(1000):
        at, until = sorted(generator.choices(range(len(whole)), k=2))
        until = min(until, at + generator.choice([0, 1, 5, 40]))
        content = whole[:at] + generator.choice(pieces) + whole[until:]
        with contextlib.suppress(InvalidDocument):
            pain002.parse(content)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("RCVD", "sent"),
        ("ACTC", "sent"),
        ("PART", "sent"),
        ("PDNG", "waiting"),
        ("ACCP", "accepted"),
        ("ACWC", "accepted"),
        ("ACSP", "accepted"),
        ("ACSC", "accepted"),  # only the statement makes it executed
        ("RJCT", "rejected"),
        ("XXXX", "sent"),  # a code of tomorrow decides nothing
    ],
)
def test_status_of_the_group_and_of_a_payment(status, state):
    receipt = pain002.parse(report(f"<GrpSts>{status}</GrpSts>", part(payment("E1", status))))
    assert (receipt.message_id, receipt.state, receipt.bank_status) == ("MSG-1", state, status)
    assert (receipt.orders[0].end_to_end_id, receipt.orders[0].state) == ("E1", state)


def test_every_state_is_one_that_models_know():
    assert set(pain002.STATES.values()) <= set(RECEIPT_STATES)


@pytest.mark.parametrize("version", ["03", "04", "05", "06", "07", "08", "09", "10"])
def test_versions(version):
    content = report(version=version)
    assert pain002.identify(content)
    assert pain002.parse(content).content == content


def test_reason_has_the_code_and_all_words_of_the_bank():
    more = reason("AC01", "Rachunek zamknięty.", "Proszę sprawdzić numer.")
    order = pain002.parse(report(parts=part(payment("E1", "RJCT", more)))).orders[0]
    assert (order.code, order.reason) == ("AC01", "Rachunek zamknięty. Proszę sprawdzić numer.")


def test_own_code_of_the_bank():
    group = "<GrpSts>RJCT</GrpSts>" + reason("E201", "Outside the agreement", tag="Prtry")
    receipt = pain002.parse(report(group))
    assert (receipt.code, receipt.reason) == ("E201", "Outside the agreement")


def test_partly_accepted_group_decides_nothing_for_payments_it_does_not_name():
    parts = part(payment("E1", "RJCT"), payment("E2", "ACSP"))
    receipt = pain002.parse(report("<GrpSts>PART</GrpSts>", parts))
    assert receipt.state == "sent"
    assert {order.end_to_end_id: order.state for order in receipt.orders} == {
        "E1": "rejected",
        "E2": "accepted",
    }


def test_refused_payment_information_reaches_its_payments():
    refused = part(
        payment("E3", "ACCP"), status="RJCT", reason=reason("AC04", "Closed"), identifier="P1"
    )
    receipt = pain002.parse(report("<GrpSts>PART</GrpSts>", refused), {"P1": ("E1", "E2", "E3")})
    found = [(order.end_to_end_id, order.state, order.code) for order in receipt.orders]
    assert found == [("E3", "accepted", ""), ("E1", "rejected", "AC04"), ("E2", "rejected", "AC04")]
    assert receipt.reason == "Closed"


def test_payment_without_a_status_takes_that_of_its_payment_information():
    whole = part(payment("E1"), status="RJCT", reason=reason("DT01", "Date"))
    order = pain002.parse(report("<GrpSts>PART</GrpSts>", whole)).orders[0]
    assert (order.state, order.code, order.reason) == ("rejected", "DT01", "Date")


def test_group_without_a_status_has_that_of_all_its_payments():
    same = report("", part(payment("E1", "ACSP"), payment("E2", "ACSP")))
    mixed = report("", part(payment("E1", "RJCT"), payment("E2", "ACSP")))
    assert [pain002.parse(content).state for content in (same, mixed)] == ["accepted", "sent"]


@pytest.mark.parametrize("status", ["RJCT", "CANC"])
def test_refusals_of_the_named_payments_are_not_those_of_the_others(status):
    """Banks name what they refuse and are silent on the rest, which they execute."""
    receipt = pain002.parse(report("", part(payment("E1", status), payment("E2", status))))
    assert receipt.state == "sent"
    assert {order.state for order in receipt.orders} <= {"rejected", "recalled"}


def test_payment_is_found_by_instruction_id_where_the_bank_gives_only_that():
    content = report(
        parts=part("<TxInfAndSts><OrgnlInstrId>I1</OrgnlInstrId><TxSts>ACSP</TxSts></TxInfAndSts>")
    )
    assert pain002.parse(content).orders[0].end_to_end_id == "I1"


def test_reference_and_day_of_settlement():
    more = (
        "<AcctSvcrRef>B77</AcctSvcrRef><FctvIntrBkSttlmDt><Dt>2026-11-23</Dt></FctvIntrBkSttlmDt>"
    )
    order = pain002.parse(report(parts=part(payment("E1", "ACSC", more)), version="10")).orders[0]
    assert (order.bank_reference, order.executed_on) == ("B77", date(2026, 11, 23))
