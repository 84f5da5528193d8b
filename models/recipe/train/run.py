"""The stage `python -m models.recipe.train.run`: trains the decoder and its exits, with checkpoints that resume exactly."""

import argparse
import dataclasses
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from models.recipe.train.architecture import EXITS
from models.recipe.train.attention import check_parts
from models.recipe.train.checkpoints import CheckpointError, last_checkpoint, read_checkpoint, write_checkpoint
from models.recipe.train.curve_file import keep_curve_until, note
from models.recipe.train.decoder import Decoder, RunLayer, autocast, run_layer
from models.recipe.train.evaluate import measure
from models.recipe.train.exit_loss import ExitTraining, kept_layers, training_loss
from models.recipe.train.four_bits import code_weights
from models.recipe.train.gguf_weights import Vocabulary, WeightsError, read_decoder
from models.recipe.train.head_loss import gradients_of_logits
from models.recipe.train.low_rank import add_low_rank, check_low_rank, train_rows_alone
from models.recipe.train.markup import MIDDLE, PREFIX, SUFFIX
from models.recipe.train.prepare import WEIGHTS
from models.recipe.train.schedule import Schedule, progress_of
from models.recipe.train.targets import targets_of, weights_of
from models.recipe.train.token_rows import ROWS, Rows, RowsError, joined, read_rows, rows_of_step
from models.recipe.train.vocabulary_markup import start_infilling, with_infilling

RUNS = Path(".cache/recipe/runs")
WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.95)
LONGEST_GRADIENT = 1.0


