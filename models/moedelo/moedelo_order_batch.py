"""What an import of documents knows of the world, and what it says of each of them."""

from dataclasses import dataclass

from odoo.tools.translate import code_translations

from ...protocol import checks, records
from ...protocol.moedelo.problems import Problem
from ..orders.states import OVER


@dataclass(frozen=True)
class Taken:
    """What became of one document: its order, or the problem that it met."""

    external_id: str
    order: object = None
    problem: Problem | None = None


class Batch:
    """What an import knows of the world: read once, whatever the number of documents."""

    def __init__(self, env, access, found):
        self.env, self.access = env, access
        self.company = env["res.company"].sudo().browse(access.company_id)
        self.journals = self._payer_journals()
        self.payers = {
            number: self._payer(journal) for number, journal in self.journals.items() if journal
        }
        self.known = self._known_orders([one.external_id for one in found])
        self.numbers = self._used_numbers(found)
        orders = env["bank.order"]
        self.context = checks.Context(
            now=orders._moscow_now(), own_accounts=orders._own_account_numbers()
        )
        self.russian = code_translations.get_python_translations("bank_webservice", "ru_RU")

    def _payer_journals(self):
        """{account number: journal or an empty one} of the accounts that the token may use."""
        grant = self.env["moedelo.grant"].sudo().browse(self.access.grant_id)
        accounts = grant.account_ids.filtered("active")
        journals = self.env["account.journal"].sudo()
        found = journals.search(
            [("bank_account_id", "in", accounts.ids), ("company_id", "=", self.company.id)]
        )
        by_account = {journal.bank_account_id: journal for journal in found}
        return {one.sanitized_acc_number: by_account.get(one, journals) for one in accounts}

    def _payer(self, journal):
        """The company as its own orders name it."""
        own = self.company.partner_id, journal.bank_account_id
        orders = self.env["bank.order"]
        vals = {**orders._party_vals("payer", *own), **orders._rouble_party_vals("payer", *own)}
        text = {name.removeprefix("payer_"): value or "" for name, value in vals.items()}
        details = {name: text[name] for name in ("kpp", "corr_account", "bank_town")}
        return records.Party(
            name=text["name"],
            account=text["account"],
            bank_code=text["bank_code"],
            bank_name=text["bank_name"],
            tax_id=text["tax_id"],
            details=details,
        )

    def _known_orders(self, external_ids):
        orders = self.env["bank.order"].sudo()
        domain = [
            *orders._moedelo_mine(self.access),
            ("moedelo_external_id", "in", external_ids),
        ]
        return {order.moedelo_external_id: order for order in orders.search(domain)}

    def _used_numbers(self, found):
        """{(number, day, payer's account)} of the company's orders on the days of the documents."""
        domain = [
            ("company_id", "=", self.company.id),
            ("kind", "=", "rouble"),
            ("execute_on", "in", list({one.day for one in found})),
            ("bank_state", "not in", OVER),
        ]
        names = ["details", "execute_on", "payer_account"]
        rows = self.env["bank.order"].sudo().search_read(domain, names)
        return {
            ((row["details"] or {}).get("document_number"), row["execute_on"], row["payer_account"])
            for row in rows
        }
