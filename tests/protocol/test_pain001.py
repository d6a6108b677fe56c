# SPDX-License-Identifier: LGPL-3.0-only
"""pain.001: what is refused, what stands in the bytes, and the schemas."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from importlib.resources import files

import pytest
from lxml import etree
from orders_for_tests import (
    ALL_KINDS,
    BETWEEN,
    CONVERTED,
    CREATED_AT,
    DOMESTIC,
    EQUIVALENT,
    EUR_PAYER,
    FOREIGN,
    PAYER,
    SALARY,
    SEPA,
    SPECIAL,
    TAX,
)
from sepaxml import SepaTransfer

from protocol.errors import Invalid, InvalidDocument, InvalidOrder
from protocol.formats import pain001
from protocol.formats.packages import PACKAGE_FORMATS

# The payee's town is known, its country is not: no address of it stands in the message.
TOWN_ALONE = replace(
    SEPA, payee=replace(SEPA.payee, address=replace(SEPA.payee.address, country=""))
)
GOLDEN = {**ALL_KINDS, **SPECIAL, "sepa_town_alone": TOWN_ALONE}


def render(*orders, version="03", **options):
    return pain001.render("MSG-1", CREATED_AT, PAYER, orders, version=version, **options)


def validate(content, version):
    schema = files("sepaxml") / "schemas" / f"pain.001.001.{version}.xsd"
    etree.XMLSchema(etree.fromstring(schema.read_bytes())).assertValid(etree.fromstring(content))


def test_sepa_order_has_what_another_writer_writes_in_the_same_order():
    """Apart from where the charges stand, which ISO leaves open."""
    card = {"name": "Our Company", "IBAN": "PL16114010100000111122223333", "BIC": "BREXPLPWXXX"}
    theirs = SepaTransfer({**card, "batch": False, "currency": "EUR"}, schema="pain.001.001.03")
    payee = {"name": "Muster GmbH", "IBAN": "DE89370400440532013000", "BIC": "COBADEFFXXX"}
    day = {"amount": 9990, "execution_date": date(2026, 11, 23), "description": "FV 17"}
    theirs.add_payment({**payee, **day, "endtoend_id": "E2E1"})
    wanted = paths(etree.fromstring(theirs.export(validate=True)))
    wanted.remove("Document/CstmrCdtTrfInitn/PmtInf/ChrgBr")
    ours = paths(etree.fromstring(render(SEPA)))
    assert [path for path in ours if path in wanted] == wanted


def paths(element, above=""):
    """Of all elements, each once, in their order."""
    own = above + etree.QName(element).localname
    below = [path for child in element for path in paths(child, f"{own}/")]
    return list(dict.fromkeys([own, *below]))


def refused(order):
    with pytest.raises(InvalidOrder) as caught:
        render(order)
    return [(problem.record, problem.field, problem.message) for problem in caught.value.problems]


def values(content, path):
    root = etree.fromstring(content)
    return [item.text for item in root.iterfind("/".join("{*}" + part for part in path.split("/")))]


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "10000000000000000"])
def test_amount_that_is_no_payment_is_refused(amount):
    assert [item[1] for item in refused(replace(DOMESTIC, amount=Decimal(amount)))] == ["amount"]


def test_too_long_title_says_by_how_much_and_is_never_cut():
    problem = refused(replace(DOMESTIC, title="x" * 143))
    assert problem == [("O/1", "title", "is too long by 3 characters (at most 140)")]


def test_control_character_is_refused():
    assert [item[1] for item in refused(replace(DOMESTIC, title="a\x07b"))] == ["title"]
    payee = replace(FOREIGN.payee, bank_name="Bank\x0bof")  # as it comes out of Word
    assert [item[1] for item in refused(replace(FOREIGN, payee=payee))] == ["payee.bank_name"]


def test_all_problems_of_a_batch_are_collected():
    with pytest.raises(InvalidOrder) as caught:
        render(
            replace(DOMESTIC, amount=Decimal(0), currency="zł"),
            replace(FOREIGN, payee=replace(FOREIGN.payee, name=" ", bic="NOTABIC")),
        )
    assert [item.field for item in caught.value.problems] == [
        "amount", "currency", "payee.name", "payee.bic"
    ]  # fmt: skip


@pytest.mark.parametrize("version", pain001.VERSIONS)
@pytest.mark.parametrize("side", ["payer", "payee"])
@pytest.mark.parametrize("missing", [{"town": ""}, {"town": " "}, {"country": ""}], ids=str)
def test_address_in_part_is_never_written(version, side, missing):
    party = getattr(SEPA, side)
    bare = replace(party, address=replace(party.address, **missing))
    root = etree.fromstring(render(replace(SEPA, **{side: bare}), version=version))
    tag, other = ("Dbtr", "Cdtr") if side == "payer" else ("Cdtr", "Dbtr")
    assert root.find(f".//{{*}}{tag}/{{*}}PstlAdr") is None
    assert root.find(f".//{{*}}{other}/{{*}}PstlAdr/{{*}}TwnNm") is not None


@pytest.mark.parametrize("version", pain001.VERSIONS)
def test_instant_sepa_is_named_and_stands_in_a_group_of_its_own(version):
    other = replace(SEPA, end_to_end_id="OTHER", route="instant")
    content = render(SEPA, other, version=version)
    groups = etree.fromstring(content).findall(".//{*}PmtInf")
    said = [
        (group.findtext(".//{*}SvcLvl/{*}Cd"), group.findtext(".//{*}LclInstrm/{*}Cd"))
        for group in groups
    ]
    assert sorted(said, key=str) == [("SEPA", "INST"), ("SEPA", None)]
    validate(content, version)


def test_same_end_to_end_id_twice_is_refused():
    with pytest.raises(InvalidOrder, match="more than one order"):
        render(DOMESTIC, replace(FOREIGN, end_to_end_id=DOMESTIC.end_to_end_id))


def test_message_without_orders_is_refused():
    with pytest.raises(InvalidOrder, match="no order"):
        render()


@pytest.mark.parametrize("message_id", ["", "x" * 36, "ż"])
def test_message_id_that_banks_refuse_is_refused(message_id):
    with pytest.raises(InvalidOrder):
        pain001.render(message_id, CREATED_AT, PAYER, [DOMESTIC])


def test_tax_order_without_form_is_refused():
    details = {**TAX.details, "tax_form": ""}
    assert [item[1] for item in refused(replace(TAX, details=details))] == ["details.tax_form"]


@pytest.mark.parametrize("period", ["2026", "26M1", "26X01", "26J05"])
def test_tax_period_of_no_known_form_is_refused(period):
    details = {**TAX.details, "tax_period": period}
    assert [item[1] for item in refused(replace(TAX, details=details))] == ["details.tax_period"]


@pytest.mark.parametrize(
    "account", ["", "PL61 1090 1014", "pl61109010140000071219812874", "żółć", "1" * 35]
)
def test_account_that_the_schema_does_not_take_is_refused(account):
    order = replace(FOREIGN, payee=replace(FOREIGN.payee, account=account))
    assert [item[1] for item in refused(order)] == ["payee.account"]


@pytest.mark.parametrize("account", ["AB-12/3", "PL61109010140000071219812874", "0001"])
def test_accounts_that_the_schema_takes(account):
    content = render(replace(FOREIGN, payee=replace(FOREIGN.payee, account=account)))
    validate(content, "03")


@pytest.mark.parametrize("order", [BETWEEN, CONVERTED, EQUIVALENT])
def test_bank_between_and_deal_that_the_schema_does_not_take_are_refused(order):
    (name,) = order.details
    wrong = replace(order, details={name: "x" * 36})
    assert [item[1] for item in refused(wrong)] == [f"details.{name}"]


@pytest.mark.parametrize("version", pain001.VERSIONS)
def test_salaries_booked_as_one_entry_stand_apart_from_those_that_are_not(version):
    each = replace(SALARY, end_to_end_id="E2E-EACH", details={"purpose": "SALA"})
    second = replace(SALARY, end_to_end_id="E2E-SECOND")
    content = render(SALARY, each, second, version=version)
    validate(content, version)
    assert values(content, "CstmrCdtTrfInitn/PmtInf/BtchBookg") == ["true", "false"]
    assert values(content, "CstmrCdtTrfInitn/PmtInf/NbOfTxs") == ["2", "1"]


def test_unknown_version_is_refused():
    with pytest.raises(Invalid, match="02"):
        render(DOMESTIC, version="02")


def test_payments_of_something_else_is_refused():
    with pytest.raises(InvalidDocument):
        pain001.payments_of(b"<Document/>")


@pytest.mark.parametrize("version", pain001.VERSIONS)
@pytest.mark.parametrize("name", [*GOLDEN, "everything"])
def test_golden(name, version, golden):
    orders = list(ALL_KINDS.values()) if name == "everything" else [GOLDEN[name]]
    content = render(*orders, version=version)
    validate(content, version)
    golden(f"pain001/{name}.{version}.xml", content)


@pytest.mark.parametrize("version", pain001.VERSIONS)
def test_amounts_have_the_decimals_of_their_currency(version):
    yen = replace(FOREIGN, currency="JPY", amount=Decimal(150000))
    dinar = replace(FOREIGN, currency="KWD", amount=Decimal("10.125"), end_to_end_id="E2E-K")
    content = render(yen, dinar, version=version)
    validate(content, version)
    assert values(content, "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt") == [
        "150000",
        "10.125",
    ]
    assert values(content, "CstmrCdtTrfInitn/GrpHdr/CtrlSum") == ["150010.125"]
    assert [item[1] for item in refused(replace(yen, amount=Decimal("1.5")))] == ["amount"]


@pytest.mark.parametrize("version", pain001.VERSIONS)
def test_purpose_that_a_person_chose_stands_apart(version):
    salary = replace(DOMESTIC, details={"purpose": "SALA"}, end_to_end_id="E2E-S")
    content = render(DOMESTIC, salary, version=version)
    validate(content, version)
    path = "CstmrCdtTrfInitn/PmtInf/PmtTpInf/CtgyPurp/Cd"
    assert values(content, path) == ["SALA"]
    assert values(content, "CstmrCdtTrfInitn/PmtInf/NbOfTxs") == ["1", "1"]
    wrong = replace(salary, details={"purpose": "salary"})
    assert [item[1] for item in refused(wrong)] == ["details.purpose"]


def test_same_input_gives_same_bytes():
    orders = list(ALL_KINDS.values())
    other_zone = CREATED_AT.astimezone(timezone(timedelta(hours=2)))
    again = pain001.render("MSG-1", other_zone, PAYER, iter(orders))
    assert again == render(*orders)


def test_each_debit_account_and_day_has_its_own_payment_information():
    euro = replace(FOREIGN, payer=EUR_PAYER)
    later = replace(
        DOMESTIC, end_to_end_id="E2E-LATER", execute_on=DOMESTIC.execute_on + timedelta(days=1)
    )
    second = replace(DOMESTIC, end_to_end_id="E2E-SECOND")
    content = render(DOMESTIC, euro, later, second)
    assert pain001.payments_of(content) == {
        "MSG-1-1": (DOMESTIC.end_to_end_id, "E2E-SECOND"),
        "MSG-1-2": (FOREIGN.end_to_end_id,),
        "MSG-1-3": ("E2E-LATER",),
    }
    assert values(content, "CstmrCdtTrfInitn/PmtInf/NbOfTxs") == ["2", "1", "1"]
    assert values(content, "CstmrCdtTrfInitn/GrpHdr/NbOfTxs") == ["4"]


def test_control_sum_is_exact_for_amounts_that_floats_get_wrong():
    orders = [
        replace(DOMESTIC, end_to_end_id=f"E{number}", amount=Decimal("0.10")) for number in range(3)
    ]
    assert values(render(*orders), "CstmrCdtTrfInitn/GrpHdr/CtrlSum") == ["0.30"]


@pytest.mark.parametrize(("charges", "code"), [("SHA", "SHAR"), ("OUR", "DEBT"), ("BEN", "CRED")])
def test_who_bears_the_charges(charges, code):
    content = render(replace(FOREIGN, charges=charges))
    assert values(content, "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/ChrgBr") == [code]


def test_long_message_id_still_gives_payment_information_ids_of_35_characters():
    content = pain001.render("M" * 35, CREATED_AT, PAYER, [DOMESTIC])
    assert list(pain001.payments_of(content)) == ["M" * 33 + "-1"]


def test_payer_whose_bank_is_not_named_is_still_valid():
    content = render(replace(DOMESTIC, payer=replace(PAYER, bic="", bank_code="")))
    path = "CstmrCdtTrfInitn/PmtInf/DbtrAgt/FinInstnId/Othr/Id"
    assert values(content, path) == ["NOTPROVIDED"]


def test_markup_in_a_title_stays_text():
    title = "A&B <x> \"q\" 'a' </Ustrd> żółć"
    content = render(replace(DOMESTIC, title=title))
    assert values(content, "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/RmtInf/Ustrd") == [title]


@pytest.mark.parametrize("name", ["pain.001.001.03", "pain.001.001.09"])
def test_package_formats_render_their_own_version(name):
    created_at = datetime(2026, 1, 2, tzinfo=timezone.utc)
    content = PACKAGE_FORMATS[name].render("M1", created_at, PAYER, [DOMESTIC])
    assert f"xsd:{name}".encode() in content
