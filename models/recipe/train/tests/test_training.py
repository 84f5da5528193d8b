"""The decoder, its losses and its packing on a tiny network: what must hold whatever the weights are."""

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from models.recipe.train.architecture import TINY
from models.recipe.train.checkpoints import CheckpointError, last_checkpoint, read_checkpoint, write_checkpoint
from models.recipe.train.attention import mask_of, positions_of
from models.recipe.train.decoder import Decoder
from models.recipe.train.exit_loss import ExitTraining, exit_of_step, kept_layers, training_loss
from models.recipe.train.gguf_weights import CONTROL, GgufFile, Vocabulary, read_decoder, write_gguf
from models.recipe.train.packing import pack_rows
from models.recipe.train.run import train
from models.recipe.train.schedule import Schedule
from models.recipe.train.targets import IGNORED, targets_of, weights_of
from models.recipe.train.token_rows import RowsError, read_rows, write_rows
from models.recipe.train.markup import END, FILE, MIDDLE, PREFIX, SUFFIX
from models.recipe.train.vocabulary_markup import RENAMED, start_infilling, with_infilling

EXITS = (2, 4)


def vocabulary() -> Vocabulary:
    controls = (END, FILE, *RENAMED)
    letters = tuple(chr(number) for number in range(33, 33 + TINY.vocabulary - len(controls)))
    kinds = (CONTROL,) * len(controls) + (1,) * len(letters)
    return Vocabulary((*controls, *letters), kinds, (f"{letters[0]} {letters[1]}",), "gpt-2", 0)


def tiny(seed: int = 0) -> Decoder:
    torch.manual_seed(seed)
    return Decoder(TINY)


def some_tokens(*shape: int) -> torch.Tensor:
    return torch.randint(8, TINY.vocabulary, shape, generator=torch.Generator().manual_seed(1))


def test_a_part_of_a_row_reads_as_if_it_stood_alone() -> None:
    decoder = tiny()
    first, second = some_tokens(1, 12), some_tokens(1, 9) + 1
    row = torch.cat((first, second), dim=1) % TINY.vocabulary
    parts = torch.tensor([[1] * 12 + [2] * 9])
    together = decoder(row, parts, EXITS)
    alone = decoder(row[:, 12:], torch.ones(1, 9, dtype=torch.long), EXITS)
    for layer in EXITS:
        torch.testing.assert_close(together[layer][:, 12:], alone[layer], atol=1e-5, rtol=1e-5)


def test_no_position_sees_a_later_one() -> None:
    decoder = tiny()
    row, changed = some_tokens(1, 16), some_tokens(1, 16)
    changed[0, 10:] = (changed[0, 10:] + 7) % TINY.vocabulary
    parts = torch.ones(1, 16, dtype=torch.long)
    before, after = (decoder(one, parts, (4,))[4] for one in (row, changed))
    assert torch.equal(before[:, :10], after[:, :10])
    assert not torch.allclose(before[:, 10:], after[:, 10:])


def test_positions_start_anew_with_each_part() -> None:
    parts = torch.tensor([[1, 1, 1, 2, 2, 0]])
    positions, mask = positions_of(parts), mask_of(parts)
    assert positions.tolist() == [[0, 1, 2, 0, 1, 0]]
    assert mask[0, 0, 4].tolist() == [False, False, False, True, True, False]


def test_targets_leave_out_markup_padding_and_other_parts() -> None:
    tokens = torch.tensor([[10, 5, 11, 12, 13, 0]])
    parts = torch.tensor([[1, 1, 1, 2, 2, 0]])
    assert targets_of(tokens, parts, (5,)).tolist() == [[IGNORED, 11, IGNORED, 13, IGNORED, IGNORED]]


def test_every_early_exit_has_its_turn() -> None:
    assert [exit_of_step((6, 12, 18, 30), step) for step in range(6)] == [12, 6, 12, 18, 12, 6]
    assert [exit_of_step((12, 30), step) for step in range(3)] == [12, 12, 12]
    assert exit_of_step((30,), 0) is None


