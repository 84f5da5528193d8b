"""What a drafter learns from: full depth's own distribution some tokens on, over all positions of packed rows at once."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from models.recipe.train.drafter import STEPS, Drafter
from models.recipe.train.targets import IGNORED

# What the steps of the unrolled network count.
STEP_WEIGHTS = (1.0, 0.8, 0.6, 0.5)
# Positions whose logits over the whole vocabulary exist together: 8,192 x 49,152 in float32 are 1.6 GB.
TOGETHER = 8192


def chances_of(logits: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Of logits [N, vocabulary]: chances [N, V] of `tokens` [V - 1] and last of any other token, and the likeliest [N]."""
    whole = logits.logsumexp(-1, keepdim=True)
    kept = (logits[:, tokens] - whole).exp()
    return torch.cat((kept, (1 - kept.sum(-1, keepdim=True)).clamp(min=0)), dim=-1), logits.argmax(-1)


@torch.no_grad()
def teach(
    normal: Tensor, head: Tensor, tokens: Tensor, chances: Callable[..., tuple[Tensor, Tensor]] = chances_of
) -> tuple[Tensor, Tensor]:
    """`chances_of` the states [N, hidden] that the head [vocabulary, hidden] reads; in float32 but for the chances kept."""
    found: list[Tensor] = []
    choices: list[Tensor] = []
    with torch.autocast(normal.device.type, enabled=False):
        for piece in normal.split(TOGETHER):
            part, choice = chances(F.linear(piece.float(), head), tokens)
            found.append(part.to(normal.dtype))
            choices.append(choice)
    return torch.cat(found), torch.cat(choices)


def weights_of_steps(targets: Tensor, weights: Tensor) -> Tensor:
    """
    How much each position t counts at each step j, [STEPS, N - STEPS] for flat targets and weights [N]: as much as
    position t + j, whose target is foretold, and nothing where one of the targets from t to t + j is none. So what is
    read and foretold lies in one part, and no markup is among it: a drafter only ever follows text that is written.
    """
    count = len(targets) - STEPS
    unbroken = targets[:count] != IGNORED
    steps: list[Tensor] = []
    for step in range(1, STEPS + 1):
        unbroken = unbroken & (targets[step : step + count] != IGNORED)
        steps.append(weights[step : step + count] * unbroken)
    return torch.stack(steps)


def loss_of_step(
    drafter: Drafter, state: Tensor, embedded: Tensor, rows: Tensor, wanted: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor]:
    """The next state [N, hidden], and the summed cross-entropy with the chances `wanted` [N, V], weighted [N]."""
    state = drafter(state, embedded)
    logits = drafter.logits(state, rows).float()
    each = logits.logsumexp(-1) - (logits * wanted.float()).sum(-1)
    return state, (each * weights).sum()


def drafter_loss(
    drafter: Drafter,
    states: Tensor,
    embedded: Tensor,
    rows: Tensor,
    chances: Tensor,
    weights: Tensor,
    step_loss: Callable[..., tuple[Tensor, Tensor]] = loss_of_step,
) -> Tensor:
    """
    The mean loss of a drafter that is unrolled from every position, given the true tokens. `states` and `embedded`
    [N, hidden] are of flat positions, `chances` [N, V] full depth's; `weights` as `weights_of_steps` gives them.
    """
    count = weights.shape[1]
    state, total, parts = states[:count], torch.zeros((), device=states.device), torch.zeros((), device=states.device)
    for step, (share, counted) in enumerate(zip(STEP_WEIGHTS, weights, strict=True), start=1):
        there = slice(step, step + count)
        state, loss = step_loss(drafter, state, embedded[there], rows, chances[there], counted)
        total = total + share * loss
        parts = parts + share * counted.sum()
    return total / parts.clamp(min=1)
