"""Runs the tests of the machine against every mutant of an opcode: how many do they notice?

Usage: python -m tests.mutation.run [--jobs N] [--least FRACTION] [OPCODE ...]

A copy of the checkout under build/mutants gets a machine that reads one changed
meaning from its environment; it is compiled once. A mutant is caught when a test
fails, the process dies, or a test does not end.
Prints the mutants that survive, and ends with 1 when fewer than the wanted
fraction are caught.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / "build" / "mutants"
FOLDERS = ("abml", "compiler", "vm", "providers", "director", "tests", "examples")
FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")
# Quick and telling ones first: most mutants meet their end in the first second.
TESTS = (
    "tests/conformance/test_vectors.py",
    "tests/unit/vm",
    "tests/conformance",
    "tests/limits",
    "tests/differential",
)
SETTING = "ABML_MUTANT"

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
_SWITCH = f'\n_MUTANT = tuple(int(one) for one in os.environ.get("{SETTING}", "65535,0,0").split(","))\n'


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("opcodes", nargs="*", help="only these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--least", type=float, default=0.95, help="the fraction to be caught (0.95)")
    args = parser.parse_args()
    wanted = [one for one in mutants() if not args.opcodes or one.opcode in args.opcodes]
    _build()
    said = _test(None)
    if said is not None:
        print(f"the tests fail without a mutant: {said}")
        return 2
    survivors: list[Mutant] = []
    with ThreadPoolExecutor(args.jobs) as pool:
        for mutant, told in zip(wanted, pool.map(_test, wanted), strict=True):
            print(
                f"{'survives' if told is None else 'caught  '}  {mutant}{'' if told is None else '  by ' + told}",
                flush=True,
            )
            if told is None:
                survivors.append(mutant)
    caught = len(wanted) - len(survivors)
    print(f"{caught} of {len(wanted)} mutants caught ({caught / len(wanted):.1%})")
    return 0 if caught >= args.least * len(wanted) else 1


def _build() -> None:
    """The copy with the changeable machine, compiled."""
    COPY.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        shutil.rmtree(COPY / name, ignore_errors=True)
        left_out = shutil.ignore_patterns("*.so", "__pycache__")
        shutil.copytree(ROOT / name, COPY / name, symlinks=True, ignore=left_out)
    for name in FILES:
        shutil.copy2(ROOT / name, COPY / name)
    image, machine = COPY / "vm/core/image.pxi", COPY / "vm/core/machine.pyx"
    text = image.read_text()
    assert text.count(_READ) == 1, "the code that reads instructions has changed"
    image.write_text(text.replace(_READ, _CHANGED))
    first = '\ninclude "declarations.pxi"\n'
    machine.write_text(machine.read_text().replace(first, _SWITCH + first))
    with (COPY / "build.log").open("w") as log:
        subprocess.run(
            [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"],
            cwd=COPY,
            check=True,
            stdout=log,
            stderr=log,
        )


def _test(mutant: Mutant | None) -> str | None:
    """What notices a mutant: a test, the end of the process, a test without end; None when nothing does."""
    environment = {**os.environ, "PYTHONPATH": str(COPY), "PYTHONFAULTHANDLER": ""}
    if mutant is not None:
        environment[SETTING] = mutant.setting
    plugins = ("-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "tests.mutation.watchdog")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "--no-header", *plugins, *TESTS]
    done = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    told = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if told:
        return told[0].split(" - ")[0].split(" ", 1)[1]
    return "a test without end" if "Timeout (" in done.stderr else f"exit {done.returncode}"


if __name__ == "__main__":
    sys.exit(main())
