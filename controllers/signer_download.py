"""The card signer for download: built from the very files of this add-on."""

from odoo import http
from odoo.http import request

from ..signer import build


class SignerDownload(http.Controller):
    @http.route("/bank_webservice/signer.pyz", type="http", auth="user", methods=["GET"])
    def signer(self):
        """One file that Python starts; it holds nothing of this database."""
        headers = [
            ("Content-Type", "application/octet-stream"),
            ("Content-Disposition", "attachment; filename=signer.pyz"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(build.pyz(), headers)
