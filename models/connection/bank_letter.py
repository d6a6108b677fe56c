"""Documents that a bank's mailbox gave, until their owner asks for them.

Written and read in transactions of their own: a bank that gives each packet once does not give it
again because a request here was rolled back. So no row refers to another table.
"""

import base64
from datetime import timedelta

from odoo import api, fields, models

from ...protocol.banks.directbank.post import Letter

DAYS = 90  # after which nobody asks any more


class BankLetter(models.Model):
    _name = "bank.letter"
    _description = "Document from a bank's mailbox"
    _order = "id"

    bank_key = fields.Integer(required=True)
    client = fields.Char(required=True)
    packet = fields.Char(required=True)
    kind = fields.Char()
    about = fields.Char(help="The id of ours that it speaks of.")
    data = fields.Binary(attachment=False)

    _packet_index = models.Index("(bank_key, client, packet)")
    _about_index = models.Index("(bank_key, client, about)")

    @api.autovacuum
    def _gc_letters(self):
        old = fields.Datetime.now() - timedelta(days=DAYS)
        self.search([("create_date", "<", old)], limit=10_000).unlink()


class Post:
    """`protocol.banks.directbank.post.Post` over the table."""

    def __init__(self, env, bank_key):
        self._env, self._bank_key = env, bank_key

    def _letters(self, cr):
        return self._env["bank.letter"].with_env(self._env(cr=cr)).sudo()

    def _mine(self, client):
        return [("bank_key", "=", self._bank_key), ("client", "=", client)]

    def known(self, client, packets):
        with self._env.registry.cursor() as cr:
            domain = [*self._mine(client), ("packet", "in", list(packets))]
            return set(self._letters(cr).search(domain).mapped("packet"))

    def keep(self, client, packet, letters):
        row = {"bank_key": self._bank_key, "client": client, "packet": packet}
        rows = [
            {**row, "kind": letter.kind, "about": about, "data": base64.b64encode(letter.data)}
            for letter in letters
            for about in letter.about
        ]
        with self._env.registry.cursor() as cr:
            self._letters(cr).create(rows or [row])

    def about(self, client, identifier):
        with self._env.registry.cursor() as cr:
            found = self._letters(cr).search([*self._mine(client), ("about", "=", identifier)])
            return [
                Letter(one.packet, one.kind, base64.b64decode(one.data or b""), (one.about,))
                for one in found
            ]
