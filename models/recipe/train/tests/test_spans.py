"""Spans that syntax marks, and examples that put the pieces of a file back together."""

import random

import pytest

from models.recipe.corpus.shards import Document
from models.recipe.train.examples import Mix, examples_of
from models.recipe.train.spans import WEIGHTS, choose_span, syntax_spans

SAMPLES = {
    "python": "def f(a, b):\n    é = obj.name.first\n    return g(é, 2)\n",
    "typescript": "function f(a: string) {\n  const é = obj.name;\n  return g(é, 2);\n}\n",
    "tsx": "const A = (p: P) => {\n  const é = p.name;\n  return <B c={g(é, 2)} />;\n};\n",
    "javascript": "function f(a) {\n  const é = obj.name;\n  return g(é, 2);\n}\n",
    "go": "func f(a string) int {\n\té := obj.name.first\n\treturn g(é, 2)\n}\n",
    "rust": "fn f(a: u8) -> u8 {\n    let é = obj.name.first;\n    return g(é, 2);\n}\n",
    "java": "class A { int f(B a) {\n  var é = obj.name.first;\n  return g(é, 2);\n} }\n",
    "csharp": "class A { int F(B a) {\n  var é = obj.name.first;\n  return g(é, 2);\n} }\n",
    "cpp": "int f(int a) {\n  auto é = obj.name.first;\n  return g(é, 2);\n}\n",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_spans_of_each_kind_say_what_they_are(language: str) -> None:
    text = SAMPLES[language]
    found = {kind: {text[start:end] for start, end in spans} for kind, spans in syntax_spans(text, language).items()}
    assert "é, 2" in found["arguments"]
    assert "name" in found["member"]
    assert any(value.endswith(".name") or value.endswith(".first") for value in found["right-hand side"])
    assert any("return" in statement for statement in found["statement"])
    assert any("return" in block for block in found["block"])


def test_methods_of_java_are_members_of_what_they_are_called_on() -> None:
    text = "class A { int f() {\n  return list.size() + f();\n} }\n"
    assert [text[start:end] for start, end in syntax_spans(text, "java")["member"]] == ["size"]


def test_broken_code_and_unknown_languages_give_no_syntax_spans() -> None:
    assert not any(syntax_spans("# Title\n", "markdown").values())


def test_chosen_spans_lie_in_their_window_and_hold_text() -> None:
    text = SAMPLES["typescript"] * 20
    spans = syntax_spans(text, "typescript")
    kinds = set()
    for seed in range(400):
        chosen = choose_span(text, spans, (100, 600), random.Random(seed))
        assert chosen is not None
        kind, start, end = chosen
        kinds.add(kind)
        assert 100 <= start < end <= 600 and text[start:end].strip() != ""
    assert kinds == set(WEIGHTS)


class Letters:
    """An encoder of one token a character."""

    def encode(self, text: str) -> list[int]:
        return [ord(character) for character in text]

    def special(self, token: str) -> int:
        return -sum(map(ord, token))


def test_prompt_and_middle_of_an_example_make_the_file() -> None:
    text = SAMPLES["python"] * 3
    document = Document("p", "src/a.py", "python", text)
    letters = Letters()
    prefix, suffix, middle, end = (
        letters.special(token) for token in ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<|endoftext|>")
    )
    seen = set()
    for seed in range(60):
        mix = Mix(causal=0, with_snippets=0, without_path=1, budgets=(2000,))
        for example in examples_of(document, [document], letters, mix, 2000, str(seed)):
            seen.add(example.order)
            spelled, tail = example.tokens[: example.middle], example.tokens[example.middle :]
            assert spelled[-1] == middle and tail[-1] == end
            first, second = (spelled.index(marker) for marker in (suffix, prefix))
            if example.order == "suffix first":
                after, before = spelled[first + 1 : second], spelled[second + 1 : -1]
            else:
                before, after = spelled[second + 1 : first], spelled[first + 1 : -1]
            assert "".join(map(chr, [*before, *tail[:-1], *after])) == text
    assert seen == {"suffix first", "prefix first"}


def test_the_same_seed_gives_the_same_examples() -> None:
    document = Document("p", "src/a.ts", "typescript", SAMPLES["typescript"] * 40)
    other = Document("p", "src/b.ts", "typescript", SAMPLES["typescript"] * 40)
    made = [list(examples_of(document, [document, other], Letters(), Mix(), 1152, "1")) for _ in range(2)]
    assert made[0] == made[1] and len(made[0]) > 0
