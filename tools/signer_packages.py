# SPDX-License-Identifier: LGPL-3.0-only
"""The card signer as people install it: build/signer/ with a program, a .deb and their hashes.

    python tools/signer_packages.py

PyInstaller makes the program, with its own Python, so that nothing else is needed: one file; on
macOS an application in a zip, since one file would be unpacked at each start there. On Linux the
.deb puts it into the menu and starts it with the desktop; on Windows NSIS makes the set-up from
tools/signer/windows.nsi. A program runs on the system that it was built on, and on newer ones.
"""

import hashlib
import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

# Nothing of tools/ is imported: this runs on Windows and macOS too.
CHECKOUT = Path(__file__).resolve().parent.parent
OUT = CHECKOUT / "build" / "signer"
ENVIRONMENT = CHECKOUT / "build" / "signer-environment"
SOURCES = CHECKOUT / "tools" / "signer"
NEEDS = (
    "pyinstaller>=6",
    "python-pkcs11>=0.7",
    "asn1crypto>=1.5",
    "gostcrypto>=1.2.5",
    "cryptography>=41",
    "pystray>=0.19",
    "pillow>=10",
)
START = "import sys\nfrom signer.__main__ import main\nsys.exit(main())\n"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
CONTROL = """Package: bank-signer
Version: {version}
Architecture: {machine}
Maintainer: bank_webservice
Depends: libc6 (>= {glibc}), libx11-6
Recommends: pcscd
Section: utils
Priority: optional
Description: Signs bank transfers of Odoo with the card in this computer
 Shows what is to be signed, takes the PIN, and signs through the card's driver.
"""


def main():
    """Build what this system can; prints the files with their SHA-256."""
    try:
        importlib.import_module("tkinter")  # its own library too: without it there is no window
    except ImportError:
        sys.exit("The signer's windows need tkinter: install python3-tk first.")
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    program = _program()
    _check(program)
    made = [_alone(program)]
    if shutil.which("dpkg-deb"):
        made.append(_deb(made[0]))
    if os.name == "nt":
        made.append(_setup(made[0]))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in made]
    (OUT / "SHA256SUMS").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def name_of(system, machine, version):
    """Of the file that holds the program alone: no two systems have one name in a release."""
    system = {"Darwin": "macos"}.get(system, system.lower())
    ending = {"macos": ".zip", "windows": ".exe"}.get(system, "")
    return f"bank-signer-{version}-{system}-{machine.lower()}{ending}"


def _version():
    done = subprocess.run(
        [sys.executable, "-c", "import signer; print(signer.__version__)"],
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def _program():
    """What PyInstaller makes: the path of what is started."""
    start = OUT / "work" / "bank-signer.py"
    start.parent.mkdir()
    start.write_text(START)
    mac = sys.platform == "darwin"
    command = [_python(), "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--onedir" if mac else "--onefile", "--name", "bank-signer"]
    command += ["--distpath", OUT / "made", "--workpath", start.parent]
    command += ["--specpath", start.parent, "--paths", CHECKOUT]
    for package in ("signer", "pkcs11", "pystray", "gostcrypto"):
        command += ["--collect-submodules", package]
    command += ["--hidden-import", "cryptography.hazmat.primitives.padding"]
    command += ["--windowed"] if os.name == "nt" or mac else []
    command += ["--osx-bundle-identifier", "org.bank-signer"] if mac else []
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    if subprocess.run([*command, start], env=environment, check=False).returncode:
        sys.exit("PyInstaller could not build the signer.")
    shutil.rmtree(start.parent)
    if mac:
        return OUT / "made" / "bank-signer.app" / "Contents" / "MacOS" / "bank-signer"
    return OUT / "made" / ("bank-signer.exe" if os.name == "nt" else "bank-signer")


def _check(program):
    """It starts, talks to its own processes, and has the package for cards in it."""
    words = [program, "--driver", "no-such-driver"]
    asked = json.dumps({"do": "certificates"}) + "\n"
    done = subprocess.run(
        words, input=asked, stdout=subprocess.PIPE, text=True, timeout=300, check=True
    )
    if json.loads(done.stdout).get("refusal") != "card_failed":
        sys.exit(f"The program does not do what it should: {done.stdout}")


def _alone(program):
    """The program as one file with its name, beside the other packages."""
    target = OUT / name_of(platform.system(), platform.machine(), _version())
    if sys.platform == "darwin":
        app = OUT / "made" / "bank-signer.app"
        subprocess.run(["ditto", "-c", "-k", "--keepParent", app, target], check=True)
    else:
        shutil.move(program, target)
    shutil.rmtree(OUT / "made")
    return target


def _python():
    """An environment of its own, with nothing of Odoo."""
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    if subprocess.run([*pip, *NEEDS], check=False).returncode:
        sys.exit("The packages that build the signer could not be installed.")
    return python


def _deb(program):
    """The program with menu entry, icon and autostart, for Debian and its kin."""
    root = OUT / "deb"
    version, machine = _version(), MACHINES.get(platform.machine(), platform.machine())
    files = {
        "usr/bin/bank-signer": program,
        "usr/share/applications/bank-signer.desktop": SOURCES / "bank-signer.desktop",
        "etc/xdg/autostart/bank-signer.desktop": SOURCES / "bank-signer.desktop",
        "usr/share/icons/hicolor/scalable/apps/bank-signer.svg": SOURCES / "bank-signer.svg",
        "usr/share/doc/bank-signer/README.md": CHECKOUT / "signer" / "README.md",
        "usr/share/doc/bank-signer/copyright": CHECKOUT / "LICENSE",
    }
    for name, source in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755 if name.startswith("usr/bin/") else 0o644)
    (root / "DEBIAN").mkdir()
    glibc = platform.libc_ver()[1] or "2.31"
    control = CONTROL.format(version=version, machine=machine, glibc=glibc)
    (root / "DEBIAN" / "control").write_text(control)
    (root / "DEBIAN" / "conffiles").write_text("/etc/xdg/autostart/bank-signer.desktop\n")
    package = OUT / f"bank-signer_{version}_{machine}.deb"
    build = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", root, package]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return package


def _setup(program):
    """The set-up of Windows, by NSIS."""
    target = OUT / f"bank-signer-{_version()}-setup.exe"
    words = [f"-DPROGRAM={program}", f"-DVERSION={_version()}", f"-DTARGET={target}"]
    makensis = shutil.which("makensis") or r"C:\Program Files (x86)\NSIS\makensis.exe"
    subprocess.run([makensis, "-V2", *words, SOURCES / "windows.nsi"], check=True)
    return target


if __name__ == "__main__":
    main()
