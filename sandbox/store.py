# SPDX-License-Identifier: LGPL-3.0-only
"""State as JSON: dataclasses by name, and the few types JSON does not have.

`dump(state, path)` writes beside the file and renames, so that a killed process leaves the old one.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

VERSION = 1
_PLAIN = {
    "decimal": (Decimal, str, Decimal),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "seconds": (timedelta, timedelta.total_seconds, lambda value: timedelta(seconds=value)),
    "bytes": (bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "set": (set, lambda value: sorted(value), set),
}


def encode(value):
    """JSON-ready form of dataclasses, dicts with string keys, lists and the plain types."""
    if dataclasses.is_dataclass(value):
        fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"$": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    for name, (kind, write, _read) in _PLAIN.items():
        if isinstance(value, kind):
            return {"$": name, "value": write(value)}
    return value


def decode(value, classes: dict[str, type]):
    """The reverse of `encode`; `classes` names the dataclasses that may appear."""
    if isinstance(value, list):
        return [decode(item, classes) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {key: decode(item, classes) for key, item in value.items()}
    name = value["$"]
    if name in _PLAIN:
        return _PLAIN[name][2](value["value"])
    known = {field.name for field in dataclasses.fields(classes[name])}
    return classes[name](**{k: decode(v, classes) for k, v in value.items() if k in known})


def dump(state, path: str) -> None:
    temporary = Path(f"{path}.new")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    temporary.write_text(json.dumps({"version": VERSION, "state": encode(state)}), encoding="utf-8")
    # It may hold the key of a demo certificate.
    temporary.chmod(0o600)
    temporary.replace(path)


def load(path: str, classes: dict[str, type]):
    """The state, or None where there is no usable file: then the bank starts from its seed."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if data.get("version") != VERSION:
        return None
    return decode(data["state"], classes)
