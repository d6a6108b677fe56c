# SPDX-License-Identifier: LGPL-3.0-only
"""Large statement documents for the figures, written to a file piece by piece."""

from __future__ import annotations

from pathlib import Path

ACCOUNT = "27114020040000300201355387"

_MT940_ENTRY = (
    ":61:2603120312CN{whole},{part:02}NTRFNONREF//MB2603{number:08}\n"
    "770-UZNANIE\n"
    ":86:770 PRZELEW ELIXIR PRZYCHODZĄCY; Z RACH.: \n"
    "61109010140000071219812874; OD: KSIĘGARNIA ŻÓŁW S.C.  UL. \n"
    "ŹRÓDLANA {number} 90-001 ŁÓDŹ; TYT.: ZAPŁATA ZA FAKTURĘ \n"
    "FV/{number}/2026; TNR: 2607100{number:08}.000001\n"
)
_CAMT_ENTRY = (
    '<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="PLN">{whole}.{part:02}</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-12</Dt></BookgDt>"
    "<ValDt><Dt>2026-03-12</Dt></ValDt><AcctSvcrRef>2607100{number:08}.000001</AcctSvcrRef>"
    "<BkTxCd><Prtry><Cd>770</Cd></Prtry></BkTxCd><NtryDtls><TxDtls>"
    "<Refs><EndToEndId>FV/{number}/2026</EndToEndId></Refs>"
    '<AmtDtls><TxAmt><Amt Ccy="PLN">{whole}.{part:02}</Amt></TxAmt></AmtDtls>'
    "<RltdPties><Dbtr><Nm>Księgarnia Żółw s.c.</Nm><PstlAdr><AdrLine>ul. Źródlana {number}"
    "</AdrLine><AdrLine>90-001 Łódź</AdrLine></PstlAdr></Dbtr><DbtrAcct><Id>"
    "<IBAN>PL61109010140000071219812874</IBAN></Id></DbtrAcct></RltdPties>"
    "<RmtInf><Ustrd>zapłata za fakturę FV/{number}/2026</Ustrd></RmtInf>"
    "</TxDtls></NtryDtls></Ntry>\n"
)
_CAMT_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr>'
    "<MsgId>M</MsgId><CreDtTm>2026-03-13T02:00:00</CreDtTm></GrpHdr><Stmt><Id>S</Id>"
    "<ElctrncSeqNb>49</ElctrncSeqNb><CreDtTm>2026-03-13T02:00:00</CreDtTm>"
    "<Acct><Id><IBAN>PL{account}</IBAN></Id><Ccy>PLN</Ccy></Acct>\n"
)
_CAMT_BALANCE = (
    "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
    '<Amt Ccy="PLN">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    "<Dt><Dt>2026-03-12</Dt></Dt></Bal>\n"
)


def write_mt940(path: Path, count: int) -> None:
    """A block of mBank with `count` credits of 0,01 to 99,99."""
    total = _total(count)
    with path.open("w", encoding="iso-8859-2", newline="") as file:
        file.write(f"\x01\n:20:ST260312CYC/1\n:25:PL{ACCOUNT}\n:28C:49/1\n:60F:C260312PLN0,00\n")
        for number in range(1, count + 1):
            file.write(_MT940_ENTRY.format(number=number, **_amount(number)))
        file.write(f":62F:C260312PLN{total // 100},{total % 100:02}\n-\x03\n")


def write_camt(path: Path, count: int) -> None:
    """A camt.053.001.02 with one statement of `count` credits."""
    total = _total(count)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_CAMT_HEAD.format(account=ACCOUNT))
        file.write(_CAMT_BALANCE.format(code="OPBD", amount="0.00"))
        closing = f"{total // 100}.{total % 100:02}"
        file.write(_CAMT_BALANCE.format(code="CLBD", amount=closing))
        for number in range(1, count + 1):
            file.write(_CAMT_ENTRY.format(number=number, **_amount(number)))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")


def _cents(number: int) -> int:
    return number % 9_999 + 1


def _amount(number: int) -> dict[str, int]:
    whole, part = divmod(_cents(number), 100)
    return {"whole": whole, "part": part}


def _total(count: int) -> int:
    return sum(map(_cents, range(1, count + 1)))
