"""`abmlc` called in this process: status, standard output, standard error."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from abml.cli.main import run

GOOD = """\
version: "3.0"
metadata: { id: good }
variables: { who: null }
flows:
  main:
    - log: "hello ${who ?? 'there'}"  # a comment that stays
    - return: 7
"""
BAD = """\
version: "3.0"
metadata: { id: bad }
flows:
  main:
    - goto: nowhere
"""
WARNS = """\
version: "3.0"
metadata: { id: warns }
flows:
  main:
    - log: "${unheard_of}"
"""


class Answer(NamedTuple):
    status: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture
def abmlc(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Call:
    def call(*args: str | Path, stdin: bytes = b"") -> Answer:
        monkeypatch.setattr(sys, "argv", ["abmlc", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        with pytest.raises(SystemExit) as left:
            run()
        out, err = capfdbinary.readouterr()
        code = left.value.code
        return Answer(code if isinstance(code, int) else 0, out.decode("utf-8", "replace"), err.decode())

    return call


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.abml.yml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.abml.yml"
    path.write_text(BAD)
    return path


@pytest.fixture
def warns(tmp_path: Path) -> Path:
    path = tmp_path / "warns.abml.yml"
    path.write_text(WARNS)
    return path
