"""`abmlc fmt`: canonical form, and what would change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

OLD = """\
version: "3.0"
metadata: { id: old }
flows:
  main:
    # why
    - foreach: { as: n, in: "${[1, 2]}", do: [ { log: "${n}" } ] }
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.abml.yml"
    path.write_text(OLD)
    return path


def test_a_file_is_written(abmlc: Any, old: Path) -> None:
    answer = abmlc("fmt", old)
    assert (answer.status, answer.out, answer.err) == (0, f"{old}\n", "changed 1 of 1 file\n")
    text = old.read_text()
    assert "for_each:" in text
    assert "# why" in text
    assert abmlc("fmt", old).err == "changed 0 of 1 file\n"
    assert old.read_text() == text


def test_check_names_what_would_change(abmlc: Any, old: Path) -> None:
    answer = abmlc("fmt", "--check", old)
    assert (answer.status, answer.out) == (1, f"{old}\n")
    assert old.read_text() == OLD
    abmlc("fmt", old)
    assert abmlc("fmt", "--check", old).status == 0


def test_diff_shows_what_would_change(abmlc: Any, old: Path) -> None:
    answer = abmlc("fmt", "--diff", old)
    assert answer.status == 0
    assert answer.out.startswith(f"--- {old}\n+++ {old}\n@@ ")
    assert "\n-    - foreach: " in answer.out
    assert old.read_text() == OLD


def test_standard_input_comes_out(abmlc: Any, old: Path) -> None:
    answer = abmlc("fmt", "-", stdin=OLD.encode())
    assert (answer.status, answer.err) == (0, "")
    abmlc("fmt", old)
    assert answer.out == old.read_text()


def test_errors_leave_the_file(abmlc: Any, tmp_path: Path, old: Path) -> None:
    broken = tmp_path / "broken.abml.yml"
    broken.write_text("flows: [")
    answer = abmlc("fmt", broken, old)
    assert answer.status == 1
    assert f"{broken}:1:" in answer.err and "broken" not in answer.out
    assert broken.read_text() == "flows: ["
    assert "for_each" in old.read_text()


def test_what_cannot_be_read(abmlc: Any, tmp_path: Path) -> None:
    assert abmlc("fmt", tmp_path / "gone.yml").status == 2


def test_the_examples_are_canonical(abmlc: Any, root: Path) -> None:
    answer = abmlc("fmt", "--diff", root / "examples")
    assert (answer.status, answer.out) == (0, "")
