# SPDX-License-Identifier: LGPL-3.0-only
"""What you see is what you sign: whatever is added to a document, or changed in it, changes the
window, or the signer refuses it. The additions come from the schemas themselves.
"""

import re
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree
from schemas import Schema
from signer_samples import elixir, elixir_line, packet, pay_doc_ru
from signer_samples import pain001 as message

from signer import documents, questions, words
from signer.documents import directbank, pain001
from signer.documents import elixir as elixir_format
from signer.errors import Refusal
from signer.pairing import Pairing

SAMPLES = Path(__file__).resolve().parents[1] / "protocol" / "samples" / "pain001"
KINDS = (
    *("domestic", "mpp", "tax", "zus", "sepa", "foreign", "sorbnet", "express"),
    *("bank_between", "converted", "dinar", "equivalent"),
)
PAIRING = Pairing("1", "https://odoo.example.com", "main", "anna", "")
CERTIFICATE = SimpleNamespace(subject="Anna", not_after=datetime(2027, 1, 1))
#: decide nothing: a mark of the message, unique by its place
SAY_NOTHING = {"/Document/CstmrCdtTrfInitn/PmtInf/PmtInfId"}


def window(*contents: bytes) -> str | None:
    """Everything that the person reads; None where the signer refuses."""
    try:
        summaries = [documents.read(content) for content in contents]
    except Refusal:
        return None
    question = questions.of_documents(summaries, "mBank", PAIRING, CERTIFICATE)
    return "\n".join([question.heading, *(text for _look, text in question.lines())])


def unseen(before: str, mutations) -> list[str]:
    """The paths of mutations that the window does not show."""
    return [path for path, content in mutations if window(content) == before]


@pytest.fixture(scope="module", params=["03", "09"])
def schema(request):
    path = files("sepaxml") / "schemas" / f"pain.001.001.{request.param}.xsd"
    return SimpleNamespace(version=request.param, **{"read": Schema(str(path))})


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_can_be_added_to_a_pain001_unseen(schema, kind):
    content = (SAMPLES / f"{kind}.{schema.version}.xml").read_bytes()
    before, root = window(content), etree.fromstring(content)
    additions = list(schema.read.additions(root))
    assert len(additions) > 70, "the schema gave hardly anything to add"
    assert unseen(before, additions) == []


def test_nothing_can_be_added_inside_an_accepted_addition_unseen(schema):
    """One level deeper: into the parts that our own documents do not have, and the signer takes."""
    content = (SAMPLES / f"foreign.{schema.version}.xml").read_bytes()
    taken = {
        path: made
        for path, made in schema.read.additions(etree.fromstring(content))
        if window(made) is not None
    }
    assert {path.rpartition("/")[2] for path in taken} >= {"UltmtCdtr", "ChrgsAcct", "Ustrd"}
    for path, made in taken.items():
        inside = schema.read.additions(etree.fromstring(made), below=path)
        assert unseen(window(made), inside) == [], path


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_can_be_changed_in_a_pain001_unseen(schema, kind):
    content = (SAMPLES / f"{kind}.{schema.version}.xml").read_bytes()
    changes = list(schema.read.changes(etree.fromstring(content)))
    assert len(changes) > 60
    assert set(unseen(window(content), changes)) <= SAY_NOTHING


