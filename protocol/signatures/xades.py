# SPDX-License-Identifier: LGPL-3.0-only
"""XAdES signatures (ETSI EN 319 132, baseline B) over an XML package; needs the library signxml.

The signature is kept as the `ds:Signature` element alone, beside the untouched package: that is the
form in which banks take it (beside the document in the same envelope). It covers the whole document
(reference with the empty URI, enveloped-signature transform) and its own SignedProperties, nothing
else and nothing less.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from ..errors import BadSignature, MissingLibrary
from ..wording import _
from . import certificates
from .cms_verify import NOT_HOLDING, OTHER_CONTENT, OTHER_SIGNER, SignatureInfo

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
MISSING = _("XAdES signatures need the Python package signxml: pip install signxml.")
NOT_XML = _("The package is not plain XML without comments: it cannot have a XAdES signature.")


def sign(content: bytes, key, certificate: x509.Certificate) -> bytes:
    """The `ds:Signature` element over an XML package. `key`: a private-key object."""
    _errors, xades = _library()
    kind = "ecdsa" if isinstance(key, ec.EllipticCurvePrivateKey) else "rsa"
    signer = xades.XAdESSigner(signature_algorithm=f"{kind}-sha256")
    signed = signer.sign(_parse(content), key=key, cert=[_pem(certificate)])
    return etree.tostring(signed.find(f".//{{{DS}}}Signature"), with_tail=False)


def verify(
    content: bytes, signature: bytes, expected: x509.Certificate, at: datetime | None = None
) -> SignatureInfo:
    """Verify it against the registered certificate and exactly the two expected references."""
    errors, xades = _library()
    root, element = _parse(content), _parse(signature)
    if element.tag != f"{{{DS}}}Signature" or root.find(f".//{{{DS}}}Signature") is not None:
        raise BadSignature(NOT_HOLDING, code="form")
    wanted = etree.tostring(root, method="c14n")
    count = _check_references(element)
    root.append(element)
    try:
        results = xades.XAdESVerifier().verify(
            root, x509_cert=_pem(expected), expect_references=count
        )
    except errors.SignXMLException as error:
        raise BadSignature(NOT_HOLDING, code="signature", detail=type(error).__name__) from None
    except (ValueError, TypeError, KeyError, AttributeError, InvalidSignature) as error:
        raise BadSignature(NOT_HOLDING, code="form", detail=type(error).__name__) from None
    if _canonical(results[0].signed_data) != wanted:
        raise BadSignature(OTHER_CONTENT, code="digest")
    _check_certificate(element, expected)
    certificates.check_time(expected, at)
    facts = certificates.describe(expected)
    return SignatureInfo(
        facts.subject,
        facts.issuer,
        facts.serial,
        _signed_at(element),
        hashlib.sha256(content).hexdigest(),
        facts.fingerprint,
    )


def _library():
    try:
        # Optional: only banks with XML signatures need it.
        from signxml import exceptions, xades
    except ImportError:
        raise MissingLibrary(MISSING, code="signxml") from None
    return exceptions, xades


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadSignature(NOT_XML, code="xml", detail=type(error).__name__) from None
    tree = root.getroottree()
    # Comments are not covered by a signature, so what can be signed has none.
    if tree.docinfo.internalDTD is not None or next(tree.iter(etree.Comment), None) is not None:
        raise BadSignature(NOT_XML, code="dtd")
    return root


def _check_references(element: etree._Element) -> int:
    """How many: the whole document, the properties and (or not) the key of this very signature."""
    references = element.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    own = element.findall(f".//{{{XADES}}}SignedProperties") + element.findall(f"{{{DS}}}KeyInfo")
    wanted = ["", *(f"#{node.get('Id')}" for node in own)]
    uris = [reference.get("URI") for reference in references]
    if len(own) != 2 or uris not in (wanted, wanted[:2]):
        raise BadSignature(NOT_HOLDING, code="references")
    transforms = [t.get("Algorithm") for t in references[0].iter(f"{{{DS}}}Transform")]
    # The first must cut out this signature only; canonicalization may follow.
    if transforms[:1] != [f"{DS}enveloped-signature"] or any(
        "c14n" not in name for name in transforms[1:]
    ):
        raise BadSignature(NOT_HOLDING, code="transforms")
    return len(references)


def _check_certificate(element: etree._Element, expected: x509.Certificate) -> None:
    """The signed properties name the registered certificate by its digest."""
    path = f".//{{{XADES}}}SignedSignatureProperties//{{{XADES}}}CertDigest/{{{DS}}}DigestValue"
    found = [_bytes(node.text) for node in element.findall(path)]
    own = certificates.der(expected)
    if found[:1] != [hashlib.sha256(own).digest()]:
        raise BadSignature(OTHER_SIGNER, code="signing-certificate")


def _bytes(text: str | None) -> bytes:
    """base64 as XML carries it, with line breaks."""
    return base64.b64decode("".join((text or "").split()))


def _signed_at(element: etree._Element) -> datetime | None:
    text = element.findtext(f".//{{{XADES}}}SigningTime")
    if not text:
        return None
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)


def _canonical(data: bytes) -> bytes:
    return etree.tostring(_parse(data), method="c14n")


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
