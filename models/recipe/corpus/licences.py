"""The licence that a package declares about itself, held against the one in the list."""

import email.parser
import json
import re
from pathlib import Path

from models.recipe.corpus.archives import ArchiveError, read_files
from models.recipe.corpus.packages import Package

# How Python packages spell licences in their metadata, ahead of SPDX expressions.
SPELLINGS = (
    (r"apache(?: software)?(?: license)?[ ,v-]*(?:version )?2(?:\.0)?|apache license", "Apache-2.0"),
    (r"bsd[ -]3|3-clause bsd|new bsd|modified bsd", "BSD-3-Clause"),
    (r"bsd[ -]2|2-clause bsd", "BSD-2-Clause"),
    (r"\bmit\b", "MIT"),
    (r"\bisc\b", "ISC"),
    (r"\bbsd\b", "BSD-3-Clause"),
)


def check_licence(package: Package, archive: Path) -> None:
    """
    Raises ArchiveError when the archive declares another licence than the list: a person must look at it. The list
    may add licences with AND, which an archive that only wraps the work of others does not declare for them.
    """
    declared = declared_licence(package, archive)
    if comparable(declared) not in {comparable(package.licence), *map(comparable, package.licence.split(" AND "))}:
        raise ArchiveError(
            f"{package.name} {package.version} declares the licence {declared!r}, the list says "
            f"{package.licence!r}. Read its licence file and correct the list."
        )


def declared_licence(package: Package, archive: Path) -> str:
    """What `package.json` or the wheel's METADATA says."""
    if package.registry == "npm":
        manifest = json.loads(read_files(archive, lambda path: path == "package.json")[0][1])
        value = manifest.get("license") or manifest.get("licenses") or "nothing"
        return value if isinstance(value, str) else json.dumps(value)
    [(_, text), *_] = read_files(archive, lambda path: path.endswith(".dist-info/METADATA"))
    headers = email.parser.BytesHeaderParser().parsebytes(text)
    if headers.get("License-Expression"):
        return str(headers["License-Expression"])
    classifiers = [one for one in headers.get_all("Classifier", []) if one.startswith("License :: OSI")]
    short = (str(headers.get("License") or "").strip().splitlines() or [""])[0]
    for text_of_licence in (short, *classifiers):
        for pattern, name in SPELLINGS:
            if re.search(pattern, text_of_licence, re.IGNORECASE):
                return name
    return short or "nothing"


def comparable(expression: str) -> str:
    """An expression without brackets and with its alternatives in order."""
    return " OR ".join(sorted(re.split(r"\s+OR\s+", expression.strip("() "))))
