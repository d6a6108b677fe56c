"""What the journal's card counts of its orders."""

from odoo import models
from odoo.fields import Domain

from .account_journal import COUNTED


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _bank_cards(self):
        cards = super()._bank_cards()
        orders = self.env["bank.order"]
        living = {s for name, states in COUNTED.items() for s in states if name != "rejected"}
        groups = orders._read_group(
            Domain("journal_id", "in", self.ids)
            & (Domain("bank_state", "in", living) | Domain(orders._refused_domain())),
            ["journal_id", "bank_state"],
            ["__count"],
        )
        counts = {(journal.id, state): count for journal, state, count in groups}
        for journal, card in cards.items():
            for name, states in COUNTED.items():
                card[f"orders_{name}"] = sum(counts.get((journal.id, s), 0) for s in states)
        return cards
