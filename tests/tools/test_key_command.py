# SPDX-License-Identifier: LGPL-3.0-only
"""`tools/key.py`: the key lands where Odoo reads it, and a key that is there is not lost."""

import configparser

import pytest

from protocol.vault import Vault
from tools import key

CONF = "[options]\naddons_path = /a\n; kept\n\n[queue_job]\nchannels = root:2\n"


def keys(text):
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return Vault.from_text(parser["options"][key.OPTION]).key_ids


def test_a_key_that_is_there_is_not_replaced():
    with pytest.raises(key.Refused, match="already"):
        key.with_key(key.with_key(CONF))


def test_a_key_that_odoo_does_not_see():
    with pytest.raises(key.Refused, match=r"below \[queue_job\]"):
        key.with_key(f"{CONF}{key.OPTION} = main:x\n")


def test_a_file_that_odoo_cannot_read():
    with pytest.raises(key.Refused, match="cannot read"):
        key.with_key("addons_path = /a\n")


@pytest.mark.parametrize("text", [CONF, "", "[other]\na = b\n", "[options]", f"{CONF}# end"])
def test_it_stands_below_options_and_all_else_stays(text):
    made = key.with_key(text)
    assert len(keys(made)) == 1
    assert set(text.splitlines()) <= set(made.splitlines())


def test_an_empty_one_is_filled():
    assert len(keys(key.with_key(f"[options]\n{key.OPTION} =\nother = 1\n"))) == 1


def test_the_old_one_still_reads_after_a_change():
    first = key.with_key(CONF)
    changed = keys(key.with_key(first, change=True))
    assert len(changed) == 2
    assert changed[1:] == keys(first)


def test_the_file_keeps_its_mode_and_the_key_is_not_shown(tmp_path, capsys):
    conf = tmp_path / "odoo.conf"
    conf.write_text(CONF)
    conf.chmod(0o640)
    assert key.main([str(conf)]) == 0
    assert conf.stat().st_mode & 0o777 == 0o640
    secret = conf.read_text().partition(f"{key.OPTION} = ")[2].partition("\n")[0]
    assert secret
    assert secret not in "".join(capsys.readouterr())
    assert key.main([str(conf)]) == 1
    assert keys(conf.read_text())
