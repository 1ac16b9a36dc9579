"""Plain paths skip the grammar, and give what the grammar would."""

from __future__ import annotations

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import expressions
from abml.syntax.dump import dump
from abml.syntax.places import TextPlace

TEXTS = ("a", " a.b ", "a.b.c", "\n_x.y1", "contains", "contains.contains", "null", "null.a", "IN", "a.null", "a.b-c",
         "a.7", "a .b", "a. b", "a?.b", "true.a", "not", "a.b.c.d.e.f", "é.a", "a.é", "a.", ".a")  # fmt: skip


class Refuses:
    def fullmatch(self, *args: object) -> None:
        return None


def read(text: str, depth: int) -> tuple[str | None, list[str]]:
    source = Source(text)
    reporter = Reporter(source)
    node = expressions.parse_expression(text, TextPlace(source), reporter, depth)
    return None if node is None else str(dump(node)), [str(diag) for diag in reporter.diagnostics]


@pytest.mark.parametrize("depth", [2, 5, 100])
@pytest.mark.parametrize("text", TEXTS)
def test_a_path_is_what_the_grammar_makes_of_it(text: str, depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = read(text, depth)
    monkeypatch.setattr(expressions, "PATH", Refuses())
    assert read(text, depth) == fast
