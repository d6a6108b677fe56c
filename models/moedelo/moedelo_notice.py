# SPDX-License-Identifier: LGPL-3.0-only
"""The outbox: what became of the service's documents, written with the state, delivered later.

A notice is made in the transaction that changes an order, so neither can be there without the
other. Its id and its words never change: however often it is delivered, the service recognises it.
"""

import uuid
from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...protocol.moedelo import notices, statuses
from ..connection.rights import require_right
from ..connection.tables import drop_old
from ..connection.words import in_language

DELIVERIES = [
    ("waiting", "Waiting"),
    ("delivered", "Delivered"),
    ("refused", "Refused by the service"),
    ("given_up", "Not delivered within a week"),
    ("dropped", "Dropped: the connection had ended"),
]
CODES = [
    (statuses.IN_WORK, "01 In work"),
    (statuses.EXECUTED, "02 Executed"),
    (statuses.REFUSED, "03 Refused"),
    (statuses.PAUSED, "04 Paused"),
    (statuses.CANCELLED, "05 Cancelled"),
    (statuses.WAITS, "06 Waits for the client"),
]
UNTOLD = (0, statuses.WAITS, "", None)  # an order counts as waiting from its acceptance on
REASONED = (statuses.REFUSED, statuses.PAUSED, statuses.CANCELLED)