def test_skipped_layers_are_rarer_below_and_the_same_for_the_same_step() -> None:
    kept = torch.stack([kept_layers(4, 500, 0.4, step, 1) for step in range(10)]).mean(dim=(0, 2))
    assert kept[0] == 1
    assert kept[3] == pytest.approx(0.6, abs=0.03)
    assert torch.equal(kept_layers(4, 8, 0.4, 3, 1), kept_layers(4, 8, 0.4, 3, 1))


def test_a_skipped_row_comes_out_as_it_went_in() -> None:
    decoder = tiny()
    row, parts = some_tokens(2, 8), torch.ones(2, 8, dtype=torch.long)
    keep = torch.ones(4, 2)
    keep[:, 1] = 0
    hidden = decoder(row, parts, (4,), keep)[4]
    torch.testing.assert_close(hidden[1], decoder.token_embd(row[1]))
    torch.testing.assert_close(hidden[0], decoder(row, parts, (4,))[4][0])


def test_the_early_exit_has_its_share_of_the_loss() -> None:
    decoder = tiny()
    row, parts = some_tokens(2, 8), torch.ones(2, 8, dtype=torch.long)
    targets = targets_of(row, parts, (5,))
    batch = (row, parts, targets, weights_of(row, parts, targets, 5, 1.0))
    plain = training_loss(decoder, batch, ExitTraining(EXITS, weight=1.0, distillation=0.0), 0, None)
    assert plain["total"].item() == pytest.approx((plain["last"] + plain["early"]).item() / 2, rel=1e-6)
    alone = training_loss(decoder, batch, ExitTraining(EXITS, weight=0.0), 0, None)
    assert alone["total"].item() == pytest.approx(plain["last"].item(), rel=1e-6)


def test_rows_hold_every_example_whole() -> None:
    chance = np.random.default_rng(0)
    examples = [list(chance.integers(1, 90, size=int(size))) for size in chance.integers(1, 40, size=400)]
    rows = list(pack_rows(examples, 64))
    found = [
        tokens[parts == number].tolist() for tokens, parts in rows for number in range(1, int(parts.max()) + 1)
    ]
    assert sorted(found) == sorted(examples)
    assert len(rows) * 64 < 1.1 * sum(map(len, examples))


def rows_folder(folder: Path, digest: str) -> Path:
    chance = np.random.default_rng(0)
    # A text in which each token follows from the one before, so that there is something to learn.
    texts = [[int(8 + (start + 3 * step) % 80) for step in range(30)] for start in chance.integers(0, 80, size=200)]
    about = {"vocabulary": digest, "corpus": "made up"}
    write_rows(pack_rows(texts, 64), folder / "train", 64, about)
    write_rows(pack_rows(texts[:8], 64), folder / "validation", 64, about)
    return folder


def options_of(folder: Path, **changes: object) -> argparse.Namespace:
    return argparse.Namespace(
        **{
            "name": "run", "runs": folder, "tokens": 64 * 8 * 30, "minutes": None, "batch": 8, "rows_at_once": 4,
            "rate": 3e-3, "exits": EXITS, "exit_weight": 0.5, "exit_distillation": 0.5, "layer_dropout": 0.1,
            "exit_gains": False, "middle_weight": 2.0, "decay": 0.3, "four_bits": False, "from_layer": 0, "low_rank": 0, "seed": 1, "save_every": 10, "measure_every": 10,
            "measured_rows": 2, "stop_at": None, "pause_after": None, "compile": False,
        }
        | changes
    )


def trained(folder: Path, rows: Path, **changes: object) -> dict[str, torch.Tensor]:
    words = with_infilling(vocabulary())
    sets = [read_rows(rows / split, words.digest) for split in ("train", "validation")]
    decoder = tiny()
    train(decoder, words, *sets, torch.device("cpu"), options_of(folder, **changes))
    return decoder.state_dict()


