"""What the builder keeps of candidates: nothing like the reference corpus, nothing twice, no more than the budget."""

from models.recipe.corpus import build
from models.recipe.corpus.build import Builder
from models.recipe.corpus.near_duplicates import SAME_AS_REFERENCE, Seen, signature
from models.recipe.corpus.shards import Document

WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa".split()


def source(seed: int) -> str:
    return "".join(
        f"def {word}_{seed}(a{seed}, b):\n    return a{seed}.{word}{(seed * 7 + place) % 13} + b[{seed + place}]\n\n"
        for place, word in enumerate(WORDS)
    )


def documents(*texts: str) -> list[Document]:
    return [Document("p", f"{number}.py", "python", text) for number, text in enumerate(texts)]


def test_copies_of_the_reference_corpus_are_left_out_even_when_edited() -> None:
    reference = Seen(SAME_AS_REFERENCE)
    reference.add("test/flask/app.py", signature(source(1)))
    builder = Builder(reference)
    vendored = source(1).replace("theta", "thing") + "x = 1\n"
    kept = list(builder.within_budget(documents(vendored, source(2)), "train"))
    assert [document.path for document in kept] == ["1.py"]
    assert builder.left_out["like the reference corpus"] == 1


def test_of_two_like_files_the_first_stays() -> None:
    builder = Builder(Seen())
    kept = list(builder.within_budget(documents(source(1), source(1) + "\n", source(2)), "train"))
    assert [document.path for document in kept] == ["0.py", "2.py"]
    assert builder.left_out["duplicate"] == 1


def test_no_package_gives_more_than_its_budget(monkeypatch) -> None:
    monkeypatch.setattr(build, "MOST_BYTES", int(2.5 * len(source(1))))
    builder = Builder(Seen())
    assert len(list(builder.within_budget(documents(*map(source, range(1, 6))), "train"))) == 2
    assert builder.left_out["over the package's budget"] == 3


def test_what_both_corpora_calibrate_on_is_kept_for_calibration_alone() -> None:
    reference = Seen(SAME_AS_REFERENCE)
    reference.add("calibration/falcon/app.py", signature(source(1)))
    builder = Builder(reference)
    kept = {split: list(builder.within_budget(documents(source(1)), split)) for split in ("train", "calibration")}
    assert {split: len(found) for split, found in kept.items()} == {"train": 0, "calibration": 1}
