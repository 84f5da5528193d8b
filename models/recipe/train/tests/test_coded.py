"""Matrices in four bits: as files hold them, as a bundle gives them back, and rounded by what code makes of them."""

import json
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

from models.recipe.train.architecture import TINY, Architecture
from models.recipe.train.bundle_network import BundleNetwork
from models.recipe.train.bundle_weights import checked_vocabulary, read_bundle, unfolded
from models.recipe.train.calibrated_rounding import (
    by_feedback,
    by_moments,
    by_range,
    grid_around_zero,
    grid_with_offset,
)
from models.recipe.train.coded_matrix import CodedMatrix
from models.recipe.train.decoder import Decoder
from models.recipe.train.gguf_weights import Vocabulary, WeightsError
from models.recipe.train.quantise import input_moments, products
from models.recipe.train.token_rows import Rows

SHIPPED = Path("models/smollm2-135m")


def some_matrix() -> CodedMatrix:
    chance = torch.Generator().manual_seed(3)
    codes = torch.randint(0, 16, (6, 64), generator=chance).to(torch.uint8)
    scales, lows = (torch.randn(6, 2, generator=chance).half() for _ in range(2))
    return CodedMatrix(codes, scales, lows)


def test_packed_matrices_are_read_by_the_file_format_s_own_library() -> None:
    matrix = some_matrix()
    read = gguf.quants.dequantize(matrix.packed(), gguf.GGMLQuantizationType.Q4_1)
    assert np.array_equal(read, matrix.values().numpy())


def test_a_folded_product_gives_back_its_values() -> None:
    """Folded by hand: a row of 64 values in two blocks, and one of 32 columns with a block's rest each."""
    chance = np.random.default_rng(4)
    codes, zeros = chance.integers(0, 16, (2, 96), dtype=np.uint8), np.array([[3, 9, 8], [12, 0, 8]], np.uint8)
    scales = chance.normal(size=(2, 3)).astype(np.float16)
    pairs = lambda numbers: numbers[:, ::2] | numbers[:, 1::2] << 4
    matrix = unfolded(
        pairs(codes).reshape(2, 3, 16), scales.ravel(), pairs(np.pad(zeros, ((0, 0), (0, 1)))).ravel(), columns=64
    )
    x = chance.normal(size=64)
    behind = np.concatenate((x, x[:32].sum(keepdims=True), x[32:].sum(keepdims=True), np.zeros(30)))
    wide = (codes.astype(float) - np.repeat(zeros, 32, axis=1)) * np.repeat(scales.astype(float), 32, axis=1)
    np.testing.assert_allclose(matrix.values().numpy() @ x, wide @ behind, atol=0.02)


def test_the_shipped_bundle_is_read_back_as_it_computes() -> None:
    shape = json.loads((SHIPPED / "bundle.json").read_text())["architecture"]
    names = {
        "key_value_heads": "keyValueHeads", "head_size": "headSize", "feed_forward": "feedForward",
        "rope_base": "ropeBase", "norm_epsilon": "normEpsilon",
    }
    fields = ("layers", "hidden", "heads", *names, "vocabulary", "context")
    decoder = Decoder(Architecture(**{field: shape[names.get(field, field)] for field in fields}))
    assert len(read_bundle(SHIPPED, decoder)) == 7 * shape["layers"]
    tokens = list(range(1000, 1012))
    network = BundleNetwork(SHIPPED).logits_at_exits(tokens, chunk=5)
    ids = torch.tensor([tokens])
    with torch.no_grad():
        hidden = decoder(ids, torch.ones_like(ids), tuple(network))
        for layer, theirs in network.items():
            ours = decoder.logits(hidden[layer][0], layer).numpy()
            # The bundle rounds what goes into its products to eight bits.
            assert np.linalg.norm(ours - theirs) < 0.05 * np.linalg.norm(ours), layer


def test_a_bundle_of_other_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text('{"weights": "fp32"}')
    with pytest.raises(WeightsError, match="only q4-folded"):
        read_bundle(tmp_path, Decoder(TINY))


def test_a_bundle_of_another_tokenizer_is_refused(tmp_path: Path) -> None:
    tokenizer = {"added_tokens": [{"content": "<end>", "id": 0}], "model": {"vocab": {"a": 1, "b": 2}}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    words = lambda *tokens: Vocabulary(tokens, (1,) * len(tokens), (), "gpt-2", 0)
    assert checked_vocabulary(tmp_path, words("<end>", "a", "b")) == words("<end>", "a", "b")
    with pytest.raises(WeightsError, match="are not those of the weights"):
        checked_vocabulary(tmp_path, words("<end>", "b", "a"))


@pytest.mark.parametrize("choose", [grid_with_offset, grid_around_zero])
def test_calibrated_rounding_moves_products_less_than_the_nearest(choose) -> None:
    chance = torch.Generator().manual_seed(5)
    # Inputs of a network hang together, and some are far larger than others.
    mixing = torch.randn(16, 64, generator=chance) * torch.logspace(-1, 1, 64).unsqueeze(0)
    inputs = torch.randn(2000, 16, generator=chance) @ mixing + 0.1 * torch.randn(2000, 64, generator=chance)
    weight = torch.randn(24, 64, generator=chance)
    moments = inputs.T @ inputs / len(inputs)
    moved = [
        ((inputs @ (one.values() - weight).T).square().mean() / (inputs @ weight.T).square().mean()).item()
        for one in (by_range(weight, choose), by_moments(weight, moments, choose), by_feedback(weight, moments, choose))
    ]
    assert moved[1] < 0.95 * moved[0]
    assert moved[2] < 0.8 * moved[1]


def test_what_lies_on_the_grid_stays() -> None:
    weight = some_matrix()
    # Blocks that use their first code and their last, as those do that a file was once rounded to.
    weight.codes[:, ::32], weight.codes[:, 1::32] = 0, 15
    values = weight.values()
    moments = torch.eye(64)
    for again in (by_moments(values, moments, grid_with_offset), by_feedback(values, moments, grid_with_offset)):
        torch.testing.assert_close(again.values(), values, atol=0.02, rtol=0)


def test_moments_are_those_of_filled_positions_alone() -> None:
    torch.manual_seed(0)
    decoder = Decoder(TINY)
    tokens = np.arange(8, 20, dtype=np.uint16).reshape(1, 12)
    parts = np.array([[1] * 8 + [0] * 4], np.uint8)
    moments = input_moments(decoder, Rows((tokens,), (parts,), (0, 1), 12, {}), 5)
    assert set(moments) == {f"{name}.weight" for name, _ in products(decoder)}
    x = decoder.blk[0].attn_norm(decoder.token_embd(torch.from_numpy(tokens[:, :8].astype(np.int64))))[0]
    torch.testing.assert_close(moments["blk.0.attn_q.weight"], (x.T @ x / 8).detach())
    assert moments["blk.0.attn_v.weight"] is moments["blk.0.attn_q.weight"]
