# SPDX-License-Identifier: LGPL-3.0-only
"""The first page, the list of addresses, and the demo certificates."""

from __future__ import annotations

from html import escape

from . import certificates
from .cdc import service as cdc
from .http import NotFound, Request, Response, json_response
from .seed import SEED


def addresses(world) -> dict[str, str]:
    """What is where; printed at the start as one line of JSON."""
    base = world.settings.banner
    return {
        "base": base,
        "mbank": f"{base}/mbank/ws",
        "mbank_wsdl": f"{base}/mbank/ws?wsdl",
        "phone": f"{base}/phone",
        "control": f"{base}/control",
        "directbank": f"{base}/directbank",
        "ing": f"{world.settings.cdc_banner}{cdc.PATHS['ing']}",
        "bnp": f"{world.settings.cdc_banner}{cdc.PATHS['bnp']}",
        "cdc_ca": f"{base}/demo/cdc/ca.pem",
        "whitelist": f"{base}/whitelist",
        "ksef": f"{base}/ksef/v2",
        "demo_certificate": f"{base}/demo/jan.p12",
        "odoo": world.settings.odoo,
    }


def addresses_as_json(world, request: Request) -> Response:
    return json_response(addresses(world))


def show(world, request: Request) -> Response:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td><a href='{escape(url)}'>{escape(url)}</a></td></tr>"
        for name, url in addresses(world).items()
    )
    clients = "".join(
        f"<li><b>{escape(c['identifier'])}</b> {escape(c['name'])}: "
        + escape(", ".join(u["login"] for u in SEED["users"] if c["identifier"] in u["clients"]))
        for c in SEED["clients"]
    )
    page = f"""<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Pretend banks</title>
<style>body{{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}}
th{{text-align:left;padding-right:1rem;font-weight:500}}</style>
<h1>Pretend banks</h1><table>{rows}</table>
<h2>Clients and users</h2><ul>{clients}</ul>
<p>Demo certificates: /demo/LOGIN.p12, password <code>{certificates.DEMO_PASSWORD}</code>.</p>"""
    return Response(200, "text/html; charset=utf-8", page.encode())


def pkcs12(world, request: Request) -> Response:
    """A key and certificate made at run time; asking for it registers the certificate."""
    login = request.args["login"]
    with world.lock:
        if login not in world.state.users:
            raise NotFound("There is no such user.")
        data = certificates.demo_pkcs12(world, login)
    header = ("Content-Disposition", f'attachment; filename="{login}.p12"')
    return Response(200, "application/x-pkcs12", data, (header,))


def authority(world, request: Request) -> Response:
    with world.lock:
        return Response(200, "application/x-pem-file", certificates.demo_authority(world))
