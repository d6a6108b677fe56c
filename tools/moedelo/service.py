# SPDX-License-Identifier: LGPL-3.0-only
"""The Moe Delo part on a running stack: a vendor of its own, a licence, a service that connects.

For `make run`, for the figures and for tests with real processes:

    vendor = Vendor(folder)                                  # a throw-away key pair
    with stack.running(workers=2, sandbox=None, **vendor.conf) as running:
        service = Service.register(running, vendor)          # licence, package, client
        answer = service.connect("payments statements")      # consent in a browser's place

No private key is in the repository: the vendor's lies in the folder that the caller names.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from tools import licence
from tools.ground import stack as stacks
from tools.ground.say import Stop
from tools.moedelo import pretend as moedelo_pretend

BACK = "https://service.example/back"
INN = "7707083893"
ISSUER = "bank_webservice.moedelo_issuer"
DEMO = "ООО Демо Торговля"
SCOPE = "payments statements accounts client"
TIMEOUT = 60
PASSWORD = "admin"


class Vendor:
    """A licence key of one's own: made once in `folder`, used again when it is there already."""

    def __init__(self, folder: Path):
        self.private = Path(folder) / "licence_vendor.pem"
        self.public = Path(folder) / "licence_keys.json"
        if not self.private.exists():
            licence.make_keys(self.private, self.public)

    @property
    def conf(self) -> dict[str, str]:
        """What odoo.conf must say."""
        return {"bank_webservice_licence_keys": str(self.public)}

    def license_company(self, rpc, company_id: int, package: str = "moedelo") -> int:
        """Upload a licence for this company and choose its package. Gives the package's id."""
        company = rpc("res.company", "read", [company_id], ["name", "vat"])[0]
        document = licence.make_licence(
            self.private,
            licensee=company["name"],
            database_uuid=rpc("ir.config_parameter", "get_param", "database.uuid"),
            tax_id=company["vat"] or "",
        )
        rpc("moedelo.licence", "create", [{"company_id": company_id, "document": document}])
        vals = {"company_id": company_id, "package": package}
        return rpc("moedelo.subscription", "create", [vals])[0]


