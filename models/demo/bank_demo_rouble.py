# SPDX-License-Identifier: LGPL-3.0-only
"""Demo data: a Russian company at the bank that speaks DirectBank. Numbers are the sandbox's."""

import os
from datetime import date

from odoo import Command, api, fields, models

from ...protocol.bik import Directory, Participant
from ..connection.account_journal import FEED
from ..connection.operation import database_uuid
from .bank_demo import SANDBOX

OWN = "40702810700000000001"
CLIENT = "RU000001"
LOGIN = "demo-ru"
BANK = {
    "name": "ПАО ПРИМЕР БАНК",
    "city": "г. Москва",
    "bank_bik": "044525901",
    "corr_account": "30101810545250000901",
}
# name, INN, KPP, account, (bank, town, BIK, correspondent account)
SUPPLIERS = (
    ("ООО Бумага и Офис", "7813002014", "781301001", "40702810655000000101",
     ("СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР", "г. Санкт-Петербург", "044030653", "30101810500000000653")),
    ("АО Транспорт-Сервис", "7705002024", "770501001", "40702810038000000202",
     ("ПАО БАНК ОБРАЗЕЦ", "г. Москва", "044525225", "30101810400000000225")),
    ("ООО Энергия Плюс", "5024002038", "502401001", "40702810101300000303",
     ("АО ПРОБНЫЙ БАНК", "г. Москва", "044525593", "30101810200000000593")),
)  # fmt: skip
# Beside the banks above, in the directory of banks: the Treasury, and one that is closed.
TREASURY = Participant(
    "017003983", "ОКЦ № 7 ГУ Банка России по ЦФО//УФК по Тульской области", "г. Тула",
    "40102810445370000059", ("03100643000000018500",),
)  # fmt: skip
CLOSED = Participant("044525999", "АО ЗАКРЫТЫЙ БАНК", "г. Москва", closed_on=date(2025, 6, 30))
# (supplier, days until due, amount, what for)
BILLS = (
    (0, -2, 12500.00, "Бумага офисная А4"),
    (1, 1, 48300.50, "Перевозка Москва - Казань"),
    (2, 6, 21740.80, "Электроэнергия"),
)


class BankDemo(models.AbstractModel):
    _inherit = "bank.demo"

    @api.model
    def _load_rouble(self, person):
        self.env["bank.bik"]._take(self._directory())
        company = self._rouble_company(person)
        journal = self._rouble_journal(company, self._rouble_bank(person))
        suppliers = [self._rouble_supplier(row, number) for number, row in enumerate(SUPPLIERS, 1)]
        bills = self.env["account.move"].with_company(company)
        for number, row in enumerate(BILLS, start=201):
            bills |= self._bill(company, suppliers[row[0]], f"Счёт № {number}", row)
        bills.action_post()
        # Two are on their way already, the last one waits for the user.
        self._pay(bills[:2], journal)

    def _directory(self):
        rows = [tuple(BANK.values()), *(row[-1] for row in SUPPLIERS)]
        banks = [Participant(bik, name, town, corr) for name, town, bik, corr in rows]
        return Directory(fields.Date.today(), True, (*banks, TREASURY, CLOSED))

    def _rouble_company(self, person):
        rub = self.env.ref("base.RUB")
        rub.active = True
        company = self._make(
            "company_3",
            self.env["res.company"],
            {
                "name": "ООО Демо Торговля",
                "street": "ул. Примерная, д. 1",
                "city": "Москва",
                "zip": "101000",
                "country_id": self.env.ref("base.ru").id,
                "currency_id": rub.id,
            },
        )
        person.company_ids |= company
        partner = company.partner_id.with_context(no_vat_validation=True)
        partner.write({"vat": "7701000019", "bank_kpp": "770101001"})
        self._chart(company, "ru")  # Odoo 19 has none
        return company

    def _rouble_bank(self, person):
        address = os.environ.get(SANDBOX, "http://127.0.0.1:8070")
        operator = {
            "user_id": person.id,
            "login": LOGIN,
            "new_password": LOGIN,
            "default_method": "mobile",
        }
        return self._make(
            "bank_directbank",
            self.env["res.bank"],
            {
                **BANK,
                "country": self.env.ref("base.ru").id,
                "bank_channel": "directbank",
                "webservice_address": f"{address}/directbank",
                "webservice_tested_at": fields.Datetime.now(),
                "operator_ids": [Command.create(operator)],
            },
        )

    def _rouble_journal(self, company, bank):
        account = self.env["res.partner.bank"].create(
            {
                "acc_number": OWN,
                "partner_id": company.partner_id.id,
                "bank_id": bank.id,
                "client_identifier": CLIENT,
                "webservice_tested_at": fields.Datetime.now(),
                "webservice_tested_uuid": database_uuid(self.env),
                "allow_out_payment": True,
            }
        )
        journals = self.env["account.journal"].with_company(company)
        return journals.create(
            {
                "name": "DirectBank RUB",
                "code": "DBR",
                "type": "bank",
                "sequence": 1,
                "company_id": company.id,
                "bank_account_id": account.id,
                "bank_statements_source": FEED,
            }
        )

    def _rouble_supplier(self, row, number):
        name, inn, kpp, account, (bank, town, bik, corr_account) = row
        partner = (
            self.env["res.partner"]
            .with_context(no_vat_validation=True)
            .create(
                {
                    "name": name,
                    "vat": inn,
                    "bank_kpp": kpp,
                    "is_company": True,
                    "supplier_rank": 1,
                    "country_id": self.env.ref("base.ru").id,
                }
            )
        )
        self._own(f"rouble_supplier_{number}", partner)
        bank = self._make(
            f"rouble_supplier_bank_{number}",
            self.env["res.bank"],
            {"name": bank, "city": town, "bank_bik": bik, "corr_account": corr_account},
        )
        self.env["res.partner.bank"].create(
            {
                "acc_number": account,
                "partner_id": partner.id,
                "bank_id": bank.id,
                "allow_out_payment": True,
            }
        )
        return partner
