# SPDX-License-Identifier: LGPL-3.0-only
"""Where the drivers of cards (PKCS#11 modules) usually are: data, with patterns for versions.

Names and places as the makers install them, and as public programs for these cards look them up.
Where a maker is missing, `--module PATH` names the file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from glob import escape
from pathlib import Path

#: maker -> patterns of file names: Linux, macOS (whole paths), Windows (64 bits)
LINUX = {
    "OpenSC": ("opensc-pkcs11.so",),
    "Certum proCertum": (
        "libcryptoCertum3PKCS.so",
        "cryptoCertum3PKCS-*.so",
        "sc30pkcs11-*.so",
    ),
    "Certum SimplySign": ("libSimplySignPKCS.so", "SimplySignPKCS*.so"),
    "KIR Szafir, Graphite": (
        "libCCGraphiteP11*.so",
        "libccgraphitep11*.so",
        "ccgraphitep11*.so",
    ),
    "KIR Szafir, Carbon": ("libCCP11*.so", "libccpkip11*.so"),
    "EuroCert, Charismathics": ("libcmP11*.so",),
    "CenCert, EnCard": ("libenigmap11*.so", "enigmap11*.so"),
    "PWPW Sigillum": ("libASEP11.so", "libasepkcs*.so", "libbit4xpki.so"),
    "Thales, SafeNet": ("libIDPrimePKCS11.so", "libeTPkcs11.so", "libeToken.so"),
    "Rutoken": ("librtpkcs11ecp*.so",),
    "JaCarta": ("libjcPKCS11-2.so*", "libjcPKCS11.so*"),
}
LINUX_FOLDERS = (
    "/usr/lib/*-linux-gnu",
    "/usr/lib/*-linux-gnu/pkcs11",
    "/usr/lib64",
    "/usr/lib64/pkcs11",
    "/usr/lib",
    "/usr/lib/pkcs11",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/local/lib/SimplySignPKCS",
    "/opt/proCertum*",
    "/opt/SimplySign*",
    "/opt/SimplySign*/lib",
    "/opt/szafir*",
    "/opt/szafir*/lib",
    "/opt/kir/*",
    "/opt/CenCert*",
    "/opt/encard*",
    "/opt/Aktivco/rutokenecp",
    "/opt/aktivco/rutokenecp/*",
    "~/szafir*",
    "~/.szafir*",
)
MAC = {
    "OpenSC": ("/Library/OpenSC/lib/opensc-pkcs11.so", "/opt/homebrew/lib/opensc-pkcs11.so"),
    "Certum proCertum": (
        "/Applications/proCertum*.app/Contents/*/libcryptoCertum3PKCS*.dylib",
        "/usr/local/lib/libcryptoCertum3PKCS*.dylib",
    ),
    "Certum SimplySign": (
        "/usr/local/lib/libSimplySignPKCS*.dylib",
        "/usr/local/lib/SimplySignPKCS/SimplySignPKCS*.dylib",
        "/Applications/SimplySign*.app/Contents/Frameworks/libSimplySignPKCS*.dylib",
    ),
    "KIR Szafir": ("/Applications/*zafir*.app/Contents/**/libCCGraphiteP11*.dylib",),
    "Thales, SafeNet": (
        "/usr/local/lib/libIDPrimePKCS11.dylib",
        "/usr/local/lib/pkcs11/libIDPrimePKCS11.dylib",
        "/usr/local/lib/libeTPkcs11.dylib",
        "/usr/local/lib/pkcs11/libeTPkcs11.dylib",
    ),
    "Rutoken": (
        "/Library/Frameworks/rtpkcs11ecp.framework/rtpkcs11ecp",
        "/usr/local/lib/librtpkcs11ecp.dylib",
    ),
    "JaCarta": ("/Library/Frameworks/jcPKCS11-2.framework/jcPKCS11-2",),
}
WINDOWS = {
    "OpenSC": ("opensc-pkcs11.dll",),
    "Certum proCertum": ("cryptoCertum3PKCS.dll",),
    "Certum SimplySign": ("SimplySignPKCS_64*.dll", "SimplySignPKCS.dll"),
    "KIR Szafir, Graphite": (
        "CCGraphiteP11p.x64.dll",
        "CCGraphiteP1164p.dll",
        "libgraphite64.dll",
        "CCGraphiteP11.dll",
    ),
    "KIR Szafir, Carbon": ("CCP1164.dll", "CCP1164p.dll", "CCPkiP11.dll"),
    "KIR, cloud": ("CloudSi*P1164.dll",),
    "EuroCert, Charismathics": ("cmP1164.dll",),
    "CenCert, EnCard": ("enigmap11-x64.dll", "enigmap11.dll"),
    "PWPW Sigillum": ("asepkcs.dll", "ASEPKCS*.dll", "bit4xpki.dll"),
    "Thales, SafeNet": ("eTPKCS11.dll", "IDPrimePKCS1164.dll"),
    "Rutoken": ("rtPKCS11ECP.dll",),
    "JaCarta": ("jcPKCS11-2.dll",),
}
#: below Windows' own folder, and below each folder of programs
WINDOWS_SYSTEM = ("System32",)
WINDOWS_PROGRAMS = (
    "OpenSC Project/OpenSC/pkcs11",
    "Certum/*",
    "Certum/*/proCertum SmartSign",
    "Asseco/*",
    "Krajowa Izba Rozliczeniowa S.A/*",
    "Krajowa Izba Rozliczeniowa S.A/*/bin",
    "KIR/*/bin",
    "Charismathics/PKCS11",
    "EuroCert/*",
    "ENCARD",
    "Enigma*/*",
    "PWPW*/*",
    "SafeNet/Authentication/SAC/x64",
    "Gemalto/IDGo 800 PKCS#11",
    "Thales/*",
    "Aktiv Co/*",
    "Aladdin R.D/*",
)


def found() -> list[str]:
    """Paths of the modules that are on this computer, each once."""
    if sys.platform == "win32":
        patterns = _below(_windows_folders(), WINDOWS)
    elif sys.platform == "darwin":
        patterns = [pattern for patterns in MAC.values() for pattern in patterns]
    else:
        patterns = _below([str(Path(folder).expanduser()) for folder in LINUX_FOLDERS], LINUX)
    return matching(patterns)


def matching(patterns: Iterable[str]) -> list[str]:
    """Files that fit a pattern, in the patterns' order; links to the same file count once."""
    existing: dict[Path, str] = {}
    for pattern in patterns:
        root = Path(pattern).anchor
        for path in sorted(Path(root).glob(pattern[len(root) :])):
            if path.is_file():
                existing.setdefault(path.resolve(), str(path))
    return list(existing.values())


def _below(folders: Iterable[str], names: dict[str, tuple[str, ...]]) -> list[str]:
    return [
        f"{folder}/{name}" for patterns in names.values() for name in patterns for folder in folders
    ]


def _windows_folders() -> list[str]:
    system = escape(os.environ.get("SYSTEMROOT", r"C:\Windows"))
    programs = {os.environ.get("PROGRAMFILES", r"C:\Program Files"),
                os.environ.get("PROGRAMFILES(X86)", ""),
                os.environ.get("LOCALAPPDATA", "")}  # fmt: skip
    roots = [escape(folder) for folder in sorted(programs) if folder]
    return [
        *(f"{system}/{folder}" for folder in WINDOWS_SYSTEM),
        *(f"{root}/{folder}" for root in roots for folder in WINDOWS_PROGRAMS),
    ]
