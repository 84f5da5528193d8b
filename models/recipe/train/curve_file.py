"""The curve of a run, `curve.jsonl`: one line a step or measurement."""

import json
from pathlib import Path


def note(folder: Path, line: dict[str, object]) -> None:
    with (folder / "curve.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line))


def keep_curve_until(path: Path, step: int) -> None:
    """Drops what an interrupted run noted after its last checkpoint: it will be noted again."""
    if not path.is_file():
        return
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if json.loads(line)["step"] <= step]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
