# SPDX-License-Identifier: LGPL-3.0-only
"""Odoo and the pretend Moe Delo get to know each other: the administrator's steps, by RPC.

stack.start_moedelo()
introduce(stack, company_id)        # registered there, known here; then somebody consents
"""

from __future__ import annotations

import requests

TIMEOUT = 60


def introduce(running, company_id: int) -> None:
    """Once: the service is registered in Odoo; each time: it has a calendar around today."""
    rpc, url = running.rpc(), running.moedelo.url
    if not rpc("moedelo.client", "search_count", [("api_address", "=", f"{url}/api")]):
        _register(running, rpc, url)
    company = rpc("res.company", "read", [company_id], ["vat"])[0]
    control(running, "events", example=True, inn=(company["vat"] or "").removeprefix("RU"))


def _register(running, rpc, url: str) -> None:
    vals = {
        "name": "Moe Delo",
        "redirect_uris": f"{url}/back",
        "initiate_login_uri": f"{url}/login",
        "cabinet_address": f"{url}/cabinet",
        "api_address": f"{url}/api",
    }
    (client_id,) = rpc("moedelo.client", "create", [vals])
    message = rpc("moedelo.client", "action_new_secret", [client_id])["params"]["message"]
    control(
        running,
        "bank",
        issuer=rpc("ir.config_parameter", "get_param", "bank_webservice.moedelo_issuer"),
        client_id=rpc("moedelo.client", "read", [client_id], ["identifier"])[0]["identifier"],
        client_secret=message.rsplit(" ", 1)[1],
    )


def control(running, path: str, /, **body) -> dict:
    """One of the pretend Moe Delo's control routes."""
    address = f"{running.moedelo.url}/control/{path}"
    answer = requests.post(address, json=body, timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json()


def state(running) -> dict:
    """Everything that it has seen."""
    answer = requests.get(f"{running.moedelo.url}/control/state", timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json()
