"""The drafter and the layers of half depth on tiny networks: what is read, what counts, what is learnt, what is kept."""

import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from models.recipe.train.architecture import TINY
from models.recipe.train.drafter import STEPS, Drafter, round_to_half, start_drafter, stored_drafter
from models.recipe.train.drafter_figures import DrafterFigures
from models.recipe.train.drafter_loss import STEP_WEIGHTS, chances_of, drafter_loss, teach, weights_of_steps
from models.recipe.train.four_bits import code_weights, four_bits
from models.recipe.train.gguf_weights import write_gguf
from models.recipe.train.half_depth import exit_layers
from models.recipe.train.open_trained import open_trained
from models.recipe.train.targets import IGNORED
from models.recipe.train.tests.test_training import EXITS, rows_folder, some_tokens, tiny, vocabulary
from models.recipe.train.train_drafter import train
from models.recipe.train.vocabulary_markup import with_infilling

KEPT = torch.arange(20, 35)


def drafter(blocks: int = 1) -> Drafter:
    made = Drafter(TINY.hidden, blocks, KEPT, TINY.norm_epsilon, inner=64)
    start_drafter(made, tiny().token_embd.weight, torch.ones(TINY.hidden), 1)
    return made


def options_for(output: Path, **changes: object) -> argparse.Namespace:
    return argparse.Namespace(
        **{
            "output": output, "minutes": 0.12, "blocks": [1], "exit_blocks": [2], "kept_tokens": 24, "batch": 2,
            "rate": 5e-3, "exit_rate": 1e-3, "decay": 0.5, "middle_weight": 4.0, "seed": 1, "save_every": 1.0,
            "measure_every": 2.0, "measured_rows": 4, "measured_rows_between": 2, "compile": False, **changes,
        }
    )  # fmt: skip


def test_chances_are_full_depths_and_what_is_left_is_other() -> None:
    normal, head = torch.randn(5, TINY.hidden, generator=torch.Generator().manual_seed(1)), tiny().token_embd.weight
    chances, choices = teach(normal, head, KEPT)
    whole = F.linear(normal, head).softmax(-1)
    torch.testing.assert_close(chances[:, :-1], whole[:, KEPT])
    torch.testing.assert_close(chances.sum(-1), torch.ones(5))
    assert torch.equal(choices, whole.argmax(-1))


def test_a_step_counts_where_everything_up_to_it_is_text_of_one_part() -> None:
    targets = torch.tensor([10, 11, IGNORED, 12, 13, 14, 15, 16, 17, IGNORED])
    weights = torch.where(targets == IGNORED, 0.0, 1.0) * torch.tensor([1.0] * 6 + [4.0] * 4)
    steps = weights_of_steps(targets, weights)
    assert steps.shape == (STEPS, len(targets) - STEPS)
    assert steps[0].tolist() == [1, 0, 0, 1, 1, 4]
    assert steps[1].tolist() == [0, 0, 0, 1, 4, 4]
    assert steps[3].tolist() == [0, 0, 0, 4, 4, 0]


def test_the_loss_unrolls_over_the_tokens_that_follow() -> None:
    ours, chance = drafter(2), torch.Generator().manual_seed(3)
    count = 9
    states, embedded = (torch.randn(count, TINY.hidden, generator=chance) for _ in range(2))
    rows = tiny().token_embd.weight[KEPT]
    chances = torch.randn(count, len(KEPT) + 1, generator=chance).softmax(-1)
    weights = torch.rand(STEPS, count - STEPS, generator=chance)
    total = parts = 0.0
    for place in range(count - STEPS):
        state = states[place : place + 1]
        for step in range(1, STEPS + 1):
            state = ours(state, embedded[place + step : place + step + 1])
            part = F.cross_entropy(ours.logits(state, rows), chances[place + step : place + step + 1])
            total += STEP_WEIGHTS[step - 1] * weights[step - 1, place] * part
            parts += STEP_WEIGHTS[step - 1] * weights[step - 1, place]
    torch.testing.assert_close(drafter_loss(ours, states, embedded, rows, chances, weights), total / parts)


