"""The stage `python -m models.recipe.corpus.fetch`: brings every archive of the list, checked, into the cache."""

import argparse
import dataclasses
import sys

from models.recipe.corpus.archives import ArchiveError, check_archive, fetch_archive, sha256_of
from models.recipe.corpus.licences import check_licence
from models.recipe.corpus.packages import Package, read_packages, write_packages


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write checksums of new packages into the list")
    options = parser.parse_args()
    packages = read_packages()
    recorded: dict[str, Package] = {}
    failures = 0
    for number, package in enumerate(packages, start=1):
        try:
            archive = fetch_archive(package)
            check_archive(package, archive)
            check_licence(package, archive)
        except ArchiveError as error:
            print(error, file=sys.stderr)
            failures += 1
            continue
        recorded[package.key] = dataclasses.replace(package, sha256=sha256_of(archive))
        print(f"{number}/{len(packages)} {package.name} {package.version}")
    if options.record:
        write_packages(recorded.get(package.key, package) for package in packages)
    if failures > 0:
        print(f"{failures} of {len(packages)} packages are missing or wrong.", file=sys.stderr)
    return 1 if failures > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
