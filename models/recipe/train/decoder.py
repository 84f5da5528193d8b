"""The decoder that is trained: the llama family in PyTorch, with hidden states handed out at every exit."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.recipe.train.architecture import Architecture
from models.recipe.train.attention import Sight, attend, bounds_of, mask_of, positions_of
from models.recipe.train.four_bits import CodedLinear


class Layer(nn.Module):
    """Attention with shared key/value heads, then a gated feed-forward part; both add to their input."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.shape = shape
        width, narrow = shape.heads * shape.head_size, shape.key_value_heads * shape.head_size
        self.attn_norm = nn.RMSNorm(shape.hidden, eps=shape.norm_epsilon)
        self.attn_q = CodedLinear(shape.hidden, width, bias=False)
        self.attn_k = CodedLinear(shape.hidden, narrow, bias=False)
        self.attn_v = CodedLinear(shape.hidden, narrow, bias=False)
        self.attn_output = CodedLinear(width, shape.hidden, bias=False)
        self.ffn_norm = nn.RMSNorm(shape.hidden, eps=shape.norm_epsilon)
        self.ffn_gate = CodedLinear(shape.hidden, shape.feed_forward, bias=False)
        self.ffn_up = CodedLinear(shape.hidden, shape.feed_forward, bias=False)
        self.ffn_down = CodedLinear(shape.feed_forward, shape.hidden, bias=False)

    def forward(self, x: Tensor, sight: Sight, rotary: tuple[Tensor, Tensor], keep: Tensor | None) -> Tensor:
        """`x` [B, S, hidden]; `sight` says where a position may look; `keep` [B, 1, 1] or None."""
        attended = self.attend(self.attn_norm(x), sight, rotary)
        x = x + (attended if keep is None else attended * keep)
        normal = self.ffn_norm(x)
        change = self.ffn_down(F.silu(self.ffn_gate(normal)) * self.ffn_up(normal))
        return x + (change if keep is None else change * keep)

    def attend(self, normal: Tensor, sight: Sight, rotary: tuple[Tensor, Tensor]) -> Tensor:
        batch, length, _ = normal.shape
        size, groups = self.shape.head_size, self.shape.heads // self.shape.key_value_heads
        by_head = lambda rows: rows.view(batch, length, -1, size)
        query = rotate(by_head(self.attn_q(normal)), rotary)
        key = rotate(by_head(self.attn_k(normal)), rotary)
        value = by_head(self.attn_v(normal))
        # Repeated by hand: not every fused kernel shares heads itself.
        key, value = (rows.repeat_interleave(groups, dim=2) for rows in (key, value))
        return self.attn_output(attend(query, key, value.to(query.dtype), sight).reshape(batch, length, -1))


RunLayer = Callable[[Layer, Tensor, Sight, tuple[Tensor, Tensor], Tensor | None], Tensor]


def run_layer(
    layer: Layer, x: Tensor, sight: Sight, rotary: tuple[Tensor, Tensor], keep: Tensor | None
) -> Tensor:
    """What is compiled: one layer, the same code for all of them."""
    return layer(x, sight, rotary, keep)


class Decoder(nn.Module):
    """Tokens to hidden states at chosen depths, and hidden states to logits through one shared head."""

    def __init__(self, shape: Architecture, exit_gains: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.hidden)
        self.blk = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.hidden, eps=shape.norm_epsilon)
        # Gains of norms that single exits have of their own; a bundle of version 1 cannot hold them.
        self.exit_gains = nn.ParameterDict(
            {str(layer): nn.Parameter(torch.ones(shape.hidden)) for layer in exit_gains if layer < shape.layers}
        )
        cosines, sines = rotary_tables(shape)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)

    def forward(
        self,
        tokens: Tensor,
        parts: Tensor,
        exits: tuple[int, ...],
        keep: Tensor | None = None,
        run: RunLayer = run_layer,
    ) -> dict[int, Tensor]:
        """
        Hidden states [B, S, hidden] after each of `exits`, ahead of the head's norm.

        `tokens` and `parts` are [B, S]. A position sees earlier positions of its own part only, and positions count
        from the start of the part; part 0 is padding. `keep` [layers, B] is 0 where a row skips a layer.
        """
        low = torch.is_autocast_enabled(tokens.device.type)
        sight, rotary = self.places_of(parts)
        x = self.token_embd(tokens)
        # Everything between the products is in bfloat16 too; it is memory that a narrow network waits for.
        x = x.to(torch.bfloat16) if low else x
        hidden: dict[int, Tensor] = {}
        for number, layer in enumerate(self.blk[: max(exits)], start=1):
            kept = None if keep is None else keep[number - 1].view(-1, 1, 1).to(x.dtype)
            x = run(layer, x, sight, rotary, kept)
            if number in exits:
                hidden[number] = x
        return hidden

    def places_of(self, parts: Tensor) -> tuple[Sight, tuple[Tensor, Tensor]]:
        """What every layer is told of the positions of `parts` [B, S]: where they may look, and how they are turned."""
        low = torch.is_autocast_enabled(parts.device.type)
        positions, sight = positions_of(parts), bounds_of(parts) if low else mask_of(parts)
        return sight, (self.cosines[positions].unsqueeze(2), self.sines[positions].unsqueeze(2))

    def logits(self, hidden: Tensor, exit_layer: int) -> Tensor:
        """Logits over the vocabulary [..., vocabulary] for hidden states at an exit."""
        return F.linear(self.normed(hidden, exit_layer), self.token_embd.weight)

    def normed(self, hidden: Tensor, exit_layer: int) -> Tensor:
        """What the head reads at an exit, in the precision of `hidden`."""
        normal = self.output_norm(hidden)
        gain = self.exit_gains[str(exit_layer)] if str(exit_layer) in self.exit_gains else None
        return (normal if gain is None else normal * gain).to(hidden.dtype)


def autocast(device: torch.device) -> AbstractContextManager[None]:
    """bfloat16 products on a GPU; plain float32 on a CPU, where results must repeat bit by bit."""
    return torch.autocast("cuda", dtype=torch.bfloat16) if device.type == "cuda" else nullcontext()


def rotary_tables(shape: Architecture) -> tuple[Tensor, Tensor]:
    """Cosines and sines [context, head_size / 2] (RoPE, arXiv 2104.09864)."""
    half = shape.head_size // 2
    frequencies = shape.rope_base ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(shape.context, dtype=torch.float64).unsqueeze(1) * frequencies
    return angles.cos().float(), angles.sin().float()


def rotate(rows: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
    """Turns pairs of values that lie half a head apart, as in the published weights."""
    cosines, sines = (table.to(rows.dtype) for table in rotary)
    first, second = rows.chunk(2, dim=-1)
    return torch.cat((first * cosines - second * sines, second * cosines + first * sines), dim=-1)
