# SPDX-License-Identifier: LGPL-3.0-only
"""Confidential payments, for example the payroll: seen by one group only.

The flag comes from the journal or is set on a payment; its order, package, documents and entries
carry it on. Record rules (security/confidential.xml) read nothing but these stored flags, so to set
one is the group's right alone: whoever could, would hide any posted entry from everybody.
"""

from odoo import api, fields, models

from ...protocol.errors import Problem
from ..connection.rights import require_right
from ..connection.tables import add_columns


def guard_create(model, vals_list, name):
    """Whether a record is made with the flag `name`: by its value, by the context, or by a default
    of his own. AccessError where he is outside of the group."""
    flagged = any(vals.get(name) for vals in vals_list) or model.default_get([name]).get(name)
    if flagged and not model.env.su:
        require_right(model.env, "confidential")
    return flagged


def guard_write(records, vals, name):
    """AccessError where somebody outside of the group writes the flag `name`."""
    if name in vals and not records.env.su:
        require_right(records.env, "confidential")
    if vals.get(name):
        remember(records)


def remember(records):
    """From now on the record rules hide something in the companies of these records."""
    roots = records.sudo().company_id.root_id.filtered(lambda one: not one.bank_has_confidential)
    if roots:
        roots.bank_has_confidential = True
        records.env.registry.clear_cache()  # of the rules' domains, in every worker


