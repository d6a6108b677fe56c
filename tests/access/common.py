# SPDX-License-Identifier: LGPL-3.0-only
"""What every test of the token endpoints starts from: a licensed company, a registered service."""

import base64
import contextlib
import hashlib
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path

from odoo import Command, fields
from odoo.tools import config

from ...protocol.access import authorize, forms, grants, signing_keys, tokens
from ...protocol.access import licence as licences
from ...protocol.moedelo import problems

ISSUER = "https://odoo.example"
BACK = "https://service.example/back"
INN = "7707083893"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]
EVERYTHING = "payments statements accounts calendar client"


class MoedeloCase:
    """Mixed into a TransactionCase or HttpCase; call `cls.set_up_moedelo()` in setUpClass."""

    @classmethod
    def set_up_moedelo(cls, company=None, account=None):
        """For a company of the test's own, or for a new one."""
        cls.vendor = signing_keys.make_key("EdDSA")
        cls._name_vendor_keys(cls.vendor)
        cls.env["ir.config_parameter"].set_param("bank_webservice.moedelo_issuer", ISSUER)
        cls.company = company or cls.env["res.company"].create({"name": "Romashka", "vat": INN})
        cls.env.user.write({"company_ids": [Command.link(cls.company.id)]})
        cls.account = account or cls._make_account(cls.company, "40702810900000000001")
        cls.give_licence(cls.company)
        cls.subscription = cls.env["moedelo.subscription"].create(
            {"company_id": cls.company.id, "package": "moedelo"}
        )
        cls.client, cls.secret = cls.make_client()

    @classmethod
    def _name_vendor_keys(cls, *keys):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        path = Path(folder.name) / "licence_keys.json"
        path.write_text(signing_keys.render_jwks([key.public for key in keys]))
        before = config.get("bank_webservice_licence_keys")
        config["bank_webservice_licence_keys"] = str(path)
        cls.addClassCleanup(config.__setitem__, "bank_webservice_licence_keys", before)

    @classmethod
    def _make_account(cls, company, number):
        vals = {"acc_number": number, "partner_id": company.partner_id.id}
        return cls.env["res.partner.bank"].create(vals)

    @classmethod
    def licence_document(cls, company, **change):
        today = fields.Date.today()
        granted = {
            "number": str(uuid.uuid4()),
            "licensee": company.name,
            "database_uuid": cls.env["ir.config_parameter"].get_param("database.uuid"),
            "tax_id": company.vat or "",
            "packages": licences.PACKAGES,
            "valid_from": today - timedelta(days=1),
            "valid_until": today + timedelta(days=365),
            **change,
        }
        return licences.render(licences.Licence(**granted), cls.vendor)

    @classmethod
    def give_licence(cls, company, **change):
        document = cls.licence_document(company, **change)
        content = base64.b64encode(document.encode())
        return cls.env["moedelo.licence"]._upload(content, company)

    @classmethod
    def make_client(cls, **vals):
        """The client and its secret, as the administrator sees it once."""
        client = cls.env["moedelo.client"].create(
            {"name": "Moe Delo", "redirect_uris": BACK, **vals}
        )
        if client.auth_method != "secret":
            return client, ""
        message = client.action_new_secret()["params"]["message"]
        return client, message.rsplit(" ", 1)[1]

    @contextlib.contextmanager
    def refuses(self, error):
        """As assertRaises, without its rollback: what a refusal leaves behind is looked at too."""
        caught = []
        try:
            yield caught
        except error as found:
            caught.append(found)
        self.assertTrue(caught, f"{error.__name__} was not raised")

    # ---- what a service does, without HTTP

    def registered(self, client=None):
        return self.env["moedelo.client"]._registered((client or self.client).identifier)

    def give_code(self, scope="payments statements accounts", company=None, client=None):
        """A code as the consent page gives it."""
        asked = authorize.AuthorizationRequest(
            (client or self.client).identifier,
            BACK,
            authorize.scopes.parse(scope),
            "state",
            CHALLENGE,
        )
        company = company or self.company
        accounts = self.env["moedelo.grant"]._company_accounts(company)
        registered = self.registered(client)
        return self.env["moedelo.grant"]._give_code(asked, registered, company, accounts)

    def code_form(self, code, **change):
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            **change,
        }
        return {name: value for name, value in form.items() if value is not None}

    def answer(self, form, client=None):
        said, _grant = self.env["moedelo.token"]._answer(form, self.registered(client), "10.0.0.1")
        return said

    def connect(self, scope="payments statements accounts", company=None, client=None):
        """The first answer of the token endpoint for a new connection."""
        return self.answer(self.code_form(self.give_code(scope, company, client)), client)

    def refresh(self, token, client=None, **change):
        form = {"grant_type": "refresh_token", "refresh_token": token, **change}
        return self.answer(form, client)

    def grant_of(self, said):
        stored = [("hash", "=", grants.hashed(said["refresh_token"]))]
        return self.env["moedelo.token"].sudo().search(stored).grant_id

    def check(self, token, scope="payments"):
        return self.env["moedelo.access"]._check(f"Bearer {token}", scope)

    def claims(self, token):
        return tokens.jwt.decode(token, options={"verify_signature": False})

    def signed(self, claims, typ=tokens.ACCESS, key=None):
        """A token of our own key with any claims."""
        key = key or self.env["moedelo.key"]._signing_key("access")
        return tokens.issue(claims, key, typ)


class MoedeloHttp(MoedeloCase):
    """A service that speaks HTTP with the test server."""

    def post(self, path, form=None, *, secret=None, client=None, headers=None, **more):
        """POST as the service does; Basic unless `secret` is False."""
        sent = dict(headers or {})
        if secret is not False:
            identifier = (client or self.client).identifier
            pair = f"{identifier}:{self.secret if secret is None else secret}"
            sent.setdefault("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
        sent.setdefault("Content-Type", forms.FORM)
        data = more.pop("data", None)
        if data is None:
            data = authorize.urlencode(form or {})
        return self.opener.post(
            self.base_url() + path, data=data, headers=sent, timeout=30, allow_redirects=False
        )

    def get(self, path, token=None, **headers):
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.opener.get(
            self.base_url() + path, headers=headers, timeout=30, allow_redirects=False
        )

    def assert_error(self, answer, error, status=400):
        self.assertEqual((answer.status_code, answer.json()["error"]), (status, error))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertTrue(answer.json()["error_description"].isascii())

    def assert_problem(self, answer, kind, status):
        """A problem document; returns {pointer: code} of its errors."""
        self.assertEqual(answer.headers["Content-Type"], problems.MEDIA_TYPE)
        said = answer.json()
        wanted = (status, status, f"{problems.TYPES}{kind}")
        self.assertEqual((answer.status_code, said["status"], said["type"]), wanted, said)
        return {error["pointer"]: error["code"] for error in said.get("errors", ())}
