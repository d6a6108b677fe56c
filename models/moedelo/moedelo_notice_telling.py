"""Who hears that the service could not be told."""

from odoo import api, models


class MoedeloNotice(models.Model):
    _inherit = "moedelo.notice"

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
        env = self.with_context(lang=user.lang).env
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
