"""The table of n-grams on disk: open addressing over slots of four bytes (models/README.md has the format)."""

import numpy as np

from models.recipe.ngrams.counts import Counted

MAGIC = 0x52474E43  # CNGR, little-endian
VERSION = 1
# Share of the slots that are taken: fuller tables are searched longer.
LOAD = 0.85
STEPS_PER_NAT = 24
SHORTEST = 2


def packed_table(orders: list[Counted], entries: int) -> tuple[bytes, list[int]]:
    """The table of the `entries` n-grams that are worth most, and how many of each length they are."""
    gain = np.concatenate([order.gain for order in orders])
    kept = np.sort(np.argsort(-gain, kind="stable")[:entries])
    keys = np.concatenate([order.keys for order in orders])[kept]
    steps = np.rint(-np.log(np.concatenate([order.shares for order in orders])[kept]) * STEPS_PER_NAT)
    slots = table_of(keys, np.clip(steps, 0, 255).astype(np.uint32))
    header = np.asarray([MAGIC, VERSION, SHORTEST, SHORTEST + len(orders) - 1, len(slots)], dtype="<u4")
    edges = np.cumsum([0, *(len(order.keys) for order in orders)])
    counts = [int(((low <= kept) & (kept < high)).sum()) for low, high in zip(edges, edges[1:], strict=False)]
    return header.tobytes() + slots.astype("<u4").tobytes(), counts


def table_of(keys: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Slots: three bytes of the key's print above the step of its probability; zero where nothing is."""
    size = int(np.ceil(len(keys) / LOAD)) + 1
    prints = np.maximum(keys & np.uint64(0xFFFFFF), np.uint64(1)).astype(np.uint32)
    homes = ((keys >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)
    # Keys ascend, so homes do: each goes to the first free slot from its home on, and only the last may wrap.
    slots = np.zeros(size, dtype=np.uint32)
    order = np.argsort(homes, kind="stable")
    for home, entry in zip(homes[order].tolist(), ((prints << np.uint32(8)) | steps)[order].tolist(), strict=True):
        at = home
        while slots[at]:
            at = (at + 1) % size
        slots[at] = entry
    return slots
