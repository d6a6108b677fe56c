# SPDX-License-Identifier: LGPL-3.0-only
"""A request for a certificate, and the key file that its answer becomes."""

import keys
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from protocol.errors import BadCertificate
from protocol.signatures import certificate_request, certificates
from protocol.signatures.signers import Pkcs12Signer

AUTHORITY_KEY = keys.key("ec", "portal")
AUTHORITY = keys.certificate("Portal CA", AUTHORITY_KEY, ca=True)


@pytest.fixture(scope="module")
def made():
    return certificate_request.make("ERP Demo Handel", "Demo Handel Sp. z o.o.")


def answered(private):
    key = serialization.load_der_private_key(private, None)
    return keys.certificate("ERP", key, AUTHORITY, AUTHORITY_KEY, use="digital_signature")


def test_a_request_without_a_name():
    with pytest.raises(BadCertificate):
        certificate_request.make(" ")


def test_an_answer_to_another_request(made):
    other = keys.certificate("ERP", keys.key("rsa2048", "other"), AUTHORITY, AUTHORITY_KEY)
    for answer in (keys.pem(other), keys.der(other), keys.pem(AUTHORITY)):
        with pytest.raises(BadCertificate) as caught:
            certificate_request.key_file(made[0], answer, "secret")
        assert caught.value.code == "other-request"
    for answer in (b"", b"hello", b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(BadCertificate):
            certificate_request.key_file(made[0], answer, "secret")


def test_the_request_says_who_asks_and_proves_the_key(made):
    request = x509.load_pem_x509_csr(made[1].encode())
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == (
        "C=PL,O=Demo Handel Sp. z o.o.,CN=ERP Demo Handel"
    )  # fmt: skip
    assert b"PRIVATE" not in made[1].encode()


def test_a_long_name_is_cut_where_the_standard_ends():
    _private, request = certificate_request.make("x" * 80)
    assert (
        x509.load_pem_x509_csr(request.encode()).subject.rfc4514_string() == f"C=PL,CN={'x' * 64}"
    )


def test_the_answer_becomes_a_key_file(made):
    certificate = answered(made[0])
    for answer in (
        keys.der(certificate),
        keys.pem(certificate),
        keys.pem(AUTHORITY) + keys.pem(certificate),
    ):
        data = certificate_request.key_file(made[0], answer, "secret")
        signer = Pkcs12Signer(data, "secret")
        assert signer.certificate == certificates.der(certificate)
        assert len(signer.issuers) == answer.count(b"BEGIN") // 2
        with pytest.raises(BadCertificate):
            Pkcs12Signer(data, "another")
