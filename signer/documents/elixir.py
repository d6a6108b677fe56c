"""Elixir-O (Elixir-0): the line format of Polish banks, one order a line.

Source: the banks' published descriptions. 16 fields, comma-separated, text in double quotes, `|`
breaks lines inside a field: type, day YYYYMMDD, amount in grosz, clearing number of the payer's
bank, 0, payer's account, payee's account, payer, payee, 0, clearing number of the payee's bank,
title, empty, empty, classification, note.
"""

from __future__ import annotations

import re
from decimal import Decimal

from .summary import NotUnderstood, Payment, Summary

FIELDS = 16
KINDS = {"110": "transfer"}
#: a quoted text without a quote inside (banks have no agreed way to write one), or digits
FIELD = re.compile(rb'"([^"\r\n]*)"|([0-9]*)')
#: all of them agree on ASCII, so that only accents of names can differ
ENCODINGS = ("utf-8", "cp1250")


def looks_like(content: bytes) -> bool:
    return re.match(rb"1\d\d,\d{8},\d+,", content) is not None


def read(content: bytes) -> Summary:
    """Every line as one payment in PLN."""
    lines = content.split(b"\r\n") if b"\r\n" in content else content.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    payments = tuple(_line(line, number) for number, line in enumerate(lines, 1))
    return Summary("Transfers (Elixir-O)", payments=payments)


def _line(line: bytes, number: int) -> Payment:
    fields = _fields(line, number)
    kind, day, grosz, _bank, _zero, payer, payee, _payer_name, payee_name = fields[:9]
    if kind not in KINDS:
        raise NotUnderstood(f"line {number}: order type {kind} is not understood")
    if not re.fullmatch(r"\d{8}", day) or not re.fullmatch(r"[1-9]\d{0,14}", grosz):
        raise NotUnderstood(f"line {number}: day or amount is wrong")
    if not (_is_account(payer) and _is_account(payee)):
        raise NotUnderstood(f"line {number}: an account has not 26 digits")
    if not payee_name:
        raise NotUnderstood(f"line {number}: the payee has no name")
    return Payment(
        payee=payee_name.replace("|", " "),
        account=payee,
        amount=Decimal(grosz).scaleb(-2),
        currency="PLN",
        title=fields[11].replace("|", ""),
        execute_on=f"{day[:4]}-{day[4:6]}-{day[6:]}",
        payer_account=payer,
    )


def _is_account(text: str) -> bool:
    return re.fullmatch(r"[0-9]{26}", text) is not None


def _fields(line: bytes, number: int) -> list[str]:
    """The fields of a line; refuses what two programs could split differently."""
    fields, position = [], 0
    while True:
        match = FIELD.match(line, position)
        quoted, plain = match.groups()
        fields.append(_decode(plain if quoted is None else quoted))
        position = match.end()
        if position == len(line):
            break
        if line[position : position + 1] != b",":
            raise NotUnderstood(f"line {number}: a field is not understood")
        position += 1
    if len(fields) != FIELDS:
        raise NotUnderstood(f"line {number}: {len(fields)} fields instead of {FIELDS}")
    return fields


def _decode(raw: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("iso-8859-2")
