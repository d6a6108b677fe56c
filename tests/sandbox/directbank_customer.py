# SPDX-License-Identifier: LGPL-3.0-only
"""A plain customer of the DirectBank bank: requests and XML by hand, nothing of the add-on."""

import base64
import uuid

import requests
from lxml import etree

SPACE = "http://directbank.1c.ru/XMLSchema"
BIK = "044525901"
CLIENT, LOGIN = "RU000002", "servis-ru"
ACCOUNT = "40702810300000000003"
MAIN = "40702810700000000001"  # client RU000001
INN = {CLIENT: "7802000022", "RU000001": "7701000019"}
BOM = b"\xef\xbb\xbf"
PAYEE = {"name": "ООО Бумага и Офис", "bik": "044030653", "account": "40702810655000000101"}


def guid(name):
    """The same GUID for a name always: the bank takes no other ids."""
    try:
        return str(uuid.UUID(str(name)))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


class DirectBank:
    def __init__(self, addresses, client=CLIENT):
        self.base, self.client, self.sid = addresses["directbank"], client, ""

    def post(self, name, body=b"", **headers):
        address = f"{self.base}/{name}"
        return self._read(requests.post(address, data=body, headers=self._all(headers), timeout=10))

    def get(self, name, **query):
        address = f"{self.base}/{name}"
        return self._read(requests.get(address, params=query, headers=self._all({}), timeout=10))

    def _all(self, headers):
        values = {"CustomerID": self.client, "APIVersion": "2.3.2", "SID": self.sid, **headers}
        return {key: value for key, value in values.items() if value}

    def _read(self, answer):
        assert answer.status_code == 200
        root = etree.fromstring(answer.content)
        assert root.tag == f"{{{SPACE}}}ResultBank"
        return root

    def log_on(self, login=LOGIN, password=None):
        basic = base64.b64encode(f"{login}:{password or login}".encode()).decode()
        answer = self.post("Logon", Authorization=f"Basic {basic}")
        self.sid = answer.findtext(".//{*}SID") or ""
        return answer

    def send(self, *documents, **more):
        return self.post("SendPack", packet(self, documents, **more))

    def ids(self, **query):
        return [e.text for e in self.get("GetPackList", **query).iter("{*}PacketID")]

    def documents(self):
        """[(kind, root element)] of all packets that wait."""
        found = []
        for ident in self.ids():
            answer = self.get("GetPack", id=ident)
            for document in answer.iter(f"{{{SPACE}}}Document"):
                data = base64.b64decode(document.findtext("{*}Data"))
                assert data.startswith(b"\xef\xbb\xbf")
                found.append((document.get("dockind"), etree.fromstring(data)))
        return found

    def notices(self, document_id):
        """Status codes and error codes of the notices about a document, oldest first."""
        return [
            root.findtext("{*}Result//{*}Code")
            for kind, root in self.documents()
            if kind == "02" and root.findtext("{*}ExtID") == guid(document_id)
        ]

    def statement(self, kind="1", since="2026-11-20", until="2026-11-20", account=ACCOUNT):
        """Ask for a statement; its root element, or the code of the error."""
        request_id = str(uuid.uuid4())
        self.send(Document("14", statement_request(self, kind, since, until, account, request_id),
                           request_id))  # fmt: skip
        for _kind, root in self.documents():
            if root.findtext("{*}ExtIDStatementRequest") == request_id:
                return root
        return self.notices(request_id)[-1]


def error_code(root):
    return root.findtext(".//{*}Error/{*}Code")


class Document:
    """A document of a packet, with signatures by `signers` (people with certificates)."""

    def __init__(self, kind, content, ident, signers=(), **attributes):
        self.kind, self.content, self.id = kind, content, guid(ident)
        self.signers, self.attributes = signers, attributes

    def xml(self):
        extra = "".join(f' {key}="{value}"' for key, value in self.attributes.items())
        signatures = "".join(_signature(person, self.content) for person in self.signers)
        data = base64.b64encode(self.content).decode()
        return (
            f'<Document id="{self.id}" dockind="{self.kind}" formatVersion="2.3.2"{extra}>'
            f"<Data>{data}</Data>{signatures}</Document>"
        )


def _signature(person, content):
    serial = f"{person.certificate.serial_number:x}"
    serial = serial.rjust(len(serial) + len(serial) % 2, "0")
    signed = base64.b64encode(person.sign(content)).decode()
    return (
        f'<Signature x509IssuerName="{person.login}" x509SerialNumber="{serial}">'
        f"<SignedData>{signed}</SignedData></Signature>"
    )


def _root(ident):
    made = 'formatVersion="2.3.2" creationDate="2026-11-20T12:00:00"'
    return f'xmlns="{SPACE}" id="{guid(ident)}" {made}'


def packet(bank, documents, ident=None, sender=None, recipient=BIK):
    inside = "".join(document.xml() for document in documents)
    client = sender or bank.client
    return (
        BOM
        + (
            f"<Packet {_root(ident or uuid.uuid4())}>"
            f'<Sender><Customer id="{client}" inn="{INN.get(client, INN[CLIENT])}"/></Sender>'
            f'<Recipient><Bank bic="{recipient}"/></Recipient>{inside}</Packet>'
        ).encode()
    )


def parties(bank):
    return f'<Sender id="{bank.client}"/><Recipient bic="{BIK}"/>'


def order(bank, ident, number="1", amount="1000.00", signers=(), account=ACCOUNT, **more):
    """A payment order (10) as a Document."""
    payee = {**PAYEE, **more}
    content = (
        BOM
        + (
            f"<PayDocRu {_root(ident)}>{parties(bank)}<Data>"
            f"<DocNo>{number}</DocNo><DocDate>{more.get('day', '2026-11-20')}</DocDate>"
            f"<Sum>{amount}</Sum><Payer><Name>ООО Демо Сервис</Name><INN>7802000022</INN>"
            f"<Account>{account}</Account><Bank><BIC>{BIK}</BIC></Bank></Payer>"
            f"<Payee><Name>{payee['name']}</Name><INN>{more.get('inn', '0')}</INN>"
            f"<Account>{payee['account']}</Account><Bank><BIC>{payee['bik']}</BIC></Bank></Payee>"
            f"<TransitionKind>01</TransitionKind><Priority>5</Priority>{more.get('extra', '')}"
            f"<Purpose>{more.get('purpose', 'Оплата по счёту 1')}</Purpose></Data></PayDocRu>"
        ).encode()
    )
    return Document("10", content, ident, signers)


def statement_request(bank, kind, since, until, account, ident):
    return (
        BOM
        + (
            f"<StatementRequest {_root(ident)}>{parties(bank)}<Data>"
            f"<StatementType>{kind}</StatementType><DateFrom>{since}T00:00:00</DateFrom>"
            f"<DateTo>{until}T23:59:59</DateTo><Account>{account}</Account>"
            f"<Bank><BIC>{BIK}</BIC></Bank></Data></StatementRequest>"
        ).encode()
    )


def about(bank, kind, document_id, ident):
    """A status request (03) or a recall (04) about a document; a probe (05)."""
    name = {"03": "StatusRequest", "04": "CancelationRequest", "05": "Probe"}[kind]
    ext = f"<ExtID>{guid(document_id)}</ExtID>" if document_id else ""
    content = f"<{name} {_root(ident)}>{parties(bank)}{ext}</{name}>"
    return Document(kind, BOM + content.encode(), ident)
