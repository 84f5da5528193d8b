"""Packs examples into rows of equal length, many to a row, none cut."""

import bisect
from collections.abc import Iterable, Iterator

import numpy as np

# Rows that wait for an example that fits; more waste less and take more memory.
OPEN_ROWS = 64
# A row can hold so many parts, since parts are numbered in a byte and 0 is padding.
MOST_PARTS = 255


def pack_rows(examples: Iterable[list[int]], length: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """
    Rows of tokens, uint16 [length], and of part numbers, uint8 [length].

    Parts count from 1 in each row; what is left at the end is token 0 in part 0. An example goes where it leaves
    the least room (best fit), so about one token in a hundred is padding.
    """
    waiting: list[tuple[int, int, list[list[int]]]] = []
    ticket = 0
    for tokens in examples:
        if length < len(tokens):
            raise ValueError(f"An example of {len(tokens)} tokens does not fit into a row of {length}.")
        place = bisect.bisect_left(waiting, (len(tokens), -1, []))
        if place < len(waiting):
            room, number, row = waiting.pop(place)
        else:
            if len(waiting) == OPEN_ROWS:
                yield laid_out(waiting.pop(0)[2], length)
            room, number, row = length, ticket, []
            ticket += 1
        row.append(tokens)
        if len(row) == MOST_PARTS:
            yield laid_out(row, length)
        else:
            bisect.insort(waiting, (room - len(tokens), number, row))
    for _, _, row in sorted(waiting, key=lambda entry: entry[1]):
        yield laid_out(row, length)


def laid_out(row: list[list[int]], length: int) -> tuple[np.ndarray, np.ndarray]:
    tokens = np.zeros(length, np.uint16)
    parts = np.zeros(length, np.uint8)
    start = 0
    for number, example in enumerate(row, start=1):
        tokens[start : start + len(example)] = example
        parts[start : start + len(example)] = number
        start += len(example)
    return tokens, parts
