"""The special tokens of a prompt: three ids that code never used get new names and starting values."""

import dataclasses

import torch

from models.recipe.train.decoder import Decoder
from models.recipe.train.gguf_weights import CONTROL, Vocabulary, WeightsError
from models.recipe.train.markup import END, FILE, MIDDLE, PREFIX, SUFFIX

# The vocabulary has tokens for issue threads, which no completion needs. Giving those ids to infilling keeps the
# embedding table, the shared head and every tokenizer file at their size.
RENAMED = {"<issue_start>": PREFIX, "<issue_comment>": SUFFIX, "<issue_closed>": MIDDLE}
# A little apart from one another, so that the first steps can tell them apart.
NOISE = 0.1


def with_infilling(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary with infilling tokens; one that has them already comes back as it is. Raises WeightsError."""
    if {PREFIX, SUFFIX, MIDDLE} <= set(vocabulary.tokens):
        return vocabulary
    missing = [token for token in (*RENAMED, FILE, END) if token not in vocabulary.tokens]
    if missing:
        raise WeightsError(f"The vocabulary has no token {missing[0]}, so infilling tokens have no place in it.")
    tokens = tuple(RENAMED.get(token, token) for token in vocabulary.tokens)
    # A middle ends as a text ends; a chat model's own end of turn plays no part.
    return dataclasses.replace(vocabulary, tokens=tokens, end_of_text=tokens.index(END))


def start_infilling(decoder: Decoder, before: Vocabulary, seed: int) -> None:
    """Gives the renamed tokens the mean of all other control tokens, plus a little noise of their own."""
    ids = [before.id_of(token) for token in RENAMED if token in before.tokens]
    if not ids:
        return
    controls = [id for id, kind in enumerate(before.token_kinds) if kind == CONTROL and id not in ids]
    rows = decoder.token_embd.weight.data
    mean = rows[controls].mean(dim=0)
    generator = torch.Generator().manual_seed(seed)
    for id in ids:
        noise = torch.randn(mean.shape, generator=generator) * mean.std()
        rows[id] = mean + NOISE * noise