def test_figures_tell_right_guesses_from_others_and_follow_what_full_depth_writes() -> None:
    # A drafter whose state is the embedding it has read, and whose head is a look-up: it guesses the token it read.
    class Echo(torch.nn.Module):
        tokens = torch.arange(3).int()

        def forward(self, state: torch.Tensor, embedded: torch.Tensor) -> torch.Tensor:
            return embedded

        def logits(self, state: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
            return 20 * state

    tokens = torch.tensor([0, 1, 1, 3, 2, 2, 2])
    choices = torch.tensor([1, 1, 3, 2, 2, 2, 2])
    in_middle = torch.tensor([False, False, True, True, True, True, True])
    figures = DrafterFigures(torch.device("cpu"))
    embedded = F.one_hot(tokens, 4).float()
    weights = torch.ones(STEPS, len(tokens) - STEPS)
    figures.add(Echo(), embedded, embedded, embedded, choices, tokens, weights, in_middle)
    first, second = figures.figures()["all"]["steps"][:2]
    # Places 1, 2, 3 hold 1, 1, 3 (any other token); full depth says 1, 3, 2.
    assert first == {
        "positions": 3, "right": 0.3333, "other": 0.3333, "right_without_other": 0.3333, "covered": 0.6667,
        "written": 1.0, "all_right": 0.3333,
    }  # fmt: skip
    assert second["right"] == 0.3333 and second["all_right"] == 0.0
    middle = figures.figures()["middle"]["steps"][0]
    assert middle["positions"] == 2 and middle["right"] == 0.0
    assert sum(said for _, said, _ in figures.figures()["all"]["chances"]) == 3 * STEPS - 3


def test_what_is_kept_is_what_was_measured() -> None:
    ours = drafter(2)
    round_to_half(ours)
    stored = stored_drafter(ours)
    assert torch.equal(stored["tokens"], KEPT.float())
    assert torch.equal(four_bits(stored["blocks.1.gate"].float()), four_bits(ours.blocks[1].gate.weight.detach()))
    names = {f"blocks.{number}.{name}" for number in range(2) for name in ("norm", "gate", "up", "down")}
    assert set(stored) == names | {"in.weight", "state_norm", "token_norm", "output_norm", "other", "tokens"}


def test_the_stage_trains_both_and_leaves_the_network_alone(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    words = with_infilling(vocabulary())
    rows_folder(tmp_path / "rows", words.digest)
    write_gguf(tmp_path / "start.gguf", tiny(), words, {"general.name": "tiny"}, EXITS)
    opened = open_trained(tmp_path / "start.gguf", tmp_path / "rows", ("train", "validation"), 1)
    before = {name: values.clone() for name, values in opened.decoder.state_dict().items()}
    train(opened, torch.device("cpu"), options_for(tmp_path / "out"))
    assert all(torch.equal(values, before[name]) for name, values in opened.decoder.state_dict().items())
    lines = [json.loads(line) for line in (tmp_path / "out/curve.jsonl").read_text().splitlines()]
    measured = [one["held_out"] for one in lines if "held_out" in one]
    losses = [one for one in lines if "drafter_1" in one]
    assert losses[-1]["drafter_1"] < losses[0]["drafter_1"]
    layer = load_file(tmp_path / "out/exit-2.safetensors")
    assert not torch.equal(layer["ffn_up.weight"], before["blk.2.ffn_up.weight"].half())
    assert measured[0]["exit 2"] == measured[-1]["exit 2"]
    own = json.loads((tmp_path / "out/drafter-1.json").read_text())
    assert own["held_out"]["after"] == measured[-1]["drafter_1"]
    assert 0 < own["coverage"]["train"] < 1
    assert load_file(tmp_path / "out/drafter-1.safetensors")["in.weight"].shape == (TINY.hidden, 2 * TINY.hidden)
    assert not list((tmp_path / "out").glob(".*"))


def test_a_layer_of_half_depth_starts_as_the_next_layer() -> None:
    decoder = tiny()
    layers = exit_layers(decoder, (2,))
    code_weights(layers)
    row = some_tokens(1, 12)
    parts = torch.ones(1, 12, dtype=torch.long)
    hidden = decoder(row, parts, (2, 3))
    with torch.no_grad():
        deeper = layers["2"](hidden[2], *decoder.places_of(parts), None)
    assert torch.nn.functional.cosine_similarity(deeper, hidden[3], dim=-1).min() > 0.99
    assert chances_of(decoder.logits(deeper, 3)[0], KEPT)[0].shape == (12, len(KEPT) + 1)
