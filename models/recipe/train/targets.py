"""What each position of a packed row should foretell, and how much it counts."""

import torch
from torch import Tensor

from models.recipe.train.attention import begins_of

IGNORED = -100


def targets_of(tokens: Tensor, parts: Tensor, markup: tuple[int, ...]) -> Tensor:
    """
    The token that each position should foretell, [B, S]; IGNORED across parts, in padding, and where the next token
    is infilling markup: where a cut falls is chance, and foretelling it teaches nothing.
    """
    following = torch.full_like(tokens, IGNORED)
    inside = (parts[:, 1:] == parts[:, :-1]) & (parts[:, 1:] != 0)
    named = (tokens[:, 1:].unsqueeze(-1) == torch.tensor(markup, dtype=tokens.dtype, device=tokens.device)).any(-1)
    following[:, :-1] = torch.where(inside & ~named, tokens[:, 1:], IGNORED)
    return following


def middles(tokens: Tensor, parts: Tensor, middle: int) -> Tensor:
    """True where the next token belongs to an infilled middle, [B, S]: from the markup on to the part's end."""
    index = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
    marked = torch.where(tokens == middle, index, -1).cummax(dim=1).values
    start = torch.where(begins_of(parts), index, 0).cummax(dim=1).values
    return marked >= start


def weights_of(tokens: Tensor, parts: Tensor, targets: Tensor, middle: int, middle_weight: float) -> Tensor:
    """How much each target counts, float32 [B, S]: nothing where there is none, more in a middle than around it."""
    counted = (targets != IGNORED).float()
    return torch.where(middles(tokens, parts, middle), middle_weight, 1.0) * counted
