# SPDX-License-Identifier: LGPL-3.0-only
"""Where Odoo 19 is: what ODOO_HOME names, else Debian's package, unpacked in the cache."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from tools.ground.paths import CACHE, locked
from tools.ground.say import Progress, Stop, say

SERIES = 19
SUITE = "sid"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# The web client's fonts and scripts that Debian keeps in packages of their own. Odoo's icons are
# those of Font Awesome 4, which newer suites have replaced.
COMPANIONS = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome/bookworm",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
)
SUITES = (SUITE, "bookworm")


@dataclass(frozen=True)
class OdooHome:
    package: Path  # the folder `odoo` of the Python package
    addons: tuple  # folders for addons_path
    version: str  # tells one Odoo from another: names templates


def find():
    """The Odoo to work with; fetched on first use when ODOO_HOME is not set."""
    named = os.environ.get("ODOO_HOME")
    return _named(Path(named).expanduser()) if named else _cached() or _fetch()


def _named(home):
    release = home / "odoo" / "release.py"
    if not release.is_file():
        raise Stop(
            f"ODOO_HOME={home} is no Odoo: it must be the folder that holds odoo/release.py "
            "(a source checkout, or the site-packages of an installed Odoo)."
        )
    series = _series(release)
    if series != SERIES:
        raise Stop(f"ODOO_HOME={home} is Odoo {series}; this add-on needs Odoo {SERIES}.")
    commit = subprocess.run(
        ["git", "-C", str(home), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return _home(home.resolve(), f"{SERIES}.0-{commit or _slug(str(home.resolve()))}")


def _home(folder, version):
    addons = [folder / "odoo" / "addons", folder / "addons"]
    return OdooHome(folder / "odoo", tuple(path for path in addons if path.is_dir()), version)


def _series(release):
    found = re.search(r"^version_info\s*=\s*\(\D*(\d+)", release.read_text(), re.MULTILINE)
    return int(found[1]) if found else None


def _slug(text):
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def _cached():
    roots = sorted((CACHE / "odoo").glob(f"{SERIES}.*"), key=lambda path: path.stat().st_mtime)
    if not roots:
        return None
    return _home(roots[-1] / "usr" / "lib" / "python3" / "dist-packages", roots[-1].name)


def _fetch():
    with locked(CACHE / "odoo.lock", "downloads Odoo"):
        return _cached() or _download()


def _download():
    for program in ("apt-get", "dpkg-deb", "tar"):
        if not shutil.which(program):
            raise Stop(
                f"No {program} here, so Debian's Odoo package cannot be had: set ODOO_HOME to an "
                f"Odoo {SERIES} source checkout."
            )
    if not KEYRING.exists():
        raise Stop(
            f"{KEYRING} is missing, so Debian's Odoo package cannot be verified: install "
            f"debian-archive-keyring, or set ODOO_HOME to an Odoo {SERIES} source checkout."
        )
    (CACHE / "odoo").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=CACHE / "odoo") as name:
        work = Path(name)
        apt = Apt(work, _mirror())
        apt.update()
        version, size = apt.candidate(f"odoo-{SERIES}")
        deb = apt.download(f"odoo-{SERIES}", version, size)
        root = work / "root"
        _unpack(deb, root, f"Unpacking Odoo {version}")
        for package in COMPANIONS:
            _unpack(apt.download(package), root)
        target = CACHE / "odoo" / _slug(version)
        root.rename(target)
    return _cached()


def _mirror():
    """The Debian mirror: ODOO_MIRROR, else the one that this machine's apt uses already."""
    if os.environ.get("ODOO_MIRROR"):
        return os.environ["ODOO_MIRROR"]
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    mirrors = [line.split()[-1] for line in listed if line.startswith("Debian ")]
    mirrors = [uri for uri in mirrors if "security" not in uri] or _configured_mirrors()
    if not mirrors:
        raise Stop(
            f"No Debian mirror is configured here: set ODOO_HOME to an Odoo {SERIES} source "
            "checkout, or ODOO_MIRROR to the address of a Debian mirror."
        )
    return mirrors[0]


def _configured_mirrors():
    """Mirrors out of apt's own files, for a machine that never ran `apt-get update`."""
    if "ID=debian" not in _os_release():
        return []
    found = []
    for path in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]:
        if path.is_file():
            found += re.findall(r"^(?:deb .*?|URIs:\s*)(https?://\S+)", path.read_text(), re.M)
    return [uri for uri in found if uri.rstrip("/").endswith("/debian")]


