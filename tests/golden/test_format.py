"""The formatter against pairs of files, one for each section of the dialect table.

`NAME.in.yml` has every accepted spelling of the rows, `NAME.out.yml` what is
written for them; `pytest tests/golden --update-golden` writes the latter.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import abml
from tests.property.programs import program_of

FOLDER = Path(__file__).parent / "format"
INPUTS = sorted(FOLDER.glob("*.in.yml"))
# Rows that give the same values by other instructions.
OTHER_CODE = {"expressions_names"}
COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)


def expected(path: Path) -> Path:
    return path.with_name(path.name.replace(".in.", ".out."))


def name(path: Path) -> str:
    return path.name.partition(".")[0]


@pytest.mark.parametrize("path", INPUTS, ids=name)
def test_output(path: Path, update_golden: bool) -> None:
    made = abml.format(path)
    if update_golden:
        expected(path).write_text(made, "utf-8")
    assert made == expected(path).read_text("utf-8")


@pytest.mark.parametrize("path", INPUTS, ids=name)
def test_output_stays(path: Path) -> None:
    text = expected(path).read_text("utf-8")
    assert abml.format(text) == text


@pytest.mark.parametrize("path", [path for path in INPUTS if name(path) not in OTHER_CODE], ids=name)
def test_program_is_the_same(path: Path) -> None:
    before = program_of(path.read_text("utf-8"))
    assert before is not None
    assert program_of(expected(path).read_text("utf-8")) == before


@pytest.mark.parametrize("path", INPUTS, ids=name)
def test_comments_are_kept(path: Path) -> None:
    before, after = (Counter(COMMENT.findall(file.read_text("utf-8"))) for file in (path, expected(path)))
    assert after == before


def test_every_row_appears() -> None:
    rows = {f"{letter}{n}" for letter, most in zip("ABCLTVSER", (16, 8, 16, 6, 7, 9, 9, 14, 13), strict=True)
            for n in range(1, most + 1)}  # fmt: skip
    named: set[str] = set()
    for path in INPUTS:
        for letter, first, last in re.findall(r"\b([A-Z])(\d+)(?: to [A-Z](\d+))?", path.read_text("utf-8")):
            named.update(f"{letter}{n}" for n in range(int(first), int(last or first) + 1))
    assert rows <= named
