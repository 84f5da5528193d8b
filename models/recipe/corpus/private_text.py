"""What must not be learnt by heart: keys and passwords, for which a file is left out, and addresses of people."""

import re

# Looked for first, since a search for a plain text is fast.
MARKS = ("PRIVATE KEY", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk-", "k_live_", "AIza", "npm_", "pypi-", "eyJ")
SECRETS = re.compile(
    "|".join(
        (
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
            r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
            r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
            r"\bgithub_pat_\w{40,}",
            r"\bglpat-[\w-]{20}\b",
            r"\bxox[abprs]-[\w-]{20,}",
            r"\bsk-(proj-|ant-)?[A-Za-z0-9_-]{32,}",
            r"\b[rs]k_live_[A-Za-z0-9]{20,}",
            r"\bAIza[\w-]{35}\b",
            r"\bnpm_[A-Za-z0-9]{36}\b",
            r"\bpypi-AgEI[\w-]{40,}",
            r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}",
        )
    )
)

# A long quoted value with digits and letters behind a name that says what it is.
LONG_VALUE = re.compile(r"['\"][A-Za-z0-9+/_=-]{24,}['\"]")
NAMED_SECRET = re.compile(
    r"(api[_-]?key|secret|passw(or)?d|auth[_-]?token|access[_-]?token|private[_-]?key)\w*['\"]?\s*[:=]\s*"
    r"['\"](?=[^'\"]*\d)(?=[^'\"]*[a-z])[A-Za-z0-9+/_=-]{24,}['\"]",
    re.IGNORECASE,
)

# Only ends that addresses of people have: `x@weights.data` is a matrix product.
DOMAINS = (
    "com org net edu gov io dev info co uk de fr it nl ch at eu ru cn jp br pl cz se no fi dk be es pt au ca us kr tw "
    "nz za mx ar gr hu ro sk ie il email name tech app ai me"
)
ADDRESS = re.compile(
    r"(?<![\w.@/:+-])(?!git@)[A-Za-z0-9][\w.+%-]*[A-Za-z0-9]@(?:[A-Za-z0-9-]+\.)+(?:" + DOMAINS.replace(" ", "|") + r")\b"
)
# Addresses that are reserved for examples name nobody.
EXAMPLE = re.compile(r"@(?:[\w-]+\.)*(?:example|test|domain|localhost|foo|bar)\.\w+$", re.IGNORECASE)
STAND_IN = "someone@example.com"


def holds_secret(text: str) -> bool:
    """Whether a text spells a key, a token or a password; true for test keys as well."""
    if any(mark in text for mark in MARKS) and SECRETS.search(text) is not None:
        return True
    # The general pattern is slow; most files have no value that is long enough.
    return LONG_VALUE.search(text) is not None and NAMED_SECRET.search(text) is not None


def without_addresses(text: str) -> tuple[str, int]:
    """The text with e-mail addresses replaced by a stand-in, and how many there were."""
    if "@" not in text:
        return text, 0
    count = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal count
        if EXAMPLE.search(match[0]):
            return match[0]
        count += 1
        return STAND_IN

    return ADDRESS.sub(replace, text), count
