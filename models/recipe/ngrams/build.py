"""The stage `python -m models.recipe.ngrams.build`: n-grams of the training packages, for superposed drafts."""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from models.recipe.corpus.build import TEXT
from models.recipe.corpus.shards import ShardError, read_documents
from models.recipe.ngrams.bundle_file import add_table
from models.recipe.ngrams.counts import Counted, count_order
from models.recipe.ngrams.table import packed_table

BUNDLE = Path("models/smollm2-135m")
ORDERS = range(2, 7)
# Stands between documents; no n-gram may contain it.
GAP = np.uint32(0xFFFFFFFF)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, default=TEXT)
    parser.add_argument("--bundle", type=Path, default=BUNDLE, help="the bundle whose tokens count, and which is added to")
    parser.add_argument("--entries", type=int, default=1_000_000, help="n-grams kept")
    parser.add_argument("--least", type=int, default=5, help="an n-gram that is rarer is noise")
    parser.add_argument("--megabytes", type=float, help="only so much of the text, spread over all of it")
    options = parser.parse_args()
    started = time.monotonic()
    try:
        texts = chosen_texts(options.text, options.megabytes)
    except ShardError as error:
        print(error, file=sys.stderr)
        return 1
    encoder = Tokenizer.from_file(str(options.bundle / "tokenizer.json"))
    tokens = token_stream(texts, encoder)
    print(f"{len(texts)} documents, {len(tokens)} tokens, {time.monotonic() - started:.0f} s", file=sys.stderr)
    orders: list[Counted] = []
    for order in ORDERS:
        orders.append(count_order(tokens, order, options.least, GAP, orders[-1] if orders else None))
        print(f"{order}: {len(orders[-1].keys)} kept by count, {time.monotonic() - started:.0f} s", file=sys.stderr)
    table, kept = packed_table(orders, options.entries)
    about = (
        f"Counted by models/recipe/ngrams over {len(texts)} files ({len(tokens)} tokens) of the training packages in "
        "models/recipe/corpus/packages.tsv."
    )
    add_table(options.bundle, table, about)
    print(json.dumps({"documents": len(texts), "tokens": len(tokens), "kept": kept}))
    return 0


def chosen_texts(folder: Path, megabytes: float | None) -> list[str]:
    """Texts of the training split alone: all, or every nth so that they have about so many megabytes."""
    texts = [document.text for document in read_documents(folder, "train")]
    if megabytes is None:
        return texts
    every = max(1, round(sum(map(len, texts)) / (megabytes * 1e6)))
    return texts[::every]


def token_stream(texts: list[str], encoder: Tokenizer) -> np.ndarray:
    """All texts as one array of ids with gaps between them."""
    parts: list[np.ndarray] = []
    for start in range(0, len(texts), 256):
        for encoding in encoder.encode_batch_fast(texts[start : start + 256], add_special_tokens=False):
            parts += [np.asarray(encoding.ids, dtype=np.uint32), np.asarray([GAP])]
    return np.concatenate(parts)


if __name__ == "__main__":
    sys.exit(main())
