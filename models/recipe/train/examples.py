"""From a document to training examples: prompt and middle, or plain text, as token ids."""

import dataclasses
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.recipe.corpus.shards import Document
from models.recipe.train.markup import END
from models.recipe.train.prompt_format import (
    CHARACTERS_PER_TOKEN,
    SNIPPETS_SHARE,
    Order,
    Snippet,
    encode_prompt,
    render_prompt,
)
from models.recipe.train.spans import Kind, choose_span, syntax_spans

if TYPE_CHECKING:
    from models.recipe.train.tokenizer import TextEncoder


@dataclasses.dataclass(frozen=True)
class Mix:
    """How often examples are of which kind. Ablations change these and nothing else."""

    # Plain text from left to right, so that continuing without a suffix is not forgotten.
    causal: float = 0.3
    # Of the infilling examples, how many have the order that the server sends.
    suffix_first: float = 0.7
    with_snippets: float = 0.25
    without_path: float = 0.1
    # Budgets of prompt tokens that users' settings may give.
    budgets: tuple[int, ...] = (256, 512, 1024, 1024)
    longest_middle: int = 256


@dataclasses.dataclass(frozen=True)
class Example:
    """Token ids that the model reads as one text; the part from `middle` on is what it is asked to write."""

    tokens: list[int]
    order: Order
    kind: Kind | None
    middle: int


# A document gives one example for so many characters, so that every part of it is seen about once a pass.
STRIDE = 2_000


def examples_of(
    document: Document, siblings: list[Document], encoder: "TextEncoder", mix: Mix, longest: int, seed: str
) -> Iterator[Example]:
    """The examples of a document, the same ones for the same seed. None is longer than `longest` tokens."""
    chance = random.Random(f"{seed}/{document.package}/{document.path}")
    spans = None
    for low in range(0, len(document.text), STRIDE):
        window = (low, min(len(document.text), low + STRIDE))
        if chance.random() < mix.causal:
            example = causal_example(document, window, siblings, encoder, mix, longest, chance)
        else:
            spans = spans if spans is not None else syntax_spans(document.text, document.language)
            example = infilling_example(document, window, spans, siblings, encoder, mix, longest, chance)
        if example is not None:
            yield example


def infilling_example(
    document: Document,
    window: tuple[int, int],
    spans: dict[Kind, list[tuple[int, int]]],
    siblings: list[Document],
    encoder: "TextEncoder",
    mix: Mix,
    longest: int,
    chance: random.Random,
) -> Example | None:
    chosen = choose_span(document.text, spans, window, chance)
    if chosen is None:
        return None
    kind, start, end = chosen
    order: Order = "suffix first" if chance.random() < mix.suffix_first else "prefix first"
    middle = [*encoder.encode(document.text[start:end]), encoder.special(END)]
    if mix.longest_middle < len(middle):
        return None
    budget = min(chance.choice(mix.budgets), longest - len(middle))
    snippets = some_snippets(document, siblings, budget, mix, chance)
    parts = render_prompt(
        document.text[:start], document.text[end:], shown_path(document, mix, chance), snippets, order, budget
    )
    prompt = encode_prompt(parts, encoder, budget)
    return None if prompt is None else Example([*prompt, *middle], order, kind, len(prompt))


def causal_example(
    document: Document,
    window: tuple[int, int],
    siblings: list[Document],
    encoder: "TextEncoder",
    mix: Mix,
    longest: int,
    chance: random.Random,
) -> Example | None:
    budget = min(chance.choice(mix.budgets), longest) - 1
    start = window[0] if window[0] == 0 else document.text.find("\n", window[0]) + 1
    text = document.text[start : start + budget * CHARACTERS_PER_TOKEN]
    snippets = some_snippets(document, siblings, budget, mix, chance)
    parts = render_prompt("", "", shown_path(document, mix, chance), snippets, "causal", budget)
    head = encode_prompt(parts, encoder, budget)
    if head is None or text.strip() == "":
        return None
    body = encoder.encode(text)
    ends = start + len(text) == len(document.text) and len(head) + len(body) <= budget
    tokens = [*head, *body][:budget] + ([encoder.special(END)] if ends else [])
    return Example(tokens, "causal", None, len(head))


def shown_path(document: Document, mix: Mix, chance: random.Random) -> str:
    """The path as the server shows it, or nothing, as for a file that was never saved."""
    return "" if chance.random() < mix.without_path else document.path


def some_snippets(
    document: Document, siblings: list[Document], budget: int, mix: Mix, chance: random.Random
) -> tuple[Snippet, ...]:
    """Lines of one or two other files of the package, within the snippets' share of the prompt."""
    others = [one for one in siblings if one.path != document.path and one.language == document.language]
    if not others or mix.with_snippets <= chance.random():
        return ()
    left = int(budget * SNIPPETS_SHARE * CHARACTERS_PER_TOKEN)
    snippets: list[Snippet] = []
    for other in chance.sample(others, min(len(others), chance.randint(1, 2))):
        lines = other.text.split("\n")
        first = chance.randrange(len(lines))
        text = "\n".join(lines[first : first + chance.randint(4, 25)]).strip("\n")
        if text.strip() != "" and len(text) <= left:
            snippets.append(Snippet(other.path, text))
            left -= len(text)
    return tuple(snippets)
