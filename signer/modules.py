"""Where the drivers of cards (PKCS#11 modules) usually are.

Names as their makers install them: OpenSC, the Polish qualified providers (Certum, KIR Szafir,
PWPW Sigillum, EuroCert), IDPrime/SafeNet, Rutoken, JaCarta.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

LINUX = (
    "opensc-pkcs11.so",
    "libcryptoCertum3PKCS.so",
    "cryptoCertum3PKCS-3.0.6.66-MS.so",
    "libCCGraphiteP11p.x64.so",
    "libCCGraphiteP11.so",
    "libenigmap11.so",
    "libIDPrimePKCS11.so",
    "libeTPkcs11.so",
    "librtpkcs11ecp.so",
    "libjcPKCS11-2.so",
)
LINUX_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
    "/usr/lib/pkcs11",
    "/opt/proCertumCardManager",
    "/opt/Aktivco/rutokenecp",
)
MAC = (
    "/Library/OpenSC/lib/opensc-pkcs11.so",
    "/Applications/proCertumCardManager.app/Contents/MacOS/libcryptoCertum3PKCS.dylib",
    "/usr/local/lib/libcryptoCertum3PKCS.dylib",
    "/usr/local/lib/libIDPrimePKCS11.dylib",
    "/usr/local/lib/libeTPkcs11.dylib",
    "/Library/Frameworks/rtpkcs11ecp.framework/rtpkcs11ecp",
)
WINDOWS = (
    "cryptoCertum3PKCS.dll",
    "CCGraphiteP11p.x64.dll",
    "CCGraphiteP11.dll",
    "enigmap11.dll",
    "eTPKCS11.dll",
    "idprimepkcs1164.dll",
    "rtPKCS11ECP.dll",
    "jcPKCS11-2.dll",
    "opensc-pkcs11.dll",
)


def found() -> list[str]:
    """Paths of the modules that are on this computer, each once."""
    if sys.platform == "win32":
        candidates = [folder / name for folder in _windows_folders() for name in WINDOWS]
    elif sys.platform == "darwin":
        candidates = [Path(path) for path in MAC]
    else:
        candidates = [Path(folder) / name for folder in LINUX_FOLDERS for name in LINUX]
    existing = {path.resolve(): str(path) for path in candidates if path.is_file()}
    return list(existing.values())


def _windows_folders() -> list[Path]:
    system = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
    programs = Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"))
    return [
        system,
        programs / "OpenSC Project" / "OpenSC" / "pkcs11",
        programs / "Certum" / "proCertum CardManager",
        programs / "SafeNet" / "Authentication" / "SAC" / "x64",
    ]
