"""Start the signer: `python -m signer`, or the one file `signer.pyz`."""

import importlib.util
import sys

NEEDED = {"pkcs11": "python-pkcs11", "asn1crypto": "asn1crypto"}


def main() -> int:
    """Say what is missing before anything that needs it is imported."""
    missing = [package for name, package in NEEDED.items() if not importlib.util.find_spec(name)]
    if missing:
        print("The signer needs a Python package that is not installed. Install it with:")
        print(f"    {sys.executable} -m pip install {' '.join(missing)}")
        return 1
    from signer.program import main as start

    return start()


if __name__ == "__main__":
    sys.exit(main())
