"""The stage `python -m models.recipe.train.train_drafter WEIGHTS.gguf`: drafters, and layers of half depth, beside frozen layers."""

import argparse
import sys
import time
from pathlib import Path

import torch

from models.recipe.train.beside_frozen import Trainer
from models.recipe.train.curve_file import note
from models.recipe.train.drafter import round_to_half
from models.recipe.train.open_trained import Opened, OpeningError, open_trained
from models.recipe.train.schedule import Schedule
from models.recipe.train.token_rows import ROWS, rows_of_step

OUTPUT = Path(".cache/recipe/drafter")
BETAS = (0.9, 0.95)
WEIGHT_DECAY = 0.1
LONGEST_GRADIENT = 1.0
# Steps between lines of the curve: reading a loss waits for the card.
NOTED = 20


def main() -> int:
    options = read_options()
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision("high")
    try:
        opened = open_trained(options.weights, options.rows, ("train", "validation"), options.seed)
    except OpeningError as error:
        print(error, file=sys.stderr)
        return 1
    train(opened, torch.device("cuda" if torch.cuda.is_available() else "cpu"), options)
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="the trained model as GGUF; its layers and its head stay as they are")
    parser.add_argument("--rows", type=Path, default=ROWS)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--minutes", type=float, required=True, help="until the last measurement, first one and compiling included")
    parser.add_argument("--blocks", type=int, nargs="*", default=[1, 2], help="drafters with so many blocks, all in one run")
    parser.add_argument("--exit-blocks", type=int, nargs="*", default=[], help="a layer of its own after so many layers, for each")
    parser.add_argument("--kept-tokens", type=int, default=4096, help="rows of a drafter's head, the one for other tokens included")
    parser.add_argument("--batch", type=int, default=32, help="rows a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="a drafter's highest learning rate")
    parser.add_argument("--exit-rate", type=float, default=8e-4, help="the highest learning rate of a layer of half depth")
    parser.add_argument("--decay", type=float, default=0.6, help="share of the run in which the rate falls")
    parser.add_argument("--middle-weight", type=float, default=4.0, help="what a token of a middle counts beside others")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=float, default=100, help="seconds")
    parser.add_argument("--measure-every", type=float, default=120, help="seconds")
    parser.add_argument("--measured-rows", type=int, default=128, help="held-out rows at the start and at the end")
    parser.add_argument("--measured-rows-between", type=int, default=32, help="held-out rows on the way")
    parser.add_argument("--compile", action="store_true", help="compile what is run over and over (worth it on a GPU)")
    parser.add_argument("--threads", type=int, help="threads on a CPU")
    return parser.parse_args()


def train(opened: Opened, device: torch.device, options: argparse.Namespace) -> None:
    """Trains until the minutes are over. The curve grows in `curve.jsonl`, one line every few steps or a measurement."""
    ends = time.monotonic() + 60 * options.minutes
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "curve.jsonl").write_text("", encoding="utf-8")
    trainer = Trainer(opened, device, options)
    rows, held_out = opened.rows["train"], opened.rows["validation"]
    trained = [(Schedule(rate, decay=options.decay), one, optimiser_of(one, rate)) for rate, one in trainer.parameters()]
    numbers = lambda number: rows_of_step(len(rows), number, options.batch, options.seed)
    figures: dict[str, object] = {}

    def measure(name: str, most: int) -> None:
        figures[name] = trainer.measure(held_out, most)
        note(options.output, {"step": step, "seconds": round(time.monotonic() - started, 1), "held_out": figures[name]})

    step, started = 0, time.monotonic()
    measure("before", options.measured_rows)
    # The first step compiles, which is no part of the schedule.
    sum(trainer.losses(trainer.look(rows, numbers(0))).values()).backward()
    for _, _, optimiser in trained:
        optimiser.zero_grad(set_to_none=True)
    started = saved = measured = time.monotonic()
    print(f"{ends - started:.0f} s are left for training.", flush=True)
    while (now := time.monotonic()) < ends:
        seen = trainer.look(rows, numbers(step))
        losses = trainer.losses(seen)
        sum(losses.values()).backward()
        spent = (now - started) / (ends - started)
        for schedule, one, optimiser in trained:
            torch.nn.utils.clip_grad_norm_(one.parameters(), LONGEST_GRADIENT)
            for group in optimiser.param_groups:
                group["lr"] = schedule.rate(spent)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step += 1
        if step % NOTED == 0 or step < 4:
            line = {name: round(loss.item(), 5) for name, loss in losses.items()}
            seconds = time.monotonic() - started
            tokens = step * options.batch * rows.length
            note(options.output, {"step": step, "tokens": tokens, "seconds": round(seconds, 2), "spent": round(spent, 4), **line})
        if options.measure_every < now - measured:
            measure("on the way", options.measured_rows_between)
            measured = time.monotonic()
        if options.save_every < now - saved:
            trainer.save(options.output, figures)
            saved = time.monotonic()
    for _, one, _ in trained:
        round_to_half(one)
    # What is stored is safe before it is measured.
    trainer.save(options.output, figures)
    measure("after", options.measured_rows)
    trainer.save(options.output, figures)


def optimiser_of(trained: torch.nn.Module, rate: float) -> torch.optim.AdamW:
    """AdamW; norms and rows do not decay."""
    groups = [
        {"params": [one for one in trained.parameters() if one.dim() == 2], "weight_decay": WEIGHT_DECAY},
        {"params": [one for one in trained.parameters() if one.dim() != 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=BETAS, fused=next(trained.parameters()).is_cuda)


if __name__ == "__main__":
    sys.exit(main())
