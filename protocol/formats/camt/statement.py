# SPDX-License-Identifier: LGPL-3.0-only
"""What a `Stmt` or `Rpt` of camt says before its entries: account, number, period, balances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from ...errors import InvalidDocument
from ...records import Entry, Statement
from ...wording import _, said_by
from .. import account, values
from ..sums import is_booked
from .entry import direction, leaves

NO_ACCOUNT = _("the statement names no account")
NO_CURRENCY = _("the statement names no currency")
TWO_CURRENCIES = _("the statement names two currencies: {one} and {other}")

_DETAILS = {
    "Id": "reference",
    "LglSeqNb": "legal_number",
    "CreDtTm": "created_at",
    "Acct/Nm": "account_name",
    "Acct/Ownr/Nm": "owner_name",
    "Acct/Svcr/FinInstnId/BIC": "bank_bic",
    "Acct/Svcr/FinInstnId/BICFI": "bank_bic",
    "RptgSrc/Prtry": "source",
    "AddtlStmtInf": "text",
    "AddtlRptInf": "text",
    "TxsSummry/TtlCdtNtries/Sum": "credit_sum",
    "TxsSummry/TtlDbtNtries/Sum": "debit_sum",
    "StmtPgntn/PgNb": "page",
    "RptPgntn/PgNb": "page",
}


class Head:
    """Read once the first entry, or the end of the statement, is reached."""

    def __init__(self, element):
        self.path = f"/{element.tag.rpartition('}')[2]}"
        self.final = self.path == "/Stmt"
        self.texts = leaves(element, skip="Ntry").texts
        amount = element.find("{*}Ntry/{*}Amt")
        self.first_currency = amount.get("Ccy", "") if amount is not None else ""
        try:
            self.balances = [_balance(one) for one in element.iterfind("{*}Bal")]
            self.opened_on = self._day("FrToDt/FrDtTm", "FrToDt/FrDt")
            self.closed_on = self._day("FrToDt/ToDtTm", "FrToDt/ToDt")
            self._check_sums()
        except ValueError as error:
            self._refuse(said_by(error), "bad_head")
        self.opening, self.closing = self._borders()
        self.currency = self._currency()
        self.opened_on = self.opened_on or (self.opening.day if self.opening else None)
        self.closed_on = self.closed_on or (self.closing.day if self.closing else None)

    def take_days(self, entries: Iterable[Entry]) -> None:
        """The days of its entries, else of its making, for a statement that names neither."""
        days = [entry.booked_on for entry in entries if is_booked(entry)]
        try:
            days = days or [day for day in [self._day("CreDtTm")] if day]
        except ValueError as error:
            self._refuse(said_by(error), "bad_head")
        if days:
            self.opened_on, self.closed_on = self.opened_on or min(days), max(days)

    def statement(self, entries: Iterator[Entry]) -> Statement:
        named = self.texts.get("Acct/Id/IBAN") or self.texts.get("Acct/Id/Othr/Id", "")
        number, bank = account.parts(named, self.currency)
        if not number:
            self._refuse(NO_ACCOUNT, "no_account")
        available = self._last("CLAV", "ITAV")
        return Statement(
            account_number=number,
            currency=self.currency,
            number=self.texts.get("ElctrncSeqNb") or self.texts.get("LglSeqNb", ""),
            opened_on=self.opened_on,
            closed_on=self.closed_on,
            opening_balance=self.opening.amount if self.opening else None,
            closing_balance=self.closing.amount if self.closing else None,
            entries=entries,
            available_balance=available.amount if available else None,
            final=self.final,
            details={**bank, **self._details()},
        )

    def _details(self) -> dict[str, str]:
        details = {_DETAILS[path]: text for path, text in self.texts.items() if path in _DETAILS}
        if not self.final:  # a report's turnovers may count entries that are only pending
            for key in ("credit_sum", "debit_sum"):
                if key in details:
                    details[f"reported_{key}"] = details.pop(key)
        interim = self._last("ITBD")
        if interim and not self.final:
            details["interim_balance"] = str(interim.amount)
        return details

    def _borders(self) -> tuple[Balance | None, Balance | None]:
        """Opening and closing balance. A page in between has two interim balances instead."""
        opening = self._first("OPBD") or self._first("PRCD")
        closing = self._last("CLBD")
        interim = [one for one in self.balances if one.kind == "ITBD"]
        if self.final and interim and not (opening and closing):
            opening = opening or interim[0]
            closing = closing or (interim[-1] if interim[-1] is not opening else None)
        return opening, closing

    def _first(self, kind: str) -> Balance | None:
        found = [one for one in self.balances if one.kind == kind]
        return min(found, key=lambda one: one.day or date.max) if found else None

    def _last(self, *kinds: str) -> Balance | None:
        for kind in kinds:
            found = [one for one in self.balances if one.kind == kind]
            if found:
                return max(found, key=lambda one: one.day or date.min)
        return None

    def _currency(self) -> str:
        named = self.texts.get("Acct/Ccy", "")
        found = [text for text in (named, *(one.currency for one in self.balances)) if text]
        found = found or [self.first_currency]
        if not found[0]:
            self._refuse(NO_CURRENCY, "no_currency")
        borders = [one.currency for one in (self.opening, self.closing) if one and one.currency]
        for other in borders:
            if other != found[0]:
                self._refuse(TWO_CURRENCIES.format(one=found[0], other=other), "two_currencies")
        return found[0]

    def _day(self, *paths: str) -> date | None:
        text = next((self.texts[path] for path in paths if path in self.texts), None)
        return values.iso_date(text) if text else None

    def _check_sums(self) -> None:
        for path in ("TxsSummry/TtlCdtNtries/Sum", "TxsSummry/TtlDbtNtries/Sum"):
            if path in self.texts:
                values.amount(self.texts[path])

    def _refuse(self, message: str, code: str):
        raise InvalidDocument(message, path=self.path, code=code)


class Balance:
    """One `Bal`."""

    def __init__(self, kind: str, amount: Decimal, currency: str, day: date | None):
        self.kind, self.amount, self.currency, self.day = kind, amount, currency, day


def _balance(element) -> Balance:
    found = leaves(element, skip="CdtLine")
    day = found.first("Dt/Dt", "Dt/DtTm")
    return Balance(
        found.first("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"),
        values.amount(found.first("Amt")) * direction(found.first("CdtDbtInd")),
        found.currencies.get("Amt", ""),
        values.iso_date(day) if day else None,
    )