AGENT = "<CdtrAgt><FinInstnId><{0}>CHASUS33</{0}></FinInstnId></CdtrAgt>"
INSTRUCTION = "<InstrForCdtrAgt><{0}>HOLD</{0}></InstrForCdtrAgt>"
ROUTE = "<PmtTpInf><{0}><{1}>URGP</{1}></{0}></PmtTpInf>"
NUMBER = "<{0}><FinInstnId>{1}</FinInstnId></{0}>"
MEMBER = "<ClrSysMmbId><MmbId>10901014</MmbId></ClrSysMmbId>"
OWN = "<Othr><Id>10901014</Id></Othr>"
MOVED = {
    "from a service to a payment system": (
        ROUTE.format("SvcLvl", "Cd"),
        ROUTE.format("LclInstrm", "Cd"),
    ),
    "from a code to a name of the bank's own": (
        ROUTE.format("LclInstrm", "Cd"),
        ROUTE.format("LclInstrm", "Prtry"),
    ),
    "from a number of all banks to one of its own": (
        NUMBER.format("CdtrAgt", MEMBER),
        NUMBER.format("CdtrAgt", OWN),
    ),
    "from the payee's bank to a bank between": (
        NUMBER.format("CdtrAgt", OWN),
        NUMBER.format("IntrmyAgt1", OWN),
    ),
    "from the one id of a payment to another": (
        "<PmtId><InstrId>A</InstrId></PmtId>",
        "<PmtId><InstrId>B</InstrId></PmtId>",
    ),
    "from the category to the purpose": (
        "<PmtTpInf><CtgyPurp><Cd>TAXS</Cd></CtgyPurp></PmtTpInf>",
        "<Purp><Cd>TAXS</Cd></Purp>",
    ),
    "from the code of a bank to its name": (AGENT.format("BIC"), AGENT.format("Nm")),
    "from an order to a message": (INSTRUCTION.format("Cd"), INSTRUCTION.format("InstrInf")),
}


def holding(part):
    """A message of one payment with this part, in place of its own where it has one."""
    content = message(amounts=("1.00",), extra="" if "<PmtId>" in part else part)
    own = re.search(b"<PmtId>.*</PmtId>", content)[0]
    return content.replace(own, part.encode()) if "<PmtId>" in part else content


@pytest.mark.parametrize(("one", "other"), MOVED.values(), ids=MOVED)
def test_a_value_in_another_place_reads_differently(one, other):
    here, there = window(holding(one)), window(holding(other))
    assert here
    assert there
    assert here != there


TAX = "<Tax><Dbtr>{0}</Dbtr><Rcrd>{1}</Rcrd></Tax>"
ADDRESS = "<PstlAdr><StrtNm>{0}</StrtNm></PstlAdr>"
READS_LIKE_TWO = {
    "a street like street and town": message().replace(
        b"</Nm></Cdtr>", f"</Nm>{ADDRESS.format('A 1 · Poznań')}</Cdtr>".encode()
    ),
    "a street that goes on with the town": message().replace(
        b"</Nm></Cdtr>", f"</Nm>{ADDRESS.format('A 1 ·')}</Cdtr>".encode()
    ),
    "a name like name and number": message(
        extra="<UltmtCdtr><Nm>Firma · 5260001246</Nm></UltmtCdtr>"
    ),
    "a payment system like two": message(
        extra="<PmtTpInf><LclInstrm><Prtry>SORBNET · INST</Prtry></LclInstrm></PmtTpInf>"
    ),
    "a message like two": message(
        extra="<InstrForCdtrAgt><InstrInf>HOLD · TELB</InstrInf></InstrForCdtrAgt>"
    ),
    "an id with two spaces": message().replace(b"E1</EndToEndId>", b"E  1</EndToEndId>"),
    "a tax block without a form": message(
        extra=TAX.format("<TaxId>5260001246</TaxId><TaxTp>N</TaxTp>", "<AddtlInf>A</AddtlInf>")
    ),
    "a tax form in place of the kind of a number": message(
        extra=TAX.format("<TaxId>5260001246</TaxId><TaxTp>VAT-7</TaxTp>", "<FrmsCd>N</FrmsCd>")
    ),
    "charges of the payment and of the group": message(extra="<ChrgBr>SHAR</ChrgBr>").replace(
        b"</DbtrAgt>", b"</DbtrAgt><ChrgBr>DEBT</ChrgBr>"
    ),
    "a route of the payment and of the group": message(extra=ROUTE.format("SvcLvl", "Cd")).replace(
        b"<ReqdExctnDt>", ROUTE.format("SvcLvl", "Cd").encode() + b"<ReqdExctnDt>"
    ),
    "an INN like INN and KPP": pay_doc_ru().replace(
        b"<INN>7704596181", "<INN>7704596181 · 770401001".encode()
    ),
    "a KPP in place of an INN": pay_doc_ru().replace(b"<INN>7704596181", b"<INN>770401001"),
    "a bank's name with a correspondent account": pay_doc_ru().replace(
        "<Name>Банк 2".encode(), "<Name>Банк 2 · 30101810400000000225".encode()
    ),
    "a KBK with a letter like a digit": pay_doc_ru(
        extra="<BudgetPaymentInfo><CBC>182O1061201010000510</CBC></BudgetPaymentInfo>"
    ),
    "Elixir with a street like street and town": elixir(elixir_line(name="Dostawca||A 1 · Łódź")),
}


