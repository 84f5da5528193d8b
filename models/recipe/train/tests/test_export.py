"""Exported folders: whole, by published names, and read back as they were written."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from models.recipe.train.architecture import TINY
from models.recipe.train.checkpoints import CheckpointError
from models.recipe.train.decoder import Decoder
from models.recipe.train.export import trained_decoder, write_folder
from models.recipe.train.gguf_weights import CONTROL, Vocabulary, WeightsError, read_decoder
from models.recipe.train.markup import END, FILE
from models.recipe.train.vocabulary_markup import RENAMED, with_infilling


def vocabulary() -> Vocabulary:
    controls = (END, FILE, *RENAMED)
    letters = tuple(chr(number) for number in range(33, 33 + TINY.vocabulary - len(controls)))
    kinds = (CONTROL,) * len(controls) + (1,) * len(letters)
    return with_infilling(Vocabulary((*controls, *letters), kinds, ("! !",), "gpt-2", 0))


def test_an_export_holds_the_weights_in_both_forms(tmp_path: Path) -> None:
    torch.manual_seed(0)
    decoder = Decoder(TINY)
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "old").touch()
    write_folder(folder, decoder, vocabulary(), {"general.name": "tiny"}, (2, 4))
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json", "model.gguf", "model.safetensors", "vocabulary.json",
    ]
    again, words = read_decoder(folder / "model.gguf")
    assert words == vocabulary()
    assert all(torch.equal(values, again.state_dict()[name]) for name, values in decoder.state_dict().items())
    published = load_file(folder / "model.safetensors")
    assert len(published) == 9 * TINY.layers + 2
    assert torch.equal(published["model.layers.3.self_attn.k_proj.weight"], decoder.blk[3].attn_k.weight)
    assert torch.equal(published["model.embed_tokens.weight"], decoder.token_embd.weight)
    config = json.loads((folder / "config.json").read_text())
    assert (config["tie_word_embeddings"], config["num_key_value_heads"]) == (True, TINY.key_value_heads)


def test_a_run_without_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="has no checkpoint"):
        trained_decoder(tmp_path / "run", tmp_path / "weights.gguf")


def test_a_missing_or_cut_off_gguf_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="There is no file"):
        read_decoder(tmp_path / "none.gguf")
    write_folder(tmp_path / "export", Decoder(TINY), vocabulary(), {}, (2, 4))
    whole = (tmp_path / "export/model.gguf").read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match="cut.gguf is not a whole GGUF file"):
        read_decoder(cut)
