# SPDX-License-Identifier: LGPL-3.0-only
"""Changing the key of the secrets: nothing is lost, and a key that is gone is named."""

import ast
import base64
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import config

ROOT = Path(__file__).resolve().parents[2]
OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
ENVIRONMENT = "BANK_WEBSERVICE_SECRET_KEY"
LOGGER = "odoo.addons.bank_webservice.models.connection.bank_vault"


def keys(*names):
    return patch.dict(config.options, {"bank_webservice_secret_key": ",".join(names)})


@tagged("post_install", "-at_install")
class TestSecrets(TransactionCase):
    def setUp(self):
        super().setUp()
        self.vault = self.env["bank.vault"]
        for model, field in self.vault._sealed_fields():  # what the demo data keep
            self.env.cr.execute(f"UPDATE {model._table} SET {field} = NULL")
        bank = self.env["res.bank"].create({"name": "Bank"})
        values = {"bank_id": bank.id, "login": "ewa"}
        user = new_test_user(self.env, "ewa_of_the_vault")
        self.operator = self.env["bank.operator"].create({**values, "user_id": user.id})
        with keys(OLD):
            self.vault._seal(self.operator, "password_sealed", "s3cret")
        groups = "base.group_system,bank_webservice.group_administrator"
        self.administrator = new_test_user(self.env, "keeper_of_keys", groups=groups)
        settings = self.env(user=self.administrator)["res.config.settings"]
        self.settings = settings.create({})

    def password(self):
        return self.vault._open(self.operator, "password_sealed").decode()

    def start(self):
        """What the server says when it starts."""
        with self.assertLogs(LOGGER, "ERROR") as said:
            self.vault._register_hook()
        return "\n".join(said.output)

    def test_only_an_administrator_seals_again(self):
        with keys(NEW, OLD), self.assertRaises(AccessError):
            self.settings.with_user(self.operator.user_id).action_reseal()

    def test_a_full_disk_leaves_no_empty_key_file(self):
        import resource  # Windows has none, and Odoo imports this file there, too

        with TemporaryDirectory() as folder:
            path = Path(folder, "key")
            limits = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # no file can grow
            try:
                with self.assertRaises(OSError):
                    self.vault._key_file_text(path)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            self.assertFalse(path.exists())
            self.assertEqual(self.vault._key_file_text(path), path.read_text())

    def test_a_key_that_is_gone_is_named_at_the_start_and_in_the_settings(self):
        with keys(NEW):
            words = self.start()
            self.assertIn("the key old of 1 stored secrets", words)
            self.assertIn("bank.operator: 1", words)
            self.assertIn("old, which is GONE: 1 (Bank operator", self.settings.bank_secret_keys)

    def test_what_does_not_open_stays_for_a_key_that_comes_back(self):
        with keys(NEW):
            self.assertEqual(self.vault._reseal(), (0, 1))
            self.assertEqual(self.settings.action_reseal()["params"]["type"], "warning")
        with keys(OLD):
            self.assertEqual(self.password(), "s3cret")

    def test_a_wrong_key_and_what_is_no_secret_stop_no_start(self):
        with keys("main:short"):
            self.assertIn("Secret key number 1 cannot be used", self.start())
            self.assertIn("Secret key number 1 cannot be used", self.settings.bank_secret_keys)
        self.operator.sudo().password_sealed = "plain"
        with keys(OLD):
            self.assertIn("the key ? of 1 stored secrets", self.start())

    def test_a_new_key_file_does_not_pass_for_the_lost_one(self):
        path = Path(self.env["ir.attachment"]._filestore()).parent / "bank_webservice_test.key"
        made = []
        for _number in range(2):
            made.append(self.vault._key_file_text(path))
            path.unlink()
        self.assertNotEqual(*(text.partition(":")[0] for text in made))

    def test_sealed_again_the_old_key_may_go(self):
        with keys(NEW, OLD):
            with self.assertNoLogs(LOGGER, "ERROR"):
                self.vault._register_hook()
            self.assertEqual(
                self.settings.bank_secret_keys, "new, which seals: 0\nold, still read: 1"
            )
            self.assertTrue(self.settings.bank_secrets_waiting)
            history = self.operator.message_ids
            done = self.settings.action_reseal()["params"]
            self.assertEqual((done["type"], done["message"]), ("success", "Sealed again: 1."))
            self.assertEqual(self.operator.message_ids, history)
            self.settings.invalidate_recordset()
            self.assertFalse(self.settings.bank_secrets_waiting)
            self.assertEqual(self.vault._reseal(), (0, 0))
        with keys(NEW):
            self.assertEqual(self.password(), "s3cret")
            with self.assertNoLogs(LOGGER, "ERROR"):
                self.vault._register_hook()

    def test_a_neutralized_copy_keeps_no_secret(self):
        identity = self.env["bank.identity"].sudo().create(
            {"bank_id": self.operator.bank_id.id, "company_id": self.env.company.id}
        )  # fmt: skip
        guide = self.env["bank.setup"].sudo().create({})
        for record, field in ((identity, "request_key_sealed"), (guide, "password_sealed")):
            self.vault._seal(record, field, "s3cret")
        self.env.flush_all()
        self.env.cr.execute((ROOT / "data" / "neutralize.sql").read_text(encoding="utf-8"))
        self.env.invalidate_all()
        for model, field in self.vault._sealed_fields():
            with self.subTest(model=model._name, field=field):
                self.assertEqual(self.vault._tokens(model, field), [])

    def test_the_settings_say_where_the_key_comes_from(self):
        cases = (
            (NEW, "", "stands in odoo.conf"),
            (NEW, OLD, "stands in odoo.conf"),
            ("", OLD, "server's environment"),
            ("", "", "bank_webservice.key"),
        )
        for configured, environment, words in cases:
            with keys(configured), patch.dict(os.environ, {ENVIRONMENT: environment}):
                self.settings.invalidate_recordset()
                self.assertIn(words, self.settings.bank_key_source)

    def test_a_key_that_odoo_does_not_see_is_told(self):
        line = f"bank_webservice_secret_key = {NEW}\n"
        cases = (
            (f"[options]\n[queue_job]\n{line}", "", True),
            (f"[options]\n{line}", OLD, True),  # changed, and not restarted
            (f"[options]\n{line}", NEW, False),
            (f"[options]\n; {line}", "", False),
            (None, NEW, False),  # no odoo.conf
        )
        for text, seen, told in cases:
            with TemporaryDirectory() as folder, keys(seen):
                path = Path(folder, "odoo.conf")
                if text:
                    path.write_text(text)
                with patch.dict(config.options, {"config": str(path)}):
                    self.settings.invalidate_recordset()
                    self.assertEqual(self.settings.bank_unseen_key, told, text)

    def test_every_secret_lies_in_a_field_that_is_found(self):
        used = set()
        for path in [*(ROOT / "models").rglob("*.py"), *(ROOT / "wizards").rglob("*.py")]:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = isinstance(node, ast.Call) and getattr(node.func, "attr", "")
                if called in ("_seal", "_seal_typed") and len(node.args) == 3:
                    used.add(ast.unparse(node.args[1]).strip("'"))
        used.discard("field")  # `_seal_typed` itself hands it on
        self.assertEqual(used, {field for _model, field in self.vault._sealed_fields()})
