"""Weights as the bundle will hold them, while they are trained: four bits with a scale and a least value a block."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# GGUF's Q4_1: blocks along the input, codes 0 to 15, scale and least value in half precision.
BLOCK = 32
MOST = 15


def four_bits(weight: Tensor) -> Tensor:
    """What Q4_1 keeps of a matrix [out, in], rounded as llama.cpp and gguf-py round; the same again for its own result."""
    blocks = weight.view(weight.shape[0], -1, BLOCK)
    low, high = blocks.aminmax(dim=-1, keepdim=True)
    scale = (high - low) / MOST
    inverse = torch.where(scale == 0, 0.0, 1 / scale)
    codes = ((blocks - low) * inverse + 0.5).floor().clamp(0, MOST)
    return (codes * scale.half().float() + low.half().float()).view_as(weight)


class CodedLinear(nn.Linear):
    """
    A product whose weights are rounded to four bits on the way forward when `coded` is set; gradients pass as if they
    were not (straight-through estimator, arXiv 1308.3432, section 3), so the weights themselves stay float32.
    """

    coded = False

    def forward(self, x: Tensor) -> Tensor:
        if not self.coded:
            return F.linear(x, self.weight)
        return F.linear(x, self.weight + (four_bits(self.weight.detach()) - self.weight.detach()))


def code_weights(network: nn.Module) -> None:
    """From now on every matrix of the layers is used as four bits hold it."""
    for module in network.modules():
        if isinstance(module, CodedLinear):
            module.coded = True
