"""Four bits chosen by what code makes of them: a matrix is rounded so that its products change little, not its numbers."""

from collections.abc import Callable

import torch
from torch import Tensor

from models.recipe.train.coded_matrix import CodedMatrix
from models.recipe.train.four_bits import BLOCK, MOST

# Shares of a block's range that are tried: a few large values need not set the step of all others.
SHARES = (1.0, *(share / 40 for share in range(28, 40)))
# Added to the moments' diagonal, as a share of its mean, so that inputs that were seldom seen do no harm.
DAMPING = 0.01
# Q4_0, the smaller format, has no least value of its own: code 8 stands for nothing.
ZERO_CODE = 8

# From columns of a block [out, 32] and how much each input counts [32], or None where the whole range is to be covered,
# to a scale and a least value [out, 1] each.
ChooseGrid = Callable[[Tensor, Tensor | None], tuple[Tensor, Tensor]]


def grid_with_offset(values: Tensor, counts: Tensor | None) -> tuple[Tensor, Tensor]:
    """Q4_1: the range of a block, or the part of it around its middle that costs least."""
    low, high = values.aminmax(dim=1, keepdim=True)
    middle = (low + high) / 2
    return cheapest(values, counts, [((high - low) * share / MOST, middle - (middle - low) * share) for share in SHARES])


def grid_around_zero(values: Tensor, counts: Tensor | None) -> tuple[Tensor, Tensor]:
    """Q4_0: the value that is farthest from zero gets code 0, or one outside, whichever costs least."""
    farthest = values.gather(1, values.abs().argmax(dim=1, keepdim=True))
    scales = [farthest / -ZERO_CODE * share for share in SHARES]
    return cheapest(values, counts, [(scale, scale.half().float() * -ZERO_CODE) for scale in scales])


def cheapest(values: Tensor, counts: Tensor | None, grids: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """For each row the grid whose rounding costs least, by squares of what it moves, each times its input's count."""
    if counts is None:
        return grids[0][0].half().float(), grids[0][1].half().float()
    best: tuple[Tensor, Tensor, Tensor] | None = None
    for scale, low in ((scale.half().float(), low.half().float()) for scale, low in grids):
        cost = ((rounded(values, scale, low) - values).square() * counts).sum(dim=1, keepdim=True)
        if best is None:
            best = cost, scale, low
            continue
        better = cost < best[0]
        best = tuple(torch.where(better, new, old) for new, old in zip((cost, scale, low), best, strict=True))
    assert best is not None
    return best[1], best[2]


def codes_of(values: Tensor, scale: Tensor, low: Tensor) -> Tensor:
    return torch.where(scale == 0, 0.0, (values - low) / scale).round().clamp(0, MOST)


def rounded(values: Tensor, scale: Tensor, low: Tensor) -> Tensor:
    return codes_of(values, scale, low) * scale + low


def by_range(weight: Tensor, choose: ChooseGrid) -> CodedMatrix:
    """A matrix [out, in] rounded value by value to the nearest, each block by its range: calibrated on nothing."""
    return coded_by(weight, lambda columns, _: choose(columns, None), None)


def by_moments(weight: Tensor, moments: Tensor, choose: ChooseGrid) -> CodedMatrix:
    """Rounds to the nearest with grids for which inputs count as much as they are large: `moments` [in, in], x · xᵀ."""
    return coded_by(weight, lambda columns, first: choose(columns, moments.diagonal()[first : first + BLOCK]), None)


def by_feedback(weight: Tensor, moments: Tensor, choose: ChooseGrid) -> CodedMatrix:
    """
    Rounds column after column, and lets the columns that follow make up for what each one moved the product by
    (GPTQ, arXiv 2210.17323, section 3), on grids as by `by_moments`.
    """
    counts = moments.diagonal()
    whole = moments + torch.eye(len(moments)) * counts.mean() * DAMPING
    inverse = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(whole)), upper=True)
    return coded_by(weight, lambda columns, first: choose(columns, counts[first : first + BLOCK]), inverse)


def coded_by(weight: Tensor, grid: Callable[[Tensor, int], tuple[Tensor, Tensor]], inverse: Tensor | None) -> CodedMatrix:
    """Codes block after block; with an upper triangle `inverse` [in, in] later columns make up for earlier ones."""
    left = weight.clone()
    codes, scales, lows = [], [], []
    for first in range(0, weight.shape[1], BLOCK):
        inside = slice(first, first + BLOCK)
        scale, low = grid(left[:, inside], first)
        scales.append(scale)
        lows.append(low)
        if inverse is None:
            codes.append(codes_of(left[:, inside], scale, low))
            continue
        moved = torch.empty(len(weight), BLOCK)
        for column in range(first, first + BLOCK):
            value = left[:, column : column + 1]
            code = codes_of(value, scale, low)
            codes.append(code)
            error = (value - code * scale - low) / inverse[column, column]
            moved[:, column - first] = error.squeeze(1)
            left[:, column + 1 : inside.stop] -= error * inverse[column, column + 1 : inside.stop]
        left[:, inside.stop :] -= moved @ inverse[inside, inside.stop :]
    return CodedMatrix(torch.cat(codes, dim=1), torch.cat(scales, dim=1).half(), torch.cat(lows, dim=1).half())
