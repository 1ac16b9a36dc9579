"""Runs the tests of the machine against every mutant of an opcode: how many do they notice?

Usage: python -m tests.mutation.run [--mutant-jobs N] [--mutant-least FRACTION] [--mutant-opcodes A,B]

A copy of the checkout under build/mutants gets a machine with one changeable
meaning and is compiled once; `plugin.py` then runs the tests in it. A mutant is
caught when a test fails, does not end, or the process dies. Ends with 1 when
fewer than the wanted fraction are caught.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / "build" / "mutants"
FOLDERS = ("abml", "compiler", "vm", "providers", "director", "tests", "examples", "bench")
FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")
# Quick and telling ones first: most mutants meet their end in the first second.
TESTS = (
    "tests/conformance/test_vectors.py",
    "tests/unit/vm",
    "tests/conformance",
    "tests/limits",
    "tests/differential",
)

_READ = "            ins.c = text[8 * i + 6] | (text[8 * i + 7] << 8)\n"
_CHANGED = (
    _READ
    + """\
            if ins.op == _MUTANT[0]:
                ins.op = _MUTANT[1]
                if _MUTANT[2] == 1:
                    ins.b, ins.c = ins.c, ins.b
                elif _MUTANT[2] == 2:
                    ins.a, ins.b = ins.b, ins.a
"""
)
_FIRST = '\ninclude "declarations.pxi"\n'
# No opcode has this number.
_MEANING = "\n_MUTANT = (65535, 0, 0)\n"


def main() -> int:
    _build()
    environment = {**os.environ, "PYTHONPATH": str(COPY)}
    plugins = ("-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "tests.mutation.plugin")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "--no-header", *plugins, *TESTS, *sys.argv[1:]]
    return subprocess.run(command, cwd=COPY, env=environment).returncode


def _build() -> None:
    """The copy with the changeable machine, compiled."""
    COPY.mkdir(parents=True, exist_ok=True)
    left_out = shutil.ignore_patterns("*.so", "__pycache__")
    for name in FOLDERS:
        shutil.rmtree(COPY / name, ignore_errors=True)
        shutil.copytree(ROOT / name, COPY / name, symlinks=True, ignore=left_out)
    for name in FILES:
        shutil.copy2(ROOT / name, COPY / name)
    _change(COPY / "vm/core/image.pxi", _READ, _CHANGED)
    _change(COPY / "vm/core/machine.pyx", _FIRST, _MEANING + _FIRST)
    build = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    with (COPY / "build.log").open("w") as log:
        subprocess.run(build, cwd=COPY, check=True, stdout=log, stderr=log)


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    if text.count(old) != 1:
        raise SystemExit(f"{path.name} has changed: {old.strip()!r} does not stand there once")
    path.write_text(text.replace(old, new))


if __name__ == "__main__":
    sys.exit(main())
