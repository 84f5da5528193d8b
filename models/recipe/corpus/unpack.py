"""The stage `python -m models.recipe.corpus.unpack SPLIT FOLDER`: the code of one split as plain files, by package."""

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from models.recipe.corpus.archives import ArchiveError, check_archive, fetch_archive, read_files
from models.recipe.corpus.languages import language_of
from models.recipe.corpus.licences import check_licence
from models.recipe.corpus.packages import SPLITS, Package, read_packages
from models.recipe.corpus.private_text import holds_secret, without_addresses
from models.recipe.corpus.worth_reading import PROSE, fault_of_path, fault_of_text


def code_of(package: Package, archive: Path) -> Iterator[tuple[str, str]]:
    """Paths and texts of the files that a person wrote, by the filters of `build`."""

    def wanted(path: str) -> bool:
        inside = any(folder == "." or path.startswith(f"{folder}/") for folder in package.folders)
        return inside and language_of(path) not in PROSE | {None} and fault_of_path(path) is None

    for path, content in read_files(archive, wanted):
        try:
            text = content.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
        language = language_of(path)
        assert language is not None
        if fault_of_text(text, language) is None and not holds_secret(text):
            yield path, without_addresses(text)[0]


def unpack(package: Package, folder: Path) -> int:
    """Fetches and checks one package and writes its files; the folder takes its place only when it is whole."""
    archive = fetch_archive(package)
    check_archive(package, archive)
    check_licence(package, archive)
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    files = 0
    for path, text in code_of(package, archive):
        target = temporary / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        files += 1
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", choices=SPLITS)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    for package in (one for one in read_packages() if one.split == options.split):
        folder = options.folder / f"{package.key}-{package.version}"
        if folder.exists():
            continue
        try:
            print(f"{package.key} {package.version}: {unpack(package, folder)} files", file=sys.stderr)
        except ArchiveError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
