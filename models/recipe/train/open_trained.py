"""What every stage after training opens: the trained decoder, the rows it is looked at on, the tokens that mark a cut."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from models.recipe.train.decoder import Decoder
from models.recipe.train.gguf_weights import Vocabulary, WeightsError, read_decoder
from models.recipe.train.markup import MIDDLE, PREFIX, SUFFIX
from models.recipe.train.token_rows import Rows, RowsError, read_rows
from models.recipe.train.vocabulary_markup import start_infilling, with_infilling

# What can be wrong with what is opened; the message says what to do.
OpeningError = (WeightsError, RowsError)


@dataclasses.dataclass(frozen=True)
class Opened:
    """`rows` by split; `markup` holds the ids of what stands before prefix, suffix and middle, in this order."""

    decoder: Decoder
    vocabulary: Vocabulary
    markup: tuple[int, int, int]
    rows: dict[str, Rows]


def open_trained(weights: Path, rows: Path, splits: Sequence[str], seed: int) -> Opened:
    """
    Opens a GGUF file and the rows of some splits that were prepared for its vocabulary. Raises one of OpeningError.
    `seed` is for infilling tokens of weights that have none yet.
    """
    decoder, published = read_decoder(weights)
    start_infilling(decoder, published, seed)
    vocabulary = with_infilling(published)
    prefix, suffix, middle = (vocabulary.id_of(token) for token in (PREFIX, SUFFIX, MIDDLE))
    opened = {split: read_rows(rows / split, vocabulary.digest) for split in splits}
    return Opened(decoder, vocabulary, (prefix, suffix, middle), opened)
