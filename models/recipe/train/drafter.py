"""A small recurrent network that guesses the tokens after the next one, for the whole network to check in one pass."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.recipe.train.four_bits import CodedLinear

# Width inside a block.
INNER = 1536
# How far the network is unrolled in training: guesses 1 to 4 after the token that full depth gives.
STEPS = 4


class Block(nn.Module):
    """A gated feed-forward part that adds to its input."""

    def __init__(self, hidden: int, inner: int, epsilon: float) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(hidden, eps=epsilon)
        self.gate = CodedLinear(hidden, inner, bias=False)
        self.up = CodedLinear(hidden, inner, bias=False)
        self.down = CodedLinear(inner, hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        normal = normed(self.norm, x)
        return x + self.down(F.silu(self.gate(normal)) * self.up(normal))


class Drafter(nn.Module):
    """
    One cell for all steps (recurrent drafter, arXiv 2403.09919; that what was guessed is read as well, arXiv 2402.05109).

    Its state is at first the network's own after the last layer, ahead of the head's norm, at a position t. A step
    reads the state and the next token's embedding and gives the next state, whose product with the network's own
    embedding of some `tokens` [V - 1] foretells the token after that one; a row of its own stands for all other tokens.
    """

    tokens: Tensor

    def __init__(self, hidden: int, blocks: int, tokens: Tensor, epsilon: float, inner: int = INNER) -> None:
        super().__init__()
        self.state_norm = nn.RMSNorm(hidden, eps=epsilon)
        self.token_norm = nn.RMSNorm(hidden, eps=epsilon)
        self.enter = CodedLinear(2 * hidden, hidden, bias=False)
        self.blocks = nn.ModuleList(Block(hidden, inner, epsilon) for _ in range(blocks))
        self.output_norm = nn.RMSNorm(hidden, eps=epsilon)
        self.other = nn.Parameter(torch.zeros(hidden))
        self.register_buffer("tokens", tokens.int())

    def forward(self, state: Tensor, embedded: Tensor) -> Tensor:
        """The next state [N, hidden] after a state and the embedding of the token that follows it, both [N, hidden]."""
        x = self.enter(torch.cat((normed(self.state_norm, state), normed(self.token_norm, embedded)), dim=-1))
        for block in self.blocks:
            x = block(x)
        return x

    def logits(self, state: Tensor, rows: Tensor) -> Tensor:
        """Logits [N, V] of `tokens`, whose embedding `rows` [V - 1, hidden] are, and last of any other token."""
        return F.linear(normed(self.output_norm, state), torch.cat((rows, self.other.unsqueeze(0))))


def normed(norm: nn.RMSNorm, x: Tensor) -> Tensor:
    """A norm in float32, its result in the precision of `x`."""
    return norm(x.float()).to(x.dtype)


def start_drafter(drafter: Drafter, table: Tensor, gain: Tensor, seed: int) -> None:
    """
    First values, given the embedding `table` [vocabulary, hidden] and the `gain` of the head's norm: states are read
    as the head reads them, blocks change little at first, and the row of other tokens is the mean of theirs.
    """
    generator = torch.Generator().manual_seed(seed)
    for name, matrix in drafter.named_parameters():
        if matrix.dim() == 2:
            scale = (0.1 if name.endswith("down.weight") else 1.0) / matrix.shape[1] ** 0.5
            matrix.data.copy_(torch.randn(matrix.shape, generator=generator) * scale)
    for norm in (drafter.state_norm, drafter.output_norm):
        norm.weight.data.copy_(gain)
    others = torch.ones(len(table), dtype=torch.bool)
    others[drafter.tokens.long()] = False
    drafter.other.data.copy_(table[others].mean(dim=0))


def stored_drafter(drafter: Drafter) -> dict[str, Tensor]:
    """
    What is kept of a drafter, float16 but for `tokens`, whole numbers in float32. Matrices are kept as they were before
    rounding: what was trained is what Q4_1 makes of them (`four_bits`).
    """
    kept = {
        "in.weight": drafter.enter.weight,
        "state_norm": drafter.state_norm.weight,
        "token_norm": drafter.token_norm.weight,
        "output_norm": drafter.output_norm.weight,
        "other": drafter.other,
    }
    for number, block in enumerate(drafter.blocks):
        for name in ("norm", "gate", "up", "down"):
            kept[f"blocks.{number}.{name}"] = getattr(block, name).weight
    halves = {name: values.detach().half().cpu().contiguous() for name, values in kept.items()}
    return {**halves, "tokens": drafter.tokens.float().cpu()}


@torch.no_grad()
def round_to_half(network: nn.Module) -> None:
    """Takes the precision that is not stored away, so that what is measured next is what is stored."""
    for values in network.parameters():
        values.copy_(values.half())
