"""Changes that somebody may ask about one day: who changed what, in the audit."""

from odoo import api, models

SHOWN = 300  # characters of a value


class MoedeloAudited(models.AbstractModel):
    """For models whose changes are security's business: `_audited` names their fields."""

    _name = "moedelo.audited"
    _description = "Changes noted in the audit"
    _audited = ()

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        for record in created.sudo():
            record._note_change("created", {}, record._audited_values(self._audited))
        return created

    def write(self, vals):
        names = [name for name in self._audited if name in vals]
        before = {one.id: one._audited_values(names) for one in self.sudo()} if names else {}
        result = super().write(vals)
        if names:
            for one in self.sudo():
                one._note_change("changed", before[one.id], one._audited_values(names))
        return result

    def unlink(self):
        for record in self.sudo():
            record._note_change("deleted", record._audited_values(self._audited), {})
        return super().unlink()

    def _audited_values(self, names):
        return {name: self._audited_text(name) for name in names}

    def _audited_text(self, name):
        """What the audit says of a value; whoever holds secrets says something else of them."""
        value = self[name]
        if isinstance(value, models.BaseModel):
            return ", ".join(value.mapped("display_name"))
        return str(value or "")[:SHOWN]

    def _note_change(self, how, before, after):
        changes = [
            f"{name}: {before.get(name) or '-'} -> {after.get(name) or '-'}"
            for name in (after or before)
            if before.get(name) != after.get(name)
        ]
        if changes:
            self.env["moedelo.audit"]._note(
                "changed",
                company=self["company_id"],
                client_text=self._audited_client(),
                grant_type=how,
                detail=f"{self._name}: {'; '.join(changes)}",
            )

    def _audited_client(self):
        """The service's identifier where the record is about one."""
        return ""
