# SPDX-License-Identifier: LGPL-3.0-only
"""Menus follow the package and the service: what no company of the user has is not shown to him,
and the root carries the name of the service that the company in front of him uses."""

from odoo import models
from odoo.http import request

from ..connection.rights import ADMINISTRATOR

# scope that a menu is about -> its external ids; menus that are not there are no error
MENUS_OF_SCOPE = {
    "calendar": ("menu_moedelo_calendar",),
    "payments": ("menu_moedelo_order",),
    "statements": ("menu_moedelo_statement_request",),
}
MENUS_OF_JUMP = ("menu_moedelo_jump",)
MENUS_OF_RUSSIA = ("menu_bank_budget_template", "menu_bank_bik")
ROOT = "menu_moedelo"


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        names = self._moedelo_hidden_menus()
        # To a company elsewhere the Russian budget would be noise in the day's work.
        if "RU" not in self.env.user.company_ids.country_id.mapped("code"):
            names += MENUS_OF_RUSSIA
        found = (self.env.ref(f"bank_webservice.{name}", False) for name in names)
        return [*super()._load_menus_blacklist(), *(menu.id for menu in found if menu)]

    def load_web_menus(self, debug):
        """The menus are kept for each user; the name is put in afterwards, for the company."""
        menus = super().load_web_menus(debug)
        root = self.env.ref(f"bank_webservice.{ROOT}", False)
        name = self.env["moedelo.subscription"]._of_company(self._shown_company()).client_id.name
        if root and name and root.id in menus:
            menus[root.id] = {**menus[root.id], "name": name}
        return menus

    def _shown_company(self):
        """The first of those that the web client has chosen; it asks for menus without saying so,
        but for a cookie."""
        chosen = request.httprequest.cookies.get("cids", "") if request else ""
        mine = {str(company.id): company for company in self.env.user.company_ids}
        return mine.get(chosen.replace(",", "-").partition("-")[0], self.env.company)

    def _moedelo_hidden_menus(self):
        """External ids."""
        subscriptions = self.env["moedelo.subscription"]
        companies = self.env.user.company_ids
        held = {scope for one in companies for scope in subscriptions._allowed_scopes(one.id)}
        names = [
            name for scope, menus in MENUS_OF_SCOPE.items() if scope not in held for name in menus
        ]
        jumps = any(subscriptions._can_jump(company) for company in companies)
        if not jumps:
            names += MENUS_OF_JUMP
        # Administrators connect a company here; to others an empty menu says nothing.
        if not (jumps or held) and not self.env.user.has_group(ADMINISTRATOR):
            names.append(ROOT)
        return names
