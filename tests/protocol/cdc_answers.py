# SPDX-License-Identifier: LGPL-3.0-only
"""What a Comarch Data Connect bank might answer; imported by tests, no test itself."""

from __future__ import annotations

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CDC = "urn:ca:std:cdc:tech:xsd:cdc.001.01"
ING = "urn:ca:std:cdc:tech:xsd:ing.cdc.001.01"
ISO = "urn:iso:std:iso:20022:tech:xsd:"


def envelope(body: str, more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soap:Envelope xmlns:soap="{SOAP}"{more}><soap:Body>{body}</soap:Body></soap:Envelope>'
    ).encode()


def answer(operation: str, document: str, space: str = CDC) -> bytes:
    return envelope(f'<c:{operation}Response xmlns:c="{space}">{document}</c:{operation}Response>')


def fault(code: str, words: str = "Nie.", about: str = "") -> bytes:
    """An ISO error report; without a code, a fault that has none."""
    said = (
        f'<Document xmlns="{ISO}tsmt.016.001.03"><ErrRpt><RptId><Id>R1</Id>'
        "<CreDtTm>2026-11-20T10:00:00</CreDtTm></RptId>"
        f"<RjctdMsgRef><Id>{about}</Id><CreDtTm>2026-11-20T10:00:00</CreDtTm></RjctdMsgRef>"
        f"<NbOfErrs><Nb>1</Nb></NbOfErrs><ErrDesc><SeqNb>1</SeqNb><RuleId>{code}</RuleId>"
        f"<RuleDesc>{words}</RuleDesc><Elmt><ElmtPth>/a/b</ElmtPth><ElmtNm>b</ElmtNm></Elmt>"
        "</ErrDesc><ReqForActn><Tp>SBTW</Tp></ReqForActn></ErrRpt></Document>"
    )
    return envelope(
        "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>Error</faultstring>"
        f"<detail>{said if code else ''}</detail></soap:Fault>"
    )


def balance(
    booked="1234.50", mark="CRDT", number="PL61109010140000071219812874", more="", kind="BOOK"
) -> bytes:
    document = (
        '<Document xmlns="urn:swift:xsd:camt.004.001.04"><RtrAcct><MsgId><Id>B1</Id></MsgId>'
        f"<BizRpt><AcctRpt><AcctId><IBAN>{number}</IBAN></AcctId><Acct><Ccy>PLN</Ccy>"
        f"<MulBal><Amt>{booked}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Tp><Cd>{kind}</Cd></Tp>"
        "<ValDt><DtTm>2026-11-20T10:00:00+01:00</DtTm></ValDt></MulBal>"
        "<MulBal><Amt>1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Tp><Cd>AVLB</Cd></Tp></MulBal>"
        f"</Acct></AcctRpt>{more}</BizRpt></RtrAcct></Document>"
    )
    return answer("GetAccountBalance", document)


def operational_error(code: str) -> bytes:
    return answer(
        "GetAccountBalance",
        '<Document xmlns="urn:swift:xsd:camt.004.001.04"><RtrAcct><MsgId><Id>B1</Id></MsgId>'
        f"<OprlErr><Err><Prtry>{code}</Prtry></Err><Desc>Brak.</Desc></OprlErr></RtrAcct>"
        "</Document>",
    )


def status(message_id: str, group: str = "ACTC", orders: str = "") -> str:
    return (
        f'<Document xmlns="{ISO}pain.002.001.03"><CstmrPmtStsRpt><GrpHdr><MsgId>S1</MsgId>'
        "<CreDtTm>2026-11-20T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{message_id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>"
        f"<GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts>{orders}</CstmrPmtStsRpt></Document>"
    )


def statement(kind: str, entries: str = "", number="PL61109010140000071219812874") -> str:
    """camt.053 or camt.052, `kind` 053 or 052."""
    outer, inner = {"053": ("BkToCstmrStmt", "Stmt"), "052": ("BkToCstmrAcctRpt", "Rpt")}[kind]
    return (
        f'<Document xmlns="{ISO}camt.{kind}.001.02"><{outer}><GrpHdr><MsgId>M1</MsgId>'
        f"<CreDtTm>2026-11-20T10:00:00</CreDtTm></GrpHdr><{inner}><Id>1</Id>"
        "<CreDtTm>2026-11-20T10:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{number}</IBAN></Id><Ccy>PLN</Ccy></Acct>{entries}</{inner}></{outer}>"
        "</Document>"
    )


def entry(reference="", message="", title="Faktura 1", name="Jan", side="Dbtr") -> str:
    refs = f"<Refs><MsgId>{message}</MsgId></Refs>" if message else ""
    return (
        f'<Ntry>{f"<NtryRef>{reference}</NtryRef>" if reference else ""}<Amt Ccy="PLN">1.00</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>"
        f"<NtryDtls><TxDtls>{refs}<RltdPties><{side}><Nm>{name}</Nm></{side}><{side}Acct><Id>"
        f"<Othr><Id>PL32102010264010200000012345</Id></Othr></Id></{side}Acct></RltdPties>"
        f"<RmtInf><Ustrd>{title}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def file(data: str, name="wyciag.pdf") -> str:
    return (
        '<Document xmlns="urn:ca:std:ccs:tech:xsd:rpts.005.001.02"><Rpt><MsgId><Id>F1</Id></MsgId>'
        f"<RptDtls><RptSts>OK</RptSts><RptNm>{name}</RptNm>"
        "<RptCreDt>2026-11-20T10:00:00</RptCreDt><RptType>PDF</RptType><RptSize>9</RptSize>"
        f"<RptFile>{data}</RptFile><FileChecksum>{'0' * 32}</FileChecksum></RptDtls></Rpt>"
        "</Document>"
    )