@pytest.mark.parametrize("content", READS_LIKE_TWO.values(), ids=READS_LIKE_TWO)
def test_what_reads_like_something_else_is_refused(content):
    with pytest.raises(Refusal) as refusal:
        documents.read(content)
    assert refusal.value.code == "document_refused"


def test_the_same_parts_of_the_group_or_of_each_payment_are_taken():
    assert window(message(extra="<ChrgBr>SHAR</ChrgBr>"))
    assert window(message().replace(b"</DbtrAgt>", b"</DbtrAgt><ChrgBr>DEBT</ChrgBr>"))
    assert window(message(extra="<UltmtCdtr><Nm>Il·lusió</Nm></UltmtCdtr>"))


def test_the_parts_that_decide_are_in_the_window():
    text = window((SAMPLES / "everything.03.xml").read_bytes())
    for part in (
        "Execution day: 2026-11-23",
        "Route: urgent · URGP\n",
        "Payment system (the bank's own name): SORBNET",
        "Payment system (the bank's own name): EXPRESS_ELIXIR",
        "Charges: all borne by the payer",
        "Payee's bank: CHASUS33",
        "Payee's bank: PLKNR · 10901014",
        "Tax: 5260001246 · N · VAT-7 · 2026-01-01 · MM10\n",
        "Tax obligation: zobowiązanie",
        "Payee's address: 1 Main Street · 10001 · New York · US",
        "From account: PL89 1140 1010 0000 1111 2222 4444",
        "Client: 12345678",
    ):
        assert part in text


def test_a_bank_between_an_exchange_and_the_third_decimal_are_in_the_window():
    for name, part in (
        ("bank_between", "Bank between: IRVTUS3N"),
        ("converted", "Exchange contract: FX/2026/11/0042"),
        ("equivalent", "1. 2 500.50 PLN"),
        ("equivalent", "To be sent in the currency: USD"),
        ("dinar", "1. 10.125 KWD"),
        ("dinar", "Total: 10.125 KWD"),
    ):
        assert part in window((SAMPLES / f"{name}.03.xml").read_bytes())


def each_leaf_changed(content: bytes):
    """Every text and attribute of a document without a schema at hand, changed and dropped."""
    root = etree.fromstring(content)
    for node in root.iter():
        path = root.getroottree().getelementpath(node).replace(f"{{{directbank.NAMESPACE}}}", "")
        if not len(node) and node.text:
            before = node.text
            for value in (before[:-1] + "7", before + "1", "Другое"):
                node.text = value
                if value != before:
                    yield path, etree.tostring(root)
            node.text = before
        for name, value in list(node.attrib.items()):
            node.set(name, f"{value}7")
            yield f"{path}@{name}", etree.tostring(root)
            node.set(name, value)


def each_leaf_added(content: bytes):
    """An element or an attribute more, at every place."""
    root = etree.fromstring(content)
    known = {path.split("/")[-1].partition("@")[0] for path in directbank.PAYMENT_ORDER.table}
    for node in root.iter():
        for name in (*sorted(known - {""}), "Digest", "Unknown"):
            for space in (directbank.NAMESPACE, "urn:foreign"):
                more = etree.SubElement(node, f"{{{space}}}{name}")
                more.text = "1"
                yield f"{node.tag}/{name}", etree.tostring(root)
                node.remove(more)
        node.set("more", "1")
        yield f"{node.tag}@more", etree.tostring(root)
        del node.attrib["more"]


