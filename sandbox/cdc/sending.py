# SPDX-License-Identifier: LGPL-3.0-only
"""Transfers of the CDC banks: each of four operations takes one kind of them."""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from ..mbank import pain001, pain002
from ..mbank.release import accept
from ..mbank.sending import judge
from ..world import Package
from . import authority, xades
from .reading import account_of
from .soap import Fault, Question

KINDS = {
    "DomesticTransfer": ("elixir", "sorbnet", "zus", "tax", "internal", "own"),
    "InternalTransfer": ("own", "internal"),
    "ForeignTransfer": ("foreign",),
    "SEPATransfer": ("sepa",),
}


def send(world, client, question: Question, _spoil: str = "") -> bytes:
    """Take it and answer pain.002. Any fault means: nothing of it was taken."""
    return status_of(world, take(world, client, question))


def take(world, client, question: Question) -> Package:
    content = etree.tostring(question.document, with_tail=False)
    try:
        header, orders = pain001.read(content, "03")
    except pain001.NotValid as error:
        raise Fault("E001", f"The content is not valid: {error}", error.path) from error
    _check_initiator(client, question)
    for number in {order.debit_account for order in orders}:
        account_of(world, client, number)
    package = Package(
        message_id=header.message_id,
        client=client.identifier,
        login=client.pass_id,
        format="PAIN001.03",
        content=content,
        received_at=world.now(),
        orders=orders,
        signers=_signers(world, client, question),
        bank=client.bank,
        details={"operation": question.operation},
    )
    judge(world, package, header, KINDS[question.operation])
    # A bank that takes a message twice has it twice.
    known = package.message_id in world.state.packages
    again = f" again {len(world.state.packages)}" if known else ""
    world.state.packages[f"{package.message_id}{again}"] = package
    live = [order for order in package.orders if order.status != "RJCT"]
    if len(package.signers) >= client.signatures_required:
        accept(world, package)
    elif live:
        package.waits_for = "signature"
        for order in live:
            order.status = "PDNG"
    return package


def _check_initiator(client, question: Question) -> None:
    name = question.text("GrpHdr/InitgPty/Nm")
    if client.bank == "bnp" and not re.fullmatch(r"[A-Za-z0-9]+", name):
        raise Fault("E306", "Niedozwolone znaki w nazwie zlecającego.", "GrpHdr/InitgPty/Nm")


def _signers(world, client, question: Question) -> list[str]:
    """Whose signature it has: none, or one of an authorisation certificate of this company."""
    if question.signature is None:
        return []
    try:
        certificate = xades.signer(question.document, question.signature)
    except xades.BadSignature as error:
        raise Fault("E401", f"Podpis jest nieprawidłowy: {error}.", "Signature") from error
    der = certificate.public_bytes(Encoding.DER)
    if authority.owner(world, der, "authorisation") != client.identifier:
        raise Fault("E402", "Certyfikat autoryzacyjny nie jest zarejestrowany.", "Signature")
    if not certificate.not_valid_before_utc <= authority.today() <= certificate.not_valid_after_utc:
        raise Fault("E402", "Certyfikat autoryzacyjny jest nieważny.", "Signature")
    return [authority.fingerprint(certificate)]


def status_of(world, package: Package) -> bytes:
    return pain002.render(package, world.now())


def status(world, client, question: Question, _spoil: str = "") -> bytes:
    """GetPaymentStatusReport; E404 also for another company's message."""
    about = question.text("OrgnlGrpInfAndSts/OrgnlMsgId")
    package = world.state.packages.get(about)
    if package is None or package.client != client.identifier:
        raise Fault("E404", "Nie ma komunikatu o podanym identyfikatorze.")
    return status_of(world, package)
