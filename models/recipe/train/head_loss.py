"""Losses through the shared head, a few thousand positions at a time, so that no table of all logits is ever kept."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

# Positions whose logits exist together: 8,192 x 49,152 logits are 0.8 GB in bfloat16.
TOGETHER = 8192


def gradients_of_logits(
    final: Tensor, early: Tensor | None, targets: Tensor, weights: Tensor, early_weight: float, distillation: float
) -> tuple[Tensor, Tensor, Tensor | None]:
    """
    From logits [N, vocabulary] at full depth and at an early exit: the summed losses `last`, `early` and `learnt`
    [3], each position weighted; the gradient of `last` by the final logits, and that of `learnt`, times
    `early_weight`, by the early ones. `learnt` mixes the true token with full depth's own distribution.
    """
    truth = targets.clamp(min=0).unsqueeze(-1)
    is_truth = torch.arange(final.shape[-1], device=final.device) == truth
    sure = final.float().log_softmax(-1)
    chances = sure.exp()
    last = -(sure.gather(-1, truth).squeeze(-1) * weights).sum()
    by_final = (chances - is_truth.float()) * weights.unsqueeze(-1)
    if early is None:
        return torch.stack((last, last * 0, last * 0)), by_final.to(final.dtype), None
    sure_early = early.float().log_softmax(-1)
    true_early = -(sure_early.gather(-1, truth).squeeze(-1) * weights).sum()
    agreement = -((chances * sure_early).sum(-1) * weights).sum()
    learnt = (1 - distillation) * true_early + distillation * agreement
    wanted = (1 - distillation) * is_truth.float() + distillation * chances
    by_early = (sure_early.exp() - wanted) * (weights * early_weight).unsqueeze(-1)
    return torch.stack((last, true_early, learnt)), by_final.to(final.dtype), by_early.to(final.dtype)


class SharedHead(torch.autograd.Function):
    """
    Sums of losses [3] (`last`, `early`, `learnt`) for normed states [N, hidden] and the head [vocabulary, hidden].

    Gradients are found on the way forward, while the logits are there; full depth is a teacher, not a pupil, of the
    early exit, so `learnt` sends nothing back through the final logits. Only `last + early_weight * learnt` can be
    differentiated: backward reads the gradient of the first sum.
    """

    @staticmethod
    def forward(
        ctx: Any,
        final: Tensor,
        early: Tensor | None,
        head: Tensor,
        targets: Tensor,
        weights: Tensor,
        early_weight: float,
        distillation: float,
        gradients: Callable[..., tuple[Tensor, Tensor, Tensor | None]],
    ) -> Tensor:
        low = head.detach().to(final.dtype)
        sums = torch.zeros(3, device=final.device)
        by_final, by_head = torch.empty_like(final), torch.zeros_like(head)
        by_early = None if early is None else torch.empty_like(early)
        for start in range(0, len(final), TOGETHER):
            piece = slice(start, start + TOGETHER)
            logits = final[piece] @ low.T
            early_logits = None if early is None else early[piece] @ low.T
            part, of_final, of_early = gradients(
                logits, early_logits, targets[piece], weights[piece], early_weight, distillation
            )
            sums += part
            by_final[piece] = of_final @ low
            by_head += of_final.T @ final[piece]
            if early is not None:
                by_early[piece] = of_early @ low
                by_head += of_early.T @ early[piece]
        ctx.save_for_backward(by_final, by_head, *(() if by_early is None else (by_early,)))
        return sums

    @staticmethod
    def backward(ctx: Any, by_sums: Tensor) -> tuple[Tensor | None, ...]:
        by_final, by_head, *rest = ctx.saved_tensors
        scale = by_sums[0]
        by_early = rest[0] * scale if rest else None
        return by_final * scale, by_early, by_head * scale, None, None, None, None, None
