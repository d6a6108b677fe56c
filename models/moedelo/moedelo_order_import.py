# SPDX-License-Identifier: LGPL-3.0-only
"""Documents of a service become imported orders: each one accepted or refused on its own."""

from dataclasses import dataclass, replace

from odoo import api, fields, models
from odoo.tools.translate import code_translations

from ...protocol import checks, records
from ...protocol.checks.rouble import FUTURE
from ...protocol.moedelo import documents
from ...protocol.moedelo import problem_words as words
from ...protocol.moedelo.problems import FieldError, Problem
from ...protocol.states import OVER
from .moedelo_order import SAME_NUMBER

FURTHEST = 60  # days ahead: it waits here until its day
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


@dataclass(frozen=True)
class Taken:
    """What became of one document: its order, or the problem that it met."""

    external_id: str
    order: object = None
    problem: Problem | None = None


class Batch:
    """What an import knows of the world: read once, whatever the number of documents."""

    def __init__(self, env, access, found, language):
        self.env, self.access, self.language = env, access, language
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

    def take(self, values):
        """[Taken] of the documents, in their order. Nothing is kept of one that is refused."""
        taken, new, fresh = [], [], {}
        for one in values:
            if isinstance(one, Problem):
                taken.append(Taken(one.external_id, problem=one))
                continue
            answer = self._weigh(one, fresh)
            if answer is None:
                fresh[one.external_id] = one
                new.append(self._vals(one))
                answer = Taken(one.external_id)
            taken.append(answer)
        created = self.env["bank.order"].sudo().with_context(**QUIET).create(new)
        made = {**self.known, **{order.moedelo_external_id: order for order in created}}
        return [one if one.problem else replace(one, order=made[one.external_id]) for one in taken]

    def _weigh(self, one, fresh):
        """None: the document becomes an order. Else what its sender is answered."""
        known = self.known.get(one.external_id)
        digest = known.moedelo_digest if known else None
        if not known and one.external_id in fresh:
            digest = fresh[one.external_id].digest
        if digest:
            if digest == one.digest:
                return Taken(one.external_id)
            problem = Problem("conflict", words.OTHER_CONTENT, id=one.external_id)
            return Taken(one.external_id, problem=problem)
        errors = list(self._errors(one))
        return Taken(one.external_id, problem=Problem("invalid", errors=errors)) if errors else None

    # -------------------------------------------------------------------------
    # WHAT IS WRONG
    # -------------------------------------------------------------------------

    def _errors(self, one):
        journal = self.journals.get(one.payer.account)
        if journal is None:
            yield FieldError("/payer/account", "not_yours", words.NOT_YOURS)
            return
        if not journal:
            yield FieldError("/payer/account", "no_journal", words.NO_JOURNAL)
            return
        if one.currency != "RUB" or (journal.currency_id or self.company.currency_id).name != "RUB":
            yield FieldError("/currency", "currency", words.NOT_ROUBLES)
            return
        order = self._record(one)
        yield from self._other_payer(one, order)
        yield from self._check(order)

    def _other_payer(self, one, order):
        """What the document says of the payer must be what is known of him here."""
        ours = {"inn": (one.payer.tax_id, order.payer.tax_id)}
        ours["bik"] = (one.payer.bank_code, order.payer.bank_code)
        for name, (said, expected) in ours.items():
            if said and said != expected:
                values = {"expected": expected}
                yield FieldError(f"/payer/{name}", "not_payer", words.NOT_PAYER, values)

    def _check(self, order):
        """The form's own rules. A day in the near future waits: the bank is not asked yet."""
        for problem in checks.run([order], self.context):
            if not problem.is_error:
                continue
            if problem.template == FUTURE:
                if (order.execute_on - self.context.today).days > FURTHEST:
                    yield FieldError("/date", "too_far", words.TOO_FAR, {"days": FURTHEST})
                continue
            pointer = documents.pointer_of(problem.field)
            detail = problem.message
            if self.language == "ru" and problem.template in self.russian:
                detail = self.russian[problem.template].format(**problem.values)
            yield FieldError(pointer, "rule", detail, said=True)

    # -------------------------------------------------------------------------
    # WHAT IS KEPT
    # -------------------------------------------------------------------------

    def _record(self, one):
        """The document as protocol record: the payer is filled in from what is known here."""
        ours, said = self.payers[one.payer.account], one.payer
        details = {**ours.details, **said.details}
        payer = replace(
            ours,
            name=said.name or ours.name,
            bank_name=ours.bank_name or said.bank_name,
            details={name: text for name, text in details.items() if text},
        )
        return records.Order(
            end_to_end_id="",
            number=one.number,
            kind="rouble",
            amount=one.amount,
            currency=one.currency,
            execute_on=one.day,
            payer=payer,
            payee=one.payee,
            title=one.purpose,
            details=one.details,
        )

    def _vals(self, one):
        """The imported order; a second one of the same number, day and payer has a warning."""
        journal, order = self.journals[one.payer.account], self._record(one)
        mark = (one.number, one.day, one.payer.account)
        warnings = [SAME_NUMBER] if mark in self.numbers else []
        self.numbers.add(mark)
        return {
            "company_id": self.company.id,
            "journal_id": journal.id,
            "kind": "rouble",
            "bank_state": "imported",
            "amount": float(one.amount),
            "currency_id": self.env.ref("base.RUB").id,
            "execute_on": one.day,
            "title": one.purpose,
            "details": dict(one.details),
            **_party_vals("payer", order.payer),
            **_party_vals("payee", order.payee),
            "moedelo_client_id": self.access.client_id,
            "moedelo_external_id": one.external_id,
            "moedelo_digest": one.digest,
            "moedelo_warnings": warnings,
            "moedelo_received_at": fields.Datetime.now(),
        }


class MoedeloSubscription(models.Model):
    _inherit = "moedelo.subscription"

    @api.model
    def _import_documents(self, access, values, language):
        """[Taken] of the documents that a service pushes with the token `access`. Two pushes of a
        company do not run at once: see `in_turn`."""
        understood = [_understood(value) for value in values]
        found = [one for one in understood if isinstance(one, documents.Document)]
        return Batch(self.env, access, found, language).take(understood)


def _understood(value):
    try:
        return documents.understand(value)
    except documents.Refused as refused:
        problem = Problem("invalid", errors=refused.errors)
        problem.external_id = refused.external_id
        return problem


def _party_vals(side, party):
    vals = {
        "name": party.name,
        "account": party.account,
        "tax_id": party.tax_id,
        "bank_code": party.bank_code,
        "bank_name": party.bank_name,
        "kpp": party.details.get("kpp"),
        "corr_account": party.details.get("corr_account"),
        "bank_town": party.details.get("bank_town"),
    }
    return {f"{side}_{name}": text or False for name, text in vals.items()}
