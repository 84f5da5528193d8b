"""The stage `python -m models.recipe.train.check_bundle BUNDLE WEIGHTS.gguf`: PyTorch against ONNX Runtime at every exit."""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from models.recipe.train.bundle_network import BundleNetwork
from models.recipe.train.gguf_weights import WeightsError, read_decoder
from models.recipe.train.tokenizer import TextEncoder

SAMPLE = '''def parse_version(text: str) -> tuple[int, ...]:
    """Turn "1.20.3" into (1, 20, 3)."""
    parts = text.strip().split(".")
    if not all(part.isdigit() for part in parts):
        raise ValueError(f"not a version: {text!r}")
    return tuple(int(part) for part in parts)
'''


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("weights", type=Path, help="the GGUF file that the bundle was converted from")
    parser.add_argument("--tolerance", type=float, default=1e-3, help="largest difference of logits in an fp32 bundle")
    parser.add_argument("--chunk", type=int, default=7, help="tokens fed at a time")
    options = parser.parse_args()
    torch.set_num_threads(1)
    try:
        decoder, vocabulary = read_decoder(options.weights)
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1
    tokens = TextEncoder(vocabulary).encode(SAMPLE)
    network = BundleNetwork(options.bundle)
    ours = decoder_logits(decoder, tokens, tuple(exit["layer"] for exit in network.description["exits"]))
    theirs = network.logits_at_exits(tokens, options.chunk)
    exact = network.description["weights"] == "fp32"
    worst = 0.0
    for layer, expected in ours.items():
        difference = float(np.abs(expected - theirs[layer]).max())
        relative = float(np.linalg.norm(expected - theirs[layer]) / np.linalg.norm(expected))
        same = float((expected.argmax(-1) == theirs[layer].argmax(-1)).mean())
        worst = max(worst, difference)
        print(f"exit {layer}: largest difference {difference:.2e}, relative {relative:.2e}, same choice {same:.1%}")
    if exact and options.tolerance < worst:
        print(f"The bundle differs from its weights by {worst:.2e}, more than {options.tolerance}.", file=sys.stderr)
        return 1
    if not exact:
        print(f"The bundle stores {network.description['weights']}: differences are its rounding, not judged here.")
    return 0


@torch.no_grad()
def decoder_logits(decoder: torch.nn.Module, tokens: list[int], exits: tuple[int, ...]) -> dict[int, np.ndarray]:
    """Logits [S, vocabulary] at each exit by PyTorch."""
    ids = torch.tensor([tokens])
    hidden = decoder(ids, torch.ones_like(ids), exits)
    return {layer: decoder.logits(hidden[layer][0], layer).numpy() for layer in exits}


if __name__ == "__main__":
    sys.exit(main())
