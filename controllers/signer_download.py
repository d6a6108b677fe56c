# SPDX-License-Identifier: LGPL-3.0-only
"""The card signer for download: built from the very files of this add-on."""

import hashlib
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
        return request.make_response(_pyz(), headers)

    @http.route("/bank_webservice/signer.pyz.sha256", type="http", auth="user", methods=["GET"])
    def signer_hash(self):
        """The same file is the same bytes wherever it is built, so its digest can be compared."""
        line = f"{hashlib.sha256(_pyz()).hexdigest()}  signer.pyz\n"
        return request.make_response(line, [("Content-Type", "text/plain")])


def _pyz():
    """Run, not imported: the signer is a program of its own and no part of the server."""
    return runpy.run_path(str(BUILD))["pyz"]()
