# SPDX-License-Identifier: LGPL-3.0-only
"""A secret key for the add-on, written where Odoo reads it: below [options] of odoo.conf.

    python3 tools/key.py /etc/odoo/odoo.conf            a first key
    python3 tools/key.py --change /etc/odoo/odoo.conf   a new one in front; the old ones still read

At the file's end, as `echo >>` would put it, a key may fall into another section, which Odoo does
not read. Standard library alone: it runs on any server. The key is not shown, and nothing else of
the file is changed; its owner and mode stay.
"""

import argparse
import base64
import configparser
import re
import secrets
import sys
from pathlib import Path

OPTION = "bank_webservice_secret_key"
SECTION = re.compile(r"^\[options\][^\n]*\n?", re.M)
LINE = re.compile(rf"^{OPTION}[ \t]*[=:][ \t]*", re.M)


class Refused(Exception):
    """The file stays as it is; the text says why."""


def main(words):
    parser = argparse.ArgumentParser(prog="tools key", description=__doc__.partition("\n")[0])
    parser.add_argument("conf", type=Path, help="the odoo.conf of the server")
    parser.add_argument("--change", action="store_true", help="a new key before the present ones")
    asked = parser.parse_args(words)
    try:
        text = asked.conf.read_text()
        # Not a new file in its place: who may read it, and links to it, stay as they are.
        asked.conf.write_text(with_key(text, asked.change))
    except (Refused, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{asked.conf} has a new {OPTION}. Restart Odoo, and keep a copy of the key apart from the "
        "backups of the database."
    )
    return 0


def with_key(text, change=False):
    """`text` of an odoo.conf with a new key below [options]."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise Refused(f"Odoo cannot read this file: {error}") from None
    lost = [name for name in parser.sections() if name != "options" and OPTION in parser[name]]
    if lost:
        raise Refused(
            f"{OPTION} stands below [{lost[0]}], where Odoo does not see it: move it to [options]."
        )
    present = parser.get("options", OPTION, fallback="").strip()
    new = f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    if present and not change:
        raise Refused(f"{OPTION} is there already. To change it: --change.")
    if present:
        return LINE.sub(f"{OPTION} = {new}, ", text, count=1)
    text = LINE.sub(f"; empty: {OPTION} = ", text)
    if not parser.has_section("options"):
        return f"[options]\n{OPTION} = {new}\n\n{text}"
    return SECTION.sub(lambda found: f"{found[0].rstrip()}\n{OPTION} = {new}\n", text, count=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
