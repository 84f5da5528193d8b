"""The committed list of packages that the corpus is made of: how it is read, written and checked."""

import csv
import dataclasses
import re
from collections.abc import Iterable
from pathlib import Path

LIST = Path(__file__).with_name("packages.tsv")
SPLITS = ("train", "calibration", "validation", "test")
REGISTRIES = ("npm", "pypi")

# Licences that allow use, change and redistribution and ask only for their notice to be kept.
PERMISSIVE = frozenset({"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD"})


class PackageListError(Exception):
    """The list of packages is wrong; the message names the line and the remedy."""


@dataclasses.dataclass(frozen=True)
class Package:
    """One published archive, at one version, in one split."""

    registry: str
    name: str
    version: str
    licence: str
    split: str
    # Folders inside the archive whose files are taken, separated by commas; `.` takes all.
    folders: tuple[str, ...]
    # SHA-256 of the archive; `-` until it was fetched for the first time.
    sha256: str
    # What was kept of it in the corpus; 0 until the corpus was built for the first time.
    files: int
    bytes: int
    # Whether it was in the corpus when the model that ships was trained.
    shipped: bool

    @property
    def key(self) -> str:
        """A name for folders and files: `npm__@scope+name`."""
        return f"{self.registry}__{self.name.replace('/', '+')}"


COLUMNS = tuple(field.name for field in dataclasses.fields(Package))


def read_packages(path: Path = LIST) -> list[Package]:
    """Reads and checks the list. Raises PackageListError."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    packages = [read_row(row, line) for line, row in enumerate(rows, start=2)]
    seen: set[tuple[str, str]] = set()
    for package in packages:
        if (package.registry, package.name) in seen:
            raise PackageListError(f"{path.name} lists {package.name} twice; keep one line.")
        seen.add((package.registry, package.name))
    return packages


def write_packages(packages: Iterable[Package], path: Path = LIST) -> None:
    """Writes the list anew, in order of split, registry and name."""
    ordered = sorted(packages, key=lambda one: (SPLITS.index(one.split), one.registry, one.name))
    lines = ["\t".join(COLUMNS)]
    for one in ordered:
        row = dataclasses.asdict(one) | {"folders": ",".join(one.folders), "shipped": "yes" if one.shipped else "no"}
        lines.append("\t".join(str(row[column]) for column in COLUMNS))
    temporary = path.with_suffix(".tmp")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_row(row: dict[str, str], line: int) -> Package:
    """One line as a package. Raises PackageListError."""
    if set(row) != set(COLUMNS) or None in row.values():
        raise PackageListError(f"Line {line} of the list needs the columns {', '.join(COLUMNS)}.")
    checks = (
        (row["registry"] in REGISTRIES, f"the registry must be one of {', '.join(REGISTRIES)}"),
        (row["split"] in SPLITS, f"the split must be one of {', '.join(SPLITS)}"),
        (
            set(licence_parts(row["licence"])) <= PERMISSIVE,
            f"the licence must be made of {', '.join(sorted(PERMISSIVE))}",
        ),
        (re.fullmatch(r"-|[0-9a-f]{64}", row["sha256"]) is not None, "sha256 must be 64 digits or -"),
        (re.fullmatch(r"[\w.+!-]+", row["version"]) is not None, "the version must be exact"),
        (row["shipped"] in ("yes", "no"), "shipped must be yes or no"),
        (row["files"].isdigit() and row["bytes"].isdigit(), "files and bytes must be numbers"),
    )
    for holds, rule in checks:
        if not holds:
            raise PackageListError(f"Line {line} of the list ({row['name']}): {rule}.")
    numbers = {"files": int(row["files"]), "bytes": int(row["bytes"])}
    others = {"folders": tuple(row["folders"].split(",")), "shipped": row["shipped"] == "yes"}
    return Package(**(row | numbers | others))


def licence_parts(expression: str) -> list[str]:
    """The names in an SPDX expression such as `(MIT OR Apache-2.0)`."""
    return [part for part in re.split(r"[()\s]+|\bOR\b|\bAND\b", expression) if part]
