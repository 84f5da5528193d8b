"""What a CPU can train: low-rank changes to the layers' matrices, and the markup's rows; all else stays as it is."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.recipe.train.decoder import Decoder
from models.recipe.train.four_bits import CodedLinear
from models.recipe.train.gguf_weights import WeightsError


class LowRankLinear(nn.Module):
    """A fixed product and a change to it of low rank that is trained (LoRA, arXiv 2106.09685, section 4.1)."""

    def __init__(self, base: CodedLinear, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        rows, columns = base.weight.shape
        self.down = nn.Parameter(torch.randn(rank, columns, generator=generator) / columns**0.5)
        # Nothing at first: the network starts as the one that it changes.
        self.up = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + F.linear(F.linear(x, self.down), self.up)

    def merged(self) -> CodedLinear:
        """The plain product with the change added to its weights."""
        with torch.no_grad():
            self.base.weight += self.up @ self.down
        return self.base.requires_grad_(True)


def add_low_rank(decoder: Decoder, rank: int, from_layer: int, seed: int) -> None:
    """Freezes a decoder and gives every matrix of the layers from `from_layer` on a change of this rank to learn."""
    decoder.requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for layer in decoder.blk[from_layer:]:
        for name, module in list(layer.named_children()):
            if isinstance(module, CodedLinear):
                setattr(layer, name, LowRankLinear(module, rank, generator))


def train_rows_alone(decoder: Decoder, tokens: tuple[int, ...]) -> None:
    """Of the table of tokens, trains the rows of these alone: those of the markup, which are new."""
    table = decoder.token_embd.weight.requires_grad_(True)
    kept = torch.zeros(len(table), 1)
    kept[list(tokens)] = 1
    # Gradients of nothing move nothing: the table does not decay.
    table.register_hook(lambda gradient: gradient * kept.to(gradient.device))


def merge_low_rank(decoder: Decoder) -> None:
    """Puts every learnt change into the weights, so that the decoder has the plain shape again."""
    for layer in decoder.blk:
        for name, module in list(layer.named_children()):
            if isinstance(module, LowRankLinear):
                setattr(layer, name, module.merged())


def check_low_rank(rank: int, four_bits: bool) -> None:
    """Raises WeightsError where low rank cannot be had."""
    if rank < 0:
        raise WeightsError(f"The rank is {rank}; it must be 0 for none, or more.")
    if 0 < rank and four_bits:
        raise WeightsError("Changes of low rank are no four-bit numbers: train without --four-bits and quantise afterwards.")
