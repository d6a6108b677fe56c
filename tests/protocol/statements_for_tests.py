# SPDX-License-Identifier: LGPL-3.0-only
"""Small statement documents with single parts to spoil."""

from protocol import formats

ACCOUNT = "PL27114020040000300201355387"


def swift(entries="", *, opening="C260312PLN100,00", closing="C260312PLN100,00", head="", end="-"):
    """An MT940 without frame; `entries`: the fields between the balances."""
    text = (
        f":20:T\n:25:{ACCOUNT}\n:28C:49/1\n{head}:60F:{opening}\n{entries}:62F:{closing}\n{end}\n"
    )
    return text.encode("iso-8859-2")


def credit(amount="1,00", text="WPŁATA", line=None):
    return f":61:{line or f'2603120312CN{amount}NTRFNONREF'}\n:86:{text}\n"


NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"


def balance(code, amount, currency="PLN", mark="CRDT"):
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>2026-03-12</Dt></Dt></Bal>"
    )


def ntry(amount="1.00", mark="CRDT", day="2026-03-12", inside="", currency="PLN", status="BOOK"):
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"<Sts>{status}</Sts><BookgDt><Dt>{day}</Dt></BookgDt>{inside}</Ntry>"
    )


def stmt(entries="", opening="100.00", closing="100.00", number="49", account=ACCOUNT):
    return (
        f"<Stmt><Id>S</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><Acct><Id><IBAN>{account}</IBAN>"
        f"</Id><Ccy>PLN</Ccy></Acct>{balance('OPBD', opening)}{balance('CLBD', closing)}"
        f"{entries}</Stmt>"
    )


def camt(*statements, head='<?xml version="1.0" encoding="UTF-8"?>'):
    body = "".join(statements)
    text = f'{head}<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>{body}</BkToCstmrStmt></Document>'
    return text.encode()


def client_bank(*sections, end="КонецФайла", charset="cp1251"):
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", "ДатаНачала=12.03.2026", *sections, end]
    return "\r\n".join([*lines, ""]).encode(charset)


RUSSIAN_ACCOUNT = "40702810500000012345"


def account_section(opening="100.00", closing="100.00", day="12.03.2026", account=RUSSIAN_ACCOUNT):
    return "\r\n".join(
        (
            *("СекцияРасчСчет", f"ДатаНачала={day}", f"ДатаКонца={day}", f"РасчСчет={account}"),
            *(f"НачальныйОстаток={opening}", f"КонечныйОстаток={closing}", "КонецРасчСчет"),
        )
    )


def document_section(**fields):
    values = {
        "Номер": "1",
        "Дата": "12.03.2026",
        "Сумма": "1.00",
        "ПлательщикСчет": "40702810900000054321",
        "ПолучательСчет": RUSSIAN_ACCOUNT,
        "НазначениеПлатежа": "Оплата",
        **fields,
    }
    lines = [f"{key}={value}" for key, value in values.items()]
    return "\r\n".join(("СекцияДокумент=Платежное поручение", *lines, "КонецДокумента"))


def read(data, **options):
    """Statements with their checked entries, as pairs."""
    return [
        (statement, list(formats.check(statement).entries))
        for statement in formats.parse(data, **options)
    ]


def entries_of(data, **options):
    return [entry for _, entries in read(data, **options) for entry in entries]
