# SPDX-License-Identifier: LGPL-3.0-only
"""camt.053 (final) and camt.052 (intraday), ISO 20022, versions 02 and 08.

The own account is an IBAN, the other side's account stands in `Othr/Id`, line breaks of a title
are `|`: so do banks of this country. `TxId` and `AcctSvcrRef` are the
unique operation id, the same one as `TNR` in MT940.
"""

from __future__ import annotations

from decimal import Decimal

from lxml import etree
from lxml.builder import ElementMaker

from ..ledger import Extract, Movement
from ..numbers import as_iban

_KINDS = {"053": ("BkToCstmrStmt", "Stmt"), "052": ("BkToCstmrAcctRpt", "Rpt")}


def render(extract: Extract, kind: str = "053", version: str = "02", numbers=None) -> bytes:
    """`kind` 053 or 052, `version` 02 or 08; `numbers` of the entries: 1, 2, ... unless given."""
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"
    E = ElementMaker(namespace=space, nsmap={None: space})
    outer, inner = _KINDS[kind]
    made = _instant(extract.made_at)
    ident = f"{extract.account.number[-10:]}-{extract.until:%Y%m%d}-{extract.number}"
    body = E(
        inner,
        E.Id(ident),
        E.ElctrncSeqNb(str(extract.number)),
        E.CreDtTm(made),
        E.FrToDt(E.FrDtTm(f"{extract.since}T00:00:00"), E.ToDtTm(f"{extract.until}T23:59:59")),
        E.Acct(
            E.Id(E.IBAN(as_iban(extract.account.number))),
            E.Ccy(extract.account.currency),
            E.Nm(extract.account.name[:70]),
            E.Ownr(E.Nm(extract.account.owner)),
        ),
    )
    codes = ("OPBD", "CLBD") if kind == "053" else ("OPBD", "ITBD")
    body.append(_balance(E, codes[0], extract.opening, extract.since, extract.account.currency))
    body.append(_balance(E, codes[1], extract.closing, extract.until, extract.account.currency))
    if kind == "053":
        body.append(_balance(E, "CLAV", extract.closing, extract.until, extract.account.currency))
    numbers = numbers or range(1, len(extract.movements) + 1)
    for number, movement in zip(numbers, extract.movements, strict=True):
        body.append(_entry(E, movement, number, version))
    document = E.Document(
        E(outer, E.GrpHdr(E.MsgId(f"{kind}-{ident}"[:35]), E.CreDtTm(made)), body)
    )
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8")


def _instant(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _sign(E, amount: Decimal):
    return E.CdtDbtInd("CRDT" if amount >= 0 else "DBIT")


def _balance(E, code: str, amount: Decimal, day, currency: str):
    return E.Bal(
        E.Tp(E.CdOrPrtry(E.Cd(code))),
        E.Amt(f"{abs(amount):.2f}", Ccy=currency),
        _sign(E, amount),
        E.Dt(E.Dt(day.isoformat())),
    )


def _entry(E, movement: Movement, number: int, version: str):
    entry = E.Ntry(
        E.NtryRef(str(number)),
        E.Amt(f"{abs(movement.amount):.2f}", Ccy=movement.currency),
        _sign(E, movement.amount),
    )
    if movement.reversal_reason:
        entry.append(E.RvslInd("true"))
    entry.append(E.Sts("BOOK") if version == "02" else E.Sts(E.Cd("BOOK")))
    day = movement.booked_on.isoformat()
    entry.append(E.BookgDt(E.Dt(day)))
    entry.append(E.ValDt(E.Dt(day)))
    entry.append(E.AcctSvcrRef(movement.tnr))
    entry.append(E.BkTxCd(E.Prtry(E.Cd(movement.code), E.Issr("mBank"))))
    count = movement.details.get("batch")
    if count:
        batch = E.Btch(E.PmtInfId(movement.end_to_end_id), E.NbOfTxs(count))
        entry.append(E.NtryDtls(batch))
        entry.append(E.AddtlNtryInf(movement.title or "-"))
    else:
        entry.append(E.NtryDtls(_details(E, movement, version)))
    return entry


def _details(E, movement: Movement, version: str):
    refs = E.Refs()
    for name, value in (
        ("MsgId", movement.message_id[:35]),
        ("AcctSvcrRef", movement.tnr),
        ("InstrId", movement.instruction_id),
        ("EndToEndId", movement.end_to_end_id or "NOTPROVIDED"),
        ("TxId", movement.tnr),
    ):
        if value:
            refs.append(E(name, value))
    details = E.TxDtls(refs)
    if version == "08":
        details.append(E.Amt(f"{abs(movement.amount):.2f}", Ccy=movement.currency))
        details.append(_sign(E, movement.amount))
    if movement.party_name or movement.party_account:
        details.append(_parties(E, movement, version))
    if movement.title:
        lines = movement.title.replace("\n", "|")
        ustrd = [E.Ustrd(lines[i : i + 140]) for i in range(0, len(lines), 140)]
        details.append(E.RmtInf(*ustrd))
    if movement.reversal_reason:
        details.append(E.RtrInf(E.Rsn(E.Cd(movement.reversal_reason))))
    return details


def _parties(E, movement: Movement, version: str):
    role = "Dbtr" if movement.amount > 0 else "Cdtr"
    who = [E.Nm(movement.party_name or "?")]
    if movement.party_address:
        who.append(E.PstlAdr(E.AdrLine(movement.party_address[:70])))
    parties = E.RltdPties(E(role, *who) if version == "02" else E(role, E.Pty(*who)))
    if movement.party_account:
        parties.append(E(f"{role}Acct", E.Id(E.Othr(E.Id(as_iban(movement.party_account)[:34])))))
    return parties
