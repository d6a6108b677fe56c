# SPDX-License-Identifier: LGPL-3.0-only
"""The calls of a DirectBank service: headers out, ResultBank in, its errors mapped once."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from lxml import etree

from ...bank import Connection
from ...errors import BadAnswer, Invalid, InvalidDocument, SessionEnded
from ...formats.directbank import NAMESPACE
from ...formats.directbank.order import FORMAT_VERSION
from ...formats.safe_xml import parse_safely, text_of
from ...wire.http import Answer, Http, check_status
from ...wording import _
from .codes import error_of
from .packet import NO_FIELD

RESULTS = {
    "Logon": "LogonResponse",
    "LogonOTP": "LogonResponse",
    "LogonCert": "LogonCertResponse",
    "GetSettings": "GetSettingsResponse",
    "SendPack": "SendPacketResponse",
    "GetPackList": "GetPacketListResponse",
    "GetPack": "GetPacketResponse",
}
NOT_RESULT = _("The bank's answer is no DirectBank result: {what}.")
BAD_HEADER = _("{name} may hold only letters without accents, digits and signs: {value}")


class Service:
    """One bank's address. Each call gives the element of its result, or raises a BankError."""

    def __init__(self, connection: Connection, version: str = FORMAT_VERSION):
        self._http, self._version = Http(connection), version
        self._address = connection.address.rstrip("/")

    @property
    def host(self) -> str:
        """The bank's name in the network, with its port where that is not the usual one."""
        return urlsplit(self._address).netloc.rpartition("@")[2]

    def post(self, method: str, client: str, body: bytes = b"", **headers: str) -> etree._Element:
        answer = self._http.post(
            f"{self._address}/{method}", body, self._headers(client, headers), method
        )
        return self._result(method, answer, headers)

    def get(self, method: str, client: str, query: dict[str, str], **headers: str):
        address = f"{self._address}/{method}"
        if query:
            address += f"?{urlencode(query)}"
        answer = self._http.get(address, self._headers(client, headers), method)
        return self._result(method, answer, headers)

    @staticmethod
    def text(element: etree._Element, name: str) -> str:
        """The text of a child that must be there."""
        found = text_of(element.find(f"{{{NAMESPACE}}}{name}"))
        if not found:
            raise BadAnswer(NO_FIELD.format(name=name))
        return found

    def _headers(self, client: str, more: dict[str, str]) -> dict[str, str]:
        headers = {
            "CustomerID": client or "0",
            "APIVersion": self._version,
            "AvailableAPIVersion": FORMAT_VERSION,
            "Content-Type": "application/xml; charset=utf-8",
            **more,
        }
        for name, value in headers.items():
            # A header must not carry a second one, and its name says what to correct.
            if not value.isascii() or not value.isprintable():
                shown = "…" if name in ("Authorization", "SID", "OTP") else value
                raise Invalid(BAD_HEADER.format(name=name, value=ascii(shown)))
        return headers

    def _result(self, method: str, answer: Answer, headers: dict[str, str]) -> etree._Element:
        if answer.status == 401 and "SID" in headers:
            raise SessionEnded(code="401")
        try:
            root = parse_safely(answer.content)
        except InvalidDocument as error:
            check_status(answer, self._address)
            raise BadAnswer(NOT_RESULT.format(what=error.message)) from None
        if root.tag != f"{{{NAMESPACE}}}ResultBank":
            check_status(answer, self._address)
            raise BadAnswer(NOT_RESULT.format(what=etree.QName(root).localname))
        error = root.find(f"{{{NAMESPACE}}}Error")
        if error is not None:
            said = (text_of(error.find(f"{{{NAMESPACE}}}{name}")) for name in _ERROR_PARTS)
            raise error_of(*said)
        check_status(answer, self._address)
        found = root.find(f"{{{NAMESPACE}}}Success/{{{NAMESPACE}}}{RESULTS[method]}")
        if found is None:
            raise BadAnswer(NO_FIELD.format(name=RESULTS[method]))
        return found


_ERROR_PARTS = ("Code", "Description", "MoreInfo")
