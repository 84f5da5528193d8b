"""The table holds what was counted, under the names that the language server looks for."""

import numpy as np

from models.recipe.ngrams.counts import count_order
from models.recipe.ngrams.hashes import hashes
from models.recipe.ngrams.table import packed_table

GAP = np.uint32(0xFFFFFFFF)
HASH_3 = (3776713733, 672927304)
HASH_1 = (1013573228, 2709921365)


def test_hashes_are_those_of_the_server() -> None:
    # From `hashOf([5, 7, 11], 0, 3)` and `hashOf([49151], 0, 1)`, which test/decoding/ngrams.test.ts holds too.
    windows = [np.asarray([token], dtype=np.uint32) for token in (5, 7, 11)]
    assert hashes(windows)[0] == (HASH_3[0] << 32) | HASH_3[1]
    assert hashes([np.asarray([49151], dtype=np.uint32)])[0] == (HASH_1[0] << 32) | HASH_1[1]


def test_shares_are_counts_over_counts_of_what_comes_before() -> None:
    tokens = np.asarray([1, 2, 1, 2, 1, 3, GAP, 1, 2], dtype=np.uint32)
    counted = count_order(tokens, 2, 1, GAP, None)
    key = hashes([np.asarray([1], dtype=np.uint32), np.asarray([2], dtype=np.uint32)])[0]
    at = int(np.searchsorted(counted.keys, key))
    assert counted.counts[at] == 3
    assert counted.shares[at] == 3 / 4
    assert len(counted.keys) == 3


def test_the_most_useful_are_kept() -> None:
    tokens = np.asarray([1, 2] * 50 + [3, 4] + [1, 2], dtype=np.uint32)
    counted = count_order(tokens, 2, 1, GAP, None)
    table, kept = packed_table([counted], 2)
    assert kept == [2]
    header = np.frombuffer(table[:20], dtype="<u4")
    assert list(header[1:4]) == [1, 2, 2]
