"""The stage `python -m models.recipe.train.prepare`: from text shards to packed rows of tokens, split by split."""

import argparse
import collections
import dataclasses
import functools
import itertools
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from models.recipe.corpus.build import TEXT
from models.recipe.corpus.packages import SPLITS
from models.recipe.corpus.shards import Document, ShardError, read_documents, read_manifest
from models.recipe.train.examples import Mix, examples_of
from models.recipe.train.gguf_weights import GgufFile, Vocabulary, WeightsError
from models.recipe.train.packing import pack_rows
from models.recipe.train.token_rows import ROWS, write_rows
from models.recipe.train.tokenizer import TextEncoder
from models.recipe.train.vocabulary_markup import with_infilling

# Where models/recipe/fetch_weights.py puts the published weights.
WEIGHTS = Path(".cache/weights/SmolLM2-135M-Instruct.Q4_1.gguf")
# Examples are shuffled within a window of so many, so that neighbours in a row come from different files.
SHUFFLED = 20_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("splits", nargs="*", default=["train", "validation"], help=" | ".join(SPLITS))
    parser.add_argument("--text", type=Path, default=TEXT)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the GGUF file whose vocabulary counts")
    parser.add_argument("--output", type=Path, default=ROWS)
    parser.add_argument("--length", type=int, default=2048, help="tokens of a row")
    parser.add_argument("--longest", type=int, default=1152, help="tokens of the longest example")
    parser.add_argument("--passes", type=int, default=1, help="passes over the text, each with other spans")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--documents", type=int, help="only so many documents of each split, drawn by the seed")
    parser.add_argument("--language", action="append", help="only these languages")
    parser.add_argument("--causal", type=float, default=Mix.causal, help="share of plain text")
    parser.add_argument("--suffix-first", type=float, default=Mix.suffix_first, help="share among infilling")
    options = parser.parse_args()
    mix = Mix(causal=options.causal, suffix_first=options.suffix_first)
    if not set(options.splits) <= set(SPLITS):
        parser.error(f"the splits are {', '.join(SPLITS)}")
    if options.length < options.longest:
        parser.error("a row must hold the longest example")
    try:
        vocabulary = with_infilling(GgufFile(options.weights).vocabulary())
        encoder = encoder_of(vocabulary)
        corpus = read_manifest(options.text)
        for split in options.splits:
            documents = chosen_documents(options.text, split, options)
            counts: collections.Counter[str] = collections.Counter()
            started = time.monotonic()
            examples = counted(shuffled(all_examples(documents, encoder, mix, options), options.seed), counts)
            about = {
                "split": split,
                "vocabulary": vocabulary.digest,
                "corpus": corpus["list_sha256"],
                "mix": dataclasses.asdict(mix),
                "settings": {
                    name: getattr(options, name) for name in ("longest", "passes", "seed", "documents", "language")
                },
                "counts": counts,
            }
            rows = write_rows(pack_rows(examples, options.length), options.output / split, options.length, about)
            tokens = counts["tokens"]
            filled = tokens / max(1, rows * options.length)
            print(
                f"{split}: {len(documents)} documents, {rows} rows of {options.length}, {tokens} tokens "
                f"({filled:.1%} filled), {time.monotonic() - started:.0f} s"
            )
            print(json.dumps(dict(sorted(counts.items()))))
    except (ShardError, WeightsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def chosen_documents(text: Path, split: str, options: argparse.Namespace) -> list[Document]:
    """The documents of a split in their order, or those that the seed draws."""
    documents = [
        document
        for document in read_documents(text, split)
        if options.language is None or document.language in options.language
    ]
    if options.documents is None or len(documents) <= options.documents:
        return documents
    kept = random.Random(options.seed).sample(range(len(documents)), options.documents)
    return [documents[index] for index in sorted(kept)]


def all_examples(
    documents: list[Document], encoder: TextEncoder, mix: Mix, options: argparse.Namespace
) -> Iterator[tuple[str, list[int]]]:
    """Examples of all documents with what they are, pass after pass, package after package."""
    packages = [list(group) for _, group in itertools.groupby(documents, key=lambda document: document.package)]
    work = [(siblings, f"{options.seed}/{number}") for number in range(options.passes) for siblings in packages]
    made = functools.partial(examples_of_package, encoder.vocabulary, mix, options.longest)
    if options.workers == 1:
        yield from itertools.chain.from_iterable(map(made, work))
        return
    # Results come in the order of the work, so the number of workers changes nothing but the time.
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        yield from itertools.chain.from_iterable(pool.imap(made, work))


def examples_of_package(
    vocabulary: Vocabulary, mix: Mix, longest: int, work: tuple[list[Document], str]
) -> list[tuple[str, list[int]]]:
    siblings, seed = work
    encoder = encoder_of(vocabulary)
    return [
        (f"{document.language}, {example.order}, {example.kind or 'text'}", example.tokens)
        for document in siblings
        for example in examples_of(document, siblings, encoder, mix, longest, seed)
    ]


@functools.lru_cache(maxsize=1)
def encoder_of(vocabulary: Vocabulary) -> TextEncoder:
    """One encoder for each process: it takes a second to make."""
    return TextEncoder(vocabulary)


def shuffled(examples: Iterator[tuple[str, list[int]]], seed: int) -> Iterator[tuple[str, list[int]]]:
    """Examples in another order, drawn from a window that moves along."""
    chance = random.Random(seed)
    window: list[tuple[str, list[int]]] = []
    for example in examples:
        window.append(example)
        if len(window) < SHUFFLED:
            continue
        place = chance.randrange(len(window))
        window[place], window[-1] = window[-1], window[place]
        yield window.pop()
    chance.shuffle(window)
    yield from window


def counted(examples: Iterator[tuple[str, list[int]]], counts: collections.Counter[str]) -> Iterator[list[int]]:
    for what, tokens in examples:
        language, order, kind = what.split(", ")
        counts["examples"] += 1
        counts["tokens"] += len(tokens)
        counts[f"tokens in {language}"] += len(tokens)
        counts[f"examples with {order}"] += 1
        counts[f"examples of {kind}"] += 1
        yield tokens


if __name__ == "__main__":
    sys.exit(main())
