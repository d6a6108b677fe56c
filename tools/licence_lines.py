# SPDX-License-Identifier: LGPL-3.0-only
"""The line that names the licence, in every file of ours: python3 -m tools.licence_lines adds it.

Not in what only samples, packs or describes (documents, patches, JSON): LICENSE is for all of it.
"""

import subprocess

from tools.ground.paths import CHECKOUT

LINE = "SPDX-License-Identifier: LGPL-3.0-only"
FORMS = {
    ".py": f"# {LINE}\n",
    ".js": f"// {LINE}\n",
    ".scss": f"// {LINE}\n",
    ".sql": f"-- {LINE}\n",
    ".xml": f"<!-- {LINE} -->\n",
}
NOT_OURS = {"samples", "schemas"}


def missing():
    """Tracked files without it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = CHECKOUT / name
        if path.suffix in FORMS and not NOT_OURS & set(path.parts) and path.is_file():
            with path.open(encoding="utf-8") as file:
                if not any(line == FORMS[path.suffix] for line, _ in zip(file, "12", strict=False)):
                    yield path


def add(path):
    text = path.read_text(encoding="utf-8")
    first, rest = "", text
    if text.startswith(("#!", "<?xml")):
        first, _, rest = text.partition("\n")
        first += "\n"
    path.write_text(first + FORMS[path.suffix] + rest, encoding="utf-8")


if __name__ == "__main__":
    for found in list(missing()):
        print(found.relative_to(CHECKOUT))
        add(found)
