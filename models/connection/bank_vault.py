"""Where secrets go in, and the only place where they come out."""

import os
from pathlib import Path

from odoo import api, models
from odoo.tools import config

from ...protocol import errors, vault
from .operation import database_uuid
from .words import user_error

OPTION = "bank_webservice_secret_key"
ENVIRONMENT = "BANK_WEBSERVICE_SECRET_KEY"
KEY_FILE = "bank_webservice.key"


class BankVault(models.AbstractModel):
    _name = "bank.vault"
    _description = "Secrets at rest"

    @api.model
    def _keys(self):
        """The key text: odoo.conf, else the environment, else a 0600 file in the data folder.

        The file lies beside the filestore, never in it: a copy of the filestore has no key.
        """
        text = config.get(OPTION) or os.environ.get(ENVIRONMENT)
        return text or self._key_file_text(Path(config["data_dir"]) / KEY_FILE)

    @api.model
    def _key_file_text(self, path):
        """The text of the key file, made on first use. Two workers that race read one file."""
        try:
            return path.read_text()
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text()
        with os.fdopen(descriptor, "w") as file:
            file.write(vault.generate_key())
        return path.read_text()

    @api.model
    def _vault(self):
        return vault.Vault.from_text(self._keys())

    @api.model
    def _place(self, record, field):
        return vault.Place(database_uuid(self.env), record._name, str(record.id), field)

    @api.model
    def _seal(self, record, field, secret):
        """Keep `secret` (text or bytes) in `field` of `record`; empty clears it."""
        token = self._vault().seal(secret, self._place(record, field)) if secret else False
        record.sudo().write({field: token})

    @api.model
    def _seal_typed(self, record, field, secret):
        """`_seal` for what a person has just entered: a wrong key here is said in words."""
        try:
            self._seal(record, field, secret)
        except errors.BankError as error:
            raise user_error(self.env, error) from None

    @api.model
    def _open(self, record, field):
        """The secret's bytes, or b"" where there is none. VaultError where it does not open."""
        token = record.sudo()[field]
        return self._vault().open(token, self._place(record, field)) if token else b""
