"""Which language a file is written in, by its name."""

from pathlib import PurePosixPath

BY_EXTENSION = {
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".py": "python",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".cs": "csharp",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".hpp": "cpp",
    ".h": "cpp",
    ".json": "json",
    ".md": "markdown",
}


def language_of(path: str) -> str | None:
    """The language of a file, or None for a file that the corpus does not take."""
    if path.endswith((".d.ts", ".d.mts", ".d.cts")):
        return None  # Declarations are written by compilers, mostly.
    return BY_EXTENSION.get(PurePosixPath(path).suffix.lower())
