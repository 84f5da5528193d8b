"""The stage `python -m models.recipe.train.exit_adapters WEIGHTS.gguf`: what exits win by a norm or an adapter of their own."""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.recipe.train.architecture import EXITS
from models.recipe.train.decoder import Decoder
from models.recipe.train.exit_loss import ExitTraining
from models.recipe.train.open_trained import OpeningError, open_trained
from models.recipe.train.targets import IGNORED, targets_of
from models.recipe.train.token_rows import ROWS, Rows

# Positions whose logits exist together.
TOGETHER = 512


@dataclasses.dataclass(frozen=True)
class Seen:
    """Positions of code as the frozen layers leave them: states [N, hidden] at an exit and at full depth, truth [N]."""

    states: dict[int, Tensor]
    truth: Tensor


class ExitAdapter(nn.Module):
    """What an exit has of its own: a gain for its norm, and a change of low rank to the state (rank 0: none)."""

    def __init__(self, hidden: int, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(hidden))
        self.down = nn.Parameter(torch.randn(rank, hidden, generator=generator) / hidden**0.5)
        # Nothing at first: the exit starts as it was trained with the layers.
        self.up = nn.Parameter(torch.zeros(hidden, rank))

    def forward(self, state: Tensor, norm: nn.RMSNorm) -> Tensor:
        """What the shared head reads, [N, hidden]."""
        normal = norm(state)
        change = F.linear(F.linear(normal, self.down), self.up)
        return (normal + change) * self.gain


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="the trained model as GGUF; its layers and its head stay as they are")
    parser.add_argument("--rows", type=Path, default=ROWS)
    parser.add_argument("--fit", default="train", help="the split that is learnt from")
    parser.add_argument("--judge", default="validation", help="the split that is judged on")
    parser.add_argument("--exits", type=lambda text: tuple(map(int, text.split(","))), default=EXITS)
    parser.add_argument("--ranks", type=lambda text: tuple(map(int, text.split(","))), default=(0, 32))
    parser.add_argument("--positions", type=int, default=20_000, help="positions to learn from")
    parser.add_argument("--judged", type=int, default=5_000, help="positions to judge on")
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--distillation", type=float, default=ExitTraining.distillation)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        opened = open_trained(options.weights, options.rows, (options.fit, options.judge), options.seed)
    except OpeningError as error:
        print(error, file=sys.stderr)
        return 1
    decoder, markup, rows = opened.decoder, opened.markup, opened.rows
    decoder.requires_grad_(False)
    fitted_on = seen_in(decoder, rows[options.fit], options.exits, markup, options.positions)
    judged_on = seen_in(decoder, rows[options.judge], options.exits, markup, options.judged)
    for layer in options.exits[:-1]:
        figures = judge(decoder, None, judged_on, layer, options.exits[-1])
        print(json.dumps({"exit": layer, "adapter": "none", **figures}), flush=True)
        for rank in options.ranks:
            adapter = fit(decoder, fitted_on, layer, options.exits[-1], rank, options)
            figures = judge(decoder, adapter, judged_on, layer, options.exits[-1])
            kind = "norm" if rank == 0 else f"norm and rank {rank}"
            print(json.dumps({"exit": layer, "adapter": kind, **figures}), flush=True)
    return 0


@torch.no_grad()
def seen_in(decoder: Decoder, rows: Rows, exits: tuple[int, ...], markup: tuple[int, ...], most: int) -> Seen:
    """The layers run over rows once, until so many positions are collected; nothing of them is trained."""
    decoder.eval()
    states: dict[int, list[Tensor]] = {layer: [] for layer in exits}
    truths: list[Tensor] = []
    for number in range(len(rows)):
        tokens, parts = (torch.from_numpy(one) for one in rows.batch(np.array([number])))
        targets = targets_of(tokens, parts, markup)
        wanted = targets != IGNORED
        hidden = decoder(tokens, parts, exits)
        for layer in exits:
            states[layer].append(hidden[layer][wanted])
        truths.append(targets[wanted])
        if most <= sum(map(len, truths)):
            break
    return Seen({layer: torch.cat(found)[:most] for layer, found in states.items()}, torch.cat(truths)[:most])


def fit(
    decoder: Decoder, seen: Seen, layer: int, last: int, rank: int, options: argparse.Namespace
) -> ExitAdapter:
    """Trains an exit's adapter alone, on the true token and on full depth's own distribution, as the large run does."""
    generator = torch.Generator().manual_seed(options.seed)
    adapter = ExitAdapter(decoder.shape.hidden, rank, generator)
    optimiser = torch.optim.AdamW(adapter.parameters(), lr=options.rate, weight_decay=0.0)
    steps = options.passes * -(-len(seen.truth) // TOGETHER)
    falling = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    head = decoder.token_embd.weight
    for _ in range(options.passes):
        for places in torch.randperm(len(seen.truth), generator=generator).split(TOGETHER):
            with torch.no_grad():
                chances = F.linear(decoder.output_norm(seen.states[last][places]), head).softmax(-1)
            logits = F.linear(adapter(seen.states[layer][places], decoder.output_norm), head)
            true = F.cross_entropy(logits, seen.truth[places])
            agreement = F.cross_entropy(logits, chances)
            optimiser.zero_grad()
            ((1 - options.distillation) * true + options.distillation * agreement).backward()
            optimiser.step()
            falling.step()
    return adapter.requires_grad_(False)


@torch.no_grad()
def judge(decoder: Decoder, adapter: ExitAdapter | None, seen: Seen, layer: int, last: int) -> dict[str, float]:
    """`perplexity`, `right` and `agreement` with full depth at an exit, with an adapter or without."""
    loss = right = agreed = 0.0
    head, norm = decoder.token_embd.weight, decoder.output_norm
    for places in torch.arange(len(seen.truth)).split(TOGETHER):
        state, truth = seen.states[layer][places], seen.truth[places]
        logits = F.linear(norm(state) if adapter is None else adapter(state, norm), head)
        full = F.linear(norm(seen.states[last][places]), head).argmax(-1)
        loss += F.cross_entropy(logits, truth, reduction="sum").item()
        right += (logits.argmax(-1) == truth).sum().item()
        agreed += (logits.argmax(-1) == full).sum().item()
    count = len(seen.truth)
    return {
        "positions": count,
        "perplexity": round(float(np.exp(loss / count)), 4),
        "right": round(right / count, 4),
        "agreement": round(agreed / count, 4),
    }


if __name__ == "__main__":
    sys.exit(main())
