# SPDX-License-Identifier: LGPL-3.0-only
"""The Russian shop: roubles through 1C DirectBank, each order a package of its own."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from tools.faults.shop import Shop

MOSCOW = ZoneInfo("Europe/Moscow")
# name, INN, KPP, account, (bank, town, BIK, correspondent account)
SUPPLIERS = (
    ("ООО Бумага и Офис", "7813002014", "781301001", "40702810655000000101",
     ("СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР", "г. Санкт-Петербург", "044030653", "30101810500000000653")),
    ("АО Транспорт-Сервис", "7705002024", "770501001", "40702810038000000202",
     ("ПАО БАНК ОБРАЗЕЦ", "г. Москва", "044525225", "30101810400000000225")),
    ("ООО Энергия Плюс", "5024002038", "502401001", "40702810101300000303",
     ("АО ПРОБНЫЙ БАНК", "г. Москва", "044525593", "30101810200000000593")),
)  # fmt: skip


class RoubleShop(Shop):
    name = "DirectBank"
    people = ("demo-ru", "olga-ru")
    currency, country = "RUB", "base.ru"
    client, account_number = "RU000001", "40702810700000000001"
    bank_values = {
        "name": "ПАО ПРИМЕР БАНК",
        "city": "г. Москва",
        "bank_bik": "044525901",
        "corr_account": "30101810545250000901",
        "bank_channel": "directbank",
    }
    path = "/directbank"
    sending, asking = "PaymentOrder", "GetPackList"
    returns = False

    def _company(self, currency):
        call, country = self.admin, self._ref(self.country)
        # Its statement of this day is closed when it is asked for.
        self.bank.ask("/control/settings", {"statements": "on-request"})
        values = {"name": "ООО Демо Торговля", "currency_id": currency}
        self.company = call("res.company", "create", values)
        values = {"vat": "7701000019", "bank_kpp": "770101001", "country_id": country}
        context = {"no_vat_validation": True}
        call("res.partner", "write", [self.contact()], values, context=context)
        call("account.chart.template", "try_loading", [], "generic_coa", self.company, False)
        # The generic chart is an American one.
        values = {"currency_id": currency, "account_fiscal_country_id": country}
        call("res.company", "write", [self.company], values)
        return self.company

    def _supplier_rows(self):
        rows = []
        for name, inn, kpp, number, (bank, town, bik, corr_account) in SUPPLIERS:
            values = {"name": bank, "city": town, "bank_bik": bik, "corr_account": corr_account}
            account = {"acc_number": number, "bank_id": self.admin("res.bank", "create", values)}
            company = {"name": name, "vat": inn, "bank_kpp": kpp, "is_company": True}
            rows.append((company, account))
        return rows

    def title(self, number):
        return f"Счёт № {number}"

    def message(self, message_id):
        return str(uuid.UUID(message_id))

    def dated(self):
        """By our own clock: an order of a later day is refused in the house."""
        return datetime.now(MOSCOW).date().isoformat()

    def booked_on(self):
        return self.bank.today("directbank")
