# SPDX-License-Identifier: LGPL-3.0-only
"""Ways to damage a document, for `tools.fuzz`. Each takes a random generator and bytes."""

from random import Random

# What stands in real documents at places that decide: tags, marks, dates, amounts, charsets.
TOKENS = (
    *(b"\n:20:", b"\n:25:", b"\n:28C:", b"\n:60F:", b"\n:60M:", b"\n:61:", b"\n:62F:", b"\n:62M:"),
    *(b"\n:86:", b"\n:90D:", b"\n:64:", b"\n-\x03\n", b"\x01\n", b"\n-\n", b"\n-}", b"{4:\n"),
    *(b"T16\n:26:37 ", b"\n:86:073", b"\xff\xff", b"1 000.00", b"BANKPLPW/", b"^51PLN00001,0"),
    *(b"; TNR: 111111111111111.000001", b"; TYT.: ", b"; OD: ", b"~20", b"<32", b"?38"),
    *(b"<Ntry>", b"</Ntry>", b"<Stmt>", b"</Stmt>", b"<Bal>", b"&amp;", b"&lol;", b"]]>", b"<!--"),
    *(b'<!DOCTYPE a [<!ENTITY lol "lol">]>', b"CRDT", b"DBIT", b"RvslInd", b'Ccy="USD"', b"PDNG"),
    *("КонецФайла\n".encode("cp1251"), "КонецДокумента\r\n".encode("cp1251")),
    *("\r\nСумма=9999.99\r\n".encode("cp1251"), "\r\nРасчСчет=40702".encode("cp866")),
    *(b"260231", b"0231", b"2026-02-31", b"31.02.2026", b"000000", b"99999999"),
    *(b"999999999999999,99", b"0,00", b"-5,00", b"1e5", b"NaN", b"Infinity", b"1,", b",1", b""),
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\n\n", b"\t", b"\x1a", b"\xa0", b"\x98"),
    *("ąćęłńóśźż".encode(), "żółw".encode("cp1250"), "ёлка".encode("cp1251"), b"\xc3", b"\xe2\x82"),
)


def flip(random: Random, data: bytes, seeds) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]


def change_digit(random: Random, data: bytes, seeds) -> bytes:
    digits = [at for at, code in enumerate(data) if 48 <= code <= 57]
    if not digits:
        return data
    at = random.choice(digits)
    return data[:at] + str(random.randrange(10)).encode() + data[at + 1 :]


def cut_off(random: Random, data: bytes, seeds) -> bytes:
    return data[: random.randrange(len(data))]


def cut_out(random: Random, data: bytes, seeds) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[end:]


def repeat(random: Random, data: bytes, seeds) -> bytes:
    start, end = _span(random, data)
    times = random.choice((2, 2, 2, 10, 200))
    return data[:end] + data[start:end] * times + data[end:]


def insert_token(random: Random, data: bytes, seeds) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(TOKENS) + data[at:]


def overwrite_token(random: Random, data: bytes, seeds) -> bytes:
    at = random.randrange(len(data))
    token = random.choice(TOKENS)
    return data[:at] + token + data[at + len(token) :]


def insert_noise(random: Random, data: bytes, seeds) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.randbytes(random.choice((1, 3, 50))) + data[at:]


def drop_line(random: Random, data: bytes, seeds) -> bytes:
    lines = data.splitlines(keepends=True)
    lines.pop(random.randrange(len(lines)))
    return b"".join(lines)


def move_line(random: Random, data: bytes, seeds) -> bytes:
    lines = data.splitlines(keepends=True)
    line = lines[random.randrange(len(lines))]
    if random.random() < 0.5:
        lines.remove(line)
    lines.insert(random.randrange(len(lines) + 1), line)
    return b"".join(lines)


def splice(random: Random, data: bytes, seeds) -> bytes:
    other = random.choice(seeds)
    return data[: random.randrange(len(data))] + other[random.randrange(len(other)) :]


MUTATIONS = (
    *(flip, change_digit, cut_off, cut_out, repeat, insert_token, overwrite_token),
    *(insert_noise, drop_line, move_line, splice),
)


def mutate(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    """`data` with one to four damages. Never larger than a few megabytes."""
    for _ in range(random.choice((1, 1, 2, 3, 4))):
        if not data or len(data) > 2_000_000:
            break
        data = random.choice(MUTATIONS)(random, data, seeds)
    return data


def _span(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data))
    return start, min(len(data), start + random.choice((1, 2, 5, 20, 100, 1000)))
