"""The shape of a llama-type decoder, and where it may speak early."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Architecture:
    """Sizes as in a bundle's description (language-server/inference/bundle.ts)."""

    layers: int
    hidden: int
    heads: int
    key_value_heads: int
    head_size: int
    feed_forward: int
    vocabulary: int
    context: int
    rope_base: float
    norm_epsilon: float


# Layers after which the 135M model is trained to speak; the last is the whole network.
EXITS = (10, 15, 20, 25, 30)

# A network that trains in seconds, for tests.
TINY = Architecture(
    layers=4,
    hidden=32,
    heads=4,
    key_value_heads=2,
    head_size=8,
    feed_forward=64,
    vocabulary=96,
    context=128,
    rope_base=10_000.0,
    norm_epsilon=1e-5,
)
