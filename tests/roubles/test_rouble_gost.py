# SPDX-License-Identifier: LGPL-3.0-only
"""Orders that a card with a GOST key signs. OpenSSL is its chip, and it judges at the bank."""

import base64
import tempfile
from datetime import timezone
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo import fields
from odoo.exceptions import UserError

from ...signer.cms import CmsDraft
from .common import RoubleCase

_SPEC = spec_from_file_location(
    "gost_world", Path(__file__).parents[1] / "signer" / "gost_world.py"
)
gost_world = module_from_spec(_SPEC)
_SPEC.loader.exec_module(gost_world)


class TestRoubleGost(RoubleCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.world = gost_world.World(Path(folder.name))
        self.world.person("Anna", 256, "A")
        authority = (self.world.folder / "authority.pem").read_text()
        self.env["bank.certificate.authority"].sudo().create({"certificate_pem": authority})
        pem = (self.world.folder / "Anna.pem").read_text()
        self.body = "".join(pem.splitlines()[1:-1])
        action = self.env["bank.certificate"].register_card(self.body)
        self.certificate = self.env["bank.certificate"].browse(action["res_id"])
        self.operator.sudo().certificate_id = self.certificate
        self.sandbox.post("/control/certificates", login=self.operator.login, pem=pem)
        self.ready()
        self.package = self.prepare(self.make_payment()).package_id

    def content(self):
        (request,) = self.package.card_request()
        return base64.b64decode(request["documents"][0])

    def sign(self, content):
        """What the card's signer answers."""
        now = fields.Datetime.now().replace(tzinfo=timezone.utc)
        draft = CmsDraft(content, base64.b64decode(self.body), now)
        signature = draft.finish(self.world.raw("Anna", 256, draft.to_be_signed))
        return base64.b64encode(signature).decode()

    def test_a_signature_over_other_bytes_is_refused(self):
        with self.assertRaisesRegex(UserError, "another content"):
            self.package.card_answer([self.sign(self.content() + b" ")])
        self.assertEqual(self.package.state, "prepared")

    def test_the_bank_takes_an_order_that_a_gost_key_signed(self):
        self.assertEqual(self.certificate.key_type, "GOST 256")
        self.package.card_answer([self.sign(self.content())])
        self.assertEqual(self.package.state, "signed")
        self.package.action_send()
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual(self.ask(self.package), "accepted", self.package.bank_reason)
        self.run_bank()
        self.assertEqual(len(self.sandbox.ledger()), 1)
