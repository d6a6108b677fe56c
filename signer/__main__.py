# SPDX-License-Identifier: LGPL-3.0-only
"""Start the signer: `python -m signer`, its own path, or the one file `signer.pyz`."""

import importlib.util
import sys
from pathlib import Path

NEEDED = {"pkcs11": "python-pkcs11", "asn1crypto": "asn1crypto"}
OLDEST = (3, 10)


def main() -> int:
    """Say what is missing before anything that needs it is imported."""
    if sys.version_info < OLDEST:  # this file alone must be readable for older ones
        has = sys.version_info[:2]
        print("The signer needs Python {}.{} or newer; this is {}.{}.".format(*OLDEST, *has))
        return 1
    missing = [package for name, package in NEEDED.items() if not importlib.util.find_spec(name)]
    if missing:
        print("The signer needs a Python package that is not installed. Install it with:")
        print(f"    {sys.executable} -m pip install {' '.join(missing)}")
        return 1
    from signer.program import main as start

    return start()


if __name__ == "__main__":
    if not __package__:  # started by its path: the package lies one folder above
        sys.path[0] = str(Path(__file__).resolve().parent.parent)
    sys.exit(main())
