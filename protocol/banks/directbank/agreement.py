# SPDX-License-Identifier: LGPL-3.0-only
"""The exchange settings of a DirectBank bank (document 06): how this bank wants to be spoken to.

They come from GetSettings, or as a file from the bank. Who the sender is, which version of the
formats, what is compressed, which kinds of documents are signed and a log-in of its own for
statements: banks differ in each of these, and refuse whatever is not as they said.
Source: github.com/1C-Company/DirectBank, 1C-Bank_Settings.xsd (no part of it is copied here).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from ...errors import BadAnswer, InvalidDocument
from ...formats.directbank import NAMESPACE
from ...formats.directbank.order import FORMAT_VERSION
from ...formats.safe_xml import parse_safely, text_of
from ...records import Account, Party
from ...wording import _, joined

NOT_SETTINGS = _("This is no file with the exchange settings of a DirectBank bank.")
#: the versions of the standard whose documents have the shape that is written here
VERSIONS = ("2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.3.1", "2.3.2")
#: from this version on a packet says from where it comes
WITH_FOOTPRINT = "2.3.2"
ORDER = "10"

CUSTOMER_IS = _("The bank calls the company {client}: {name}, INN {tax_id}, KPP {kpp}.")
VERSION_IS = _("Version of the formats: {version}.")
COMPRESSED = _("Documents are compressed.")
SIGNED = _("Signed, {rule}: {kinds}.")
NOT_SIGNED = _("No signature is wanted for: {kinds}.")
GROUP = _("a signature of group {groups}")
GROUPS = _("a signature each of the groups {groups}")
KINDS = {
    "03": _("status requests"),
    "04": _("recalls"),
    "05": _("probes"),
    "10": _("payment orders"),
    "14": _("statement requests"),
}
OR = _("{one}, or {other}")
STATEMENT_LOGIN = _("Statements have a log-in of their own: {login}. {instructions}")
ENCRYPTED = _("The bank wants documents encrypted: that is not possible here. Ask the bank.")
ALGORITHM = _("Algorithm of signatures: {algorithm}.")
WITH_GOST = _("The bank wants signatures with GOST keys: sign with a card that holds such a key.")


@dataclass(frozen=True)
class Agreement:
    """What document 06 says. `rules`: kind of document -> its rule, "" where none is signed.

    `former`: ids of the same customer before the bank changed them; orders that were signed under
    one of them are still his.
    """

    client: str = ""
    name: str = ""
    tax_id: str = ""
    kpp: str = ""
    version: str = FORMAT_VERSION
    compress: bool = False
    encrypted: bool = False
    statement_login: str = ""
    statement_instructions: str = ""
    algorithm: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    former: tuple[str, ...] = ()

    def kept(self) -> str:
        """As text that `of_kept` reads."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    def signs(self, kind: str) -> bool:
        """True when documents of this kind need a signature."""
        return bool(re.search(r"[1-9]", self.rules.get(kind, "")))

    def sender(self, party: Party) -> Party:
        """The customer as the bank knows him; what it does not say is ours."""
        details = {**party.details, "kpp": self.kpp or party.details.get("kpp", "")}
        if self.client:
            details["client_identifier"] = self.client
        details["format_version"] = self.version
        return replace(
            party,
            name=self.name or party.name,
            tax_id=self.tax_id or party.tax_id,
            details=details,
        )

    def party(self, account: Account | None = None) -> Party:
        """The sender of a request about `account`."""
        tax_id = account.owner_tax_id if account else ""
        return self.sender(Party(account.owner if account else "", "", tax_id=tax_id))

    def after(self, older: Agreement) -> Agreement:
        """This one, where it takes the place of `older`."""
        past = (*older.former, older.client)
        former = tuple(dict.fromkeys(one for one in past if one and one != self.client))
        return replace(self, former=former)

    def words(self) -> list[str]:
        """What a person should know of it."""
        return list(self._words())

    def _words(self) -> Iterator[str]:
        yield CUSTOMER_IS.format(
            client=self.client, name=self.name or "-", tax_id=self.tax_id or "-",
            kpp=self.kpp or "-",
        )  # fmt: skip
        yield VERSION_IS.format(version=self.version)
        if self.compress:
            yield COMPRESSED
        by_rule: dict[str, list[str]] = {}
        for kind in sorted(self.rules):
            rule = self.rules[kind] if self.signs(kind) else ""
            by_rule.setdefault(rule, []).append(KINDS.get(kind, kind))
        for rule, kinds in sorted(by_rule.items(), reverse=True):
            words, kinds = SIGNED if rule else NOT_SIGNED, joined(", ", *kinds)
            yield words.format(kinds=kinds, **({"rule": _rule_words(rule)} if rule else {}))
        if self.algorithm:
            yield ALGORITHM.format(algorithm=self.algorithm)
        if re.search(r"GOST|ГОСТ|34\.10|^1\.2\.643\.", self.algorithm, re.IGNORECASE):
            yield WITH_GOST
        if self.statement_login:
            login, said = self.statement_login, self.statement_instructions
            yield STATEMENT_LOGIN.format(login=login, instructions=said)
        if self.encrypted:
            yield ENCRYPTED


def read(data: bytes) -> Agreement:
    """The settings in a document 06. BadAnswer where it is none."""
    try:
        root = parse_safely(bytes(data))
    except InvalidDocument:
        raise BadAnswer(NOT_SETTINGS) from None
    body = root.find(_path("Data"))
    if root.tag != _path("Settings") or body is None or not _text(body, "CustomerID"):
        raise BadAnswer(NOT_SETTINGS)
    customer = root.find(_path("Recipient"))
    said = customer.attrib if customer is not None else {}
    version = _text(body, "FormatVersion")
    return Agreement(
        client=_text(body, "CustomerID"),
        name=said.get("name", ""),
        tax_id=said.get("inn", ""),
        kpp=said.get("kpp", ""),
        version=version if version in VERSIONS else FORMAT_VERSION,
        compress=_text(body, "Compress") in ("true", "1"),
        encrypted=body.find(_path("CryptoParameters/Encrypted")) is not None,
        statement_login=_text(body, "ReceiptStatement/Login"),
        statement_instructions=" ".join(_text(body, "ReceiptStatement/Instructions").split()),
        algorithm=_text(body, "CryptoParameters/SignAlgorithm"),
        rules={
            item.get("docKind", ""): _text(item, "Signed/RuleSignatures")
            for item in body.iterfind(_path("Document"))
        },
    )


def of_kept(text: str) -> Agreement:
    """From `kept`; the standard's own defaults where nothing is kept."""
    values = json.loads(text) if text else {}
    return Agreement(**{**values, "former": tuple(values.get("former", ()))})


def _rule_words(rule: str) -> str:
    """`(110)||(111)`: a digit for each group of signers, alternatives."""
    ways = [_groups(way) for way in re.findall(r"\((\d+)\)", rule)]
    words = ways[0] if ways else rule
    for other in ways[1:]:
        words = OR.format(one=words, other=other)
    return words


def _groups(way: str) -> str:
    places = [str(place) for place, digit in enumerate(way, 1) if digit != "0"]
    words = GROUP if len(places) == 1 else GROUPS
    return words.format(groups=", ".join(places))


def _path(path: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))


def _text(element, path: str) -> str:
    return text_of(element.find(_path(path)))
