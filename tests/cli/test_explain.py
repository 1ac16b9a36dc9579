"""`abmlc explain`: every code and kind has a page."""

from __future__ import annotations

from typing import Any

import pytest

from abml.diagnostics._catalogue import CATALOGUE
from abml.errors import KINDS


@pytest.mark.parametrize("name", ["ABML201", "201", "abml201"])
def test_a_code_in_any_spelling(abmlc: Any, name: str) -> None:
    answer = abmlc("explain", name)
    assert answer.status == 0
    assert answer.out.startswith("ABML201: ")
    assert "For example, this gives it" in answer.out
    assert "Mended:" in answer.out


@pytest.mark.parametrize("name", ["null_access", "ABML902", "902"])
def test_a_kind_in_any_spelling(abmlc: Any, name: str) -> None:
    answer = abmlc("explain", name)
    assert answer.status == 0
    assert answer.out.startswith("ABML902: ")
    assert "kind 'null_access'; on_error can catch it: yes" in answer.out


def test_every_code_has_a_page(abmlc: Any) -> None:
    listed = {line.split()[0] for line in abmlc("explain").out.splitlines()}
    assert listed == {f"ABML{code}" for code in CATALOGUE} | {kind.label for kind in KINDS.values()}
    for code in sorted(listed):
        answer = abmlc("explain", code)
        assert answer.status == 0, code
        assert answer.out.startswith(f"{code}: ")


def test_an_unknown_code(abmlc: Any) -> None:
    answer = abmlc("explain", "ABML20l")
    assert answer.status == 2
    assert "did you mean 'ABML20" in answer.err
    assert abmlc("explain", "").status == 2
    assert "did you mean 'null_access'" in abmlc("explain", "null_acces").err
