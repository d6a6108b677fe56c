# SPDX-License-Identifier: LGPL-3.0-only
"""The kind of an order: derived, and held against account, currency, charges and amount."""

from dataclasses import replace
from decimal import Decimal

import pytest
from orders_for_tests import (
    ALL_KINDS,
    BETWEEN,
    CONTEXT,
    CONVERTED,
    DOMESTIC,
    EQUIVALENT,
    EUR_PAYER,
    EXPRESS,
    FOREIGN,
    MPP,
    OWN,
    PAYER,
    SALARY,
    SEPA,
    SUPPLIER,
    TAX,
    ZUS,
    found,
)

from protocol import kinds
from protocol.checks import (
    amount,
    bic,
    charges,
    currency,
    kind,
    ksef,
    mpp,
    route,
    vat_account,
)
from protocol.records import Party


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (replace(DOMESTIC, kind="gift"), [("error", "kind")]),
        (replace(TAX, kind="domestic"), [("warning", "kind")]),
        (replace(ZUS, kind="domestic"), [("warning", "kind")]),
        (replace(DOMESTIC, kind="tax"), [("warning", "kind")]),
        (replace(FOREIGN, kind="sepa"), [("error", "kind")]),
        (replace(DOMESTIC, kind="own"), [("error", "kind")]),
    ],
)
def test_kind_against_the_account(order, expected):
    assert found(kind.check(order, CONTEXT)) == expected


PCC = "27101016740020882227000000"  # of an office, for what goes to no microaccount
COMMUNE = SUPPLIER.account


def test_accounts_of_offices_are_known_by_their_numbers_or_their_cards():
    assert kinds.office_of(PCC) == kinds.office_of(f"PL{PCC}") == "tax"
    assert kinds.office_of("71101016740020882230000000") == ""  # of its expenses
    for customs in ("25101012700008242231000000", "84101012700008242224000000"):
        assert kinds.office_of(customs) == "tax"
    assert kinds.office_of("27101016740020882227000001") == ""
    commune = replace(TAX, payee=replace(TAX.payee, account=COMMUNE))
    assert found(kind.check(commune, CONTEXT)) == [("warning", "kind")]
    known = replace(CONTEXT, offices={COMMUNE: "tax"})
    assert found(kind.check(commune, known)) == []
    assert found(kind.check(replace(DOMESTIC), known)) == [("warning", "kind")]


VAT_ACCOUNT = {"vat_account": "yes"}
OWN_VAT = replace(
    MPP,
    payee=EUR_PAYER,
    title="/VAT/1230,00/IDC/5260001246/INV/przekazanie własne",
    details={
        "vat_amount": "1230.00",
        "vat_tax_id": "5260001246",
        "vat_invoice": "przekazanie własne",
        **VAT_ACCOUNT,
    },
)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (replace(DOMESTIC, details=VAT_ACCOUNT), [("error", "kind")]),
        (replace(MPP, details={**MPP.details, **VAT_ACCOUNT}), [("error", "kind")]),
        (replace(OWN, details=VAT_ACCOUNT), [("error", "kind")]),
        (replace(OWN_VAT, payee=MPP.payee), [("error", "kind")]),
        (
            replace(TAX, details={**TAX.details, **VAT_ACCOUNT, "tax_form": "PCC-3"}),
            [("error", "details.tax_form")],
        ),
        (replace(OWN_VAT, amount=Decimal(2000)), [("error", "details.vat_amount")]),
        (replace(ZUS, currency="EUR", details=VAT_ACCOUNT), [("error", "currency")]),
        (replace(TAX, details={**TAX.details, **VAT_ACCOUNT}), []),
        (replace(ZUS, details=VAT_ACCOUNT), []),
        (OWN_VAT, []),
        (DOMESTIC, []),
    ],
)
def test_what_a_vat_account_may_pay(order, expected):
    assert found(vat_account.check(order, CONTEXT)) == expected


def test_own_vat_account_is_paid_by_the_message_of_split_payment():
    late = replace(OWN_VAT, execute_on=CONTEXT.ksef_from)
    assert found(ksef.check(late, CONTEXT)) == []
    words_alone = replace(late, details={**OWN_VAT.details, "vat_account": ""})
    assert found(ksef.check(words_alone, CONTEXT)) == [("warning", "details.vat_invoice")]
    assert found(mpp.check(OWN_VAT, CONTEXT)) == []
    own = {EUR_PAYER.account}
    values = (PAYER, EUR_PAYER, Decimal(1), "PLN")
    assert kinds.derive(*values, own_accounts=own, from_vat_account=True) == "mpp"
    assert kinds.derive(*values, own_accounts=own) == "own"
    office = replace(SUPPLIER, account=COMMUNE)
    assert kinds.derive(PAYER, office, Decimal(1), "PLN", office="tax") == "tax"


