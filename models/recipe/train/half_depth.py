"""A layer of its own that an early exit reads through, trained to say what full depth says."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.recipe.train.attention import Sight
from models.recipe.train.decoder import Decoder, Layer, RunLayer, run_layer

# Of the positions, how many are learnt from in a step; each costs a product with the whole head.
LEARNT_SHARE = 0.25


def exit_layers(decoder: Decoder, depths: tuple[int, ...]) -> nn.ModuleDict:
    """A layer for each depth, to stand after so many of the network's; it starts as the one that follows there."""
    layers = {str(depth): Layer(decoder.shape) for depth in depths}
    for depth, layer in layers.items():
        layer.load_state_dict(decoder.blk[int(depth)].state_dict())
    return nn.ModuleDict(layers)


def distance(logits: Tensor, full: Tensor, weights: Tensor) -> Tensor:
    """Summed cross-entropy of logits [N, vocabulary] with the distribution of full depth's logits, weighted [N]."""
    wanted = full.float().softmax(-1)
    logits = logits.float()
    return ((logits.logsumexp(-1) - (logits * wanted).sum(-1)) * weights).sum()


def half_depth_loss(
    decoder: Decoder,
    layer: Layer,
    below: Tensor,
    last: Tensor,
    about: tuple[Sight, tuple[Tensor, Tensor]],
    weights: Tensor,
    generator: torch.Generator,
    run: RunLayer = run_layer,
    compare: Callable[[Tensor, Tensor, Tensor], Tensor] = distance,
) -> Tensor:
    """
    The mean loss of a layer on states `below` [B, S, hidden], at some positions drawn by `generator`, against full
    depth's states `last`; `about` as `Decoder.places_of` gives it, `weights` [B, S].
    """
    drawn = torch.randperm(weights.numel(), generator=generator, device=generator.device)
    drawn = drawn[: round(weights.numel() * LEARNT_SHARE)]
    state = run(layer, below, *about, None).flatten(0, 1)[drawn]
    depth, head = decoder.shape.layers, decoder.token_embd.weight
    with torch.no_grad():
        full = F.linear(decoder.normed(last.flatten(0, 1)[drawn], depth), head)
    counted = weights.flatten()[drawn]
    return compare(F.linear(decoder.normed(state, depth), head), full, counted) / counted.sum().clamp(min=1)


def stored_layer(layer: Layer) -> dict[str, Tensor]:
    """A layer as float16, by the decoder's names; matrices before rounding, as `stored_drafter` keeps them."""
    return {name: values.detach().half().cpu().contiguous() for name, values in layer.state_dict().items()}
