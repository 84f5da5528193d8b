"""A matrix in four bits as GGUF's Q4_1 holds it, with its codes chosen by whoever makes it."""

import dataclasses

import numpy as np
import torch
from torch import Tensor

from models.recipe.train.four_bits import BLOCK


@dataclasses.dataclass(frozen=True)
class CodedMatrix:
    """
    `codes` [out, in], whole numbers from 0 to 15; `scales` and `lows` [out, in / 32], in half precision. A value is
    scale · code + low of its block.
    """

    codes: Tensor
    scales: Tensor
    lows: Tensor

    def values(self) -> Tensor:
        """The numbers, float32 [out, in]."""
        blocks = self.codes.view(*self.scales.shape, BLOCK).float()
        return (blocks * self.scales.float().unsqueeze(-1) + self.lows.float().unsqueeze(-1)).view(self.codes.shape)

    def in_order(self, rows: Tensor) -> "CodedMatrix":
        """The same rows in another order."""
        return CodedMatrix(self.codes[rows], self.scales[rows], self.lows[rows])

    def packed(self) -> np.ndarray:
        """The bytes of Q4_1, uint8 [out, 20 · in / 32]: scale, low, then two codes a byte, 16 values apart."""
        codes = self.codes.view(*self.scales.shape, BLOCK).to(torch.uint8).numpy()
        early, late = codes[..., : BLOCK // 2], codes[..., BLOCK // 2 :]
        halves = [part.half().unsqueeze(-1).numpy().view(np.uint8) for part in (self.scales, self.lows)]
        return np.concatenate([*halves, early | late << 4], axis=-1).reshape(len(codes), -1)
