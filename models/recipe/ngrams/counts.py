"""Counts of the n-grams of one length, and how likely their last tokens are after the others."""

import dataclasses

import numpy as np

from models.recipe.ngrams.hashes import hashes


@dataclasses.dataclass(frozen=True)
class Counted:
    """N-grams of one length, ordered by key. `gain` is how many nats they are worth over the next shorter ones."""

    keys: np.ndarray
    counts: np.ndarray
    shares: np.ndarray
    gain: np.ndarray


def count_order(tokens: np.ndarray, order: int, least: int, gap: np.uint32, shorter: Counted | None) -> Counted:
    """The n-grams of `order` tokens that come `least` times or more."""
    windows = [tokens[at : len(tokens) - order + 1 + at] for at in range(order)]
    whole = np.logical_and.reduce([window != gap for window in windows])
    windows = [window[whole] for window in windows]
    keys, first, counts = np.unique(hashes(windows), return_index=True, return_counts=True)
    often = counts >= least
    keys, first, counts = keys[often], first[often], counts[often]
    contexts, followed = np.unique(hashes(windows[:-1]), return_counts=True)
    own = hashes([window[first] for window in windows[:-1]])
    shares = counts / followed[np.searchsorted(contexts, own)]
    backed_off = shares_of(hashes([window[first] for window in windows[1:]]), shorter)
    gain = counts * np.log(shares / backed_off)
    return Counted(keys, counts, shares, gain)


def shares_of(keys: np.ndarray, counted: Counted | None) -> np.ndarray:
    """What shorter n-grams say; a small share where they say nothing."""
    unseen = 1e-4
    if counted is None or len(counted.keys) == 0:
        return np.full(len(keys), unseen)
    at = np.minimum(np.searchsorted(counted.keys, keys), len(counted.keys) - 1)
    return np.where(counted.keys[at] == keys, counted.shares[at], unseen)
