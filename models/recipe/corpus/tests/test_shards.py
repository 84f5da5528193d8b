"""Near-duplicates are found, and shards give back what they hold."""

from pathlib import Path

import pytest

from models.recipe.corpus.near_duplicates import Seen, signature
from models.recipe.corpus.shards import Document, ShardError, read_documents, write_shards
from models.recipe.corpus.tests.sample_code import CODE


def test_near_duplicates() -> None:
    seen = Seen()
    seen.add("first", signature(CODE))
    changed = CODE.replace("gamma", "sigma").replace("    return", "\treturn")
    assert seen.find(signature(changed)) == "first"
    assert seen.find(signature("\n".join(reversed(CODE.split())))) is None


def test_shards_give_back_what_they_hold_and_name_what_is_damaged(tmp_path: Path) -> None:
    documents = [Document("p", f"{number}.py", "python", CODE + "é") for number in range(5)]
    write_shards({"train": iter(documents), "test": iter(documents[:1])}, tmp_path / "text", {})
    assert list(read_documents(tmp_path / "text", "train")) == documents
    shard = tmp_path / "text/train-000.jsonl.zst"
    content = shard.read_bytes()
    shard.write_bytes(content[:-20])
    with pytest.raises(ShardError, match="train-000.jsonl.zst is cut off or changed"):
        list(read_documents(tmp_path / "text", "train"))
    (tmp_path / "text/manifest.json").write_text("{")
    with pytest.raises(ShardError, match="manifest.json is not JSON"):
        list(read_documents(tmp_path / "text", "train"))
