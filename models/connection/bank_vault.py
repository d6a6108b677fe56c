# SPDX-License-Identifier: LGPL-3.0-only
"""Where secrets go in, and the only place where they come out.

A field that holds a sealed secret has a name that ends with `_sealed`: so they are all found when a
key changes, whichever room they are in.
"""

import logging
import os
import re
import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from odoo import api, models
from odoo.tools import SQL, config
from odoo.tools.sql import table_columns

from ...protocol import errors, vault
from .operation import database_uuid
from .words import user_error

OPTION = "bank_webservice_secret_key"
ENVIRONMENT = "BANK_WEBSERVICE_SECRET_KEY"
KEY_FILE = "bank_webservice.key"
SEALED = "_sealed"  # the end of a field's name
UNNAMED = "?"  # in place of a key's name, for what is no sealed secret at all

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeyInUse:
    """A key of this server, or one that only stored secrets name; how many secrets it seals."""

    name: str
    seals: bool
    is_known: bool
    count: int
    models: tuple[tuple[str, int], ...]


class BankVault(models.AbstractModel):
    _name = "bank.vault"
    _description = "Secrets at rest"

    @api.model
    def _keys(self):
        """The key text: odoo.conf, else the environment, else a 0600 file in the data folder.

        The file lies beside the filestore, never in it: a copy of the filestore has no key.
        """
        text = config.get(OPTION) or os.environ.get(ENVIRONMENT)
        return text or self._key_file_text(self._key_file())

    @api.model
    def _key_file(self):
        return Path(config["data_dir"]) / KEY_FILE

    @api.model
    def _key_source(self):
        """Where `_keys` takes them from: "configuration", "environment" or "file"."""
        if config.get(OPTION):
            return "configuration"
        return "environment" if os.environ.get(ENVIRONMENT) else "file"

    @api.model
    def _has_unseen_key(self):
        """True where odoo.conf names a key that this server does not use.

        It stands below another section than [options], or came after the server was started.
        """
        try:
            text = Path(config["config"]).read_text(errors="replace")
        except (OSError, TypeError):
            return False
        named = re.findall(rf"^[ \t]*{OPTION}[ \t]*[=:][ \t]*(\S.*)$", text, re.M)
        return any(one.strip() != (config.get(OPTION) or "").strip() for one in named)

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
        try:
            with os.fdopen(descriptor, "w") as file:
                # A name of its own: what another key sealed is then known to be that key's.
                file.write(vault.generate_key(f"k{secrets.token_hex(4)}"))
        except OSError:  # a full disk: an empty file would be taken for the key from then on
            path.unlink()
            raise
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

    # -------------------------------------------------------------------------
    # CHANGING THE KEY
    # -------------------------------------------------------------------------

    def _register_hook(self):
        """A server that lacks the key of a secret says so when it starts, not when it is needed."""
        super()._register_hook()
        if not any(self._sealed_by_key().values()):
            return
        try:
            lost = [key for key in self._keys_in_use() if not key.is_known]
        except errors.BankError as error:
            _logger.error("%s: %s", self.env.cr.dbname, error.message)
            return
        for key in lost:
            _logger.error(
                "%s: the key %s of %s stored secrets is not configured here (%s). Add it to %s, "
                "or enter them again.",
                self.env.cr.dbname,
                key.name,
                key.count,
                ", ".join(f"{model}: {count}" for model, count in key.models),
                OPTION,
            )

    @api.model
    def _keys_in_use(self):
        """[KeyInUse] of this server's keys, the sealing one first, and of those that are gone."""
        known, stored = self._vault().key_ids, self._sealed_by_key()
        return [
            KeyInUse(
                name=name,
                seals=name == known[0],
                is_known=name in known,
                count=sum(stored[name].values()),
                models=tuple(sorted(stored[name].items())),
            )
            for name in (*known, *sorted(stored.keys() - set(known)))
        ]

    @api.model
    def _reseal(self):
        """(how many were sealed again with the current key, how many do not open).

        What does not open stays as it is: its key may come back.
        """
        opener, done, left = self._vault(), 0, 0
        for model, field in self._sealed_fields():
            for record_id, token in self._tokens(model, field):
                place = self._place(model.browse(record_id), field)
                try:
                    fresh = opener.reseal(token, place)
                except errors.BankError:
                    left += 1
                    continue
                if fresh != token:
                    # Past the guards and the history of the record: nothing about it changes.
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %s SET %s = %s WHERE id = %s",
                            SQL.identifier(model._table),
                            SQL.identifier(field),
                            fresh,
                            record_id,
                        )
                    )
                    done += 1
            model.invalidate_model([field])
        return done, left

    @api.model
    def _sealed_by_key(self):
        """{key id: {model: count}} of what is stored, whether that key is known here or not."""
        found = defaultdict(Counter)
        for model, field in self._sealed_fields():
            for _id, token in self._tokens(model, field):
                try:
                    name = vault.key_id_of(token)
                except errors.BankError:
                    name = UNNAMED
                found[name][model._name] += 1
        return found

    @api.model
    def _sealed_fields(self):
        """[(model, field)] of every field that a secret may lie in, and that the database has."""
        found = []
        for name, model in sorted(self.env.items()):
            fields = [field for field in model._fields if field.endswith(SEALED)]
            if fields and model._auto and not model._abstract:
                columns = table_columns(self.env.cr, model._table)
                found += [(self.env[name], field) for field in fields if field in columns]
        return found

    @api.model
    def _tokens(self, model, field):
        """[(id, token)] of all records, archived ones too."""
        model.flush_model([field])
        column, table = SQL.identifier(field), SQL.identifier(model._table)
        query = SQL("SELECT id, %s FROM %s WHERE %s <> '' ORDER BY id", column, table, column)
        return self.env.execute_query(query)