def test_kind_that_the_format_does_not_have():
    in_elixir = replace(CONTEXT, format="elixir")
    assert found(kind.check(SEPA, in_elixir)) == [("error", "kind")]
    assert found(kind.check(MPP, in_elixir)) == []


def test_purpose_that_the_format_has_no_place_for():
    order = replace(DOMESTIC, details={"purpose": "SALA"})
    in_elixir = replace(CONTEXT, format="elixir")
    assert found(kind.check(order, in_elixir)) == [("error", "details.purpose")]
    assert found(kind.check(order, CONTEXT)) == []


def test_one_entry_for_all_is_for_salaries_and_for_formats_that_can_ask_for_it():
    supplier = replace(DOMESTIC, details={"batch_booking": "yes"})
    assert found(kind.check(supplier, CONTEXT)) == [("error", "details.batch_booking")]
    in_elixir = replace(CONTEXT, format="elixir")
    assert found(kind.check(supplier, in_elixir)) == [("error", "details.batch_booking")]
    assert found(kind.check(SALARY, CONTEXT)) == []


@pytest.mark.parametrize(
    "order",
    [
        replace(DOMESTIC, details={"sent_currency": "EUR"}),
        replace(SEPA, details={"sent_currency": "USD"}),
        replace(EQUIVALENT, details={"sent_currency": "PLN"}),
        replace(EQUIVALENT, details={"sent_currency": "dollars"}),
    ],
)
def test_currency_of_sending_where_it_cannot_be(order):
    assert found(currency.check(order, CONTEXT)) == [("error", "details.sent_currency")]
    assert found(currency.check(EQUIVALENT, CONTEXT)) == []


@pytest.mark.parametrize(
    "order",
    [
        replace(DOMESTIC, details={"exchange_deal": "FX/1"}),
        replace(FOREIGN, currency="PLN", details={"exchange_deal": "FX/1"}),
        replace(CONVERTED, details={"exchange_deal": "x" * 36}),
        replace(CONVERTED, details={"exchange_deal": "żółć"}),
    ],
)
def test_deal_where_no_money_is_changed_or_of_no_form(order):
    assert found(currency.check(order, CONTEXT)) == [("error", "details.exchange_deal")]
    assert found(currency.check(CONVERTED, CONTEXT)) == []


@pytest.mark.parametrize(
    ("order", "severity"),
    [
        (replace(BETWEEN, details={"intermediary_bic": "IRVTXX3N"}), "error"),
        (replace(SEPA, details=BETWEEN.details), "error"),
        (replace(BETWEEN, details={"intermediary_bic": "CHASUS33XXX"}), "warning"),
    ],
)
def test_bank_between_that_is_none(order, severity):
    assert found(bic.check(order, CONTEXT)) == [(severity, "details.intermediary_bic")]
    assert found(bic.check(BETWEEN, CONTEXT)) == []


@pytest.mark.parametrize("order", [MPP, TAX, ZUS, EXPRESS])
def test_zloty_only(order):
    assert found(currency.check(replace(order, currency="EUR"), CONTEXT)) == [("error", "currency")]


def test_sepa_is_in_euro_only():
    assert found(currency.check(replace(SEPA, currency="PLN"), CONTEXT)) == [("error", "currency")]


@pytest.mark.parametrize("code", ["", "zł", "pln", "PLNN"])
def test_currency_that_is_no_code(code):
    assert found(currency.check(replace(DOMESTIC, currency=code), CONTEXT)) == [
        ("error", "currency")
    ]


@pytest.mark.parametrize("value", ["0", "-5", "0.009", "NaN", "-Infinity", "10000000000000"])
def test_amount_that_is_none(value):
    order = replace(DOMESTIC, amount=Decimal(value))
    assert found(amount.check(order, CONTEXT)) == [("error", "amount")]


@pytest.mark.parametrize("value", ["0.01", "1E+3", "5.10000", "9999999999999.99"])
def test_amount_that_is_one(value):
    assert found(amount.check(replace(DOMESTIC, amount=Decimal(value)), CONTEXT)) == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (replace(FOREIGN, charges=""), [("error", "charges")]),
        (replace(FOREIGN, charges="sha"), [("error", "charges")]),
        (replace(SEPA, charges="OUR"), [("error", "charges")]),
        (replace(DOMESTIC, charges="BEN"), [("error", "charges")]),
        (replace(SEPA, kind="foreign", charges="OUR"), [("warning", "charges")]),
        (replace(SEPA, kind="foreign", charges="SHA"), []),
        (replace(SEPA, charges="SHA"), []),
    ],
)
def test_who_may_choose_the_charges(order, expected):
    assert found(charges.check(order, CONTEXT)) == expected