class Service:
    """An outside service as Odoo knows it, and the administrator who lets it in."""

    def __init__(self, running, identifier: str, secret: str, company_id: int):
        self.running = running
        self.url = running.odoo.url
        self.identifier = identifier
        self.secret = secret
        self.company_id = company_id

    @classmethod
    def register(cls, running, vendor: Vendor, issuer: str = "") -> Service:
        """On a fresh database: the administrator's steps, by RPC."""
        rpc = running.rpc()
        make_administrator(rpc)
        rpc("ir.config_parameter", "set_param", ISSUER, issuer or running.odoo.url)
        company_id = rpc("res.company", "search", [], limit=1)[0]
        rpc("res.company", "write", [company_id], {"vat": INN})
        partner_id = rpc("res.company", "read", [company_id], ["partner_id"])[0]["partner_id"][0]
        account = {"acc_number": "40702810900000000001", "partner_id": partner_id}
        rpc("res.partner.bank", "create", [account])
        vendor.license_company(rpc, company_id)
        return cls(running, *cls.new_client(rpc), company_id)

    @classmethod
    def of_demo(cls, running, vendor: Vendor) -> Service:
        """Where demo data are: for the company that its examples are about."""
        rpc = running.rpc()
        make_administrator(rpc)
        rpc("ir.config_parameter", "set_param", ISSUER, running.odoo.url)
        company_id = rpc("res.company", "search", [("name", "=", DEMO)])[0]
        rpc("res.users", "write", [2], {"company_id": company_id})
        vendor.license_company(rpc, company_id)
        return cls(running, *cls.new_client(rpc), company_id)

    @staticmethod
    def new_client(rpc, **vals) -> tuple[str, str]:
        """Client ID and secret, as the administrator reads them from the screen."""
        vals = {"name": "Moe Delo", "redirect_uris": BACK, **vals}
        (client_id,) = rpc("moedelo.client", "create", [vals])
        message = rpc("moedelo.client", "action_new_secret", [client_id])["params"]["message"]
        identifier = rpc("moedelo.client", "read", [client_id], ["identifier"])[0]["identifier"]
        return identifier, message.rsplit(" ", 1)[1]

    # ---- the browser

    def consent(self, address: str) -> str:
        """Follow an authorization request as the administrator; gives the address sent back to."""
        browser = requests.Session()
        log_in(browser, self.url)
        page = browser.get(address, timeout=TIMEOUT)
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        accounts = re.findall(r'name="account_ids"[^>]*value="(\d+)"', page.text)
        fields = [(name, html.unescape(value)) for name, value in form.items()]
        fields += [("account_ids", account) for account in accounts]
        fields += [("company_id", str(self.company_id)), ("password", PASSWORD)]
        answer = browser.post(
            f"{self.url}/moedelo/authorize/consent",
            data=fields,
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        return answer.headers["Location"]

    def browser(self):
        """His web client: `press(model, method, ids, **context)` gives what the server answers."""
        session = requests.Session()
        log_in(session, self.url)

        def press(model, method, ids, **context):
            asked = {
                "model": model,
                "method": method,
                "args": [ids],
                "kwargs": {"context": context},
            }
            said = session.post(
                f"{self.url}/web/dataset/call_kw/{model}/{method}",
                json={"jsonrpc": "2.0", "method": "call", "params": asked},
                timeout=TIMEOUT,
            ).json()
            return said["result"]

        return press

    # ---- the service, without any OAuth library

    def connect(self, scope: str = SCOPE) -> dict:
        """The first token answer of a new connection."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.identifier,
            "redirect_uri": BACK,
            "scope": scope,
            "state": "state",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        back = self.consent(f"{self.url}/moedelo/authorize?{urlencode(asked)}")
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "redirect_uri": BACK,
            "code_verifier": verifier,
        }
        return self.token(form).json()

    def token(self, form: dict, **headers) -> requests.Response:
        return self.post("/moedelo/token", form, **headers)

    def refresh(self, refresh_token: str, **headers) -> requests.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.token(form, **headers)

    def post(self, path: str, form: dict, **headers) -> requests.Response:
        return requests.post(
            self.url + path,
            data=form,
            auth=(self.identifier, self.secret),
            headers=headers,
            timeout=TIMEOUT,
        )

    def call(self, access_token: str, path: str = "/moedelo/v1/client") -> requests.Response:
        headers = {"Authorization": f"Bearer {access_token}"}
        return requests.get(self.url + path, headers=headers, timeout=TIMEOUT)


def make_administrator(rpc) -> None:
    """`admin` gets the right to administer the bank channel and Moe Delo."""
    (user_id,) = rpc("res.users", "search", [("login", "=", "admin")])
    domain = [("module", "=", "bank_webservice"), ("name", "=", "group_administrator")]
    group = rpc("ir.model.data", "search_read", domain, ["res_id"])[0]["res_id"]
    rpc("res.users", "write", [user_id], {"group_ids": [(4, group)]})


def log_in(browser: requests.Session, url: str, login: str = "admin", password: str = "admin"):
    """Log in at Odoo's own page."""
    page = browser.get(f"{url}/web/login", timeout=TIMEOUT)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    form = {"csrf_token": token, "login": login, "password": password}
    answer = browser.post(f"{url}/web/login", data=form, timeout=TIMEOUT, allow_redirects=False)
    if answer.status_code != 303:
        raise RuntimeError(f"the log-in of {login} was refused")


def main(words: list[str]) -> int:
    """`keys FOLDER`, before Odoo starts; `offer FOLDER URL DATABASE PRETEND`, once both run."""
    what, folder, *where = words
    vendor = Vendor(Path(folder))
    if what == "offer":
        url, database, pretend = where
        running = stacks.Stack(None, database)
        running.odoo, running.moedelo = SimpleNamespace(url=url), SimpleNamespace(url=pretend)
        offer(running, vendor)
    return 0


def offer(running, vendor: Vendor) -> None:
    """`make run`: a licence of the throw-away vendor and the whole package, once, for the company
    of the demo data that works in Russia, so that the Moe Delo part can be tried at once."""
    try:
        rpc = running.rpc()
    except Stop:
        return  # somebody has changed the password: the database is his now
    russian = rpc("res.company", "search", [("partner_id.country_id.code", "=", "RU")], limit=1)
    if not russian:
        return
    if not rpc("moedelo.subscription", "search_count", []):
        _license(running, rpc, vendor, russian)
    moedelo_pretend.introduce(running, russian[0])


def _license(running, rpc, vendor: Vendor, russian: list[int]) -> None:
    make_administrator(rpc)
    issuer = "bank_webservice.moedelo_issuer"
    if not rpc("ir.config_parameter", "get_param", issuer):
        rpc("ir.config_parameter", "set_param", issuer, running.odoo.url)
    if not rpc("res.company", "read", russian, ["vat"])[0]["vat"]:
        rpc("res.company", "write", russian, {"vat": INN})
    vendor.license_company(rpc, russian[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
