"""The stage `python -m models.recipe.train.curves RUN…`: draws the curves of runs as a picture."""

import argparse
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import EngFormatter, LogFormatter

from models.recipe.train.run import RUNS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--folder", type=Path, default=RUNS)
    parser.add_argument("--output", type=Path, default=Path("curves.svg"), help="a .svg or .png file")
    options = parser.parse_args()
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    for name in options.runs:
        path = options.folder / name / "curve.jsonl"
        if not path.is_file():
            print(f"The run {name} has no curve at {path}.", file=sys.stderr)
            return 1
        draw_run(name, [json.loads(line) for line in path.read_text().splitlines()], (left, middle, right))
    left.set(title="training loss", xlabel="tokens", ylabel="nats a token", yscale="log")
    middle.set(title="held-out perplexity by exit", xlabel="tokens", yscale="log")
    right.set(title="agreement with full depth", xlabel="tokens", ylim=(0, 1))
    left.yaxis.set_major_formatter(LogFormatter())
    left.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.5)))
    for axes in (left, middle, right):
        axes.legend(fontsize=7)
        axes.grid(alpha=0.3, which="both")
        axes.xaxis.set_major_formatter(EngFormatter())
    options.output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.output, metadata={"Date": None} if options.output.suffix == ".svg" else None)
    return 0


def draw_run(name: str, lines: list[dict[str, object]], axes: tuple[plt.Axes, plt.Axes, plt.Axes]) -> None:
    left, middle, right = axes
    steps = [line for line in lines if "last" in line]
    at = [line["tokens"] for line in steps]
    left.plot(at, [line["last"] for line in steps], label=f"{name}: full depth", linewidth=1)
    if steps and "early" in steps[0]:
        left.plot(at, [line["early"] for line in steps], label=f"{name}: early exit", linewidth=0.5)
    held_out = [line for line in lines if "held_out" in line]
    at = [line["tokens"] for line in held_out]
    for key in held_out[0]["held_out"] if held_out else ():
        target = {"perplexity": middle, "agreement": right}.get(key.rsplit(".", 1)[-1])
        if target is not None:
            target.plot(at, [line["held_out"][key] for line in held_out], marker=".", label=f"{name}: {key.split('.')[0]}")


if __name__ == "__main__":
    sys.exit(main())
