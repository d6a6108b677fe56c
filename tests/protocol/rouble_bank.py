# SPDX-License-Identifier: LGPL-3.0-only
"""A DirectBank service of a few lines whose mailbox the test fills; imported, no test itself."""

from __future__ import annotations

import base64
import contextlib
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from lxml import etree

NS = "http://directbank.1c.ru/XMLSchema"
ROOT = f'xmlns="{NS}" formatVersion="2.3.2"'


def result(inside: str) -> str:
    return f"<ResultBank {ROOT}><Success>{inside}</Success></ResultBank>"


def error(code: str, description="Описание", more="") -> str:
    more = f"<MoreInfo>{more}</MoreInfo>" if more else ""
    inside = f"<Code>{code}</Code><Description>{description}</Description>{more}"
    return f"<ResultBank {ROOT}><Error>{inside}</Error></ResultBank>"


def encrypted(sid: bytes, certificate) -> str:
    """LogonCert's answer for this certificate."""
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(sid).add_recipient(certificate)
    data = base64.b64encode(builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])).decode()
    return result(f"<LogonCertResponse><EncryptedSID>{data}</EncryptedSID></LogonCertResponse>")


def notice(about, code="01", at="2026-11-18T10:00:00", name="", answers="", error_code=""):
    """A StatusDocNotice; `error_code` instead of a status."""
    name = f"<Name>{name}</Name>" if name else ""
    said = f"<Status><Code>{code}</Code>{name}</Status>"
    if error_code:
        said = f"<Error><Code>{error_code}</Code><Description>Нет</Description></Error>"
    answers = f"<ExtIDStatusRequest>{answers}</ExtIDStatusRequest>" if answers else ""
    return "02", (
        f'<StatusDocNotice {ROOT} id="n" creationDate="{at}"><Sender><Bank bic="044525888"/>'
        f'</Sender><Recipient><Customer id="C-1"/></Recipient><ExtID>{about}</ExtID>'
        f"<Result>{said}</Result>{answers}</StatusDocNotice>"
    )


class RoubleBank:
    """`answers`: method -> answer to give instead, once. `on_document(kind, root)`: its replies."""

    def __init__(self):
        self.answers: dict[str, str] = {}
        self.status = 200
        self.requests: list[tuple[str, dict, bytes]] = []
        self.mail: list[tuple[str, str]] = []  # (packet id, packet's inside)
        self.on_document = lambda kind, root: []
        self.attributes = ""

    def deliver(self, *documents: tuple[str, str | bytes]) -> None:
        for kind, content in documents:
            content = content.encode() if isinstance(content, str) else content
            data = base64.b64encode(content).decode()
            inside = f'<Document id="d" dockind="{kind}" formatVersion="2.3.2" {self.attributes}>'
            self.mail.append((uuid.uuid4().hex, f"{inside}<Data>{data}</Data></Document>"))

    def sent(self, kind: str) -> list[etree._Element]:
        """The packets that came with a document of this kind."""
        found = [etree.fromstring(body) for m, _headers, body in self.requests if m == "SendPack"]
        return [root for root in found if root.find(f"{{{NS}}}Document").get("dockind") == kind]

    def answer(self, method: str, headers: dict, query: dict, body: bytes) -> str:
        self.requests.append((method, headers, body))
        if method in self.answers:
            return self.answers.pop(method)
        return getattr(self, f"_{method}")(headers, query, body)

    def _Logon(self, headers, query, body):
        return result(
            '<LogonResponse><SID>half-session</SID><ExtraAuth><OTP phoneMask="+7***85" '
            'code="half-ses"/></ExtraAuth></LogonResponse>'
        )

    def _LogonOTP(self, headers, query, body):
        if headers["OTP"] != "111111":
            return error("1204")
        return result("<LogonResponse><SID>session</SID></LogonResponse>")

    def _GetSettings(self, headers, query, body):
        return result('<GetSettingsResponse id="s"><Data dockind="06">PHg+</Data>'
                      "</GetSettingsResponse>")  # fmt: skip

    def _SendPack(self, headers, query, body):
        document = etree.fromstring(body).find(f"{{{NS}}}Document")
        data = base64.b64decode(document.findtext(f"{{{NS}}}Data"))
        self.deliver(*self.on_document(document.get("dockind"), etree.fromstring(data)))
        return result("<SendPacketResponse><ID>bank-packet</ID></SendPacketResponse>")

    def _GetPackList(self, headers, query, body):
        ids = "".join(f"<PacketID>{identifier}</PacketID>" for identifier, _inside in self.mail)
        last = "2026-11-18T10:00:00"
        return result(f'<GetPacketListResponse TimeStampLastPacket="{last}">{ids}'
                      "</GetPacketListResponse>")  # fmt: skip

    def _GetPack(self, headers, query, body):
        inside = dict(self.mail).get(query["id"][0])
        if inside is None:
            return error("2102")
        party = '<Sender><Bank bic="044525888"/></Sender>'
        return result(f'<GetPacketResponse id="p">{party}{inside}</GetPacketResponse>')


@contextlib.contextmanager
def running():
    """(the bank, its address)."""
    bank = RoubleBank()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            method = parts.path.rpartition("/")[2]
            said = bank.answer(method, dict(self.headers), parse_qs(parts.query), body).encode()
            self.send_response(bank.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield bank, f"http://127.0.0.1:{server.server_address[1]}/go"
    finally:
        server.shutdown()
        server.server_close()
