"""Names for sequences of tokens, computed as `language-server/decoding/ngrams/ngram-hash.ts` does."""

import numpy as np

FACTORS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B))
SEEDS = (0x2545F491, 0x27D4EB2F)


def hashes(windows: list[np.ndarray]) -> np.ndarray:
    """Both hashes of each sequence as one number of 64 bits, place above print. `windows[i]` has the ith tokens."""
    place, print_ = (state(windows, seed, factor) for seed, factor in zip(SEEDS, FACTORS, strict=True))
    return (place.astype(np.uint64) << np.uint64(32)) | print_.astype(np.uint64)


def state(windows: list[np.ndarray], seed: int, factor: np.uint32) -> np.ndarray:
    value = np.full(len(windows[0]), seed ^ len(windows), dtype=np.uint32)
    with np.errstate(over="ignore"):
        for tokens in windows:
            value = (value ^ tokens) * factor
            # As in JavaScript, where the bits are a number with a sign, but shifted in as zeros.
            value ^= value >> np.uint32(15)
    return value
