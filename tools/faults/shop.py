"""A company in Odoo that pays through the pretend bank: set up and worked over RPC."""

import base64
import http.client
import xmlrpc.client

ACCOUNT = "PL22114010100000100000010001"
DIK = "10000001"
PASSWORD = "pay-and-pray"
SUPPLIERS = (
    ("Papier i Biuro Sp. z o.o.", "PL32102010264010200000012345"),
    ("Transport Żwawy S.A.", "PL52124010371111001000112233"),
    ("Energia Północ S.A.", "PL27105010251000002300998877"),
    ("Kancelaria Śliwa i Wspólnicy", "PL92194010763011223344556677"),
)
GROUPS = ("operator", "signer", "sender", "administrator")
# The connection broke: the worker was killed under it.
LOST = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)


class Shop:
    """`people`: the bank's logins of the users who work here; each one signs and sends."""

    def __init__(self, stack, bank, people=("jan", "ewa")):
        self.stack, self.bank, self.people = stack, bank, people
        self._setup()

    @property
    def admin(self):
        """RPC as the administrator; anew each time, since Odoo may have been started anew."""
        return self.stack.rpc()

    def user(self, login="jan", stack=None):
        """RPC as this person; `stack`: another Odoo on the same or a copied database."""
        return (stack or self.stack).rpc(login, PASSWORD)

    # -- set-up ---------------------------------------------------------------

    def _setup(self):
        call = self.admin
        pln = self._ref("base.PLN")
        call("res.currency", "write", [pln], {"active": True})
        poland = self._ref("base.pl")
        self.company = call(
            "res.company",
            "create",
            {"name": "Demo Handel Sp. z o.o.", "currency_id": pln},
        )
        # On its contact: a company that says its country makes Odoo install more modules.
        contact = self._contact()
        call("res.partner", "write", [contact], {"vat": "PL5251000017", "country_id": poland})
        call("account.chart.template", "try_loading", [], "pl", self.company, False)
        groups = [self._ref(f"bank_webservice.group_{name}") for name in GROUPS]
        groups.append(self._ref("account.group_validate_bank_account"))
        call("res.users", "write", [2], {"group_ids": [(4, group) for group in groups]})
        self._people(groups)
        self._bank(pln)
        self._suppliers(poland)
        self.user()("res.partner.bank", "action_test_connection", [self.account])

    def _contact(self):
        return self.admin("res.company", "read", [self.company], ["partner_id"])[0]["partner_id"][0]

    def _people(self, groups):
        for login in self.people:
            self.admin(
                "res.users",
                "create",
                {
                    "name": login,
                    "login": login,
                    "password": PASSWORD,
                    "company_id": self.company,
                    "company_ids": [(6, 0, [self.company])],
                    "group_ids": [(4, group) for group in groups],
                },
            )

    def _bank(self, pln):
        call = self.admin
        # This agreement takes unsigned packages: signing asks a person for a password.
        self.bank.ask("/control/client", {"identifier": DIK, "signatures_required": 0})
        self.bank_id = call(
            "res.bank",
            "create",
            {
                "name": "mBank",
                "bic": "BREXPLPWXXX",
                "bank_channel": "mbank",
                "webservice_address": f"{self.bank.url}/mbank/ws",
                "webservice_timeout": 2,
            },
        )
        self.account = call(
            "res.partner.bank",
            "create",
            {
                "acc_number": ACCOUNT,
                "partner_id": self._contact(),
                "bank_id": self.bank_id,
                "client_identifier": DIK,
            },
        )
        self.journal = call(
            "account.journal",
            "create",
            {
                "name": "mBank",
                "code": "BWS",
                "type": "bank",
                "company_id": self.company,
                "bank_account_id": self.account,
                "bank_statements_source": "bank_webservice",
            },
        )
        domain = [["journal_id", "=", self.journal], ["code", "=", "bank_webservice"]]
        self.method = call("account.payment.method.line", "search", domain)[0]
        for login in self.people:
            self._operator(login)

    def _operator(self, login):
        """Its key lies on the server and logs in: nobody has to look for a phone in the run."""
        person = self.user(login)
        wizard = person(
            "bank.certificate.upload",
            "create",
            {
                "content": base64.b64encode(self.bank.certificate(login)).decode(),
                "password": "demo",
            },
        )
        person("bank.certificate.upload", "action_upload", [wizard])
        user = self.admin("res.users", "search", [["login", "=", login]])[0]
        certificate = self.admin("bank.certificate", "search", [["user_id", "=", user]])
        self.admin(
            "bank.operator",
            "create",
            {
                "bank_id": self.bank_id,
                "user_id": user,
                "login": login,
                "default_method": "certificate",
                "certificate_id": certificate[0],
            },
        )

    def _suppliers(self, poland):
        self.suppliers = []
        for name, number in SUPPLIERS:
            partner = self.admin(
                "res.partner",
                "create",
                {"name": name, "street": "ul. Zielona 4", "zip": "60-001", "city": "Poznań",
                 "country_id": poland},
            )  # fmt: skip
            account = self.admin(
                "res.partner.bank",
                "create",
                {"acc_number": number, "partner_id": partner, "allow_out_payment": True},
            )
            self.suppliers.append((partner, account))

    def _ref(self, name):
        module, _, name = name.partition(".")
        domain = [["module", "=", module], ["name", "=", name]]
        return self.admin("ir.model.data", "search_read", domain, ["res_id"])[0]["res_id"]

    # -- work -----------------------------------------------------------------

    def payments(self, count, chunk=100):
        """Posted payments, every one with its own amount and title."""
        call, made = self.user(), []
        for start in range(0, count, chunk):
            numbers = range(start, min(start + chunk, count))
            ids = call("account.payment", "create", [self._values(n) for n in numbers])
            call("account.payment", "action_post", ids)
            made += ids
        return made

    def _values(self, number):
        partner, account = self.suppliers[number % len(self.suppliers)]
        return {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": partner,
            "partner_bank_id": account,
            "journal_id": self.journal,
            "payment_method_line_id": self.method,
            "amount": 10 + number / 100,
            "date": self.bank.today(),  # on a weekend the bank's clock is ahead of ours
            "memo": f"FV {number + 1}/2026",
        }

    def wizard(self, ids, login="jan", stack=None, action="action_send"):
        """“Send to bank” for these payments, as one person. What the button answers."""
        call = self.user(login, stack)
        wizard = call("bank.send", "create", {"payment_ids": [(6, 0, ids)]})
        return call("bank.send", action, [wizard])

    def press(self, ids, tries=5):
        """Presses until Odoo says that it was taken; people do that when a page dies."""
        last = None
        for _ in range(tries):
            try:
                return self.wizard(ids)
            except LOST as lost:
                last = lost
            except xmlrpc.client.Fault as fault:
                if self._ordered(ids):
                    return None
                last = fault
        raise last

    def _ordered(self, ids):
        rows = self.user()("account.payment", "read", ids, ["bank_order_id"])
        return all(row["bank_order_id"] for row in rows)

    def run_cron(self, name, stack=None):
        """Starts a scheduled job at once, in a request's worker; False when it died or is busy."""
        call = (stack or self.stack).rpc()
        try:
            call("ir.cron", "method_direct_trigger", [self._ref(f"bank_webservice.cron_{name}")])
        except (*LOST, xmlrpc.client.Fault):
            return False
        return True