def test_an_interrupted_run_ends_exactly_as_one_that_was_not(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    rows = rows_folder(tmp_path / "rows", with_infilling(vocabulary()).digest)
    whole = trained(tmp_path / "whole", rows)
    trained(tmp_path / "parts", rows, stop_at=13)
    resumed = trained(tmp_path / "parts", rows)
    assert all(torch.equal(values, resumed[name]) for name, values in whole.items())
    lines = [json.loads(line) for line in (tmp_path / "parts/run/curve.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "last" in line] == list(range(1, 31))
    first, last = (line["held_out"]["exit_4.perplexity"] for line in (lines[0], lines[-1]))
    assert last < first / 2


def test_a_run_refuses_another_runs_checkpoint(tmp_path: Path) -> None:
    rows = rows_folder(tmp_path / "rows", with_infilling(vocabulary()).digest)
    trained(tmp_path, rows, stop_at=2)
    with pytest.raises(CheckpointError, match="rate = 0.003"):
        trained(tmp_path, rows, rate=1e-3)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path, 1, {"settings": {}, "weights": torch.zeros(1000)})
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(CheckpointError, match="step-000001.pt is cut off"):
        read_checkpoint(path, {})


def test_only_the_last_two_checkpoints_stay(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        write_checkpoint(tmp_path, step, {"settings": {}})
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["step-000002.pt", "step-000003.pt"]
    assert last_checkpoint(tmp_path) == tmp_path / "step-000003.pt"


def test_damaged_rows_and_rows_of_another_tokenizer_are_named(tmp_path: Path) -> None:
    rows = rows_folder(tmp_path, "abc")
    with pytest.raises(RowsError, match="made for the vocabulary abc, but the weights have xyz"):
        read_rows(rows / "train", "xyz")
    shard = rows / "train/tokens-000.npy"
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(content)
    with pytest.raises(RowsError, match="tokens-000.npy is cut off or changed"):
        read_rows(rows / "train", "abc")


def test_weights_survive_gguf(tmp_path: Path) -> None:
    decoder, words = tiny(), with_infilling(vocabulary())
    path = tmp_path / "model.gguf"
    write_gguf(path, decoder, words, {"general.name": "tiny"}, EXITS)
    again, read_words = read_decoder(path)
    assert read_words == dataclasses.replace(words, end_of_text=0)
    assert again.shape == TINY
    for name, values in decoder.state_dict().items():
        assert torch.equal(values, again.state_dict()[name]), name
    assert GgufFile(path).field("candor.trained_exits") == list(EXITS)
    assert GgufFile(path).field("candor.infilling_order") == "suffix-first"


def test_weights_in_four_bits_are_near_and_written_again_the_same(tmp_path: Path) -> None:
    decoder, words = tiny(), with_infilling(vocabulary())
    first, second = tmp_path / "first.gguf", tmp_path / "second.gguf"
    write_gguf(first, decoder, words, {"general.name": "tiny"}, EXITS, four_bits=True)
    rounded, _ = read_decoder(first)
    for name, values in decoder.state_dict().items():
        off = (values - rounded.state_dict()[name]).norm() / values.norm()
        bound = 0.0 if values.ndim == 1 else 0.01 if name == "token_embd.weight" else 0.1
        assert off <= bound, name
    write_gguf(second, rounded, words, {"general.name": "tiny"}, EXITS, four_bits=True)
    assert first.read_bytes() == second.read_bytes()


def test_infilling_tokens_take_the_place_of_unused_ones() -> None:
    words = vocabulary()
    renamed = with_infilling(words)
    assert [renamed.id_of(token) for token in (PREFIX, SUFFIX, MIDDLE)] == [words.id_of(token) for token in RENAMED]
    assert with_infilling(renamed) == renamed
    decoder = tiny()
    before = decoder.token_embd.weight.detach().clone()
    start_infilling(decoder, words, 1)
    changed = (decoder.token_embd.weight != before).any(dim=1).nonzero().flatten().tolist()
    assert changed == [words.id_of(token) for token in RENAMED]


def test_the_rate_rises_stays_and_falls_to_nothing() -> None:
    schedule = Schedule(1.0, warm_up=0.1, decay=0.5)
    assert [schedule.rate(at) for at in (0, 0.05, 0.3, 0.75, 1)] == pytest.approx([0, 0.5, 1, 0.5, 0])
