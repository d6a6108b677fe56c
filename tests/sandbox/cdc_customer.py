# SPDX-License-Identifier: LGPL-3.0-only
"""A company at a CDC bank, with requests, zeep and signxml; imported by tests, no test itself."""

import contextlib
from datetime import datetime, timedelta, timezone

import requests
import zeep
from conftest import pain001
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import xades
from zeep.transports import Transport

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CDC = "urn:ca:std:cdc:tech:xsd:cdc.001.01"
ACTION = "urn:ca:std:cdc:tech:wsdl:cdc.ws.001.01"
HEADER = "urn:ca:std:ccs:ing:tech:xsd:mhdr.001.001.01"
ING, ING_SECOND, ING_EURO, ING_OTHER = (
    "16105010121000009000010001", "86105010121000009000010002", "59105010121000009000010003",
    "64105010121000009000020001",
)  # fmt: skip
BNP = "85160011271850000010010001"


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Company:
    """A client of a bank, with key files in a folder."""

    def __init__(self, control, folder, client="10500001", bank="ing", pass_id="ERP01"):
        self.control, self.folder, self.client, self.bank = control, folder, client, bank
        self.pass_id, self.count = pass_id, 0
        self.address = control.addresses[bank]
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(requests.get(control.addresses["cdc_ca"], timeout=10).content)
        self.person = None

    def certified(self, use="communication", key=None, client="", **more):
        """(key, certificate) that the bank's portal made for a request of ours."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        builder = x509.CertificateSigningRequestBuilder().subject_name(name_of("company"))
        csr = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        body = {"client": client or self.client, "use": use, "csr": csr.decode(), **more}
        pem = self.control.post("cdc/certificate", **body)["pem"]
        return key, x509.load_pem_x509_certificate(pem.encode())

    def appear(self, key, certificate):
        """Files with this certificate and key, for requests."""
        self.count += 1
        path = self.folder / f"{self.client}-{self.count}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        self.shown = str(path)
        return self

    def session(self):
        session = requests.Session()
        session.trust_env = False
        session.cert, session.verify = self.shown, str(self.ca)
        return session

    def post(self, data, action):
        headers = {"SOAPAction": f'"{ACTION}/{action}"', "Content-Type": "text/xml; charset=utf-8"}
        with self.session() as session:
            return session.post(self.address, data=data, headers=headers, timeout=20)

    def header(self, **more):
        if self.bank != "ing":
            return ""
        values = {"FinInstID": "INGBankŚląski", "PartnerID": self.client, "PassID": self.pass_id}
        values.update(more)
        parts = "".join(f"<{tag}>{text}</{tag}>" for tag, text in values.items())
        return (
            f'<Header><CcsHeader xmlns="{HEADER}" Version="1" Revision="1">{parts}'
            '<ProdID manufacturer="test" ver="1">test</ProdID></CcsHeader></Header>'
        )

    def call(self, operation, document, signature=b"", header=None):
        """The answer of the bank: an HTTP response. `document`: XML as text or bytes.

        The envelope has default namespaces only, which do not reach into a signed document.
        """
        document = document.decode() if isinstance(document, bytes) else document
        document = document.partition("?>")[2] if document.startswith("<?") else document
        header = self.header() if header is None else header
        data = (
            f'<Envelope xmlns="{SOAP}">{header}<Body><{operation} xmlns="{CDC}">'
            f"{document.strip()}{signature.decode()}</{operation}></Body></Envelope>"
        ).encode()
        return self.post(data, operation)

    def send(self, *orders, operation="DomesticTransfer", account=ING, sign=True, **more):
        content = pain001(*orders, account=account, **more)
        return self.call(operation, content, self.sign(content) if sign else b"")

    def sign(self, content, person=None):
        key, certificate = person or self.person
        kind = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ecdsa"
        signer = xades.XAdESSigner(signature_algorithm=f"{kind}-sha256")
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        signed = signer.sign(etree.fromstring(content), key=key, cert=[pem])
        (element,) = signed.iter("{http://www.w3.org/2000/09/xmldsig#}Signature")
        return etree.tostring(element, with_tail=False)

    def status(self, about, message_id):
        return self.call("GetPaymentStatusReport", question_of_status(about, message_id))

    def zeep(self):
        """A client that knows no more than the WSDL which the bank gives."""
        client = zeep.Client(f"{self.address}?wsdl", transport=Transport(session=self.session()))
        header = client.get_element(f"{{{HEADER}}}CcsHeader")
        product = {"_value_1": "zeep", "manufacturer": "zeep", "ver": "4", "langVer": "en"}
        said = header(
            FinInstID="INGBankŚląski", PartnerID=self.client, PassID=self.pass_id, ProdID=product,
            Version=2, Revision=2,
        )  # fmt: skip
        headers = [said] if self.bank == "ing" else []
        return client.service, headers


def question_of_status(about, message_id):
    return (
        '<Document xmlns="urn:ca:std:ccs:tech:xsd:past.001.001.02"><GetPayStsRpt><GrpHdr><MsgId>'
        f"<Id>{message_id}</Id></MsgId><CreDtTm>2026-11-20T10:00:00Z</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{about}</OrgnlMsgId></OrgnlGrpInfAndSts></GetPayStsRpt>"
        "</Document>"
    )


def question_of_balance(number, message_id="B1", tail=""):
    return (
        '<Document xmlns="urn:swift:xsd:camt.003.001.04"><GetAcct><MsgId>'
        f"<Id>{message_id}</Id></MsgId><AcctQryDef><AcctCrit><NewCrit><SchCrit><AcctId><EQ><IBAN>"
        f"PL{number}</IBAN></EQ></AcctId><Bal><BalTp><Cd>BOOK</Cd></BalTp><CtrPtyTp>MULT</CtrPtyTp>"
        f"</Bal></SchCrit></NewCrit></AcctCrit></AcctQryDef>{tail}</GetAcct></Document>"
    )


def search(number, **which):
    """The SchCrit of a report or a statement, for zeep."""
    return {"NewCrit": {"SchCrit": {"AcctId": {"EQ": {"IBAN": f"PL{number}"}}, **which}}}


def report_question(number, message_id, **which):
    crit = {"AcctRptCrit": search(number, **which)}
    return {"GetAcctRpt": {"MsgId": {"Id": message_id}, "AcctRptQryDef": crit}}


def statement_question(number, message_id, **which):
    crit = {"StmtCrit": search(number, **which)}
    return {"GetStmt": {"MsgId": {"Id": message_id}, "StmtQryDef": crit}}


def code_of(answer):
    """The code of the error report that this answer must be."""
    assert answer.status_code == 500, answer.text
    root = etree.fromstring(answer.content)
    assert root.find(f".//{{{SOAP}}}Fault/detail") is not None
    return root.findtext(".//{urn:iso:std:iso:20022:tech:xsd:tsmt.016.001.03}RuleId")


def statuses(answer):
    """(group status, {end-to-end id: (status, reason)}) of a pain.002 in an answer."""
    assert answer.status_code == 200, answer.text
    root = etree.fromstring(answer.content)
    orders = {
        one.findtext("{*}OrgnlEndToEndId"): (
            one.findtext("{*}TxSts"), one.findtext("{*}StsRsnInf/{*}Rsn/{*}Cd", default=""),
        )
        for one in root.iter("{*}TxInfAndSts")
    }  # fmt: skip
    return root.findtext(".//{*}GrpSts"), orders


@contextlib.contextmanager
def foreign(name="somebody", days=(-1, 300)):
    """(key, certificate) that this person's own authority made."""
    key, issuer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(name))
        .issuer_name(name_of("Foreign CA"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
    )
    yield key, builder.sign(issuer, hashes.SHA256())
