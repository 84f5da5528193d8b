"""The stage `python -m models.recipe.corpus.card`: writes the data card into docs/model.md, between its two marks."""

import collections
import sys
from pathlib import Path

from models.recipe.corpus.build import MOST_BYTES, TEXT
from models.recipe.corpus.near_duplicates import SAME, SAME_AS_REFERENCE
from models.recipe.corpus.packages import SPLITS, read_packages
from models.recipe.corpus.shards import ShardError, read_manifest

PAGE = Path("docs/model.md")
BEGIN, END = "<!-- data card: begin -->", "<!-- data card: end -->"


def main() -> int:
    try:
        manifest = read_manifest(TEXT)
    except ShardError as error:
        print(error, file=sys.stderr)
        return 1
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        print(f"{PAGE} has no lines {BEGIN} and {END}; put them where the card should stand.", file=sys.stderr)
        return 1
    PAGE.write_text(f"{before}{BEGIN}\n\n{card(manifest)}\n{END}{after}", encoding="utf-8")
    return 0


def card(manifest: dict[str, object]) -> str:
    """The card as Markdown."""
    packages = read_packages()
    totals, left_out = manifest["totals"], manifest["left_out"]
    licences = collections.Counter(package.licence for package in packages)
    languages = sorted({name.split(".")[1] for name in totals if name.endswith(".bytes")})
    sizes = [
        f"| {language} | " + " | ".join(megabytes(totals.get(f"{split}.{language}.bytes", 0)) for split in SPLITS) + " |"
        for language in languages
    ]
    whole = [sum(totals.get(f"{split}.{language}.bytes", 0) for language in languages) for split in SPLITS]
    counts = [sum(package.split == split for package in packages) for split in SPLITS]
    later = [f"{one.name} ({one.split}, {megabytes(one.bytes)} MB)" for one in packages if not one.shipped]
    return "\n".join(
        [
            f"{len(packages)} packages from the npm registry and PyPI, chosen by hand, each at one version; "
            "[packages.tsv](../models/recipe/corpus/packages.tsv) lists name, version, licence, split, checksum of the "
            "archive, and what was kept. Written by `python -m models.recipe.corpus.card`.",
            "",
            *since_shipped(len(packages), later),
            f"Licences: {', '.join(f'{name} ({count})' for name, count in licences.most_common())}. Each is compared "
            "with what the archive declares about itself. Notices stay in the packages; no text of them is in this "
            "repository.",
            "",
            "Megabytes of text after filtering:",
            "",
            f"| language | {' | '.join(SPLITS)} |",
            f"| --- |{' --: |' * len(SPLITS)}",
            *sizes,
            f"| **all** | {' | '.join(map(megabytes, whole))} |",
            f"| packages | {' | '.join(map(str, counts))} |",
            "",
            "Splits are by package and fixed in the list. Held-out splits are read first, so of two files that are "
            f"nearly the same (estimated Jaccard similarity of 5-word shingles from {SAME}) the one in training is left "
            f"out; files that resemble the corpus of the reference results (from {SAME_AS_REFERENCE}) are left out of "
            f"every split. No package gives more than {MOST_BYTES / 1e6:.0f} MB.",
            "",
            "Files left out, by reason:",
            "",
            "| reason | files |",
            "| --- | --: |",
            *(f"| {reason} | {count} |" for reason, count in sorted(left_out.items(), key=lambda one: -one[1])),
            "",
            f"E-mail addresses replaced by a stand-in: {totals.get('addresses replaced', 0)}. Not filtered: names of "
            "people in comments and licence headers, and whatever patterns for secrets do not know.",
            "",
        ]
    )


def since_shipped(count: int, later: list[str]) -> list[str]:
    """What of the list the model that ships has not seen, as a paragraph; nothing where that is nothing."""
    if not later:
        return []
    return [
        f"**The model that ships, and its table of n-grams, were made when {count - len(later)} of them were listed.** "
        f"Came later, and will count in the next training (column `shipped`): {', '.join(later)}.",
        "",
    ]


def megabytes(size: int) -> str:
    return f"{size / 1e6:.2f}" if size > 0 else "–"


if __name__ == "__main__":
    sys.exit(main())
