"""Curves of runs become a picture that names them; a run without a curve is named too."""

import json
import sys
from pathlib import Path

import pytest

from models.recipe.train import curves


def drawn(monkeypatch: pytest.MonkeyPatch, folder: Path, *runs: str) -> int:
    words = ["curves", *runs, "--folder", str(folder), "--output", str(folder / "made/curves.svg")]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setitem(curves.plt.rcParams, "svg.fonttype", "none")
    return curves.main()


def test_a_run_s_losses_and_measurements_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        {"step": 0, "tokens": 0, "held_out": {"exit_2.perplexity": 90.0, "exit_2.agreement": 0.1}},
        {"step": 1, "tokens": 512, "last": 3.0, "early": 4.0},
        {"step": 2, "tokens": 1024, "last": 2.0, "early": 3.0},
        {"step": 2, "tokens": 1024, "held_out": {"exit_2.perplexity": 20.0, "exit_2.agreement": 0.6}},
    ]
    (tmp_path / "night").mkdir()
    (tmp_path / "night/curve.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert drawn(monkeypatch, tmp_path, "night") == 0
    picture = (tmp_path / "made/curves.svg").read_text()
    for label in ("night: full depth", "night: early exit", "night: exit_2", "agreement with full depth"):
        assert label in picture


def test_a_run_without_a_curve_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drawn(monkeypatch, tmp_path, "none") == 1
    assert "The run none has no curve" in capsys.readouterr().err
