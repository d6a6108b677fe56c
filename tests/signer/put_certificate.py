# SPDX-License-Identifier: LGPL-3.0-only
"""Write a certificate object to a token: module, label, PIN, id (hex), certificate (base64 DER)."""

import base64
import sys

import pkcs11

module, label, pin, key_id, certificate = sys.argv[1:]
token = pkcs11.lib(module).get_token(token_label=label)
with token.open(rw=True, user_pin=pin) as session:
    session.create_object(
        {
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
            pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            pkcs11.Attribute.TOKEN: True,
            pkcs11.Attribute.PRIVATE: False,
            pkcs11.Attribute.ID: bytes.fromhex(key_id),
            pkcs11.Attribute.LABEL: "certificate",
            pkcs11.Attribute.SUBJECT: b"",
            pkcs11.Attribute.VALUE: base64.b64decode(certificate),
        }
    )
