# SPDX-License-Identifier: LGPL-3.0-only
"""The bank keeps its contract: what is not in the schema is refused."""

import pytest
import requests
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SPACE = "urn:mbank:companyws:1"
LOG_IN = (
    f'<LogIn xmlns="{SPACE}"><ClientIdentifier>10000001</ClientIdentifier>'
    "<Login>anna</Login><Method>mobile</Method></LogIn>"
)


def post(control, body, action="LogIn", header="", prolog=""):
    data = (
        f'{prolog}<s:Envelope xmlns:s="{SOAP}">{header}<s:Body>{body}</s:Body></s:Envelope>'
    ).encode()
    return requests.post(
        control.addresses["mbank"], data=data, timeout=10,
        headers={"SOAPAction": f'"{SPACE}/{action}"', "Content-Type": "text/xml; charset=utf-8"},
    )  # fmt: skip


def code_of(answer):
    assert answer.status_code == 500
    root = etree.fromstring(answer.content)
    assert root.find(f".//{{{SOAP}}}Fault/faultcode").text.endswith(":Client")
    return root.findtext(f".//{{{SPACE}}}Code")


def test_a_right_request_is_answered(control):
    answer = post(control, LOG_IN)
    assert answer.status_code == 200
    assert b"Challenge" in answer.content


@pytest.mark.parametrize(
    "body",
    [
        LOG_IN.replace("</LogIn>", "<Extra/></LogIn>"),
        LOG_IN.replace("<Login>anna</Login>", ""),
        LOG_IN.replace("mobile", "pigeon"),
        LOG_IN.replace(SPACE, "urn:other"),
        LOG_IN + LOG_IN,
        "",
    ],
    ids=["unknown element", "missing element", "wrong value", "namespace", "two", "none"],
)
def test_what_is_not_in_the_schema_is_refused(control, body):
    assert code_of(post(control, body)) == "REQUEST_NOT_VALID"


def test_soap_action_must_fit(control):
    assert code_of(post(control, LOG_IN, action="GetAccounts")) == "REQUEST_NOT_VALID"


def test_entities_and_unknown_headers_are_refused(control):
    bomb = '<!DOCTYPE x [<!ENTITY a "anna">]>'
    body = LOG_IN.replace("anna", "&a;")
    assert code_of(post(control, body, prolog=bomb)) == "REQUEST_NOT_VALID"
    header = '<s:Header><x xmlns="urn:other"/></s:Header>'
    assert code_of(post(control, LOG_IN, header=header)) == "REQUEST_NOT_VALID"


def test_what_is_no_xml_is_refused(control):
    address = control.addresses["mbank"]
    answer = requests.post(address, data=b"hello", headers={"SOAPAction": "x"}, timeout=10)
    assert code_of(answer) == "REQUEST_NOT_VALID"


def test_unknown_addresses_and_methods(control):
    base = control.addresses["base"]
    assert requests.get(f"{base}/nothing", timeout=10).status_code == 404
    assert requests.get(f"{base}/control/run", timeout=10).status_code == 405
    assert requests.post(f"{base}/control/run", data=b"[", timeout=10).status_code == 200
    assert requests.post(f"{base}/control/refuse", data=b"[", timeout=10).status_code == 400


def test_the_wsdl_names_the_address_of_this_server(control, wsdl):
    assert wsdl.service._binding_options["address"] == control.addresses["mbank"]
