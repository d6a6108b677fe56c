# SPDX-License-Identifier: LGPL-3.0-only
"""A small PDF of plain lines: enough for statements and confirmations of a pretend bank.

Courier with the standard encoding of the format, so Polish letters lose their marks here (the
machine-readable statements keep them).
"""

from __future__ import annotations

import unicodedata

from ..ledger import Extract, Movement
from ..numbers import as_iban

_PLAIN = str.maketrans("łŁ", "lL")
LINES_A_PAGE = 60


def statement(extract: Extract) -> bytes:
    """A statement as PDF."""
    account = extract.account
    lines = [
        f"STATEMENT {extract.number}/{extract.until:%Y}   {extract.until}",
        f"{account.owner}, {account.name}",
        f"{as_iban(account.number)} {account.currency}",
        "",
        f"Opening balance {extract.opening:>20.2f}",
    ]
    for movement in extract.movements:
        lines.append(f"{movement.booked_on} {movement.amount:>15.2f}  {movement.party_name[:40]}")
        lines.append(f"           {movement.title[:70]}")
        lines.append(f"           {movement.party_account}  {movement.tnr}")
    lines.append(f"Closing balance {extract.closing:>20.2f}")
    return render(lines)


def confirmation(movement: Movement, owner: str) -> bytes:
    """Confirmation of one executed transfer."""
    return render([
        "CONFIRMATION OF A TRANSFER",
        "",
        f"Booked on     {movement.booked_on}",
        f"Amount        {abs(movement.amount):.2f} {movement.currency}",
        f"From          {as_iban(movement.account)}",
        f"              {owner}",
        f"To            {as_iban(movement.party_account)}",
        f"              {movement.party_name}",
        f"Title         {movement.title}",
        f"End-to-end id {movement.end_to_end_id}",
        f"Operation     {movement.tnr}",
    ])  # fmt: skip


def render(lines: list[str]) -> bytes:
    """Pages of text lines."""
    pages = [lines[i : i + LINES_A_PAGE] for i in range(0, len(lines), LINES_A_PAGE)] or [[]]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    for index, page in enumerate(pages):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents "
            + f"{5 + 2 * index} 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(_stream(page))
    return _file(objects)


def _stream(lines: list[str]) -> bytes:
    shown = b"".join(b"(" + _escape(line) + b") Tj T*\n" for line in lines)
    content = b"BT /F1 9 Tf 12 TL 40 800 Td\n" + shown + b"ET"
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _escape(line: str) -> bytes:
    plain = unicodedata.normalize("NFKD", line.translate(_PLAIN))
    data = "".join(char for char in plain if not unicodedata.combining(char))
    escaped = data.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return escaped.encode("latin-1", "replace")


def _file(objects: list[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, start,
    )  # fmt: skip
    return bytes(out)
