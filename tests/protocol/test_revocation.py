# SPDX-License-Identifier: LGPL-3.0-only
"""What an issuer says of a certificate: which answers are not believed, and what the others say."""

from datetime import timedelta

import keys
import pytest
import servers
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from protocol.wire import revocation

ISSUER_KEY = keys.key("ec", "issuer")
STRANGER_KEY = keys.key("ec", "stranger")


def authority(name="Issuer", own=ISSUER_KEY):
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return (
        builder(subject, own.public_key(), subject)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .sign(own, hashes.SHA256())
    )


def builder(subject, key, issuer):
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(keys.NOW - keys.DAY)
        .not_valid_after(keys.NOW + keys.DAY)
    )


ISSUER = authority()


def person(ocsp_url="", crl_url="", usage=None, own="anna", issuer_key=ISSUER_KEY):
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, own)])
    made = builder(subject, keys.key("ec", own).public_key(), ISSUER.subject)
    if ocsp_url:
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp_url)
        )
        made = made.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    if crl_url:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
        made = made.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if usage:
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return made.sign(issuer_key, hashes.SHA256())


def ocsp_answer(
    certificate, key=ISSUER_KEY, responder=ISSUER, revoked=False, since=0, until=1, inside=()
):
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    answer = ocsp.OCSPResponseBuilder().add_response(
        cert=certificate,
        issuer=ISSUER,
        algorithm=hashes.SHA1(),
        cert_status=status,
        this_update=keys.NOW + since * keys.DAY,
        next_update=keys.NOW + until * keys.DAY,
        revocation_time=keys.NOW - keys.DAY if revoked else None,
        revocation_reason=None,
    )
    answer = answer.responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
    if inside:
        answer = answer.certificates(list(inside))
    return answer.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def revoked_list(*serials, key=ISSUER_KEY, until=1, issuer=ISSUER, extension=None):
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(keys.NOW - 2 * keys.DAY)
        .next_update(keys.NOW + until * keys.DAY)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial)
        made = made.add_revoked_certificate(entry.revocation_date(keys.NOW - keys.DAY).build())
    if extension:
        made = made.add_extension(extension, critical=True)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def by_ocsp(make):
    """The Standing where the responder gives `make(certificate)`."""
    return asked(make, lambda url: person(ocsp_url=url))


def by_list(make):
    return asked(make, lambda url: person(crl_url=url))


def asked(make, holder):
    answers = []
    with servers.server(lambda connection: servers.answering(answers[0])(connection)) as port:
        certificate = holder(f"http://localhost:{port}/answer")
        answers.append(make(certificate))
        return revocation.ask(certificate, ISSUER, keys.NOW)


HELPER = person(own="helper", usage=ExtendedKeyUsageOID.OCSP_SIGNING)
PLAIN_HELPER = person(own="helper")
FOREIGN_HELPER = person(
    own="helper", usage=ExtendedKeyUsageOID.OCSP_SIGNING, issuer_key=STRANGER_KEY
)
OTHER_ISSUER = authority(own=STRANGER_KEY)  # of the same name
HELPER_KEY = keys.key("ec", "helper")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _one: b"", "none"),
        (lambda _one: b"garbage", "none"),
        (lambda one: ocsp_answer(one, STRANGER_KEY, OTHER_ISSUER), "not signed by the issuer"),
        (lambda one: ocsp_answer(one, HELPER_KEY, PLAIN_HELPER, inside=[PLAIN_HELPER]), "signed"),
        (lambda one: ocsp_answer(one, HELPER_KEY, FOREIGN_HELPER, inside=[FOREIGN_HELPER]), "sign"),
        (lambda one: ocsp_answer(one, since=-3, until=-1), "out of date"),
        (lambda one: ocsp_answer(one, since=1, until=2), "out of date"),
        (lambda _one: ocsp_answer(PLAIN_HELPER), "does not know"),
    ],
)  # fmt: skip
def test_an_ocsp_answer_that_cannot_be_believed(make, reason):
    standing = by_ocsp(make)
    assert standing.state == "unknown"
    assert reason in standing.reason


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _one: b"garbage", "none"),
        (lambda _one: revoked_list(key=STRANGER_KEY), "not signed by the issuer"),
        (lambda _one: revoked_list(issuer=authority("Other")), "not signed by the issuer"),
        (lambda _one: revoked_list(until=-1), "out of date"),
        (lambda _one: revoked_list(extension=x509.DeltaCRLIndicator(3)), "only some"),
    ],
)
def test_a_list_that_cannot_be_believed(make, reason):
    standing = by_list(make)
    assert standing.state == "unknown"
    assert reason in standing.reason


def test_no_address_and_no_server():
    assert "no address" in revocation.ask(person(), ISSUER).reason
    gone = person(ocsp_url="http://localhost:9/ocsp")
    assert revocation.ask(gone, ISSUER).state == "unknown"
    inside = person(ocsp_url="http://10.0.0.1/ocsp")
    assert "private" in revocation.ask(inside, ISSUER).reason
    directory = person(crl_url="ldap://localhost/cn=list")
    assert "no address" in revocation.ask(directory, ISSUER).reason


@pytest.mark.parametrize("revoked", [False, True])
def test_ocsp_of_the_issuer_and_of_whom_he_named(revoked):
    state = "revoked" if revoked else "good"
    own = by_ocsp(lambda one: ocsp_answer(one, revoked=revoked))
    assert (own.state, own.source) == (state, "OCSP")
    named = by_ocsp(
        lambda one: ocsp_answer(one, HELPER_KEY, HELPER, revoked=revoked, inside=[HELPER])
    )
    assert named.state == state
    assert own.revoked_at == (keys.NOW - keys.DAY if revoked else None)


def test_a_list():
    assert by_list(lambda _one: revoked_list(7)).state == "good"
    told = by_list(lambda one: revoked_list(7, one.serial_number))
    assert (told.state, told.source) == ("revoked", "CRL")
    assert told.revoked_at == keys.NOW - timedelta(days=1)
