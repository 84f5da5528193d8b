"""Prompts for training are the prompts that the language server sends, piece by piece. Needs the standard library alone."""

import json
import unittest
from pathlib import Path

from models.recipe.train.prompt_format import Part, Snippet, render_prompt

LINES = (Path(__file__).parents[1] / "golden-prompts.jsonl").read_text(encoding="utf-8").splitlines()
GOLDEN = [json.loads(line) for line in LINES]


class GoldenPrompts(unittest.TestCase):
    def test_each(self) -> None:
        self.assertGreater(len(GOLDEN), 0)
        for case in GOLDEN:
            with self.subTest(case["title"]):
                snippets = tuple(Snippet(one["path"], one["text"]) for one in case["snippets"])
                order = "suffix first" if case["fills"] else "causal"
                parts = render_prompt(case["before"], case["after"], case["path"], snippets, order, case["maxTokens"])
                self.assertEqual(joined(parts), joined([Part(**part) for part in case["parts"]]))


def joined(parts: list[Part]) -> list[Part]:
    """Neighbouring texts that may not be trimmed as one, as the server's tokenizer sees them; no empty texts."""
    whole: list[Part] = []
    for part in parts:
        if part.special == "" and part.text == "":
            continue
        last = whole[-1] if whole else None
        if last is not None and last.special == part.special == "" and last.trim == part.trim == "":
            whole[-1] = Part(text=last.text + part.text)
        else:
            whole.append(part)
    return whole