@dataclasses.dataclass
class Position:
    """How far a run is; all that a resumed run needs beside weights and optimiser."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0


def main() -> int:
    options = read_options()
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_float32_matmul_precision("high")
    try:
        decoder, vocabulary = prepared_decoder(options)
        rows = joined([read_rows(folder / "train", vocabulary.digest) for folder in options.rows])
        held_out = read_rows(options.rows[0] / "validation", vocabulary.digest)
        train(decoder.to(device), vocabulary, rows, held_out, device, options)
    except (WeightsError, RowsError, CheckpointError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the run's folder under --runs")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--rows", type=Path, nargs="+", default=[ROWS], help="held-out rows come from the first")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the GGUF file to start from")
    parser.add_argument("--tokens", type=int, required=True, help="positions to train on, padding included")
    parser.add_argument("--minutes", type=float, help="end the schedule inside this time, even with fewer tokens")
    parser.add_argument("--batch", type=int, default=128, help="rows a step")
    parser.add_argument("--rows-at-once", type=int, default=16, help="rows that fit into memory together")
    parser.add_argument("--rate", type=float, default=6e-4, help="the highest learning rate")
    parser.add_argument("--exits", type=lambda text: tuple(map(int, text.split(","))), default=EXITS)
    parser.add_argument("--exit-weight", type=float, default=ExitTraining.weight)
    parser.add_argument("--exit-distillation", type=float, default=ExitTraining.distillation)
    parser.add_argument("--decay", type=float, default=Schedule.decay, help="share of the run in which the rate falls")
    parser.add_argument("--layer-dropout", type=float, default=ExitTraining.dropout)
    parser.add_argument("--middle-weight", type=float, default=4.0, help="what a token of a middle counts beside others")
    parser.add_argument("--four-bits", action="store_true", help="train the weights as the bundle will hold them")
    parser.add_argument("--exit-gains", action="store_true", help="a norm of its own for each exit")
    parser.add_argument("--from-layer", type=int, default=0, help="freeze the layers below this one")
    parser.add_argument("--low-rank", type=int, default=0, help="train changes of this rank alone, as a CPU can")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=200, help="steps between checkpoints")
    parser.add_argument("--measure-every", type=int, default=200, help="steps between measurements")
    parser.add_argument("--measured-rows", type=int, default=64, help="held-out rows that are measured")
    parser.add_argument("--stop-at", type=int, help="stop after this step, as an interruption would, with a checkpoint")
    parser.add_argument("--pause-after", type=float, help="save and leave after so many minutes; run again to go on")
    parser.add_argument("--compile", action="store_true", help="compile the network (worth it on a GPU)")
    parser.add_argument("--threads", type=int, help="threads on a CPU")
    return parser.parse_args()


def prepared_decoder(options: argparse.Namespace) -> tuple[Decoder, Vocabulary]:
    """The decoder that a run starts from, with infilling tokens."""
    check_low_rank(options.low_rank, options.four_bits)
    decoder, published = read_decoder(options.weights, options.exits if options.exit_gains else ())
    start_infilling(decoder, published, options.seed)
    vocabulary = with_infilling(published)
    if options.exits[-1] != decoder.shape.layers:
        raise WeightsError(f"The last exit must be layer {decoder.shape.layers}, the whole network.")
    freeze(decoder, vocabulary, options)
    return decoder, vocabulary


def freeze(decoder: Decoder, vocabulary: Vocabulary, options: argparse.Namespace) -> None:
    """Leaves trainable what the options ask for; by default everything."""
    if 0 < options.low_rank:
        add_low_rank(decoder, options.low_rank, options.from_layer, options.seed)
        train_rows_alone(decoder, tuple(vocabulary.id_of(token) for token in (PREFIX, SUFFIX, MIDDLE)))
        return
    # The embedding is trained always: the new tokens live in it.
    for layer in decoder.blk[: options.from_layer]:
        layer.requires_grad_(False)


def train(
    decoder: Decoder,
    vocabulary: Vocabulary,
    rows: Rows,
    held_out: Rows,
    device: torch.device,
    options: argparse.Namespace,
) -> None:
    """Trains until the budget is spent. The curve grows in `curve.jsonl`, one line a step or measurement."""
    pause_at = time.monotonic() + 60 * options.pause_after if options.pause_after else math.inf
    folder = options.runs / options.name
    folder.mkdir(parents=True, exist_ok=True)
    training = ExitTraining(
        options.exits, options.exit_weight, options.exit_distillation, options.layer_dropout
    )
    schedule = Schedule(options.rate, decay=options.decay)
    optimiser = make_optimiser(decoder, options.rate, device)
    settings = settings_of(options, rows)
    position = Position()
    newest = last_checkpoint(folder)
    if newest is not None:
        content = read_checkpoint(newest, settings)
        decoder.load_state_dict(content["decoder"])
        optimiser.load_state_dict(content["optimiser"])
        position = Position(**content["position"])
        print(f"Going on from {newest.name}.", file=sys.stderr)
    keep_curve_until(folder / "curve.jsonl", position.step)
    if options.four_bits:
        code_weights(decoder)
    compiled = lambda function: torch.compile(function, dynamic=False) if options.compile else function
    parts_of_loss = (compiled(run_layer), compiled(gradients_of_logits))
    markup = tuple(vocabulary.id_of(token) for token in (PREFIX, SUFFIX, MIDDLE))
    most_seconds = None if options.minutes is None else options.minutes * 60

    def save() -> None:
        content = {
            "settings": settings,
            "position": dataclasses.asdict(position),
            "decoder": decoder.state_dict(),
            "optimiser": optimiser.state_dict(),
        }
        write_checkpoint(folder, position.step, content)

    def measured() -> None:
        figures = measure(decoder, held_out, training.exits, markup, options.measured_rows, device)
        note(folder, {"step": position.step, "tokens": position.tokens, "held_out": figures})

    if position.step == 0:
        measured()
    started = time.monotonic() - position.seconds
    while (spent := progress_of(position.tokens, options.tokens, position.seconds, most_seconds)) < 1:
        # The rate at the middle of the step, so that neither the first step nor the last is for nothing.
        rate = schedule.rate(spent + options.batch * rows.length / options.tokens / 2)
        for group in optimiser.param_groups:
            group["lr"] = rate
        tokens, parts = (
            torch.from_numpy(array) for array in rows.batch(rows_of_step(len(rows), position.step, options.batch, options.seed))
        )
        keep = kept_layers(decoder.shape.layers, len(tokens), training.dropout, position.step, options.seed)
        losses = step_losses(
            decoder, (tokens, parts), keep, training, position.step, markup, device, options, parts_of_loss
        )
        norm = torch.nn.utils.clip_grad_norm_(decoder.parameters(), LONGEST_GRADIENT)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        position.step += 1
        position.tokens += tokens.numel()
        position.seconds = time.monotonic() - started
        figures = {name: round(value, 5) for name, value in losses.items()}
        line = {"step": position.step, "tokens": position.tokens, **figures, "gradient": round(float(norm), 4)}
        note(folder, {**line, "rate": rate, "seconds": round(position.seconds, 2)})
        if position.step % options.measure_every == 0:
            measured()
        paused = position.step == options.stop_at or pause_at < time.monotonic()
        if paused or position.step % options.save_every == 0:
            save()
        if paused:
            return
    if position.step % options.measure_every != 0:
        measured()
    save()


def make_optimiser(decoder: Decoder, rate: float, device: torch.device) -> torch.optim.AdamW:
    """AdamW; norms and the embedding, which is the head as well, do not decay."""
    trained = [(name, one) for name, one in decoder.named_parameters() if one.requires_grad]
    decays = lambda name, one: one.dim() == 2 and not name.startswith("token_embd")
    groups = [
        {"params": [one for name, one in trained if decays(name, one)], "weight_decay": WEIGHT_DECAY},
        {"params": [one for name, one in trained if not decays(name, one)], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=BETAS, fused=device.type == "cuda")


def step_losses(
    decoder: Decoder,
    rows: tuple[Tensor, Tensor],
    keep: Tensor | None,
    training: ExitTraining,
    step: int,
    markup: tuple[int, ...],
    device: torch.device,
    options: argparse.Namespace,
    parts_of_loss: tuple[RunLayer, Callable[..., tuple[Tensor, Tensor, Tensor | None]]],
) -> dict[str, float]:
    """Adds up the gradients of a step, some rows at a time, and gives the mean losses."""
    tokens, parts = (one.pin_memory() if device.type == "cuda" else one for one in rows)
    sums: dict[str, Tensor] = {}
    for start in range(0, len(tokens), options.rows_at_once):
        piece = slice(start, start + options.rows_at_once)
        check_parts(parts[piece])
        batch = (tokens[piece].to(device, non_blocking=True), parts[piece].to(device, non_blocking=True))
        targets = targets_of(*batch, markup)
        weights = weights_of(*batch, targets, markup[-1], options.middle_weight)
        kept = None if keep is None else keep[:, piece].to(device)
        with autocast(device):
            losses = training_loss(decoder, (*batch, targets, weights), training, step, kept, *parts_of_loss)
        share = len(batch[0]) / len(tokens)
        (losses["total"] * share).backward()
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + value.detach() * share
    return {name: float(value) for name, value in sums.items()}


def settings_of(options: argparse.Namespace, rows: Rows) -> dict[str, object]:
    """What must be the same for a run to go on as if it had never stopped."""
    schedule = ("tokens", "minutes", "batch", "rate", "decay", "seed")
    losses = ("exit_weight", "exit_distillation", "layer_dropout", "middle_weight")
    trained = ("four_bits", "exit_gains", "from_layer", "low_rank")
    kept = {name: getattr(options, name) for name in (*schedule, *losses, *trained)}
    made = {name: rows.about[name] for name in ("vocabulary", "corpus")}
    return {**kept, **made, "exits": list(options.exits), "rows": len(rows), "length": rows.length}


if __name__ == "__main__":
    sys.exit(main())