BUDGET = (
    "<BudgetPaymentInfo><DrawerStatus>02</DrawerStatus><CBC>18201061201010000510</CBC>"
    "<OKTMO>45379000</OKTMO><Reason>ТП</Reason></BudgetPaymentInfo>"
)


@pytest.mark.parametrize("extra", ["", BUDGET], ids=["ordinary", "budget"])
def test_nothing_can_be_added_to_or_changed_in_a_rouble_order_unseen(extra):
    content = pay_doc_ru(extra=extra)
    before = window(content)
    assert before
    assert set(unseen(before, each_leaf_changed(content))) <= {".@formatVersion"}
    assert unseen(before, each_leaf_added(content)) == []
    inside = window(packet(("10", content)))
    in_packets = ((path, packet(("10", made))) for path, made in each_leaf_changed(content))
    assert {path for path, made in in_packets if window(made) == inside} <= {".@formatVersion"}


def test_nothing_can_be_changed_in_an_elixir_order_unseen():
    """Field by field: one more letter, another letter, nothing at all."""
    content = elixir()
    before = window(content)
    assert before
    (line, *_more) = content.split(b"\r\n")
    fields = line.split(b",")
    for number, field in enumerate(fields):
        for value in (field + b"1", field[:-1] + b"X" + field[-1:], b'""', b"0", b""):
            changed = b",".join([*fields[:number], value, *fields[number + 1 :]])
            if changed.replace(b'""', b"") != line.replace(b'""', b""):  # both say nothing
                assert window(content.replace(line, changed, 1)) != before, (number, value)


# more documents at once


def recall(about="05688096-0806-4ef0-af4c-572f75dbaf7c", own="c1", reason="") -> bytes:
    more = f"<Reason>{reason}</Reason>" if reason else ""
    return (
        f'<CancelationRequest xmlns="{directbank.NAMESPACE}" id="{own}" formatVersion="2.3.2" '
        'creationDate="2026-11-22T09:38:51"><Sender id="1"/><Recipient bic="044525888"/>'
        f"<ExtID>{about}</ExtID>{more}</CancelationRequest>"
    ).encode()


def test_a_payment_among_recalls_does_not_hide_them():
    text = window(pay_doc_ru(), *(recall(f"doc-{n}", f"c{n}", "ошибка") for n in range(3)))
    assert text.startswith("Sign documents: 4\n")
    assert "RECALL of a document (1C DirectBank) × 3" in text
    for part in (
        "doc-0",
        "doc-1",
        "doc-2",
        "Document 3 of 4",
        "Reason: ошибка",
        "Total: 15.00 RUB",
    ):
        assert part in text


def test_every_document_of_many_shows_its_own_facts():
    assert window(recall("doc-1")) != window(recall("doc-2"))
    many = [recall(f"doc-{n}", f"c{n}") for n in range(200)]
    text = window(*many)
    assert all(f"About document: doc-{n}\n" in text for n in range(200))


def test_what_odoo_says_is_called_so():
    text = window(pay_doc_ru())
    above, below = text.split("Odoo says, and the signer cannot check it:")
    assert "Asked by: https://odoo.example.com" in above
    for said in ("Bank: mBank", "Database: main", "User: anna"):
        assert said in below
        assert said not in above


def test_every_word_under_which_something_is_shown_is_translated():
    shapes = [value for module in (pain001, directbank) for value in vars(module).values()
              if isinstance(value, pain001.Shape)]  # fmt: skip
    said = {label for shape in shapes for label in shape.table.values() if label}
    said |= {
        word for shape in shapes for values in shape.words.values() for word in values.values()
    }
    said |= set(elixir_format.CLASSES.values())
    for name in ("questions", "desk", "documents/elixir"):
        source = (Path(documents.__file__).parents[1] / f"{name}.py").read_text()
        said |= set(re.findall(r'\(\s*"([A-Z][A-Za-z \']+)", ', source))
    assert said - set(words.WORDS) == set()