@pytest.mark.parametrize(
    ("name", "amount_", "expected"),
    [
        ("teleport", "1", [("error", "route")]),
        ("express", "100000.01", [("error", "route")]),
        ("express", "100000.00", []),
        ("elixir", "1000000", [("error", "route")]),
        ("sorbnet", "1000000", []),
        ("", "1000000", []),
    ],
)
def test_route_and_its_limit(name, amount_, expected):
    order = replace(DOMESTIC, route=name, amount=Decimal(amount_))
    assert found(route.check(order, CONTEXT)) == expected


@pytest.mark.parametrize(
    ("name", "wrong"), [("express", 1), ("sorbnet", 1), ("elixir", 0), ("", 0)]
)
def test_route_that_the_format_cannot_ask_for(name, wrong):
    order, context = replace(DOMESTIC, route=name), replace(CONTEXT, format="elixir")
    assert found(route.check(order, context)) == [("error", "route")] * wrong


def test_own_transfer_chooses_its_way_to_another_bank_only():
    other = replace(OWN, payee=replace(OWN.payee, account=SUPPLIER.account))
    for name in ("express", "sorbnet", "elixir"):
        assert found(route.check(replace(OWN, route=name), CONTEXT)) == [("error", "route")]
        assert found(route.check(replace(other, route=name), CONTEXT)) == []


def test_own_euro_at_another_bank_go_by_sepa():
    for account, expected in ((SUPPLIER.account, "sepa"), (OWN.payee.account, "own")):
        payee = replace(OWN.payee, account=account)
        derived = kinds.derive(EUR_PAYER, payee, Decimal(1), "EUR", own_accounts=[account])
        assert derived == expected


@pytest.mark.parametrize(
    ("code", "value", "wrong"),
    [
        ("JPY", "1000", 0),
        ("JPY", "1000.50", 1),
        ("KWD", "10.125", 0),
        ("KWD", "10.1255", 1),
        ("USD", "10.125", 1),
    ],
)
def test_decimals_are_those_of_the_currency(code, value, wrong):
    order = replace(FOREIGN, currency=code, amount=Decimal(value))
    assert found(amount.check(order, CONTEXT)) == [("error", "amount")] * wrong


def test_route_only_of_domestic_orders_and_limits_are_data():
    assert found(route.check(replace(SEPA, route="express"), CONTEXT)) == [("error", "route")]
    for order in (DOMESTIC, FOREIGN, OWN):
        assert found(route.check(replace(order, route="instant"), CONTEXT)) == [("error", "route")]
    assert found(route.check(replace(SEPA, route="instant"), CONTEXT)) == []
    strict = replace(CONTEXT, route_limits={"sorbnet": Decimal(10)})
    assert found(route.check(replace(DOMESTIC, route="sorbnet"), strict)) == [("error", "route")]


@pytest.mark.parametrize("rule", [route, kind, currency, amount, charges])
@pytest.mark.parametrize("name", ALL_KINDS)
def test_right_orders_pass(rule, name):
    assert list(rule.check(ALL_KINDS[name], CONTEXT)) == []


@pytest.mark.parametrize("name", ALL_KINDS)
def test_every_kind_is_derived_from_its_order(name):
    order = ALL_KINDS[name]
    derived = kinds.derive(
        order.payer,
        order.payee,
        order.amount,
        order.currency,
        own_accounts=CONTEXT.own_accounts,
        split_payment=name == "mpp",
    )
    assert derived == order.kind


@pytest.mark.parametrize(
    ("account", "money", "expected"),
    [
        ("DE89370400440532013000", "PLN", "foreign"),
        ("US0000", "EUR", "foreign"),
        ("", "EUR", "foreign"),
        (SUPPLIER.account, "EUR", "sepa"),
        (SUPPLIER.account, "USD", "foreign"),
        (SUPPLIER.account.removeprefix("PL"), "PLN", "domestic"),
        (TAX.payee.account.removeprefix("PL"), "PLN", "tax"),
        ("RS35105008123123123173", "EUR", "sepa"),
        ("BY13NBRB3600900000002Z00AB00", "EUR", "foreign"),
    ],
)
def test_derived_kind_where_it_is_not_plain(account, money, expected):
    assert kinds.derive(PAYER, Party("X", account), Decimal(1), money) == expected


def test_own_account_goes_before_everything():
    derived = kinds.derive(
        PAYER,
        replace(OWN.payee, account=EUR_PAYER.account.removeprefix("PL")),
        Decimal(1),
        "PLN",
        own_accounts=[EUR_PAYER.account],
        split_payment=True,
    )
    assert derived == "own"


def test_russian_account_and_roubles():
    payer = Party("ООО Ромашка", "40702810900000005555")
    payee = Party("ООО Лютик", "40702810100000001234")
    assert kinds.derive(payer, payee, Decimal(1), "RUB") == "rouble"
