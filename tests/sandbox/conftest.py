# SPDX-License-Identifier: LGPL-3.0-only
"""The sandbox as a process of its own, and a plain customer that talks to it with zeep."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
import zeep
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from lxml import etree

ROOT = Path(__file__).parents[2]
NOW = "2026-11-20T09:00:00Z"  # a Friday, ten o'clock in Warsaw
MAIN = "22114010100000100000010001"  # PLN, client 10000001
SECOND = "92114010100000100000010002"
EURO = "65114010100000100000010003"
OTHER_CLIENT = "70114010100000100000020001"  # PLN, client 10000002
SUPPLIER = "32102010264010200000012345"


def start(*arguments, **more):
    """A sandbox process and its addresses."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, **more,
    )  # fmt: skip
    assert process.stdout.readline().startswith("sandbox ready on ")
    return process, json.loads(process.stdout.readline())


def stop(process):
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture(scope="session")
def server():
    process, addresses = start("--execute-after", "manual", "--statements", "day-end")
    yield addresses
    stop(process)


@pytest.fixture(scope="session")
def wsdl(server):
    return zeep.Client(server["mbank_wsdl"])


@pytest.fixture
def control(server):
    """The control routes of a bank that was just reset; also brings the settings back."""
    settings = requests.post(f"{server['control']}/settings", json={}, timeout=10).json()
    yield Control(server)
    requests.post(f"{server['control']}/settings", json=settings, timeout=10)


@pytest.fixture
def bank(wsdl, control):
    return Customer(wsdl, control)


class Control:
    def __init__(self, addresses):
        self.addresses = addresses
        self.post("reset", now=NOW)

    def post(self, name, /, **body):
        answer = requests.post(f"{self.addresses['control']}/{name}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, name, /, **query):
        address = f"{self.addresses['control']}/{name}"
        return requests.get(address, params=query, timeout=10).json()

    def booked(self, end_to_end_id):
        return self.get("ledger", end_to_end_id=end_to_end_id)["movements"]

    def phone(self, login):
        address = f"{self.addresses['phone']}/api/users/{login}"
        return requests.get(address, timeout=10).json()

    def press(self, login, answer):
        """Press Confirm or Refuse for the newest thing that waits on this phone."""
        waiting = self.phone(login)["challenges"][-1]
        address = f"{self.addresses['phone']}/api/challenges/{waiting['id']}/{answer}"
        assert requests.post(address, timeout=10).status_code == 200
        return waiting


class Customer:
    """A customer of the mBank-like bank."""

    def __init__(self, client, control):
        self.client, self.control, self.token = client, control, None

    def call(self, name, **arguments):
        anonymous = name in ("LogIn", "Confirm") or not self.token
        headers = None if anonymous else {"Session": {"Token": self.token}}
        return self.client.service[name](**arguments, _soapheaders=headers)

    def log_in(self, login="anna", client="10000001"):
        answer = self.call("LogIn", ClientIdentifier=client, Login=login, Method="mobile")
        self.control.press(login, "confirm")
        self.token = self.call("Confirm", ChallengeId=answer.Challenge.Id).Session.Token
        return self

    def log_in_with(self, person, client="10000001"):
        answer = self.call(
            "LogIn", ClientIdentifier=client, Login=person.login, Method="certificate"
        )
        signature = person.sign(answer.Challenge.Payload)
        answer = self.call("Confirm", ChallengeId=answer.Challenge.Id, Answer=signature)
        self.token = answer.Session.Token
        return self

    def send(self, content, message_id="MSG-1", signatures=(), format="PAIN001.03", phone=False):
        return self.call(
            "SendPackage", MessageId=message_id, Format=format, Content=content,
            Signature=list(signatures), ConfirmOnPhone=phone,
        )  # fmt: skip

    def refused(self, name, **arguments):
        """The code of the fault that this call must meet."""
        with pytest.raises(zeep.exceptions.Fault) as caught:
            self.call(name, **arguments)
        return fault_code(caught.value)

    def send_refused(self, *arguments, **more):
        with pytest.raises(zeep.exceptions.Fault) as caught:
            self.send(*arguments, **more)
        return fault_code(caught.value)


def fault_code(fault):
    return fault.detail.findtext(".//{urn:mbank:companyws:1}Code")


class Person:
    """A user with a key and a self-signed certificate."""

    def __init__(self, login, *, key=None, days=1):
        self.login = login
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, login)])
        start_of = datetime.fromisoformat(NOW.replace("Z", "+00:00")) - timedelta(days=30)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name).issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start_of)
            .not_valid_after(start_of + timedelta(days=30 + days))
            .sign(self.key, hashes.SHA256())
        )  # fmt: skip

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def register(self, control):
        control.post("certificates", login=self.login, pem=self.pem)
        return self

    def sign(self, data):
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return (
            pkcs7.PKCS7SignatureBuilder()
            .set_data(data)
            .add_signer(self.certificate, self.key, hashes.SHA256())
            .sign(serialization.Encoding.DER, options)
        )


