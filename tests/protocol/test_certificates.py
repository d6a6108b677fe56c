# SPDX-License-Identifier: LGPL-3.0-only
"""Certificates: which ones are refused, and what the others say."""

from datetime import timedelta

import keys
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from protocol.errors import BadCertificate
from protocol.signatures import certificates, issuers

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
        issuers.check_chain(forged, [ROOT], [fake_root])


def test_a_person_cannot_issue_certificates():
    forged = keys.certificate("Boss", keys.key("ec", "boss"), ANNA, keys.key("ec", "anna"))
    with pytest.raises(BadCertificate, match="not trusted"):
        issuers.check_chain(forged, [ROOT], [MIDDLE, ANNA])


def test_a_missing_link_is_not_trusted():
    with pytest.raises(BadCertificate, match="issued by Middle"):
        issuers.check_chain(ANNA, [ROOT])


def test_an_expired_issuer_breaks_the_path():
    old = keys.certificate(
        "Old", keys.key("ec", "old"), ROOT, keys.key("ec", "root"), ca=True, days=(-10, -1)
    )
    cert = keys.certificate("Anna", keys.key("ec", "anna"), old, keys.key("ec", "old"))
    with pytest.raises(BadCertificate, match="not trusted"):
        issuers.check_chain(cert, [ROOT], [old])


def test_nobody_trusted_means_nobody():
    with pytest.raises(BadCertificate):
        issuers.check_chain(ANNA, [], [MIDDLE, ROOT])


def person(own, name="Anna", number="", extensions=(), snils=""):
    """A self-signed certificate with the given numbers and (value, critical) extensions."""
    attributes = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
    if number:
        attributes.append(x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, number))
    if snils:
        attributes.append(x509.NameAttribute(x509.ObjectIdentifier("1.2.643.100.3"), snils))
    subject = x509.Name(attributes)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(own.public_key())
        .serial_number(1)
        .not_valid_before(keys.NOW - keys.DAY)
        .not_valid_after(keys.NOW + keys.DAY)
    )
    for value in extensions:
        builder = builder.add_extension(value, critical=False)
    plain = isinstance(own, ed25519.Ed25519PrivateKey)
    return builder.sign(own, None if plain else hashes.SHA256())


#: QcStatements with the one QcType of web servers (ETSI EN 319 412-5)
FOR_WEB_SERVERS = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"),
    bytes.fromhex("30153013060604008e4601063009060704008e46010603"),
)


def with_gost_key(certificate):
    """The same certificate, whose key says that it is of Russia's algorithms."""
    data = certificate.public_bytes(serialization.Encoding.DER)
    ec_key, gost_key = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a850307010101")
    return x509.load_der_x509_certificate(data.replace(ec_key, gost_key))


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (ROOT, "that of an authority|key usage"),
        (person(keys.key("rsa1024")), "too short: RSA 1024"),
        (person(ec.generate_private_key(ec.BrainpoolP256R1())), "Brainpool"),
        (person(ec.generate_private_key(ec.SECP521R1())), "of a kind"),
        (person(ed25519.Ed25519PrivateKey.generate()), "of a kind"),
        (with_gost_key(person(keys.key("ec", "anna"))), "is an old GOST key .1.2.643.7.1.1.1."),
        (
            person(
                keys.key("ec", "anna"),
                extensions=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])],
            ),
            "that of a server",
        ),
        (
            person(
                keys.key("ec", "anna"),
                extensions=[
                    x509.ExtendedKeyUsage(
                        [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                    )
                ],
            ),
            "that of a server",
        ),
        (
            person(keys.key("ec", "anna"), extensions=[FOR_WEB_SERVERS]),
            "that of a server",
        ),
        (
            person(
                keys.key("ec", "anna"),
                extensions=[
                    x509.KeyUsage(False, False, True, False, False, False, False, False, False)
                ],
            ),
            "not for signatures",
        ),
        (
            person(keys.key("ec", "anna"), extensions=[x509.BasicConstraints(True, None)]),
            "that of an authority",
        ),
    ],
)
def test_what_is_no_certificate_to_sign_with(certificate, words):
    with pytest.raises(BadCertificate, match=words):
        certificates.check_signing(certificate)


@pytest.mark.parametrize(
    "own",
    [keys.key("rsa2048"), keys.key("ec", "anna"), ec.generate_private_key(ec.SECP384R1())],
)
def test_certificates_to_sign_with(own):
    certificates.check_signing(keys.certificate("Anna", own))
    certificates.check_signing(keys.pem(keys.certificate("Anna", own)))
    certificates.check_signing(person(own))


@pytest.mark.parametrize(
    ("number", "same"),
    [
        ("PNOPL-44051401359", "44051401359"),
        ("PESEL: 44051401359", "44051401359"),
        ("44051401359", "44051401359"),
        ("", ""),
    ],
)
def test_one_person_has_one_number_however_it_is_written(number, same):
    facts = certificates.describe(person(keys.key("ec", "anna"), number=number))
    assert facts.person_number == same


def test_in_russia_the_number_is_snils():
    facts = certificates.describe(person(keys.key("ec", "anna"), snils="11223344595"))
    assert facts.person_number == "11223344595"


def test_one_key_is_known_in_every_certificate():
    first, renewed = person(keys.key("ec", "anna")), person(keys.key("ec", "anna"), "Anna N.")
    other = person(keys.key("ec", "boss"))
    keys_of = [certificates.describe(item).key_fingerprint for item in (first, renewed, other)]
    assert keys_of[0] == keys_of[1] != keys_of[2]


def test_what_the_authority_declares():
    # SEQUENCE { {qualified}, {on a card}, {types: seal} }, ETSI EN 319 412-5
    content = bytes.fromhex(
        "3029" "3008" "0606" "04008e460101" "3008" "0606" "04008e460104"
        "3013" "0606" "04008e460106" "3009" "0607" "04008e46010602"
    )  # fmt: skip
    declared = x509.UnrecognizedExtension(certificates.QC_STATEMENTS, content)
    broken = x509.UnrecognizedExtension(certificates.QC_STATEMENTS, content[:20])
    for extension, expected in ((declared, ("qualified", "on_card", "seal")), (broken, ())):
        facts = certificates.describe(person(keys.key("ec", "anna"), extensions=[extension]))
        assert facts.statements == expected


def test_validity_in_time():
    facts = certificates.describe(ANNA)
    with pytest.raises(BadCertificate, match="ended on"):
        certificates.check_time(ANNA, facts.not_after + timedelta(seconds=1))
    with pytest.raises(BadCertificate, match="valid from"):
        certificates.check_time(ANNA, facts.not_before - timedelta(seconds=1))
    certificates.check_time(ANNA, facts.not_after)


def test_a_path_over_an_untrusted_issuer_leads_to_the_root():
    issuers.check_chain(ANNA, [ROOT], [MIDDLE])
    issuers.check_chain(ANNA, [MIDDLE])


@pytest.mark.parametrize("form", [keys.pem, keys.der])
def test_description(form):
    facts = certificates.describe(form(ANNA))
    assert (facts.common_name, facts.subject, facts.issuer) == ("Anna", "CN=Anna", "CN=Middle")
    assert facts.serial == f"{ANNA.serial_number:X}"
    assert facts.usage == ("content_commitment",)
    assert facts.key_type == "EC secp256r1"
    assert facts.not_after.utcoffset() == timedelta(0)
