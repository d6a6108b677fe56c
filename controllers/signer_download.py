"""The card signer for download: built from the very files of this add-on."""

import runpy
from pathlib import Path

from odoo import http
from odoo.http import request

BUILD = Path(__file__).resolve().parent.parent / "signer" / "build.py"


class SignerDownload(http.Controller):
    @http.route("/bank_webservice/signer.pyz", type="http", auth="user", methods=["GET"])
    def signer(self):
        """One file that Python starts; it holds nothing of this database."""
        headers = [
            ("Content-Type", "application/octet-stream"),
            ("Content-Disposition", "attachment; filename=signer.pyz"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        # Run, not imported: the signer is a program of its own and no part of the server.
        return request.make_response(runpy.run_path(str(BUILD))["pyz"](), headers)
