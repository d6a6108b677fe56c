"""Do the signatures of a package still hold over the bytes that are kept here?"""

import base64
import hashlib
from datetime import timezone

from odoo import models
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.signatures import signers as signing
from ..connection.words import explain


class BankPackage(models.Model):
    _inherit = "bank.package"

    def _to_protocol(self):
        """Every signature is held against the bytes again, just before they are sent."""
        message = super()._to_protocol()
        problems = self._signature_problems(message.content)
        if problems:
            raise UserError("\n".join(problems))
        return message

    def _signature_problems(self, content):
        """[sentence] of every signature that does not hold over `content`."""
        problems, digest = [], hashlib.sha256(content).hexdigest()
        for signature in self.sudo().signature_ids:
            words = ""
            if signature.digest != digest:
                words = self.env._("it is over other content.")
            else:
                try:
                    signing.verify_document(
                        content,
                        base64.b64decode(signature.content or b""),
                        signature.certificate_id.certificate_pem.encode(),
                        at=signature.signed_at.replace(tzinfo=timezone.utc),
                    )
                except errors.BankError as error:
                    words = explain(self.env, error)
            if words:
                problems.append(
                    self.env._(
                        "Package %(package)s, signature of %(user)s: %(problem)s",
                        package=self.name,
                        user=signature.user_id.name,
                        problem=words,
                    )
                )
        return problems

    def action_verify_signatures(self):
        """Button: are the signatures still those over the bytes that are kept here?"""
        self.ensure_one()
        self.check_access("read")
        problems = self._signature_problems(self._raw_content())
        good = self.env._(
            "Signatures that hold over the content of this package: %s", len(self.signature_ids)
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if problems else "success",
                "sticky": bool(problems),
                "message": "\n".join(problems) or good,
            },
        }
