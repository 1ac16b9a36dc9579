"""Writes `docs/requirements.md`: what is asked, row by row, and the tests that hold it.

A test belongs to a row when its name starts with the row's id: `test_res_010_…`.

Usage: python -m tests.requirements.generate [--check]
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from abml.files import bring_up_to_date

ROOT = Path(__file__).resolve().parents[2]
ROWS = Path(__file__).with_name("rows.yml")
TARGET = ROOT / "docs/requirements.md"

# Rows that ask for nothing in one of these folders are somebody else's.
FOLDERS = ("abml", "compiler", "vm", "providers", "examples")
KINDS = {
    "C": "capability",
    "K": "fixed number or name",
    "G": "gap that was decided",
    "F": "further wish",
    "Q": "deliberate peculiarity",
}
_NAME = re.compile(r"test_([a-z]+)_(\d{3})(?:_|\Z)")

HEAD = """\
<!-- Derived from tests/requirements/rows.yml and the names of the tests by tests/requirements/generate.py. -->
# Requirements

What the toolchain is asked for about the data of others, and which tests hold it. A test belongs to a row when its name
starts with the row's id. Rows without a test are `open`; the letter tells the kind: {kinds}.

{tested} of {all} rows are tested.

| id | what it asks | folders | state | tests |
| --- | --- | --- | --- | --- |
"""


def rows() -> list[dict[str, Any]]:
    """The rows of the data file that concern one of the folders.

    Raises:
        ValueError: a row has an unknown kind or folder, or an id stands there twice.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in yaml.safe_load(ROWS.read_text("utf-8")):
        known = {*FOLDERS, "director", "tests"}
        if row["kind"] not in KINDS or not set(row["folders"]) <= known or row["id"] in found:
            raise ValueError(f"{row['id']}: a row has an id of its own, a known kind and known folders")
        found[row["id"]] = row
    return [row for row in found.values() if set(row["folders"]).intersection(FOLDERS)]


def tests(root: Path = ROOT / "tests") -> Iterator[tuple[str, str, str]]:
    """(row id, file, function) of every test that names a row."""
    for path in sorted(root.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if _NAME.search(text) is None:
            continue
        for node in ast.walk(ast.parse(text, str(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = _NAME.match(node.name)
                if name is not None:
                    yield f"{name[1].upper()}-{name[2]}", path.relative_to(root.parent).as_posix(), node.name


def page() -> str:
    """The text of the page."""
    held: dict[str, list[tuple[str, str]]] = {}
    for row_id, file, name in tests():
        held.setdefault(row_id, []).append((file, name))
    lines = []
    wanted = rows()
    for row in wanted:
        found = held.get(row["id"], [])
        state = "tested" if found else f"later: {row['later']}" if row.get("later") else "open"
        listed = "<br>".join(
            f"[{name.removeprefix('test_')}](../{file})" for file, name in sorted(found, key=lambda one: one[1])
        )
        folders = ", ".join(row["folders"])
        lines.append(f"| {row['id']} {row['kind']} | {row['asks']} | {folders} | {state} | {listed} |\n")
    kinds = ", ".join(f"{letter} {meaning}" for letter, meaning in KINDS.items())
    tested = sum(row["id"] in held for row in wanted)
    return HEAD.format(kinds=kinds, tested=tested, all=len(wanted)) + "".join(lines)


def main(arguments: list[str]) -> int:
    """Write the page; with `--check` only compare, and return 1 when it is stale."""
    return bring_up_to_date({TARGET: page()}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
