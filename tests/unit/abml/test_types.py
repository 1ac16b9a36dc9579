"""Reading declared types."""

from __future__ import annotations

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import ast
from abml.syntax.places import TextPlace
from abml.syntax.types import parse_type


def shape(node: ast.TypeRef) -> str:
    text = node.name
    if node.args:
        text += "<" + ",".join(shape(item) for item in node.args) + ">"
    if node.members:
        text += repr(node.members)
    return text + ("?" if node.optional else "")


def read(text: str) -> tuple[ast.TypeRef | None, Reporter]:
    source = Source(text)
    reporter = Reporter(source)
    return parse_type(text, TextPlace(source), reporter), reporter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int", "int"),
        (" list < int > ? ", "list<int>?"),
        ("map<string, list<float?>>", "map<string,list<float?>>"),
        ("array", "list"),
        ("dict<str, number>", "map<string,float>"),
        ("boolean", "bool"),
        ("integer", "int"),
        ("double", "float"),
        ("guid", "entity_ref"),
        ("uuid?", "entity_ref?"),
        ("Cargo.Crate-2", "Cargo.Crate-2"),
        ("enum(calm, 'very, brisk', \"a b\", two words )", "enum['calm', 'very, brisk', 'a b', 'two words']"),
        ("list<enum(a, b)>", "list<enum['a', 'b']>"),
        ("list<enum(a)?>?", "list<enum['a']?>?"),
        ("enum", "enum"),
    ],
)
def test_type(text: str, expected: str) -> None:
    node, reporter = read(text)
    assert [str(diag) for diag in reporter.diagnostics] == []
    assert node is not None and shape(node) == expected


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("list<", 6),
        ("list<int", 9),
        ("list<int>>", 10),
        ("int int", 5),
        ("?", 1),
        ("int??", 5),
        ("map<string>", 1),
        ("list<int, int>", 1),
        ("map<int, int>", 1),
        ("int<string>", 1),
        ("enum()", 6),
        ("enum(a", 7),
        ("enum(a,)", 8),
        ("enum('a)", 6),
        ("7", 1),
        ("list<" * 50 + "int" + ">" * 50, 1),
        ("list<" * 50_000, 1),
    ],
)
def test_malformed_type(text: str, column: int) -> None:
    node, reporter = read(text)
    assert node is None
    (diag,) = reporter.diagnostics
    assert (diag.code, diag.span.column) == ("ABML304", column)


def test_texts_and_spans() -> None:
    node, _ = read("map<string, list<int>?>")
    assert node is not None
    inner = node.args[1]
    assert inner.text == "list<int>?"
    assert (inner.span.column, inner.span.end_column) == (13, 23)