class MoedeloNotice(models.Model):
    _name = "moedelo.notice"
    _description = "Fact of processing for the service"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "uid"

    uid = fields.Char("Id", required=True, readonly=True, default=lambda self: str(uuid.uuid4()))
    client_id = fields.Many2one(
        "moedelo.client", "Service", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    order_id = fields.Many2one(
        "bank.order", "Payment order", required=True, readonly=True, ondelete="cascade"
    )
    document = fields.Char("Id at the service", required=True, readonly=True)
    number = fields.Integer("Which of the document", required=True, readonly=True)
    code = fields.Selection(CODES, required=True, readonly=True)
    reason = fields.Char(readonly=True)
    executed_on = fields.Date(readonly=True)
    content = fields.Text(required=True, readonly=True)

    delivery = fields.Selection(DELIVERIES, required=True, readonly=True, default="waiting")
    attempts = fields.Integer(readonly=True)
    last_error = fields.Char("What went wrong last", readonly=True)
    delivered_at = fields.Datetime("Delivered", readonly=True)
    give_up_at = fields.Datetime(
        "Tried until",
        required=True,
        readonly=True,
        default=lambda self: fields.Datetime.now() + notices.KEEP_TRYING,
    )

    _uid_unique = models.UniqueIndex("(uid)")
    _number_unique = models.UniqueIndex("(order_id, number)")
    _waiting = models.Index("(client_id, id) WHERE delivery = 'waiting'")
    _waiting_of_order = models.Index("(order_id, id) WHERE delivery = 'waiting'")

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_send_again(self):
        """Button: deliver once more, under the same id, for another week."""
        self.check_access("read")
        require_right(self.env, "administrator")
        for client, mine in self.grouped("client_id").items():
            if mine.company_id - self.env["moedelo.grant"]._connected(client, "payments"):
                raise UserError(client._not_consented())
        until = fields.Datetime.now() + notices.KEEP_TRYING
        again = self.sudo()
        again.write({"delivery": "waiting", "give_up_at": until, "last_error": False})
        again.activity_ids.unlink()
        self.env["moedelo.outbox"]._resume(again.client_id)
        self._wake_cron()
        return True

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    @api.model
    def _write_facts(self, orders):
        """Notices for those of the orders whose state the service does not know yet; none of a
        company that is not connected to it."""
        told = self._last_facts(orders)
        vals_list = []
        for order in self._of_connected(orders):
            number, *before = told.get(order.id, UNTOLD)
            fact = self._fact(order)
            if list(fact) != before:
                vals_list.append(self._prepare_notice_vals(order, number + 1, *fact))
        if vals_list:
            quietly = {"tracking_disable": True, "mail_create_nosubscribe": True}
            self.sudo().with_context(**quietly).create(vals_list)
            self._wake_cron()

    @api.autovacuum
    def _gc_notices(self):
        """The last one of an order stays: what is told next goes on from it."""
        followed = SQL(
            "delivery = 'delivered' AND EXISTS (SELECT FROM moedelo_notice later"
            " WHERE later.order_id = moedelo_notice.order_id"
            " AND later.number > moedelo_notice.number)"
        )
        return drop_old(self, "notices", followed)

    @api.model
    def _of_connected(self, orders):
        found, theirs = orders.browse(), orders.filtered("moedelo_client_id")
        for client, mine in theirs.grouped("moedelo_client_id").items():
            connected = self.env["moedelo.grant"]._connected(client, "payments")
            found |= mine.filtered(lambda one, known=connected: one.company_id in known)
        return found

    @api.model
    def _last_facts(self, orders):
        """`{order id: (number, code, reason, executed_on)}` of what was told last; dropped ones
        count as numbers only."""
        known = self.sudo().search_fetch(
            [("order_id", "in", orders.ids)],
            ["order_id", "number", "code", "reason", "executed_on", "delivery"],
            order="number",
        )
        facts = {}
        for one in known:
            _number, *before = facts.get(one.order_id.id, UNTOLD)
            said = (one.code, one.reason or "", one.executed_on or None)
            told = before if one.delivery == "dropped" else said
            facts[one.order_id.id] = (one.number, *told)
        return facts

    @api.model
    def _fact(self, order):
        """(code, reason, executed on) as the service is to know it."""
        code = statuses.CODES[order.bank_state]
        reason = (order.bank_reason or "") if code in REASONED else ""
        return code, reason, (order.executed_on or None) if code == statuses.EXECUTED else None

    @api.model
    def _prepare_notice_vals(self, order, number, code, reason, executed_on):
        uid = str(uuid.uuid4())
        content = notices.render(
            notice_id=uid,
            document=order.moedelo_external_id,
            number=number,
            inn=self.env["moedelo.grant"]._organisation(order.company_id.id)[1],
            code=code,
            state=order.bank_state,
            happened_at=fields.Datetime.now().replace(tzinfo=timezone.utc),
            reason=reason,
            executed_on=executed_on,
        )
        return {
            "uid": uid,
            "client_id": order.moedelo_client_id.id,
            "company_id": order.company_id.id,
            "order_id": order.id,
            "document": order.moedelo_external_id,
            "number": number,
            "code": code,
            "reason": reason,
            "executed_on": executed_on,
            "content": content,
        }

    @api.model
    def _wake_cron(self):
        """Deliver soon after the commit; once a transaction, however many notices it writes."""
        noted = self.env.cr.precommit.data
        if "moedelo.notice" not in noted:
            noted["moedelo.notice"] = True
            self.env.cr.precommit.add(lambda: None)  # run, and so the note forgotten, at commit
            self.env.ref("bank_webservice.cron_moedelo_notice").sudo()._trigger()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self.filtered(lambda one: one.delivery == "waiting"):
            raise UserError(self.env._("A notice that waits for its delivery is not deleted."))

    # -------------------------------------------------------------------------
    # TELLING
    # -------------------------------------------------------------------------

    def _tell_administrators(self):
        """One open activity a company and administrator, on the first of these notices."""
        for company, mine in self.grouped("company_id").items():
            for user in self._administrators(company):
                if not self._is_told(user, company):
                    mine[:1]._tell(user, len(mine))

    @api.model
    def _administrators(self, company):
        group = self.env.ref("bank_webservice.group_administrator")
        return group.all_user_ids.filtered(lambda one: company in one.company_ids)

    def _is_told(self, user, company):
        open_ones = [("user_id", "=", user.id), ("res_model", "=", self._name)]
        told = self.env["mail.activity"].sudo().search(open_ones).mapped("res_id")
        return company in self.browse(told).exists().company_id

    def _tell(self, user, count):
        env = in_language(self, user).env
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=user.id,
            summary=env._("%(service)s was not told of payments", service=self.client_id.name),
            note=env._(
                "Notices that did not arrive: %(count)s. Look at them under Notices and send them "
                "again when the cause is gone: %(reason)s",
                count=count,
                reason=self.last_error or "",
            ),
        )
