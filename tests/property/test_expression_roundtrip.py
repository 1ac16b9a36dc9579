"""Expressions: printing then reading gives the same tree; no text makes a reader raise."""

from __future__ import annotations

import string
from typing import Any

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from abml.diagnostics import Reporter
from abml.source import NOWHERE, Source, Span
from abml.syntax import ast
from abml.syntax.expression_printer import expression_text, interpolated_text
from abml.syntax.expressions import parse_expression
from abml.syntax.goap import parse_condition, parse_condition_item, parse_effect, parse_effect_item
from abml.syntax.literals import parse_value
from abml.syntax.nodes import Node
from abml.syntax.places import TextPlace
from abml.syntax.templates import parse_template, parse_text
from abml.syntax.types import parse_type
from abml.syntax.walk import walk
from abml.values import Duration

KEYWORDS = {"null", "true", "false", "in", "not", "and", "or", "IN", "NOT", "AND", "OR"}
OPERATORS = ("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "contains")
SURROGATES: Any = ("Cs",)
_plain = st.sampled_from(["a", "b2", "oil", "_x", "contains", "limit", "x_y", "And", "e5", "s"])
names = _plain | st.text(string.ascii_letters + "_", min_size=1, max_size=4).filter(lambda name: name not in KEYWORDS)
members = names | st.sampled_from(["tower-crew", "a-b-c", "in", "null", "ms"])
texts = st.text(
    st.characters(exclude_categories=SURROGATES) | st.sampled_from("'\"\\${}\n\t"),  # quotes, escapes, braces
    max_size=6,
)


def spanned(build: Any, *parts: Any) -> Any:
    return st.builds(lambda *values: build(NOWHERE, *values), *parts)


literals = spanned(
    ast.Literal,
    st.none()
    | st.booleans()
    | st.integers(0, 2**63 - 1)
    | st.floats(0, allow_nan=False, allow_infinity=False)
    | texts
    | st.integers(0, 2**63 - 1).map(Duration)
    | st.just(-(2**63)),
)
keys = spanned(ast.Literal, texts | names) | literals


def extend(inner: st.SearchStrategy[ast.Expr]) -> st.SearchStrategy[ast.Expr]:
    def piped(name: str, args: list[ast.Expr], is_piped: bool) -> ast.Expr:
        return ast.Call(NOWHERE, name, args, is_piped and bool(args))

    def function(name: str, value: ast.Expr, body: ast.Expr, params: list[str], as_method: bool) -> ast.Expr:
        taken = ast.Lambda(NOWHERE, params, body)
        if as_method:
            return step(ast.MethodCall(NOWHERE, value, name, [taken], False))
        return ast.Call(NOWHERE, name, [value, taken])

    def step(node: Any) -> ast.Expr:
        """Join a step to an open chain, as the reader does, so that the tree is one it can make."""
        if isinstance(node.target, ast.Chain):
            node.target = node.target.body
            return ast.Chain(NOWHERE, node)
        return ast.Chain(NOWHERE, node) if node.guarded else node

    arguments = st.lists(inner, max_size=3)
    collections = st.sampled_from(["map", "filter", "any", "sort_by", "count"])
    return st.one_of(
        spanned(ast.Binary, st.sampled_from(OPERATORS), inner, inner),
        spanned(ast.Logical, st.sampled_from(["&&", "||", "??"]), inner, inner),
        spanned(ast.Unary, st.sampled_from("-!"), inner),
        spanned(ast.Conditional, inner, inner, inner),
        spanned(ast.Member, inner, members, st.booleans()).map(step),
        spanned(ast.Index, inner, inner, st.booleans()).map(step),
        spanned(ast.MethodCall, inner, members, arguments, st.booleans()).map(step),
        # A chain in parentheses.
        spanned(lambda span, target, name: ast.Member(span, target, name), inner, members),
        st.builds(piped, names, arguments, st.booleans()),
        st.builds(function, collections, inner, inner, st.lists(names, max_size=2), st.booleans()),
        spanned(ast.ListExpr, st.lists(inner, max_size=3)),
        spanned(ast.MapExpr, st.lists(st.tuples(keys | inner, inner), max_size=2)),
    )


trees = st.recursive(literals | spanned(ast.Name, names), extend, max_leaves=12)


def plain(node: Any) -> Any:
    """A tree as tuples without spans; numbers with their type."""
    if isinstance(node, list):
        return [plain(item) for item in node]
    if isinstance(node, tuple):
        return tuple(plain(item) for item in node)
    if not isinstance(node, Node):
        return type(node).__name__, node
    fields = [name for name in node.node_fields() if not name.endswith("span")]
    return type(node).__name__, *(plain(getattr(node, name)) for name in fields)


def read(text: str) -> tuple[ast.Expr | None, Reporter]:
    source = Source(text)
    reporter = Reporter(source)
    return parse_expression(text, TextPlace(source), reporter), reporter


@given(trees)
def test_printed_trees_read_back(tree: ast.Expr) -> None:
    text = expression_text(tree)
    again, reporter = read(text)
    assert again is not None, (text, [str(diag) for diag in reporter.diagnostics])
    assert plain(again) == plain(tree)
    assert not reporter.diagnostics
    assert expression_text(again) == text


@given(trees)
def test_spans_lie_inside_their_parents(tree: ast.Expr) -> None:
    text = expression_text(tree)
    again, _ = read(text)
    assert again is not None
    whole = Source(text).span(0, len(text))
    for node in walk(again):
        assert _inside(node.span, whole)


def _inside(inner: Span, outer: Span) -> bool:
    return (
        (outer.line, outer.column)
        <= (inner.line, inner.column)
        <= (inner.end_line, inner.end_column)
        <= (
            outer.end_line,
            outer.end_column,
        )
    )


@given(st.lists(trees | texts, min_size=1, max_size=4))
def test_interpolations_read_back(parts: list[Any]) -> None:
    merged: list[Any] = []
    for part in parts:
        if part == "":
            continue
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif isinstance(part, str) or not merged or isinstance(merged[-1], str):
            merged.append(part)
        else:
            merged += [" ", part]
    # A text that ends with `$` before an expression cannot be written as such.
    merged = [part.rstrip("$") + "." if isinstance(part, str) else part for part in merged]
    if not any(isinstance(part, ast.Expr) for part in merged):
        merged.append(ast.Name(NOWHERE, "a"))
    text = interpolated_text(ast.Interpolation(NOWHERE, merged))
    source = Source(text)
    reporter = Reporter(source)
    again = parse_text(text, TextPlace(source), reporter, templates=False)
    assert isinstance(again, ast.Interpolation), [str(diag) for diag in reporter.diagnostics]
    assert plain(again.parts) == plain(merged)


_WORDS = """
a b 1 2.5 30s 'x' "y ' " ( ) [ ] { } ${ $${ } {{ }} {{- -}} {% %} {%- -%} . ?. ?[ ? : ?? | || && & ! = == != < <= => >=
+ - * / % , .5 1m30s in not and or contains null true x.y-z if endif for endfor in else elsif case when raw endraw
comment endcomment assign capture limit: reversed \\ # @ ; \u00a0 list<int> enum( +5 -0.5 += 999999999999999999999 1e999
1e99999s '\\ud800'
"""
_words = st.sampled_from([*_WORDS.split(), "\n", "\u00a0"])
_soup = st.lists(_words | st.text(max_size=2), max_size=14).flatmap(
    lambda words: st.sampled_from([" ".join(words), "".join(words)])
)


@given(_soup | st.text(max_size=40))
def test_no_text_raises(text: str) -> None:
    source = Source(text)
    place = TextPlace(source)
    reporter = Reporter(source)
    readers: list[tuple[Any, tuple[Any, ...]]] = [
        (parse_expression, ()),
        (parse_value, ()),
        (parse_text, ()),
        (parse_template, ()),
        (parse_type, ()),
        (parse_condition, ("k", True)),
        (parse_condition_item, (True,)),
        (parse_effect, ("k",)),
        (parse_effect_item, ()),
    ]
    whole = source.span(0, len(text))
    for function, rest in readers:
        before = len(reporter.diagnostics)
        result = function(text, place, reporter, *rest)
        if result is None:
            assert any(diag.severity == "error" for diag in reporter.diagnostics[before:])
    for diag in reporter.diagnostics:
        assert _inside(diag.span, whole)
        assert str(diag)
