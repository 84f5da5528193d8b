"""What is minimised: the loss at full depth and at one exit a step, and which layers are skipped meanwhile."""

import dataclasses
import math
from collections.abc import Callable

import torch
from torch import Tensor

from models.recipe.train.decoder import Decoder, RunLayer, run_layer
from models.recipe.train.head_loss import SharedHead, gradients_of_logits


@dataclasses.dataclass(frozen=True)
class ExitTraining:
    """
    How exits are trained with the model (LayerSkip, arXiv 2404.16710, sections 4.1 and 4.2).

    `weight` is what the early exit's loss counts beside the last one's; `distillation` the share of that loss that
    asks for full depth's own distribution instead of the true token (agreement is what early exit needs);
    `dropout` the chance that a row skips the last layer, less for layers below.
    """

    exits: tuple[int, ...]
    weight: float = 0.5
    distillation: float = 0.5
    dropout: float = 0.1


def exit_of_step(exits: tuple[int, ...], step: int) -> int | None:
    """
    The early exit whose turn it is; one a step, since every exit costs another head product. The exit nearest to half
    depth, which decides what early exit can save, has every other turn; the rest share what is left.
    """
    early = exits[:-1]
    if not early:
        return None
    half = min(early, key=lambda layer: abs(layer - exits[-1] / 2))
    others = [layer for layer in early if layer != half] or [half]
    return half if step % 2 == 0 else others[step // 2 % len(others)]


def kept_layers(layers: int, rows: int, dropout: float, step: int, seed: int) -> Tensor | None:
    """1 where a row keeps a layer and 0 where it skips it, [layers, rows]; the same for the same step and seed."""
    if dropout == 0:
        return None
    generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
    # Exponential over depth: nothing for the first layer, all of `dropout` for the last.
    chances = torch.tensor([math.exp(layer * math.log(2) / max(1, layers - 1)) - 1 for layer in range(layers)])
    return (torch.rand(layers, rows, generator=generator) >= dropout * chances.unsqueeze(1)).float()


def training_loss(
    decoder: Decoder,
    batch: tuple[Tensor, Tensor, Tensor, Tensor],
    training: ExitTraining,
    step: int,
    keep: Tensor | None,
    run: RunLayer = run_layer,
    gradients: Callable[..., tuple[Tensor, Tensor, Tensor | None]] = gradients_of_logits,
) -> dict[str, Tensor]:
    """
    The loss of a batch (tokens, parts, targets, weights) as means over targets by weight: `total`, which alone can be
    differentiated, `last`, and `early` if trained.
    """
    tokens, parts, targets, weights = batch
    early_exit = exit_of_step(training.exits, step) if 0 < training.weight else None
    last_exit = training.exits[-1]
    hidden = decoder(tokens, parts, (last_exit,) if early_exit is None else (early_exit, last_exit), keep, run)
    normed = lambda layer: decoder.normed(hidden[layer], layer).flatten(0, 1)
    sums = SharedHead.apply(
        normed(last_exit),
        None if early_exit is None else normed(early_exit),
        decoder.token_embd.weight,
        targets.flatten(),
        weights.flatten(),
        training.weight,
        training.distillation,
        gradients,
    )
    last, early, learnt = sums / weights.sum()
    if early_exit is None:
        return {"total": last, "last": last.detach()}
    total = (last + training.weight * learnt) / (1 + training.weight)
    return {"total": total, "last": last.detach(), "early": early.detach()}
