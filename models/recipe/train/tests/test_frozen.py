"""What is trained while the layers stay as they are: changes of low rank, and what exits have of their own."""

import argparse
from pathlib import Path

import pytest
import torch

from models.recipe.train.architecture import TINY
from models.recipe.train.decoder import Decoder
from models.recipe.train.exit_adapters import Seen, fit, judge
from models.recipe.train.gguf_weights import WeightsError, read_decoder, write_gguf
from models.recipe.train.export import trained_decoder
from models.recipe.train.low_rank import LowRankLinear, add_low_rank, check_low_rank, merge_low_rank
from models.recipe.train.run import freeze, train
from models.recipe.train.tests.test_training import EXITS, options_of, rows_folder, some_tokens, tiny, vocabulary
from models.recipe.train.token_rows import read_rows
from models.recipe.train.vocabulary_markup import RENAMED, with_infilling

ONES = torch.ones(1, 12, dtype=torch.long)


def adapted(folder: Path, rows: Path, **changes: object) -> Decoder:
    """A tiny network trained by low rank in its upper half."""
    words = with_infilling(vocabulary())
    options = options_of(folder, low_rank=4, from_layer=2, **changes)
    decoder = tiny()
    freeze(decoder, words, options)
    sets = [read_rows(rows / split, words.digest) for split in ("train", "validation")]
    train(decoder, words, *sets, torch.device("cpu"), options)
    return decoder


def test_low_rank_starts_as_the_network_it_changes_and_merges_into_its_shape() -> None:
    plain, changed = tiny(), tiny()
    add_low_rank(changed, 4, 1, 1)
    row = some_tokens(1, 12)
    assert torch.equal(plain(row, ONES, (4,))[4], changed(row, ONES, (4,))[4])
    for module in changed.modules():
        if isinstance(module, LowRankLinear):
            module.up.data.normal_(std=0.1, generator=torch.Generator().manual_seed(2))
    before = changed(row, ONES, (4,))[4]
    assert not torch.allclose(plain(row, ONES, (4,))[4], before)
    merge_low_rank(changed)
    assert set(changed.state_dict()) == set(plain.state_dict())
    torch.testing.assert_close(changed(row, ONES, (4,))[4], before)


def test_low_rank_learns_resumes_exactly_and_leaves_all_else_alone(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    words = with_infilling(vocabulary())
    rows = rows_folder(tmp_path / "rows", words.digest)
    whole = adapted(tmp_path / "whole", rows)
    adapted(tmp_path / "parts", rows, stop_at=11)
    resumed = adapted(tmp_path / "parts", rows)
    assert all(torch.equal(values, resumed.state_dict()[name]) for name, values in whole.state_dict().items())
    start = tiny()
    markup = [vocabulary().id_of(token) for token in RENAMED]
    others = [number for number in range(TINY.vocabulary) if number not in markup]
    assert torch.equal(whole.token_embd.weight[others], start.token_embd.weight[others])
    assert torch.equal(whole.blk[3].attn_q.base.weight, start.blk[3].attn_q.weight)
    assert torch.equal(whole.blk[0].attn_q.weight, start.blk[0].attn_q.weight)
    assert whole.blk[3].attn_q.up.abs().sum() > 0
    lines = (tmp_path / "whole/run/curve.jsonl").read_text().splitlines()
    assert '"held_out"' in lines[0] and '"held_out"' in lines[-1]


def test_a_run_by_low_rank_is_exported_merged(tmp_path: Path) -> None:
    words = with_infilling(vocabulary())
    rows = rows_folder(tmp_path / "rows", words.digest)
    ours = adapted(tmp_path, rows, stop_at=3)
    write_gguf(tmp_path / "start.gguf", tiny(), words, {"general.name": "tiny"}, EXITS)
    exported, *_ = trained_decoder(tmp_path / "run", tmp_path / "start.gguf")
    row = some_tokens(1, 12)
    torch.testing.assert_close(exported(row, ONES, (4,))[4], ours(row, ONES, (4,))[4])
    assert set(exported.state_dict()) == set(read_decoder(tmp_path / "start.gguf")[0].state_dict())


def test_upper_layers_alone_leave_the_lower_ones(tmp_path: Path) -> None:
    words = with_infilling(vocabulary())
    rows = rows_folder(tmp_path / "rows", words.digest)
    options = options_of(tmp_path, from_layer=3, stop_at=2)
    decoder, start = tiny(), tiny()
    freeze(decoder, words, options)
    train(decoder, words, *(read_rows(rows / s, words.digest) for s in ("train", "validation")), torch.device("cpu"), options)
    assert torch.equal(decoder.blk[2].ffn_up.weight, start.blk[2].ffn_up.weight)
    assert not torch.equal(decoder.blk[3].ffn_up.weight, start.blk[3].ffn_up.weight)


def test_low_rank_and_four_bits_exclude_each_other() -> None:
    check_low_rank(8, four_bits=False)
    with pytest.raises(WeightsError, match="without --four-bits"):
        check_low_rank(8, four_bits=True)


def test_an_exit_learns_what_its_state_was_turned_by() -> None:
    decoder = tiny().requires_grad_(False)
    chance = torch.Generator().manual_seed(1)
    last = torch.randn(1500, TINY.hidden, generator=chance)
    # The exit's state is full depth's with a tenth of its directions swapped.
    early = last.clone()
    early[:, :3] = last[:, 3:6]
    truth = decoder.logits(last, 4).argmax(-1)
    seen = Seen({2: early, 4: last}, truth)
    options = argparse.Namespace(seed=1, rate=0.02, passes=30, distillation=0.5)
    plain = judge(decoder, None, seen, 2, 4)
    by_rank = {rank: judge(decoder, fit(decoder, seen, 2, 4, rank, options), seen, 2, 4) for rank in (0, 4)}
    assert plain["agreement"] == plain["right"] < by_rank[4]["agreement"]
    assert by_rank[4]["perplexity"] < by_rank[0]["perplexity"] < plain["perplexity"]
