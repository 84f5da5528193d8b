"""Adds the table to a bundle that lies on disk, so that the bundle is whole at every step (models/exits/add-to-bundle.ts)."""

import hashlib
import json
import os
from pathlib import Path

FILE = "ngrams.bin"


def add_table(bundle: Path, table: bytes, about: str) -> None:
    """
    Writes the table, names it in bundle.json with its size, its checksum and where it comes from, and takes the
    earlier one away. Another table than the one that lies there is called by its content, so a crash at any time
    leaves a bundle that works as before or as after.
    """
    path = bundle / "bundle.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    digest = hashlib.sha256(table).hexdigest()
    earlier = description.get("ngrams", {}).get("file")
    listed = {entry["file"]: entry["sha256"] for entry in description["files"]}
    name = FILE if listed.get(FILE, digest) == digest else f"ngrams-{digest[:8]}.bin"
    description["ngrams"] = {"file": name}
    description["provenance"]["ngrams"] = about
    files = [entry for entry in description["files"] if entry["file"] not in (earlier, name)]
    entry = {"file": name, "bytes": len(table), "sha256": digest}
    description["files"] = sorted([*files, entry], key=lambda one: one["file"])
    replace(bundle / name, table)
    replace(path, (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode())
    if earlier not in (None, name):
        (bundle / earlier).unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Whoever reads meanwhile sees the old file or the new one, whole."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
