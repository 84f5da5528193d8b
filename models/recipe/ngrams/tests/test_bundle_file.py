"""A table that is added to a bundle: whole at every step, and taken away when another comes."""

import hashlib
import json
from pathlib import Path

import pytest

from models.recipe.ngrams import bundle_file
from models.recipe.ngrams.bundle_file import add_table


def bundle_at(folder: Path) -> Path:
    description = {"provenance": {"source": "somewhere"}, "files": [{"file": "head.onnx", "bytes": 1, "sha256": "-"}]}
    (folder / "bundle.json").write_text(json.dumps(description))
    return folder


def described(bundle: Path) -> bytes:
    """The table that the bundle names, which lies there as the bundle says."""
    description = json.loads((bundle / "bundle.json").read_text())
    (entry,) = (one for one in description["files"] if one["file"] == description["ngrams"]["file"])
    table = (bundle / entry["file"]).read_bytes()
    assert (entry["bytes"], entry["sha256"]) == (len(table), hashlib.sha256(table).hexdigest())
    return table


def test_a_second_table_takes_the_place_of_the_first(tmp_path: Path) -> None:
    bundle = bundle_at(tmp_path)
    for table in (b"one", b"two", b"two", b"three"):
        add_table(bundle, table, "counted")
        assert described(bundle) == table
        assert len(list(bundle.glob("ngrams*"))) == 1
    assert [one["file"] for one in json.loads((bundle / "bundle.json").read_text())["files"]][0] == "head.onnx"


def test_an_interrupted_step_leaves_the_bundle_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = bundle_at(tmp_path)
    add_table(bundle, b"one", "counted")

    def interrupted(path: Path, content: bytes) -> None:
        if path.name == "bundle.json":
            raise KeyboardInterrupt
        path.write_bytes(content)

    monkeypatch.setattr(bundle_file, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        add_table(bundle, b"two", "counted")
    assert described(bundle) == b"one"
