"""Who looks at whom in packed rows: an explicit mask on a CPU, the bounds of parts for the fused kernel on a GPU."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

# Parts that a row holds on average at most; more than that in a batch is refused, not cut.
PARTS_A_ROW = 32


class Bounds(NamedTuple):
    """Where parts begin in all rows laid end to end, int32 [most + 1], filled up with the end; a row's length."""

    starts: Tensor
    longest: int


# A bool mask [B, 1, S, S], true where a position may look, or the bounds of parts.
Sight = Tensor | Bounds


def begins_of(parts: Tensor) -> Tensor:
    """True where a part begins, [B, S]."""
    begins = torch.ones_like(parts, dtype=torch.bool)
    begins[:, 1:] = parts[:, 1:] != parts[:, :-1]
    return begins


def positions_of(parts: Tensor) -> Tensor:
    """Positions [B, S], counted from the start of each part."""
    index = torch.arange(parts.shape[1], device=parts.device)
    return index - torch.where(begins_of(parts), index, 0).cummax(dim=1).values


def mask_of(parts: Tensor) -> Tensor:
    """The mask: a position sees earlier ones of its own part. Padding sees itself alone or earlier padding."""
    index = torch.arange(parts.shape[1], device=parts.device)
    same = (parts.unsqueeze(2) == parts.unsqueeze(1)) & (index.view(1, -1, 1) >= index.view(1, 1, -1))
    return same.unsqueeze(1)


def bounds_of(parts: Tensor) -> Bounds:
    """The bounds of parts that lie on a GPU, without waiting for it. `check_parts` must have passed them before."""
    rows, length = parts.shape
    index = torch.arange(rows * length, dtype=torch.int32, device=parts.device)
    starts = torch.where(begins_of(parts).flatten(), index, rows * length).sort().values[: rows * PARTS_A_ROW]
    return Bounds(torch.cat((starts, torch.full_like(starts[:1], rows * length))), length)


def check_parts(parts: Tensor) -> None:
    """Raises ValueError where rows hold more parts than `bounds_of` can tell."""
    found = int(begins_of(parts).sum())
    if len(parts) * PARTS_A_ROW < found:
        raise ValueError(f"{len(parts)} rows hold {found} parts; raise PARTS_A_ROW ({PARTS_A_ROW}) for such short texts.")


def attend(query: Tensor, key: Tensor, value: Tensor, sight: Sight) -> Tensor:
    """Attention of [B, S, heads, size] over keys and values with as many heads, in the same layout."""
    if isinstance(sight, Bounds):
        from torch.nn.attention.varlen import varlen_attn

        flat = [rows.flatten(0, 1) for rows in (query, key, value)]
        mixed = varlen_attn(
            *flat, sight.starts, sight.starts, sight.longest, sight.longest, window_size=(-1, 0)
        )
        return mixed.view_as(query)
    by_head = [rows.transpose(1, 2) for rows in (query, key, value)]
    return F.scaled_dot_product_attention(*by_head, attn_mask=sight).transpose(1, 2)
