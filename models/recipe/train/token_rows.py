"""Packed rows on disk: arrays of token ids with part numbers, and a manifest that says what they were made with."""

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

# Where `prepare` puts them.
ROWS = Path(".cache/recipe/rows")
FORMAT = "candor-rows"
VERSION = 1
# 8,192 rows of 2,048 tokens are 32 MB of ids and 16 MB of parts.
SHARD_TOKENS = 1 << 24
REMEDY = "Prepare the rows again: python -m models.recipe.train.prepare."


class RowsError(Exception):
    """Prepared rows cannot be used; the message names the file and the remedy."""


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows of one split: `tokens` uint16 [rows, length] and `parts` uint8 [rows, length], read as they are needed."""

    tokens: tuple[np.ndarray, ...]
    parts: tuple[np.ndarray, ...]
    starts: tuple[int, ...]
    length: int
    about: dict[str, object]

    def __len__(self) -> int:
        return self.starts[-1]

    def batch(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows by number, as int64 arrays [len(indices), length]."""
        shards = np.searchsorted(self.starts, indices, side="right") - 1
        pick = lambda arrays: np.stack(
            [arrays[shard][index - self.starts[shard]] for shard, index in zip(shards, indices, strict=True)]
        ).astype(np.int64)
        return pick(self.tokens), pick(self.parts)


def write_rows(
    rows: Iterable[tuple[np.ndarray, np.ndarray]], folder: Path, length: int, about: dict[str, object]
) -> int:
    """Writes rows into a folder, which takes the place of an old one only when it is whole. Gives their number."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    entries: list[dict[str, object]] = []
    waiting: list[tuple[np.ndarray, np.ndarray]] = []

    def flush() -> None:
        if not waiting:
            return
        entry: dict[str, object] = {"rows": len(waiting)}
        for name, column in (("tokens", 0), ("parts", 1)):
            file = temporary / f"{name}-{len(entries):03}.npy"
            np.save(file, np.stack([row[column] for row in waiting]))
            entry[name] = file.name
            entry[f"{name}_sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        entries.append(entry)
        waiting.clear()

    for row in rows:
        waiting.append(row)
        if SHARD_TOKENS <= len(waiting) * length:
            flush()
    flush()
    manifest = {"format": FORMAT, "version": VERSION, "length": length, **about, "shards": entries}
    (temporary / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
    return sum(int(str(entry["rows"])) for entry in entries)


def read_rows(folder: Path, vocabulary_digest: str, verify: bool = True) -> Rows:
    """The rows of a folder. Raises RowsError when they are damaged or were made for another vocabulary."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RowsError(f"{path} is missing. {REMEDY}") from None
    except ValueError:
        raise RowsError(f"{path} is not JSON; it may be cut off. {REMEDY}") from None
    if manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
        raise RowsError(f"{path} is not a manifest of format {FORMAT}, version {VERSION}. {REMEDY}")
    if manifest["vocabulary"] != vocabulary_digest:
        raise RowsError(
            f"The rows in {folder} were made for the vocabulary {manifest['vocabulary']}, but the weights have "
            f"{vocabulary_digest}. {REMEDY}"
        )
    entries = manifest["shards"]
    if not entries:
        raise RowsError(f"{folder} holds no rows. {REMEDY}")
    arrays = {
        name: tuple(open_array(folder, entry, name, manifest["length"], verify) for entry in entries)
        for name in ("tokens", "parts")
    }
    starts = np.cumsum([0, *(entry["rows"] for entry in entries)])
    return Rows(arrays["tokens"], arrays["parts"], tuple(int(one) for one in starts), manifest["length"], manifest)


def joined(parts: list[Rows]) -> Rows:
    """Rows of several folders, one after another, described by the first. They must be equally long."""
    lengths = {one.length for one in parts}
    if len(lengths) != 1:
        raise RowsError(f"Rows of different lengths cannot be trained on together: {sorted(lengths)}. {REMEDY}")
    counts = [end - start for one in parts for start, end in zip(one.starts, one.starts[1:], strict=False)]
    starts = tuple(int(one) for one in np.cumsum([0, *counts]))
    tokens, ids = (tuple(array for one in parts for array in getattr(one, name)) for name in ("tokens", "parts"))
    return Rows(tokens, ids, starts, parts[0].length, parts[0].about)


def rows_of_step(count: int, step: int, batch: int, seed: int) -> np.ndarray:
    """Numbers of the rows of a step: each pass over the rows has an order of its own, drawn from seed and pass."""
    numbers = np.arange(step * batch, (step + 1) * batch)
    orders = {turn: np.random.default_rng((seed, int(turn))).permutation(count) for turn in np.unique(numbers // count)}
    return np.array([orders[number // count][number % count] for number in numbers])


def open_array(folder: Path, entry: dict[str, object], name: str, length: int, verify: bool) -> np.ndarray:
    """One array, left on disk until it is read."""
    path = folder / str(entry[name])
    if not path.is_file():
        raise RowsError(f"The shard {path} is missing. {REMEDY}")
    if verify:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != entry[f"{name}_sha256"]:
                raise RowsError(f"The shard {path} is cut off or changed (SHA-256 differs). {REMEDY}")
    array = np.load(path, mmap_mode="r")
    if array.shape != (entry["rows"], length):
        raise RowsError(f"The shard {path} has the shape {array.shape} instead of {(entry['rows'], length)}. {REMEDY}")
    return array