def _os_release():
    try:
        return Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return []


class Apt:
    """apt with a state of its own: reads one suite, installs nothing, and checks signatures."""

    def __init__(self, work, mirror):
        self.work = work
        self.mirror = mirror
        (work / "state" / "lists" / "partial").mkdir(parents=True)
        (work / "cache" / "archives" / "partial").mkdir(parents=True)
        (work / "debs").mkdir()
        source = work / "sources.list"
        source.write_text(
            "".join(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in SUITES)
        )
        self.options = [
            option
            for pair in {
                "Dir::Etc::SourceList": source,
                "Dir::Etc::SourceParts": "/dev/null",
                "Dir::Etc::Preferences": "/dev/null",
                "Dir::Etc::PreferencesParts": "/dev/null",
                "Dir::State": work / "state",
                "Dir::State::Lists": work / "state" / "lists",
                "Dir::Cache": work / "cache",
                "APT::Sandbox::User": "",
                "Acquire::Languages": "none",
                "Acquire::Retries": "3",
                "Acquire::http::Timeout": "60",
            }.items()
            for option in ("-o", f"{pair[0]}={pair[1]}")
        ]

    def update(self):
        say(f"Reading Debian's package list ({SUITE}) ...")
        done = self._run("apt-get", "update", "-q")
        if done.returncode or "Failed to fetch" in done.stdout + done.stderr:
            raise Stop(
                f"Debian's package list could not be read from {self.mirror} (is there a network?):"
                f" {_first_problem(done)}"
            )

    def candidate(self, package):
        """Version and size of the package in the suite."""
        shown = self._run("apt-cache", "show", "--no-all-versions", package).stdout
        fields = dict(re.findall(r"^(Version|Size): (\S+)$", shown, re.MULTILINE))
        if "Version" not in fields:
            raise Stop(
                f"Debian's {SUITE} has no package {package} today: set ODOO_HOME to an Odoo "
                f"{SERIES} source checkout."
            )
        return fields["Version"], int(fields["Size"])

    def download(self, package, version=None, size=None):
        progress = Progress(f"Downloading Odoo {version} ({size >> 20} MB)", size) if size else None
        wanted = f"{package}={version}" if version else package
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(progress, over))
        watcher.start()
        try:
            done = self._run("apt-get", "download", "-q", wanted)
        finally:
            over.set()
            watcher.join()
        debs = list((self.work / "debs").glob(f"{package.partition('/')[0]}_*.deb"))
        if done.returncode or not debs:
            raise Stop(f"{package} could not be downloaded: {_first_problem(done)}")
        if progress:
            progress.end()
        return debs[0]

    def _watch(self, progress, over):
        while progress and not over.wait(0.5):
            files = [path for path in self.work.rglob("odoo-*") if path.is_file()]
            progress.at(max((path.stat().st_size for path in files), default=0))

    def _run(self, program, *arguments):
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [program, *self.options, *arguments],
            cwd=self.work / "debs",
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            check=False,
        )


def _first_problem(done):
    lines = (done.stderr + done.stdout).splitlines()
    problems = [line[3:] for line in lines if line.startswith(("E: ", "W: "))]
    return (problems or ["apt gave no reason"])[0]


def _unpack(deb, root, title=None):
    """Unpack a package below `root`, showing the progress when it has a title."""
    root.mkdir(exist_ok=True)
    size = subprocess.run(
        ["dpkg-deb", "-f", str(deb), "Installed-Size"], capture_output=True, text=True, check=False
    ).stdout.strip()
    progress = Progress(title, int(size or 0) * 1024) if title else None
    with (
        subprocess.Popen(
            ["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE
        ) as reader,
        subprocess.Popen(
            ["tar", "-x", "--no-same-owner", "-C", str(root)], stdin=subprocess.PIPE
        ) as writer,
    ):
        done = 0
        with contextlib.suppress(BrokenPipeError):  # tar ended before its time: see below
            while block := reader.stdout.read(1 << 20):
                writer.stdin.write(block)
                done += len(block)
                if progress:
                    progress.at(done)
            writer.stdin.close()
        reader.stdout.close()
        if reader.wait() or writer.wait():
            raise Stop(f"{deb.name} could not be unpacked (is the disk full?).")
    if progress:
        progress.end()
