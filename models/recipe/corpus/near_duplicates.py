"""Finds texts that are nearly the same: MinHash signatures of word shingles in a locality-sensitive index."""

import re
import zlib

from datasketch import MinHash, MinHashLSH

SHINGLE = 5
PERMUTATIONS = 64
WORD = re.compile(r"\w+|[^\w\s]")
# Estimated Jaccard similarity of shingles from which two texts count as the same.
SAME = 0.7
# Texts of held-out packages are guarded more strictly than copies inside one split.
SAME_AS_REFERENCE = 0.5


def signature(text: str) -> MinHash:
    """The signature of a text. White space does not count, so neither do formatters."""
    words = WORD.findall(text)
    shingles = {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}
    made = MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=zlib.crc32)
    made.update_batch([shingle.encode() for shingle in shingles])
    return made


class Seen:
    """Texts seen so far. Whoever comes first stays, so held-out splits are added before the training split."""

    def __init__(self, threshold: float = SAME) -> None:
        self.threshold = threshold
        self.index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
        self.signatures: dict[str, MinHash] = {}

    def find(self, made: MinHash) -> str | None:
        """The name of a text that is nearly the same as the one with this signature."""
        for name in self.index.query(made):
            if self.threshold <= self.signatures[name].jaccard(made):
                return name
        return None

    def add(self, name: str, made: MinHash) -> None:
        """Remembers a text by its name."""
        self.index.insert(name, made)
        self.signatures[name] = made
