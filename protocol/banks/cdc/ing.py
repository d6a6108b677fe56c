"""ING (ING WebService): a header of each call says who asks."""

from __future__ import annotations

from ...bank import Setting
from ...wording import _
from . import NOT_KNOWN, Cdc
from .envelope import maker, write

HEADER = maker("urn:ca:std:ccs:ing:tech:xsd:mhdr.001.001.01")
INSTITUTION = Setting("institution", _("Institution (FinInstID)"), "INGBankŚląski")
PASS = Setting("pass", _("Pass (PassID)"))
PARTNER = Setting("partner", _("Client identifier (PartnerID)"))


class Ing(Cdc):
    title = "ING (Comarch Data Connect)"
    settings = (INSTITUTION, PASS, NOT_KNOWN)

    def _header(self, session):
        values = {**self.connection.values, "partner": session.token}
        header = HEADER.CcsHeader(
            HEADER.FinInstID(INSTITUTION.of(values)),
            HEADER.PartnerID(PARTNER.of(values)),
            HEADER.PassID(PASS.of(values)),
            HEADER.ProdID("Odoo", manufacturer="bank_webservice", ver="19.0", langVer="en"),
            Version="2",
            Revision="2",
        )
        return write(header)
