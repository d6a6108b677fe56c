# SPDX-License-Identifier: LGPL-3.0-only
"""The formats of packages of orders: an explicit dict, beside the statement formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from . import elixir, pain001
from .client_bank_1c import order as client_bank_1c_order
from .directbank import order as directbank_order


@dataclass(frozen=True)
class PackageFormat:
    """`render(message_id, created_at, initiator, orders, **options) -> bytes`.

    `charset`: what `render` writes when it is not told otherwise (Elixir: option `charset`).
    """

    name: str
    render: Callable[..., bytes]
    extension: str
    media_type: str
    charset: str


PACKAGE_FORMATS = {
    "pain.001.001.03": PackageFormat(
        "pain.001.001.03",
        partial(pain001.render, version="03"),
        ".xml",
        "application/xml",
        "utf-8",
    ),
    "pain.001.001.09": PackageFormat(
        "pain.001.001.09",
        partial(pain001.render, version="09"),
        ".xml",
        "application/xml",
        "utf-8",
    ),
    "elixir": PackageFormat("elixir", elixir.render, ".txt", "text/plain", "cp1250"),
    "client_bank_1c": PackageFormat(
        "client_bank_1c", client_bank_1c_order.render, ".txt", "text/plain", "cp1251"
    ),
    "directbank.order": PackageFormat(
        "directbank.order", directbank_order.render, ".xml", "application/xml", "utf-8"
    ),
}
