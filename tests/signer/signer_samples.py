# SPDX-License-Identifier: LGPL-3.0-only
"""Documents and challenges of the signer's tests. All names and numbers are made up."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta, timezone

PAYER = "PL61109010140000071219812874"
PAYEE = "PL27114020040000300201355387"
RU_PAYER, RU_PAYEE = "40702810613123123222", "40702810201200000035"
ANY_ENVELOPE = "0" * 64


def pain001(amounts=("100.00", "250.50", "0.99"), version="03", **parts) -> bytes:
    """A pain.001 with one payment an amount. `parts`: count, total, extra (XML in a transfer)."""
    count = parts.get("count", len(amounts))
    total = parts.get("total", f"{sum(round(float(a) * 100) for a in amounts) / 100:.2f}")
    transfers = "".join(_transfer(*numbered, **parts) for numbered in enumerate(amounts, 1))
    day = "<Dt>2026-11-23</Dt>" if version == "09" else "2026-11-23"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}"><CstmrCdtTrfInitn>
<GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-11-22T10:00:00</CreDtTm><NbOfTxs>{count}</NbOfTxs>
<CtrlSum>{total}</CtrlSum><InitgPty><Nm>Firma Sp. z o.o.</Nm></InitgPty></GrpHdr>
<PmtInf><PmtInfId>P1</PmtInfId><PmtMtd>{parts.get("method", "TRF")}</PmtMtd>
<ReqdExctnDt>{day}</ReqdExctnDt><Dbtr><Nm>Firma Sp. z o.o.</Nm></Dbtr>
<DbtrAcct><Id><IBAN>{PAYER}</IBAN></Id></DbtrAcct>
<DbtrAgt><FinInstnId><Othr><Id>109</Id></Othr></FinInstnId></DbtrAgt>
{transfers}</PmtInf></CstmrCdtTrfInitn></Document>""".encode()


def _transfer(number: int, amount: str, **parts) -> str:
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>I{number}</InstrId><EndToEndId>E{number}</EndToEndId>"
        f'</PmtId><Amt><InstdAmt Ccy="PLN">{amount}</InstdAmt></Amt>'
        f"<Cdtr><Nm>Dostawca {number} Żółw</Nm></Cdtr>"
        f"<CdtrAcct><Id><IBAN>{PAYEE}</IBAN></Id></CdtrAcct>"
        f"<RmtInf><Ustrd>FV/{number}/2026</Ustrd></RmtInf>{parts.get('extra', '')}</CdtTrfTxInf>"
    )


def elixir(*lines: str, encoding: str = "cp1250") -> bytes:
    lines = lines or (elixir_line(), elixir_line(grosz="250"))
    return "".join(line + "\r\n" for line in lines).encode(encoding)


def elixir_line(kind="110", grosz="12345", name="Dostawca Żółw||ul. Długa 1|", **parts) -> str:
    """`parts`: day, payer_bank, zero, payer, payee, payee_bank, more, kind_of."""
    part = parts.get
    return (
        f"{kind},{part('day', '20261123')},{grosz},{part('payer_bank', '10901014')},"
        f'{part("zero", "0")},"{part("payer", PAYER[2:])}","{part("payee", PAYEE[2:])}",'
        f'"Firma||ul. A 1|","{name}",0,{part("payee_bank", "11402004")},"FV 1/2026|reszta",'
        f'"{part("empty", "")}","","{part("kind_of", "51")}","note"{part("more", "")}'
    )


def pay_doc_ru(total="15.00", extra="", **attributes) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<PayDocRu xmlns="http://directbank.1c.ru/XMLSchema" id="05688096-0806-4ef0-af4c-572f75dbaf7c"
 formatVersion="2.3.2" creationDate="2026-11-22T09:38:51">
<Sender id="82007cb2" name="ООО Ромашка" inn="7705260699" kpp="770501001"/>
<Recipient bic="044525888" name="Банк"/>
<Data><DocNo>14</DocNo><DocDate>2026-11-22</DocDate><Sum>{total}</Sum>
<Payer><Name>ООО Ромашка</Name><INN>7705260699</INN><Account>{RU_PAYER}</Account>
<Bank><BIC>044525888</BIC><Name>Банк</Name></Bank></Payer>
<Payee><Name>ООО Канцтовары</Name><INN>7704596181</INN><Account>{RU_PAYEE}</Account>
<Bank><BIC>044525999</BIC><Name>Банк 2</Name></Bank></Payee>
<TransitionKind>01</TransitionKind><Priority>5</Priority><Purpose>за товар</Purpose>{extra}</Data>
</PayDocRu>""".encode()


def packet(*documents: tuple[str, bytes], attributes: str = "") -> bytes:
    """A DirectBank packet of (dockind, document)."""
    import base64

    entries = "".join(
        f'<Document id="d{number}" dockind="{kind}" formatVersion="2.3.2" {attributes}>'
        f"<Data>{base64.b64encode(content).decode()}</Data></Document>"
        for number, (kind, content) in enumerate(documents)
    )
    return (
        '<Packet xmlns="http://directbank.1c.ru/XMLSchema" id="p1" formatVersion="2.3.2" '
        'creationDate="2026-11-22T09:38:51"><Sender><Customer id="1"/></Sender>'
        f'<Recipient><Bank bic="044525888"/></Recipient>{entries}</Packet>'
    ).encode()


def challenge(now: datetime | None = None, **changes) -> bytes:
    """A log-in challenge as the mBank-like bank makes it. A change to None takes the key out."""
    now = now or datetime.now(timezone.utc)
    fields = {
        "bank": "mbank",
        "client": "10000001",
        "expires": instant(now + timedelta(minutes=5)),
        "issuer": "urn:mbank:companyws:1",
        "login": "jan",
        "nonce": "0123456789abcdef0123456789abcdef",
        "purpose": "log-in",
        "time": instant(now),
        **changes,
    }
    fields = {key: value for key, value in fields.items() if value is not None}
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def opening(now: datetime | None = None, **changes) -> bytes:
    """What stands beside an encrypted session id: a log-in, written by Odoo.

    `envelope` is put in by the page that sends both.
    """
    own = {
        "bank": "ПАО Пример Банк",
        "envelope": ANY_ENVELOPE,
        "issuer": "bank.example.com",
        "nonce": secrets.token_hex(16),
        "purpose": "open session",
    }
    return challenge(now, **{**own, **changes})


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
