"""Where a completion may stand: spans that a syntax tree marks, and spans of any characters."""

import random
from functools import lru_cache
from importlib import import_module
from typing import Literal

from tree_sitter import Language, Node, Parser

Kind = Literal["rest of line", "arguments", "right-hand side", "statement", "block", "member", "lines", "characters"]

# How often each kind is taken. Rest of line leads: it is what people ask for most.
WEIGHTS: dict[Kind, float] = {
    "rest of line": 0.25,
    "arguments": 0.12,
    "right-hand side": 0.12,
    "statement": 0.15,
    "block": 0.10,
    "member": 0.10,
    "lines": 0.06,
    "characters": 0.10,
}

# The package and function of each grammar.
GRAMMARS = {
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "javascript": ("tree_sitter_javascript", "language"),
    "python": ("tree_sitter_python", "language"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
}

ARGUMENT_LISTS = frozenset({"arguments", "argument_list", "formal_parameters", "parameters", "parameter_list"})
BLOCKS = frozenset({"statement_block", "block", "class_body", "compound_statement", "declaration_list"})
# Fields whose value stands behind `=`, `:` or `return`.
RIGHT_FIELDS = ("right", "value")
MEMBERS = frozenset({"property_identifier", "field_identifier"})
# What takes a member by its name, and the field of that name: Python; Go; Rust and C++; Java; C#.
ACCESSES = {
    "attribute": "attribute",
    "selector_expression": "field",
    "field_expression": "field",
    "field_access": "field",
    "member_access_expression": "name",
}
STATEMENT_ENDS = ("_statement", "_declaration", "_definition")

LONGEST = 1_200
MOST_LINES = 12


@lru_cache
def parser_of(language: str) -> Parser | None:
    """The parser of a language, or None where the recipe has no grammar."""
    if language not in GRAMMARS:
        return None
    module, function = GRAMMARS[language]
    return Parser(Language(getattr(import_module(module), function)()))


Spans = dict[Kind, list[tuple[int, int]]]


def syntax_spans(text: str, language: str) -> Spans:
    """Spans of each kind that the syntax tree marks, as offsets of characters. Broken places give none."""
    parser = parser_of(language)
    spans: Spans = {kind: [] for kind in WEIGHTS}
    if parser is None:
        return spans
    encoded = text.encode()
    offsets = character_offsets(text) if len(encoded) != len(text) else None
    stack = [parser.parse(encoded).root_node]
    while stack:
        node = stack.pop()
        if node.is_error:
            continue
        for kind, start, end in marked(node):
            if start < end <= start + LONGEST:
                span = (start, end) if offsets is None else (offsets[start], offsets[end])
                spans[kind].append(span)
        stack.extend(node.named_children)
    return spans


def marked(node: Node) -> list[tuple[Kind, int, int]]:
    """What a node offers as a span, in bytes."""
    found: list[tuple[Kind, int, int]] = []
    if node.type in ARGUMENT_LISTS:
        found.append(("arguments", node.start_byte + 1, node.end_byte - 1))
    if node.type in BLOCKS:
        found.append(("block", node.start_byte, node.end_byte))
    if node.type.endswith(STATEMENT_ENDS):
        found.append(("statement", node.start_byte, node.end_byte))
    if node.type in MEMBERS and node.parent is not None and "member" in node.parent.type:
        found.append(("member", node.start_byte, node.end_byte))
    if node.type in ACCESSES and (name := node.child_by_field_name(ACCESSES[node.type])) is not None:
        found.append(("member", name.start_byte, name.end_byte))
    # Java's calls of methods take them by name themselves; C#'s declarators have no field for their value.
    if node.type == "method_invocation" and node.child_by_field_name("object") is not None:
        name = node.child_by_field_name("name")
        found.append(("member", name.start_byte, name.end_byte))
    if node.type == "variable_declarator" and 2 < node.child_count and node.children[-2].type == "=":
        if node.child_by_field_name("value") is None:
            found.append(("right-hand side", node.children[-1].start_byte, node.children[-1].end_byte))
    for field in RIGHT_FIELDS:
        value = node.child_by_field_name(field)
        if value is not None and value.start_byte != node.start_byte:
            found.append(("right-hand side", value.start_byte, value.end_byte))
    return found


def character_offsets(text: str) -> list[int]:
    """For each offset in bytes the offset in characters at or before it."""
    offsets: list[int] = []
    for index, character in enumerate(text):
        offsets += [index] * len(character.encode())
    return [*offsets, len(text)]


def choose_span(text: str, spans: Spans, window: tuple[int, int], chance: random.Random) -> tuple[Kind, int, int] | None:
    """A span inside a window of the text. None when no kind finds a place there."""
    low, high = window
    for kind in draw_order(chance):
        if kind in ("rest of line", "lines", "characters"):
            span = text_span(kind, text, low, high, chance)
        else:
            inside = [one for one in spans[kind] if low <= one[0] and one[1] <= high]
            span = chance.choice(inside) if inside else None
        if span is not None and text[span[0] : span[1]].strip() != "":
            return kind, *within(kind, span, text, chance)
    return None


def draw_order(chance: random.Random) -> list[Kind]:
    """All kinds, likelier ones earlier."""
    return sorted(WEIGHTS, key=lambda kind: chance.random() ** (1 / WEIGHTS[kind]), reverse=True)


def within(kind: Kind, span: tuple[int, int], text: str, chance: random.Random) -> tuple[int, int]:
    """Users stop anywhere: half of the longer syntax spans begin inside, so that the first characters are typed."""
    start, end = span
    if kind in ("rest of line", "lines", "characters") or end - start < 2 or chance.random() < 0.5:
        return span
    latest = min(end, start + 40) - 1
    begin = chance.randint(start, latest)
    return (begin, end) if text[begin:end].strip() != "" else span


def text_span(kind: Kind, text: str, low: int, high: int, chance: random.Random) -> tuple[int, int] | None:
    """A span that needs no syntax: from a place to the end of its line, whole lines, or any characters."""
    if high - low < 2:
        return None
    start = chance.randrange(low, high)
    line_end = text.find("\n", start, high)
    line_end = high if line_end < 0 else line_end
    if kind == "rest of line":
        return (start, line_end) if start < line_end <= start + LONGEST else None
    if kind == "characters":
        return start, min(high, start + chance.randint(1, 200))
    first = text.rfind("\n", low, start) + 1
    begin = max(first, low)
    end = line_end
    for _ in range(chance.randint(1, MOST_LINES) - 1):
        following = text.find("\n", end + 1, high)
        if following < 0:
            break
        end = following
    return (begin, end) if begin < end <= begin + LONGEST else None