@pytest.fixture
def jan(control):
    return Person("jan").register(control)


@pytest.fixture(scope="session")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def transfer(end_to_end_id, amount="100.00", to=SUPPLIER, title="Faktura 1", **more):
    """The values of one order."""
    values = {"id": end_to_end_id, "amount": amount, "to": to, "title": title,
              "name": "Papier i Biuro Sp. z o.o.", "currency": "PLN", "instruction": "",
              "address": ""}  # fmt: skip
    return {**values, **more}


def pain001(*orders, message_id="MSG-1", account=MAIN, day="2026-11-20", version="03", **more):
    """A small pain.001; `count` and `total` may be given wrong on purpose."""
    count = more.get("count", len(orders))
    total = more.get("total", sum(round(float(order["amount"]) * 100) for order in orders) / 100)
    date_of = day if version == "03" else f"<Dt>{day}</Dt>"
    agent = "<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>"
    lines = "".join(_transaction(order) for order in orders)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}"><CstmrCdtTrfInitn>
<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-11-20T10:00:00</CreDtTm>
<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total:.2f}</CtrlSum>
<InitgPty><Nm>Demo Handel</Nm></InitgPty></GrpHdr>
<PmtInf><PmtInfId>{more.get("group", message_id + "-1")}</PmtInfId><PmtMtd>TRF</PmtMtd>
<ReqdExctnDt>{date_of}</ReqdExctnDt><Dbtr><Nm>Demo Handel Sp. z o.o.</Nm></Dbtr>
<DbtrAcct><Id><IBAN>PL{account}</IBAN></Id></DbtrAcct><DbtrAgt>{agent}</DbtrAgt>
{lines}</PmtInf></CstmrCdtTrfInitn></Document>""".encode()


def _transaction(order):
    instruction = f"<InstrId>{order['instruction']}</InstrId>" if order["instruction"] else ""
    number = order["to"] if order["to"][:2].isalpha() else "PL" + order["to"]
    return f"""<CdtTrfTxInf>
<PmtId>{instruction}<EndToEndId>{order["id"]}</EndToEndId></PmtId>
<Amt><InstdAmt Ccy="{order["currency"]}">{order["amount"]}</InstdAmt></Amt>
<Cdtr><Nm>{order["name"]}</Nm>{order["address"]}</Cdtr>
<CdtrAcct><Id><IBAN>{number}</IBAN></Id></CdtrAcct>
<RmtInf><Ustrd>{order["title"]}</Ustrd></RmtInf></CdtTrfTxInf>"""


def order_statuses(receipt):
    """{end-to-end id: (status, reason code)} of a receipt's pain.002."""
    root = etree.fromstring(receipt.Content)
    space = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"}
    return {
        tx.findtext("p:OrgnlEndToEndId", namespaces=space): (
            tx.findtext("p:TxSts", namespaces=space),
            tx.findtext("p:StsRsnInf/p:Rsn/p:Cd", default="", namespaces=space),
        )
        for tx in root.iter(f"{{{space['p']}}}TxInfAndSts")
    }
