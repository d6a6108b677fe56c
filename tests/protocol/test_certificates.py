"""Certificates: which ones are refused, and what the others say."""

from datetime import timedelta

import keys
import pytest

from protocol.errors import BadCertificate
from protocol.signatures import certificates

ROOT = keys.certificate("Trusted Root", keys.key("ec", "root"), ca=True)
MIDDLE = keys.certificate("Middle", keys.key("ec", "mid"), ROOT, keys.key("ec", "root"), ca=True)
ANNA = keys.certificate("Anna", keys.key("ec", "anna"), MIDDLE, keys.key("ec", "mid"))


@pytest.mark.parametrize("data", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_refused(data):
    with pytest.raises(BadCertificate):
        certificates.load(data)
    with pytest.raises(BadCertificate):
        certificates.load_many(data)


def test_self_made_authority_is_not_trusted():
    fake_root = keys.certificate("Trusted Root", keys.key("ec", "fake"), ca=True)
    forged = keys.certificate("Anna", keys.key("ec", "anna"), fake_root, keys.key("ec", "fake"))
    with pytest.raises(BadCertificate, match="Trusted Root, which is not trusted"):
        certificates.check_chain(forged, [ROOT], [fake_root])


def test_a_person_cannot_issue_certificates():
    forged = keys.certificate("Boss", keys.key("ec", "boss"), ANNA, keys.key("ec", "anna"))
    with pytest.raises(BadCertificate, match="not trusted"):
        certificates.check_chain(forged, [ROOT], [MIDDLE, ANNA])


def test_a_missing_link_is_not_trusted():
    with pytest.raises(BadCertificate, match="issued by Middle"):
        certificates.check_chain(ANNA, [ROOT])


def test_an_expired_issuer_breaks_the_path():
    old = keys.certificate(
        "Old", keys.key("ec", "old"), ROOT, keys.key("ec", "root"), ca=True, days=(-10, -1)
    )
    cert = keys.certificate("Anna", keys.key("ec", "anna"), old, keys.key("ec", "old"))
    with pytest.raises(BadCertificate, match="not trusted"):
        certificates.check_chain(cert, [ROOT], [old])


def test_nobody_trusted_means_nobody():
    with pytest.raises(BadCertificate):
        certificates.check_chain(ANNA, [], [MIDDLE, ROOT])


def test_validity_in_time():
    facts = certificates.describe(ANNA)
    with pytest.raises(BadCertificate, match="ended on"):
        certificates.check_time(ANNA, facts.not_after + timedelta(seconds=1))
    with pytest.raises(BadCertificate, match="valid from"):
        certificates.check_time(ANNA, facts.not_before - timedelta(seconds=1))
    certificates.check_time(ANNA, facts.not_after)


def test_a_path_over_an_untrusted_issuer_leads_to_the_root():
    certificates.check_chain(ANNA, [ROOT], [MIDDLE])
    certificates.check_chain(ANNA, [MIDDLE])


@pytest.mark.parametrize("form", [keys.pem, keys.der])
def test_description(form):
    facts = certificates.describe(form(ANNA))
    assert (facts.common_name, facts.subject, facts.issuer) == ("Anna", "CN=Anna", "CN=Middle")
    assert facts.serial == f"{ANNA.serial_number:X}"
    assert facts.usage == ("content_commitment",)
    assert facts.key_type == "EC secp256r1"
    assert facts.not_after.utcoffset() == timedelta(0)
