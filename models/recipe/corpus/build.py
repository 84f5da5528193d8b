"""The stage `python -m models.recipe.corpus.build`: from fetched archives to filtered, checked shards of text."""

import argparse
import collections
import dataclasses
import hashlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from models.recipe.corpus.archives import ArchiveError, check_archive, find_archive, read_files
from models.recipe.corpus.languages import language_of
from models.recipe.corpus.near_duplicates import SAME_AS_REFERENCE, Seen, signature
from models.recipe.corpus.packages import SPLITS, Package, read_packages, write_packages
from models.recipe.corpus.private_text import holds_secret, without_addresses
from models.recipe.corpus.shards import Document, write_shards
from models.recipe.corpus.worth_reading import PROSE, fault_of_path, fault_of_text

TEXT = Path(".cache/recipe/text")
# The corpus of the reference results (test/bench/fetch-corpus.mjs): nothing like it may be learnt.
REFERENCE = Path(".cache/corpus")
# No package may dominate; from a larger one files are taken in an order that its hash fixes.
MOST_BYTES = 5_000_000
MOST_PROSE_BYTES = 200_000


class Builder:
    """Filters package after package and counts what is left out, by reason."""

    def __init__(self, reference: Seen) -> None:
        self.reference = reference
        self.seen = Seen()
        self.left_out: collections.Counter[str] = collections.Counter()
        self.kept: dict[str, tuple[int, int]] = {}
        self.totals: collections.Counter[str] = collections.Counter()

    def documents(self, package: Package, archive: Path) -> Iterator[Document]:
        """The documents of a package that pass every filter, in order of path."""
        kept = [document for document in self.within_budget(self.candidates(package, archive), package.split)]
        kept.sort(key=lambda document: document.path)
        size = sum(len(document.text.encode()) for document in kept)
        self.kept[package.key] = (len(kept), size)
        for document in kept:
            self.totals[f"{package.split}.{document.language}.files"] += 1
            self.totals[f"{package.split}.{document.language}.bytes"] += len(document.text.encode())
        return iter(kept)

    def candidates(self, package: Package, archive: Path) -> list[Document]:
        """Documents that the cheap filters pass, in an order without meaning that stays the same."""
        taken = lambda path: language_of(path) is not None and any(
            folder == "." or path.startswith(f"{folder}/") for folder in package.folders
        )
        found: list[Document] = []
        for path, content in read_files(archive, taken):
            fault = fault_of_path(path)
            if fault is None:
                document, fault = self.read(package, path, content)
                if document is not None:
                    found.append(document)
                    continue
            self.left_out[fault] += 1
        return sorted(found, key=lambda one: hashlib.sha256(f"{one.package}/{one.path}".encode()).digest())

    def read(self, package: Package, path: str, content: bytes) -> tuple[Document | None, str]:
        """The document of a file, or the reason for leaving it out."""
        language = language_of(path)
        assert language is not None
        try:
            text = content.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            return None, "not text"
        fault = fault_of_text(text, language)
        if fault is not None:
            return None, fault
        if holds_secret(text):
            return None, "secret"
        text, addresses = without_addresses(text)
        self.totals["addresses replaced"] += addresses
        return Document(package.name, path, language, text), ""

    def within_budget(self, candidates: list[Document], split: str) -> Iterator[Document]:
        """Documents that are new, up to the budget of a package."""
        size = prose = 0
        for document in candidates:
            length = len(document.text.encode())
            is_prose = document.language in PROSE
            if MOST_BYTES < size + length or (is_prose and MOST_PROSE_BYTES < prose + length):
                self.left_out["over the package's budget"] += 1
                continue
            made = signature(document.text)
            like = self.reference.find(made)
            # What the calibration packages of both corpora share is for calibration in both.
            if like is not None and not (split == "calibration" and like.startswith("calibration/")):
                self.left_out["like the reference corpus"] += 1
                continue
            if self.seen.find(made) is not None:
                self.left_out["duplicate"] += 1
                continue
            self.seen.add(f"{document.package}/{document.path}", made)
            size += length
            prose += length if is_prose else 0
            yield document


def read_reference(folder: Path) -> Seen:
    """Signatures of every file of the reference corpus. Raises ArchiveError when it is not there."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and language_of(path.name) is not None]
    if not any(path.is_relative_to(folder / "test") for path in files):
        raise ArchiveError(
            f"The reference corpus is not in {folder}, so copies of it could not be kept out. "
            "Fetch it: node test/bench/fetch-corpus.mjs test validation."
        )
    seen = Seen(SAME_AS_REFERENCE)
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        if fault_of_text(text, "") != "small":
            seen.add(str(path.relative_to(folder)), signature(text))
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=TEXT, help="the folder of shards (default: %(default)s)")
    parser.add_argument("--record", action="store_true", help="write the sizes of what was kept into the list")
    options = parser.parse_args()
    started = time.monotonic()
    packages = read_packages()
    try:
        archives = {package.key: checked_archive(package) for package in packages}
        builder = Builder(read_reference(REFERENCE))
    except ArchiveError as error:
        print(error, file=sys.stderr)
        return 1
    # Held-out splits come first, so that of two like files the one in training is left out.
    splits: dict[str, list[Document]] = {}
    for split in reversed(SPLITS):
        ours = [package for package in packages if package.split == split]
        splits[split] = [document for one in ours for document in builder.documents(one, archives[one.key])]
        print(f"{split}: {len(splits[split])} files, {time.monotonic() - started:.0f} s", file=sys.stderr)
    about = {
        "list_sha256": hashlib.sha256(identity_of_list(packages)).hexdigest(),
        "left_out": dict(sorted(builder.left_out.items())),
        "totals": dict(sorted(builder.totals.items())),
    }
    write_shards({split: iter(splits[split]) for split in SPLITS}, options.output, about)
    if options.record:
        write_packages(
            dataclasses.replace(one, files=builder.kept[one.key][0], bytes=builder.kept[one.key][1])
            for one in packages
        )
    for name, count in {**about["left_out"], **about["totals"]}.items():
        print(f"{name}\t{count}")
    return 0


def checked_archive(package: Package) -> Path:
    """The fetched archive of a package. Raises ArchiveError."""
    archive = find_archive(package)
    if archive is None:
        raise ArchiveError(f"{package.name} {package.version} is not fetched: python -m models.recipe.corpus.fetch.")
    check_archive(package, archive)
    return archive


def identity_of_list(packages: list[Package]) -> bytes:
    """What of the list decides the corpus: everything but the recorded sizes."""
    return "\n".join(f"{one.key} {one.version} {one.sha256} {one.split}" for one in packages).encode()


if __name__ == "__main__":
    sys.exit(main())