class AccountJournal(models.Model):
    _inherit = "account.journal"

    bank_confidential = fields.Boolean(
        "Confidential payments",
        copy=False,
        tracking=True,
        help="For a payroll account: payments made from now on are seen by the group “Confidential "
        "payments” only, with their orders, entries and the bank's documents.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        flagged = guard_create(self, vals_list, "bank_confidential")
        records = super().create(vals_list)
        if flagged:
            remember(records)
        return records

    def write(self, vals):
        guard_write(self, vals, "bank_confidential")
        return super().write(vals)

    def _line_words(self, lines):
        """What was hidden from somebody is not named in a text that everybody reads."""
        stored = self.env["account.bank.statement.line"].sudo().browse(line.id for line in lines)
        hidden = stored.filtered("bank_answers_confidential")
        words = super()._line_words([line for line in lines if line.id not in hidden.ids])
        if not hidden:
            return words
        count = self.env._("confidential entries: %s", len(hidden))
        return "; ".join(filter(None, (words, count)))

    def _has_confidential_orders(self):
        domain = [("journal_id", "=", self.id), ("confidential", "=", True)]
        return self.bank_confidential or bool(self.env["bank.order"].sudo().search(domain, limit=1))


class AccountPayment(models.Model):
    _inherit = "account.payment"

    bank_confidential = fields.Boolean(
        "Confidential",
        compute="_compute_bank_confidential",
        store=True,
        readonly=False,
        copy=False,
        help="Payee and amount are seen by the group “Confidential payments” only.",
    )

    def _auto_init(self):
        add_columns(self)
        return super()._auto_init()

    @api.depends("journal_id")
    def _compute_bank_confidential(self):
        """The journal can make a payment confidential, and never takes that away again."""
        for payment in self:
            payment.bank_confidential = (
                payment.bank_confidential or payment.journal_id.bank_confidential
            )

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        remember(payments.filtered("bank_confidential"))
        if not self.env.su and any(
            payment.bank_confidential != payment.journal_id.bank_confidential
            for payment in payments
        ):
            require_right(self.env, "confidential")
        return payments

    def write(self, vals):
        guard_write(self, vals, "bank_confidential")
        if "bank_confidential" in vals and not self.env.su:
            self._refuse_when_ordered(None)
        return super().write(vals)

    def copy_data(self, default=None):
        """A duplicate is as confidential as the payment; nothing is said where it is not."""
        copies = super().copy_data(default)
        for payment, values in zip(self, copies, strict=True):
            if payment.bank_confidential:
                values.setdefault("bank_confidential", True)
        return copies

    def _fetch_duplicate_reference(self, matching_states=("draft", "in_process")):
        """Odoo looks for them in SQL, past the record rules."""
        found = super()._fetch_duplicate_reference(matching_states)
        return {
            payment: self.browse(others.ids)._filtered_access("read")
            for payment, others in found.items()
        }


class BankOrder(models.Model):
    _inherit = "bank.order"

    confidential = fields.Boolean(readonly=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):
        journals = self.env["account.journal"].sudo()
        for vals in vals_list:
            if journals.browse(vals.get("journal_id")).bank_confidential:
                vals["confidential"] = True
        orders = super().create(vals_list)
        remember(orders.filtered("confidential"))
        return orders

    @api.model
    def _problems_of_payment(self, payment):
        found = super()._problems_of_payment(payment)
        if payment.bank_purpose == "SALA" and not payment.sudo().bank_confidential:
            words = self.env._("a salary that is not confidential: whoever sees payments sees it.")
            name = payment.name or payment.display_name
            found.append(Problem(name, self.env._("Purpose"), words, severity="warning"))
        return found

    @api.model
    def _prepare_from_payment_vals(self, payment, batch):
        vals = super()._prepare_from_payment_vals(payment, batch)
        return {**vals, "confidential": payment.sudo().bank_confidential}

    def _take_entries(self, lines, pairs=None):
        """Whatever the entries say of a confidential order, they are confidential themselves."""
        result = super()._take_entries(lines, pairs)
        if self.confidential:
            lines.sudo().bank_answers_confidential = True
        return result


class BankPackage(models.Model):
    _inherit = "bank.package"

    confidential = fields.Boolean(compute="_compute_confidential", store=True)

    @api.depends("order_ids.confidential")
    def _compute_confidential(self):
        for package in self:
            package.confidential = any(package.order_ids.mapped("confidential"))

    @api.model
    def _portions(self, orders):
        """Confidential orders in packages of their own: the others stay readable for all."""
        for group in orders.grouped("confidential").values():
            yield from super()._portions(group)

    def write(self, vals):
        result = super().write(vals)
        if "document_ids" in vals:
            self.filtered("confidential").document_ids.sudo().write({"confidential": True})
        return result


class BankDocument(models.Model):
    _inherit = "bank.document"

    confidential = fields.Boolean(readonly=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Whatever a journal with confidential orders gets from the bank may show them."""
        journals = self.env["account.journal"].sudo()
        for journal in journals.browse({vals.get("journal_id") or 0 for vals in vals_list}):
            if journal.id and journal._has_confidential_orders():
                for vals in vals_list:
                    if vals.get("journal_id") == journal.id:
                        vals["confidential"] = True
        return super().create(vals_list)

    def _journal_of(self, statement):
        """A file may hold accounts beside the one on which it was uploaded."""
        journal = super()._journal_of(statement)
        if not self.confidential and journal._has_confidential_orders():
            self.sudo().confidential = True
        return journal


class AccountMove(models.Model):
    _inherit = "account.move"

    bank_confidential = fields.Boolean(
        "Confidential", compute="_compute_bank_confidential", store=True
    )

    def _auto_init(self):
        add_columns(self)
        return super()._auto_init()

    @api.depends(
        "origin_payment_id.bank_confidential", "statement_line_id.bank_answers_confidential"
    )
    def _compute_bank_confidential(self):
        for move in self:
            move.bank_confidential = (
                move.origin_payment_id.bank_confidential
                or move.statement_line_id.bank_answers_confidential
            )

    @api.model_create_multi
    def create(self, vals_list):
        flagged = guard_create(self, vals_list, "bank_confidential")
        records = super().create(vals_list)
        if flagged:
            remember(records)
        return records

    def write(self, vals):
        guard_write(self, vals, "bank_confidential")
        if not self.env.su:
            # An entry is as confidential as what it is said to come from.
            payment = self.env["account.payment"].sudo().browse(vals.get("origin_payment_id"))
            line = self.env["account.bank.statement.line"].sudo()
            line = line.browse(vals.get("statement_line_id"))
            if payment.bank_confidential or line.bank_answers_confidential:
                require_right(self.env, "confidential")
        return super().write(vals)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    bank_confidential = fields.Boolean(
        "Confidential", related="move_id.bank_confidential", store=True, precompute=True
    )

    def _auto_init(self):
        add_columns(self)
        return super()._auto_init()

    @api.model_create_multi
    def create(self, vals_list):
        flagged = guard_create(self, vals_list, "bank_confidential")
        records = super().create(vals_list)
        if flagged:
            remember(records)
        return records

    def write(self, vals):
        guard_write(self, vals, "bank_confidential")
        return super().write(vals)


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_answers_confidential = fields.Boolean(readonly=True, copy=False)

    def _auto_init(self):
        add_columns(self)
        return super()._auto_init()

    @api.model_create_multi
    def create(self, vals_list):
        flagged = guard_create(self, vals_list, "bank_answers_confidential")
        records = super().create(vals_list)
        if flagged:
            remember(records)
        return records

    def write(self, vals):
        guard_write(self, vals, "bank_answers_confidential")
        return super().write(vals)

    # Whoever imports: he neither sees nor doubles what was hidden from him.

    def _settle_orders(self):
        return super(AccountBankStatementLine, self.sudo())._settle_orders()

    def _take_batch(self, orders, pairs):
        """The sum of a payroll is confidential, too, whether it fits or not."""
        result = super()._take_batch(orders, pairs)
        if any(orders.mapped("confidential")):
            self.sudo().bank_answers_confidential = True
        return result

    def _mark_doubles(self):
        return super(AccountBankStatementLine, self.sudo())._mark_doubles()
