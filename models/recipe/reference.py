"""The network of the llama family in PyTorch, written to be read: the yardstick for the converted graphs.

It shares nothing with the converter: tensors are read and widened by llama.cpp's own Python package, and queries and
keys are rotated as neighbours, which is the order of their rows in the file.
"""

from dataclasses import dataclass

import gguf
import numpy as np
import torch
from torch.nn import functional as F


# Keys and values of the tokens so far, by layer: [batch, key/value heads, tokens, head size].
Past = dict[int, tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True)
class Sizes:
    layers: int
    hidden: int
    heads: int
    key_value_heads: int
    rope_base: float
    epsilon: float

    @property
    def head_size(self) -> int:
        return self.hidden // self.heads


class Reference:
    """Float32 weights of a GGUF file, and what they answer."""

    def __init__(self, path: str):
        reader = gguf.GGUFReader(path)
        field = lambda name: reader.fields[f"llama.{name}"].contents()
        self.sizes = Sizes(
            layers=field("block_count"),
            hidden=field("embedding_length"),
            heads=field("attention.head_count"),
            key_value_heads=field("attention.head_count_kv"),
            rope_base=field("rope.freq_base"),
            epsilon=field("attention.layer_norm_rms_epsilon"),
        )
        self.weights = {
            tensor.name: torch.from_numpy(
                np.array(gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
            )
            for tensor in reader.tensors
        }

    @torch.inference_mode()
    def hidden(self, tokens: torch.Tensor, layers: int | None = None) -> torch.Tensor:
        """Hidden states [batch, tokens, hidden] after `layers` layers, by default all of them."""
        return self._run(tokens, {}, layers)

    @torch.inference_mode()
    def head(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits over the vocabulary, spoken from hidden states of any depth."""
        return self._norm(hidden, "output_norm.weight") @ self.weights["token_embd.weight"].T

    @torch.inference_mode()
    def greedy(self, tokens: torch.Tensor, count: int) -> torch.Tensor:
        """The likeliest next tokens [batch, count], one after the other."""
        written: list[torch.Tensor] = []
        past: Past = {}
        fresh = tokens
        while len(written) < count:
            fresh = self.head(self._run(fresh, past)[:, -1:]).argmax(-1)
            written.append(fresh)
        return torch.cat(written, dim=1)

    def _run(self, tokens: torch.Tensor, past: Past, layers: int | None = None) -> torch.Tensor:
        x = self.weights["token_embd.weight"][tokens]
        for layer in range(self.sizes.layers if layers is None else layers):
            x = self._layer(x, layer, past)
        return x

    def _layer(self, x: torch.Tensor, layer: int, past: Past) -> torch.Tensor:
        weight = lambda name: self.weights[f"blk.{layer}.{name}.weight"]
        start = past[layer][0].shape[2] if layer in past else 0
        normal = self._norm(x, f"blk.{layer}.attn_norm.weight")
        query, key, value = (normal @ weight(name).T for name in ("attn_q", "attn_k", "attn_v"))
        query = self._rotate(self._by_head(query, self.sizes.heads), start)
        key = self._rotate(self._by_head(key, self.sizes.key_value_heads), start)
        value = self._by_head(value, self.sizes.key_value_heads)
        if start > 0:
            key, value = (torch.cat(pair, dim=2) for pair in zip(past[layer], (key, value)))
        past[layer] = (key, value)
        groups = self.sizes.heads // self.sizes.key_value_heads
        key, value = (part.repeat_interleave(groups, dim=1) for part in (key, value))
        # Either the whole text is read at once, or one token after it: a mask is needed for the former alone.
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=start == 0)
        x = x + mixed.transpose(1, 2).reshape(x.shape) @ weight("attn_output").T
        normal = self._norm(x, f"blk.{layer}.ffn_norm.weight")
        active = F.silu(normal @ weight("ffn_gate").T) * (normal @ weight("ffn_up").T)
        return x + active @ weight("ffn_down").T

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.sizes.epsilon) * self.weights[name]

    def _by_head(self, x: torch.Tensor, heads: int) -> torch.Tensor:
        return x.view(*x.shape[:2], heads, self.sizes.head_size).transpose(1, 2)

    def _rotate(self, x: torch.Tensor, start: int) -> torch.Tensor:
        """Turns each pair of neighbours by its angle (RoFormer, Su et al. 2021, eq. 34). x: [batch, heads, tokens, head size]."""
        half = torch.arange(0, self.sizes.head_size, 2, dtype=torch.float64)
        positions = torch.arange(start, start + x.shape[2], dtype=torch.float64)[:, None]
        angles = positions / self.sizes.rope_base ** (half / self.sizes.head_size)
        cosine, sine = angles.cos().float(), angles.sin().float()
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1).flatten(-2)
