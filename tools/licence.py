# SPDX-License-Identifier: LGPL-3.0-only
"""The vendor's command: make keys and licences for the Moe Delo part.

    python tools/licence.py keys  --private vendor.pem --public licence_keys.json
    python tools/licence.py make  --private vendor.pem --licensee "ООО Ромашка" \\
        --database <uuid> --tax-id 7707083893 --package moedelo --until 2027-12-31

`keys` writes the private key (0600, never overwritten: keep it off any server) and adds the public
one to a JWKS. That JWKS goes to the customer's server; odoo.conf names it:
`bank_webservice_licence_keys = /etc/odoo/licence_keys.json`. `make` prints the licence, to be
uploaded in Settings.
"""

from __future__ import annotations

import argparse
import os
import sys
import uuid
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from protocol.access import licence as licences
from protocol.access import signing_keys, tokens


def make_keys(private: Path, public: Path) -> str:
    """A new vendor key: private part to `private`, public part added to `public`. Gives its kid."""
    key = signing_keys.make_key("EdDSA")
    descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.pem())
    known = signing_keys.read_jwks(public.read_bytes()) if public.exists() else {}
    public.write_text(signing_keys.render_jwks([*known.values(), key.public]), encoding="ascii")
    return key.kid


def make_licence(
    private: Path,
    *,
    licensee: str,
    database_uuid: str,
    tax_id: str,
    packages: tuple[str, ...] = licences.PACKAGES,
    valid_from: date | None = None,
    valid_until: date | None = None,
    number: str = "",
) -> str:
    """The signed licence. Days default to today and a year from now."""
    first = valid_from or datetime.now(timezone.utc).date()
    granted = licences.Licence(
        number=number or str(uuid.uuid4()),
        licensee=licensee,
        database_uuid=database_uuid,
        tax_id=tax_id,
        packages=tuple(packages),
        valid_from=first,
        valid_until=valid_until or first + timedelta(days=365),
    )
    return licences.render(granted, signing_keys.read_key(private.read_text(encoding="ascii")))


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    try:
        if options.command == "keys":
            print(make_keys(options.private, options.public))
        else:
            print(_from_options(options))
    except FileExistsError:
        print(f"{options.private} exists and is not overwritten.", file=sys.stderr)
        return 1
    except (OSError, tokens.TokenRefused, licences.LicenceRefused) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _from_options(options: argparse.Namespace) -> str:
    return make_licence(
        options.private,
        licensee=options.licensee,
        database_uuid=options.database,
        tax_id=options.tax_id,
        packages=tuple(options.package or licences.PACKAGES),
        valid_from=options.since,
        valid_until=options.until,
        number=options.number,
    )


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Keys and licences of the Moe Delo part.")
    commands = parser.add_subparsers(dest="command", required=True)
    keys = commands.add_parser("keys", help="make a key pair")
    keys.add_argument("--private", type=Path, required=True)
    keys.add_argument("--public", type=Path, required=True)
    make = commands.add_parser("make", help="make a licence")
    make.add_argument("--private", type=Path, required=True)
    make.add_argument("--licensee", required=True)
    make.add_argument("--database", required=True, help="uuid of the customer's database")
    make.add_argument("--tax-id", required=True)
    make.add_argument("--package", action="append", choices=licences.PACKAGES)
    make.add_argument("--from", dest="since", type=date.fromisoformat)
    make.add_argument("--until", type=date.fromisoformat)
    make.add_argument("--number", default="")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
