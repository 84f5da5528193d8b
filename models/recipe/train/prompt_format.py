"""Prompts as the language server sends them (language-server/completion/render-prompt.ts), for training."""

import dataclasses
from typing import TYPE_CHECKING, Literal

from models.recipe.train.markup import FILE, MIDDLE, PREFIX, SUFFIX
from models.recipe.train.prompt_window import window_after, window_before

if TYPE_CHECKING:
    from models.recipe.train.tokenizer import TextEncoder

# These follow render-prompt.ts and encode-prompt.ts; the golden prompts fail when they drift apart.
CHARACTERS_PER_TOKEN = 3
AFTER_SHARE = 0.2
SNIPPETS_SHARE = 0.2
TRIM_STEP = 128

# `suffix first` is what the server sends: the text before the cursor, which changes with each keystroke, stands last.
Order = Literal["suffix first", "prefix first", "causal"]


@dataclasses.dataclass(frozen=True)
class Snippet:
    """A piece of another file."""

    path: str
    text: str


@dataclasses.dataclass(frozen=True)
class Part:
    """A special token by its name, or a text; `trim` says which end may lose whole steps of tokens."""

    special: str = ""
    text: str = ""
    trim: Literal["", "start", "end"] = ""


def render_prompt(
    before: str, after: str, path: str, snippets: tuple[Snippet, ...], order: Order, max_tokens: int
) -> list[Part]:
    """The parts of a prompt, in the order in which the model reads them."""
    fills = order != "causal"
    characters = max_tokens * CHARACTERS_PER_TOKEN
    others = sum(len(snippet.text) for snippet in snippets)
    suffix = window_after(after, int(characters * AFTER_SHARE)) if fills else ""
    share = 1 - (AFTER_SHARE if fills else 0) - (SNIPPETS_SHARE if 0 < others else 0)
    prefix = window_before(before, int(characters * share))
    head = [part for snippet in snippets for part in (Part(FILE), Part(text=snippet_text(snippet)))]
    if path != "":
        head += [Part(FILE), Part(text=f"{path}\n")]
    text = Part(text=prefix, trim="start")
    tail = Part(text=suffix, trim="end")
    layouts = {
        "causal": [*head, text],
        "suffix first": [Part(SUFFIX), tail, Part(PREFIX), *head, text, Part(MIDDLE)],
        "prefix first": [Part(PREFIX), *head, text, Part(SUFFIX), tail, Part(MIDDLE)],
    }
    return [part for part in layouts[order] if part.special != "" or part.text != ""]


def snippet_text(snippet: Snippet) -> str:
    return f"{snippet.path}\n{snippet.text.rstrip()}\n"


def encode_prompt(parts: list[Part], encoder: "TextEncoder", max_tokens: int) -> list[int] | None:
    """Tokens of a prompt, or None when even what may not be trimmed exceeds the budget."""
    encoded = [(part, encode_part(part, encoder)) for part in parts]
    excess = sum(len(tokens) for _, tokens in encoded) - max_tokens
    kept: list[int] = []
    for part, tokens in encoded:
        if 0 < excess and part.trim != "":
            lost = min(len(tokens), -(excess // -TRIM_STEP) * TRIM_STEP)
            tokens = tokens[lost:] if part.trim == "start" else tokens[: len(tokens) - lost]
            excess -= lost
        kept += tokens
    return None if 0 < excess else kept


def encode_part(part: Part, encoder: "TextEncoder") -> list[int]:
    return [encoder.special(part.special)] if part.special != "" else encoder.encode(part.text)
