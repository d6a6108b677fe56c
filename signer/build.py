# SPDX-License-Identifier: LGPL-3.0-only
"""The whole program as one file, `signer.pyz`, which Python starts as it is.

    python signer/build.py [TARGET]

python-pkcs11 stays outside: it is compiled for each system, and pip installs it.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
START = "import sys\nfrom signer.__main__ import main\nsys.exit(main())\n"
#: the same bytes each time, whenever they are built
WHEN = (2026, 1, 1, 0, 0, 0)


def pyz() -> bytes:
    """The file's content."""
    file = io.BytesIO()
    file.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "__main__.py", START.encode())
        for path in sorted(FOLDER.rglob("*.py")):
            name = path.relative_to(FOLDER).as_posix()
            if not name.startswith(("build/", "dist/")):
                _put(archive, f"signer/{name}", path.read_bytes())
    return file.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, WHEN), content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "signer.pyz")
    target.write_bytes(pyz())
    target.chmod(0o755)
    print(target)
