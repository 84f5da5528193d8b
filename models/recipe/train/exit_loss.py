"""What is minimised: the loss at full depth and at one exit a step, and which layers are skipped meanwhile."""

import dataclasses
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from models.recipe.train.decoder import Decoder

IGNORED = -100


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


def targets_of(tokens: Tensor, parts: Tensor, markup: tuple[int, ...]) -> Tensor:
    """
    The token that each position should foretell, [B, S]; IGNORED across parts, in padding, and where the next token
    is infilling markup: where a cut falls is chance, and foretelling it teaches nothing.
    """
    following = torch.full_like(tokens, IGNORED)
    inside = (parts[:, 1:] == parts[:, :-1]) & (parts[:, 1:] != 0)
    named = torch.isin(tokens[:, 1:], torch.tensor(markup, device=tokens.device))
    following[:, :-1] = torch.where(inside & ~named, tokens[:, 1:], IGNORED)
    return following


def exit_of_step(exits: tuple[int, ...], step: int) -> int | None:
    """The early exit whose turn it is: one a step, in rotation, since every exit costs another head product."""
    early = exits[:-1]
    return early[step % len(early)] if early else None


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
    batch: tuple[Tensor, Tensor, Tensor],
    training: ExitTraining,
    step: int,
    keep: Tensor | None,
) -> dict[str, Tensor]:
    """The loss of a batch (tokens, parts, targets) as means over targets: `total`, `last`, and `early` if trained."""
    tokens, parts, targets = batch
    early_exit = exit_of_step(training.exits, step) if 0 < training.weight else None
    last_exit = training.exits[-1]
    wanted = (last_exit,) if early_exit is None else (early_exit, last_exit)
    hidden = decoder(tokens, parts, wanted, keep)
    counted = targets != IGNORED
    truth = targets[counted]
    final_logits = decoder.logits(hidden[last_exit][counted], last_exit).float()
    last = F.cross_entropy(final_logits, truth)
    if early_exit is None:
        return {"total": last, "last": last.detach()}
    early_logits = decoder.logits(hidden[early_exit][counted], early_exit).float()
    early = F.cross_entropy(early_logits, truth)
    learnt = early
    if 0 < training.distillation:
        teacher = final_logits.detach().softmax(dim=-1)
        agreement = F.cross_entropy(early_logits, teacher)
        learnt = (1 - training.distillation) * early + training.distillation * agreement
    total = (last + training.weight * learnt) / (1 + training.weight)
    return {"total": total, "last": last.detach(), "early": early.detach()}
