"""Checkpoints of a run: written whole or not at all, and refused by a run that is set up differently."""

import os
from pathlib import Path

import torch

KEPT = 2


class CheckpointError(Exception):
    """A checkpoint cannot be used; the message names it and the remedy."""


def write_checkpoint(folder: Path, step: int, content: dict[str, object]) -> Path:
    """Writes `step-NNNNNN.pt`, flushed to the disk before it gets its name, and removes all but the last two."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"step-{step:06}.pt"
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    for old in sorted(folder.glob("step-*.pt"))[:-KEPT]:
        old.unlink()
    return path


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint of a run, if it has one."""
    found = sorted(folder.glob("step-*.pt"))
    return found[-1] if found else None


def read_checkpoint(path: Path, settings: dict[str, object]) -> dict[str, object]:
    """The content of a checkpoint. Raises CheckpointError when it is damaged or belongs to other settings."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, ValueError, OSError) as error:
        raise CheckpointError(
            f"The checkpoint {path} is cut off or damaged. Delete it; the run goes on from the one before."
        ) from error
    differing = [name for name, value in settings.items() if content["settings"].get(name) != value]
    if differing:
        name = differing[0]
        raise CheckpointError(
            f"The checkpoint {path} was made with {name} = {content['settings'].get(name)!r}, not {settings[name]!r}. "
            "Use the same settings, or another folder for the new run."
        )
    return content
