# SPDX-License-Identifier: LGPL-3.0-only
"""A company in Odoo that pays through a pretend bank: set up and worked over RPC.

What is one bank's and one country's stands in polish.py and rouble.py.
"""

import base64
import http.client
import xmlrpc.client
from collections import Counter

PASSWORD = "pay-and-pray"
GROUPS = ("operator", "signer", "sender", "administrator")
# Odoo's words when the scheduler runs the same job at this moment.
BUSY = "already executing"
# The connection broke: the worker was killed under it.
LOST = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)


class Shop:
    """`people`: the bank's logins of the users who work here; each one signs and sends."""

    people: tuple
    currency: str
    country: str  # XML id
    client: str  # the identifier that the bank gave
    account_number: str
    bank_values: dict
    path: str  # of the bank's service in the sandbox
    sending: str  # the sandbox's names of what is broken
    asking: str
    returns = True  # the statement says of which order the money came back

    def __init__(self, stack, bank):
        self.stack, self.bank = stack, bank
        self._known = {}
        self.pressed = Counter()  # “Hand over again”, by the bank's id of the message
        self._setup()

    @property
    def admin(self):
        """RPC as the administrator; anew each time, since Odoo may have been started anew."""
        return self.stack.rpc()

    def user(self, login="", stack=None):
        """RPC as this person; `stack`: another Odoo on the same or a copied database."""
        return (stack or self.stack).rpc(login or self.people[0], PASSWORD)

    # -- one bank's and one country's -----------------------------------------

    def _company(self, currency):
        """Makes the company; its id."""
        raise NotImplementedError

    def _supplier_rows(self):
        """[(values of the partner, values of its account)]."""
        raise NotImplementedError

    def title(self, number):
        raise NotImplementedError

    def message(self, message_id):
        """The id under which the bank knows a message of Odoo's."""
        return message_id

    def dated(self):
        """The date of a payment; on a weekend the bank's clock is ahead of ours."""
        return self.bank.today()

    def booked_on(self):
        """The bank's day, on which it books what it executes now."""
        return self.bank.today()

    # -- set-up ---------------------------------------------------------------

    def _setup(self):
        # This agreement takes unsigned packages: signing asks a person for a password.
        self.bank.ask("/control/client", {"identifier": self.client, "signatures_required": 0})
        call = self.admin
        currency = self._ref(f"base.{self.currency}")
        call("res.currency", "write", [currency], {"active": True})
        self.company = self._company(currency)
        groups = [self._ref(f"bank_webservice.group_{name}") for name in GROUPS]
        groups.append(self._ref("account.group_validate_bank_account"))
        call("res.users", "write", [2], {"group_ids": [(4, group) for group in groups]})
        self._people(groups)
        self._bank()
        self._suppliers()
        self.user()("res.partner.bank", "action_test_connection", [self.account])

    def contact(self):
        row = self.admin("res.company", "read", [self.company], ["partner_id"])[0]
        return row["partner_id"][0]

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

    def _bank(self):
        call = self.admin
        self.bank_id = call("res.bank", "create", {**self.bank_values, **self._address()})
        self.patience(1)
        self.account = call(
            "res.partner.bank",
            "create",
            {
                "acc_number": self.account_number,
                "partner_id": self.contact(),
                "bank_id": self.bank_id,
                "client_identifier": self.client,
            },
        )
        self.journal = call(
            "account.journal",
            "create",
            {
                "name": self.bank_values["name"],
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

    def _address(self):
        return {"webservice_address": f"{self.bank.url}{self.path}"}

    def patience(self, seconds):
        """How long Odoo waits for one answer of the bank."""
        self.admin("res.bank", "write", [self.bank_id], {"webservice_timeout": seconds})

    def _operator(self, login):
        """Its key lies on the server and logs in: nobody has to look for a phone in the run."""
        person, content = self.user(login), base64.b64encode(self.bank.certificate(login))
        values = {"content": content.decode(), "password": "demo"}
        wizard = person("bank.certificate.upload", "create", values)
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

    def _suppliers(self):
        self.suppliers, self.numbers = [], []
        for values, account in self._supplier_rows():
            partner = self.admin(
                "res.partner",
                "create",
                {**values, "country_id": self._ref(self.country)},
                context={"no_vat_validation": True},
            )
            account = {**account, "partner_id": partner, "allow_out_payment": True}
            self.suppliers.append((partner, self.admin("res.partner.bank", "create", account)))
            self.numbers.append(account["acc_number"])

    def _ref(self, name):
        """Database id of an XML id; a copy of the database has the same ones."""
        if name not in self._known:
            module, _, word = name.partition(".")
            domain = [["module", "=", module], ["name", "=", word]]
            row = self.admin("ir.model.data", "search_read", domain, ["res_id"])[0]
            self._known[name] = row["res_id"]
        return self._known[name]

    # -- work -----------------------------------------------------------------

    def payments(self, count, chunk=100):
        """Posted payments, every one with its own amount and title."""
        call, made = self.user(), []
        day = self.dated()
        for start in range(0, count, chunk):
            numbers = range(start, min(start + chunk, count))
            ids = call("account.payment", "create", [self._values(n, day) for n in numbers])
            call("account.payment", "action_post", ids)
            made += ids
        return made

    def _values(self, number, day):
        partner, account = self.suppliers[number % len(self.suppliers)]
        return {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": partner,
            "partner_bank_id": account,
            "journal_id": self.journal,
            "payment_method_line_id": self.method,
            "amount": 10 + number / 100,
            "date": day,
            "memo": self.title(number + 1),
        }

    def wizard(self, ids, login="", stack=None, action="action_send"):
        """“Send to bank” for these payments, as one person. What the button answers."""
        call = self.user(login, stack)
        wizard = call("bank.send", "create", {"payment_ids": [(6, 0, ids)]})
        return call("bank.send", action, [wizard])

    def press(self, ids, login="", tries=5):
        """Presses until Odoo says that it was taken; people do that when a page dies."""
        last = None
        for _ in range(tries):
            try:
                return self.wizard(ids, login)
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
        stack = stack or self.stack
        try:
            job = self._ref(f"bank_webservice.cron_{name}")
            stack.rpc()("ir.cron", "method_direct_trigger", [job])
        except LOST:
            return False
        except xmlrpc.client.Fault as fault:
            if BUSY not in fault.faultString:
                self._wake(stack, job)
            return False
        return True

    def _wake(self, stack, job):
        """Lets the scheduler look at once. After three deaths in a row Odoo passes over a job
        once, and only its scheduler can; it sleeps for a minute when it was started anew."""
        stack.sql(
            "INSERT INTO ir_cron_trigger (cron_id, call_at) "
            f"VALUES ({job}, now() at time zone 'utc')"
        )
        cluster = stack.databases.cluster
        cluster.sql(f"NOTIFY cron_trigger, '{stack.database}'", database="postgres")
