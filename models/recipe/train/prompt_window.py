"""Which part of a long text goes into a prompt: the windows of language-server/completion/prompt-window.ts."""

LONGEST_LINE = 400


def window_before(before: str, most: int) -> str:
    """The end of the text before the cursor, from a line's start that stays put while half of `most` is typed."""
    if len(before) <= most:
        return before
    step = max(most // 2, 1)
    edge = -((len(before) - most) // -step) * step
    line_end = before[edge : edge + LONGEST_LINE].find("\n")
    return before[edge:] if line_end < 0 else before[edge + line_end + 1 :]


def window_after(after: str, most: int) -> str:
    """The beginning of the text after the cursor: whole lines, at most `most` characters."""
    if len(after) <= most:
        return after
    line_end = after.rfind("\n", 0, most)
    return after[:most] if line_end < most - LONGEST_LINE else after[: line_end + 1]
