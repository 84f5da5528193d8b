"""Which files a person wrote to be read: the reasons for leaving out all others, from path and contents."""

import re
import string
import zlib
from pathlib import PurePosixPath

SMALLEST = 200
LARGEST = 150_000
LONGEST_LINE = 600
LONGEST_MEAN_LINE = 90
# Text that packs better than this is a table, a list of cases or the output of a program.
BEST_PACKED = 0.1
# Characters that are letters: less is data.
FEWEST_LETTERS = 0.35
MOST_NON_ASCII = 0.1
HEAD = 1_500

OTHERS_WORK = frozenset(
    "vendor vendored vendors _vendor third_party third-party thirdparty 3rdparty external extern externals deps "
    "node_modules bundled typeshed stubs _bundled lib_vendor jspm_packages bower_components".split()
)
COMPILED = frozenset("dist build umd cjs _cjs _esm _types min out bundle bundles minified generated gen".split())
DATA = frozenset("fixtures __fixtures__ snapshots __snapshots__ locale locales translations i18n icons glyphs".split())

GENERATED_NAME = re.compile(r"([._-](min|bundle|generated|pb|pb2|pb2_grpc|g)\.\w+$)|(^_?version\.py$)|(\block\b.*\.json$)")
GENERATED_HEAD = re.compile(
    r"@generated|auto[- ]?generated|automatically generated|generated (by|from|with|using|automatically|code|file)|"
    r"do not (edit|modify)|don't edit|machine generated|this file (is|was) (built|compiled|created) (by|from)",
    re.IGNORECASE,
)
COMPILED_MARKS = (
    "//# sourceMappingURL",
    'Object.defineProperty(exports, "__esModule',
    "Object.defineProperty(exports, '__esModule",
    "_interopRequireDefault",
    "__awaiter = ",
    "__webpack_require__",
    "__importDefault",
    "/*#__PURE__*/",
)
LETTERS = string.ascii_letters.encode()
PROSE = frozenset({"json", "markdown"})


def fault_of_path(path: str) -> str | None:
    """Why a path is left out, in a word, or None."""
    parts = PurePosixPath(path).parts
    folders = {part.lower() for part in parts[:-1]}
    if folders & OTHERS_WORK:
        return "vendored"
    if folders & COMPILED or GENERATED_NAME.search(parts[-1]):
        return "generated"
    if folders & DATA:
        return "data"
    return None


def fault_of_text(text: str, language: str) -> str | None:
    """Why a file's text is left out, in a word, or None."""
    if len(text) < SMALLEST:
        return "small"
    if LARGEST < len(text):
        return "large"
    if GENERATED_HEAD.search(text[:HEAD]):
        return "generated"
    if any(mark in text for mark in COMPILED_MARKS):
        return "compiled"
    lines = text.splitlines()
    if language not in PROSE and (
        LONGEST_LINE < max(map(len, lines)) or LONGEST_MEAN_LINE < len(text) / len(lines)
    ):
        return "minified"
    ascii_bytes = text.encode("ascii", "ignore")
    if MOST_NON_ASCII * len(text) < len(text) - len(ascii_bytes):
        return "data"
    visible = ascii_bytes.translate(None, b" \t\n\r\f\v")
    if len(visible.translate(None, LETTERS)) > (1 - FEWEST_LETTERS) * len(visible):
        return "data"
    encoded = text.encode()
    if len(zlib.compress(encoded, 1)) < BEST_PACKED * len(encoded):
        return "repetitive"
    return None
