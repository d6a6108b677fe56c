# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders of a service: taken in, looked up, listed, recalled."""

from odoo import http
from odoo.exceptions import LockError

from ..models.access.ir_http import caller_language
from ..protocol.moedelo import cursors, documents
from ..protocol.moedelo import problem_words as words
from ..protocol.moedelo.problems import Problem, say
from .moedelo_dispatcher import answer, environment
from .moedelo_resource import in_turn, json_body, query, resource_route

PATH = "/moedelo/v1/payment-orders"


class MoedeloOrders(http.Controller):
    @resource_route(PATH, "payments", methods=["POST"])
    def take(self, access):
        many, values = documents.split(json_body())
        in_turn(access)
        language = caller_language()
        taken = environment()["moedelo.subscription"]._import_documents(access, values, language)
        if many:
            return answer({"results": [_result(one, language) for one in taken]})
        if taken[0].problem:
            raise taken[0].problem
        return answer(_result(taken[0], language))

    @resource_route(PATH, "payments", methods=["GET"])
    def page(self, access):
        asked = query("limit", "cursor")
        limit, after = cursors.limit(asked.get("limit")), cursors.read(asked.get("cursor"))
        orders, last = environment()["bank.order"]._moedelo_page(access, after, limit)
        return answer(
            {
                "documents": [order._moedelo_said() for order in orders],
                "next_cursor": cursors.render(last) if last else None,
            }
        )

    @resource_route(f"{PATH}/<external_id>", "payments", methods=["GET"])
    def one(self, access, external_id):
        return answer(_find(access, external_id)._moedelo_said())

    @resource_route(f"{PATH}/<external_id>", "payments", methods=["DELETE"])
    def recall(self, access, external_id):
        order = _find(access, external_id)
        order = order.with_context(lang=order.company_id.partner_id.lang)
        try:
            recalled = order._moedelo_recall(order.env._("Recalled by the service."))
        except LockError:
            raise Problem("too-late", words.BUSY) from None
        if not recalled:
            raise Problem("too-late", words.ALREADY_SENT, state=order.bank_state)
        return answer(order._moedelo_said())


def _find(access, external_id):
    order = environment()["bank.order"]
    if documents.is_uuid(external_id):
        order = order._moedelo_find(access, external_id)
    if not order:
        raise Problem("not-found")
    return order


def _result(taken, language):
    """What one document is answered: the same again when it comes again."""
    if taken.problem:
        kind = "conflict" if taken.problem.kind == "conflict" else "refused"
        said = {"external_id": taken.external_id} if taken.external_id else {}
        return {**said, "result": kind, "problem": taken.problem.document(language)}
    return {
        "external_id": taken.external_id,
        "result": "accepted",
        "warnings": [
            {"code": code, "detail": say(words.WARNINGS[code], language)}
            for code in taken.order.moedelo_warnings or []
        ],
    }
