"""Shards of text: zstd-compressed lines of JSON, one document a line, with a manifest of sizes and checksums."""

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

FORMAT = "candor-corpus"
VERSION = 1
SHARD_BYTES = 32_000_000
LEVEL = 12


class ShardError(Exception):
    """A shard or its manifest cannot be used; the message names the file and the remedy."""


REMEDY = "Build the corpus again: python -m models.recipe.corpus.build."


@dataclasses.dataclass(frozen=True)
class Document:
    """A source file of the corpus. `path` is as the package's authors see it."""

    package: str
    path: str
    language: str
    text: str


def write_shards(splits: dict[str, Iterable[Document]], folder: Path, about: dict[str, object]) -> None:
    """Writes all splits into a new folder, which takes the place of `folder` only when it is whole."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    entries = [entry for split, documents in splits.items() for entry in write_split(split, documents, temporary)]
    manifest = {"format": FORMAT, "version": VERSION, **about, "shards": entries}
    (temporary / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def write_split(split: str, documents: Iterable[Document], folder: Path) -> Iterator[dict[str, object]]:
    """Writes the shards of one split and gives their entries in the manifest."""
    lines: list[bytes] = []
    size = number = 0

    def flush() -> dict[str, object]:
        file = f"{split}-{number:03}.jsonl.zst"
        packed = zstandard.ZstdCompressor(level=LEVEL).compress(b"".join(lines))
        (folder / file).write_bytes(packed)
        digest = hashlib.sha256(packed).hexdigest()
        return {"file": file, "split": split, "documents": len(lines), "bytes": len(packed), "sha256": digest}

    for document in documents:
        line = json.dumps(dataclasses.asdict(document), ensure_ascii=False).encode() + b"\n"
        lines.append(line)
        size += len(line)
        if SHARD_BYTES <= size:
            yield flush()
            lines, size, number = [], 0, number + 1
    if lines:
        yield flush()


def read_manifest(folder: Path) -> dict[str, object]:
    """The manifest of a folder of shards. Raises ShardError."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ShardError(f"{path} is missing. {REMEDY}") from None
    except ValueError:
        raise ShardError(f"{path} is not JSON; it may be cut off. {REMEDY}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
        raise ShardError(f"{path} is not a manifest of format {FORMAT}, version {VERSION}. {REMEDY}")
    return manifest


def read_documents(folder: Path, split: str) -> Iterator[Document]:
    """The documents of a split, each shard checked before its first document is given. Raises ShardError."""
    for entry in read_manifest(folder)["shards"]:
        if entry["split"] == split:
            yield from read_shard(folder / entry["file"], entry["sha256"], entry["documents"])


def read_shard(path: Path, sha256: str, documents: int) -> list[Document]:
    """One shard. Raises ShardError when it is missing, cut off or changed."""
    try:
        packed = path.read_bytes()
    except FileNotFoundError:
        raise ShardError(f"The shard {path} is missing. {REMEDY}") from None
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise ShardError(f"The shard {path} is cut off or changed (SHA-256 differs). {REMEDY}")
    lines = zstandard.ZstdDecompressor().stream_reader(packed).read().splitlines()
    if len(lines) != documents:
        raise ShardError(f"The shard {path} holds {len(lines)} documents instead of {documents}. {REMEDY}")
    return [Document(**json.loads(line)) for line in lines]
