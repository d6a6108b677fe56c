# SPDX-License-Identifier: LGPL-3.0-only
"""ING (ING WebService): a header of each call says who asks."""

from __future__ import annotations

from ... import errors, ids, records
from ...bank import Setting
from ...wording import _, joined
from . import NOT_KNOWN, Cdc, questions
from .envelope import Said, maker, write

HEADER = maker("urn:ca:std:ccs:ing:tech:xsd:mhdr.001.001.01")
INSTITUTION = Setting("institution", _("Institution (FinInstID)"), "INGBankŚląski")
PASS = Setting("pass", _("Pass (PassID)"))
PARTNER = Setting("partner", _("Client identifier (PartnerID)"))


class Ing(Cdc):
    title = "ING (Comarch Data Connect)"
    settings = (INSTITUTION, PASS, NOT_KNOWN)
    has_confirmation = True

    def confirmation(self, session, end_to_end_id):
        """Its elements are not public: see the contract. Any error report means: there is none."""
        asked = ids.message_id()
        question = write(questions.confirmation(asked, end_to_end_id))
        try:
            _form, answer = self._call(session, "GetTransferConfirmation", asked, question)
            name, content = questions.read_file(answer)
        except Said as said:
            raise errors.Refused(joined(" ", said.words), code=said.code) from None
        return records.Document(content, "pdf", name)

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
