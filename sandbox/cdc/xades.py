# SPDX-License-Identifier: LGPL-3.0-only
"""Check a XAdES signature beside its document, with nothing but canonical forms and digests.

Demanded: a reference to the whole document (empty URI, enveloped signature), one to the signature's
own SignedProperties, which name the certificate; SHA-256 or longer; RSA (PKCS#1 v1.5) or ECDSA.
Anything more is refused: what is not understood might say something else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
# canonical form -> exclusive? (1.0 and 1.1 differ only in xml: attributes, which none of these has)
FORMS = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
    EXCLUSIVE: True,
}
_ENC, _MORE = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2001/04/xmldsig-more#"
DIGESTS = {f"{_ENC}sha256": "sha256", f"{_MORE}sha384": "sha384", f"{_ENC}sha512": "sha512"}
METHODS = {
    f"{_MORE}{kind}-sha{bits}": (kind, getattr(hashes, f"SHA{bits}")())
    for kind in ("rsa", "ecdsa")
    for bits in (256, 384, 512)
}


class BadSignature(Exception):
    """The signature cannot be accepted; the text says why."""


def signer(document, signature) -> x509.Certificate:
    """The certificate whose key made this signature over this document (both elements)."""
    # Each by itself, with the namespaces that were in scope: as if cut out of the envelope.
    document, signature = _alone(document), _alone(signature)
    try:
        certificate = _certificate(signature)
        info = signature.find(f"{DS}SignedInfo")
        _check_references(document, signature, info, certificate)
        _check_value(signature, info, certificate)
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise BadSignature(f"not in the expected form: {type(error).__name__}") from error
    return certificate


def _alone(element):
    return etree.fromstring(etree.tostring(element, with_tail=False))


def _canonical(element, form: str) -> bytes:
    return etree.tostring(_alone(element), method="c14n", exclusive=FORMS[form])


def _certificate(signature) -> x509.Certificate:
    (text,) = [one.text for one in signature.iterfind(f"{DS}KeyInfo//{DS}X509Certificate")]
    return x509.load_der_x509_certificate(_bytes(text))


def _bytes(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


def _check_references(document, signature, info, certificate) -> None:
    (properties,) = signature.iter(f"{XADES}SignedProperties")
    targets = {"": document, f"#{properties.get('Id')}": properties}
    key = signature.find(f"{DS}KeyInfo")
    if key.get("Id"):
        targets[f"#{key.get('Id')}"] = key
    seen = [reference.get("URI") for reference in info.iterfind(f"{DS}Reference")]
    if len(seen) != len(set(seen)) or not {*list(targets)[:2]} <= {*seen} <= {*targets}:
        raise BadSignature("it must be over the document and its own properties, nothing else")
    for reference in info.iterfind(f"{DS}Reference"):
        _check_reference(reference, targets[reference.get("URI")])
    if info.find(f"{DS}Reference[@Type='{PROPERTIES}']").get("URI") == "":
        raise BadSignature("its properties are not signed")
    (digest,) = properties.iter(f"{XADES}CertDigest")
    if _digest_of(digest, certificate.public_bytes(Encoding.DER)) != _digest(digest):
        raise BadSignature("its properties name another certificate")


def _check_reference(reference, target) -> None:
    steps = [one.get("Algorithm") for one in reference.iter(f"{DS}Transform")]
    if (reference.get("URI") == "") != (steps[:1] == [ENVELOPED]):
        raise BadSignature("the first transform must cut the signature out of the document")
    forms = [step for step in steps if step != ENVELOPED] or [next(iter(FORMS))]
    if len(forms) > 1 or forms[0] not in FORMS or steps.count(ENVELOPED) > 1:
        raise BadSignature("a transform is not allowed")
    if _digest_of(reference, _canonical(target, forms[0])) != _digest(reference):
        raise BadSignature("it is over something else")


def _digest_of(where, data: bytes) -> bytes:
    return hashlib.new(DIGESTS[where.find(f"{DS}DigestMethod").get("Algorithm")], data).digest()


def _digest(where) -> bytes:
    return _bytes(where.findtext(f"{DS}DigestValue"))


def _check_value(signature, info, certificate) -> None:
    form = info.find(f"{DS}CanonicalizationMethod").get("Algorithm")
    kind, digest = METHODS[info.find(f"{DS}SignatureMethod").get("Algorithm")]
    data, value = _canonical(info, form), _bytes(signature.findtext(f"{DS}SignatureValue"))
    key = certificate.public_key()
    try:
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, data, padding.PKCS1v15(), digest)
        elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            half = len(value) // 2
            numbers = (int.from_bytes(part, "big") for part in (value[:half], value[half:]))
            key.verify(encode_dss_signature(*numbers), data, ec.ECDSA(digest))
        else:
            raise BadSignature("the key is of another kind than the signature")
    except InvalidSignature as error:
        raise BadSignature("it does not hold") from error
