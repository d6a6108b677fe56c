# SPDX-License-Identifier: LGPL-3.0-only
"""A full outbox, written past the ORM, and its workers woken: for figures and for tests."""

from __future__ import annotations

# The orders behind the notices are copies of one row.
_ORDERS = """
    INSERT INTO bank_order (name, company_id, journal_id, kind, amount, currency_id, execute_on,
                            bank_state, moedelo_client_id, moedelo_external_id)
    SELECT 'PO/' || number, company.id, journal.id, 'rouble', 100, company.currency_id, now(),
           'sending', client.id, gen_random_uuid()
      FROM generate_series(1, {documents}) AS number, res_company company,
           (SELECT id FROM account_journal WHERE type = 'bank' LIMIT 1) AS journal,
           (SELECT id FROM moedelo_client WHERE api_address IS NOT NULL) AS client
     WHERE company.id = {company}
"""
_NOTICES = """
    INSERT INTO moedelo_notice (uid, client_id, company_id, order_id, document, number, code,
                                content, delivery, attempts, give_up_at, create_date)
    SELECT uid, client, company, id, document, turn, '01',
           json_build_object('id', uid, 'document', document, 'number', turn, 'code', '01',
                             'inn', '7707083893', 'state', 'sending', 'reason', '',
                             'executed_on', NULL, 'happened_at', '2026-03-10T10:00:00Z'),
           'waiting', 0, now() + interval '7 days', now()
      FROM (SELECT gen_random_uuid()::text AS uid, moedelo_client_id AS client, turn,
                   company_id AS company, id, moedelo_external_id AS document
              FROM bank_order, generate_series(1, {each}) AS turn
             WHERE moedelo_external_id IS NOT NULL ORDER BY id, turn) AS made
"""
_CONNECTION = """
    INSERT INTO moedelo_grant (client_id, company_id, kind, family, scope, state, expires_at)
    SELECT id, {company}, 'connection', gen_random_uuid(), 'payments', 'live',
           now() + interval '1 year'
      FROM moedelo_client WHERE api_address IS NOT NULL
"""
_WAKE = """
    UPDATE ir_cron SET active = TRUE, nextcall = now() at time zone 'utc'
     WHERE id IN (SELECT res_id FROM ir_model_data WHERE name = ANY('{{{names}}}'))
"""
FIRST, SECOND = "cron_moedelo_notice", "cron_moedelo_notice_2"


def fill(running, company: int, documents: int, each: int = 1) -> None:
    """So many orders of the one service that has an address, so many notices of each."""
    running.sql(
        "UPDATE moedelo_subscription SET client_id = (SELECT id FROM"
        " moedelo_client WHERE api_address IS NOT NULL)"
    )
    running.sql(_CONNECTION.format(company=company))
    running.sql(_ORDERS.format(documents=documents, company=company))
    running.sql(_NOTICES.format(each=each))


def wake(running, *names: str) -> None:
    """Let the scheduler start these cron records (the first one) at once."""
    running.sql(_WAKE.format(names=",".join(names or [FIRST])))
    running.databases.cluster.sql(f"NOTIFY cron_trigger, '{running.database}'", database="postgres")


def left(running) -> int:
    return int(running.sql("SELECT count(*) FROM moedelo_notice WHERE delivery = 'waiting'")[0][0])
