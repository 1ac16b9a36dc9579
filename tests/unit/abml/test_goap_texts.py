"""Reading planning conditions, effects and their list forms."""

from __future__ import annotations

from typing import Any

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import ast
from abml.syntax.expression_printer import expression_text
from abml.syntax.goap import (
    parse_condition,
    parse_condition_item,
    parse_effect,
    parse_effect_item,
    symbolic_fact,
)
from abml.syntax.places import TextPlace


def call(function: Any, text: str, *rest: Any) -> tuple[Any, list[str]]:
    source = Source(text)
    reporter = Reporter(source)
    entry = function(text, TextPlace(source), reporter, *rest)
    if entry is not None:
        assert entry.text == text
        value = entry.value
        found = (entry.key, entry.op, expression_text(value) if isinstance(value, ast.Expr) else value)
        entry = (*found, *entry.alternatives)
    return entry, [diag.code[4:] for diag in reporter.diagnostics]


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [
        (">= 2", ">=", 2),
        ("  <=-2.5 ", "<=", -2.5),
        ("> 1e3", ">", 1000.0),
        ("< x", "<", "x"),
        ("!= 'a b'", "!=", "a b"),
        ('== "7"', "==", "7"),
        ("= false", "==", False),
        ("true", "==", True),
        ("Null", "==", None),
        ("7", "==", 7),
        ("007", "==", "007"),
        ("pier", "==", "pier"),
        ("two words", "==", "two words"),
        ("'it is' so", "==", "'it is' so"),
        ("''", "==", ""),
        ("${limit + 1}", "==", "limit + 1"),
        ("> ${limit}", ">", "limit"),
    ],
)
def test_condition(text: str, op: str, value: object) -> None:
    entry, codes = call(parse_condition, text, "oil", True)
    assert codes == []
    assert entry == ("oil", op, value)
    assert type(entry[2]) is type(value)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["601"]),
        ("  ", ["601"]),
        (">=", ["601"]),
        ("== ", ["601"]),
        ("at ${x}", ["601"]),
        ("${x} y", ["601"]),
        ("${x", ["601"]),
        ("${x +}", ["130"]),
        ("${}", ["132"]),
    ],
)
def test_malformed_condition(text: str, codes: list[str]) -> None:
    assert call(parse_condition, text, "oil", True) == (None, codes)


def test_expressions_in_goals_only() -> None:
    assert call(parse_condition, "> ${x}", "oil") == (None, ["601"])
    assert call(parse_effect, "${x}", "oil") == (None, ["602"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+5", ("+", 5)),
        ("-5", ("-", 5)),
        ("- 0.25", ("-", 0.25)),
        ("5", ("=", 5)),
        ("0.4", ("=", 0.4)),
        ("true", ("=", True)),
        ("null", ("=", None)),
        ("tower", ("=", "tower")),
        ("'+5'", ("=", "+5")),
        ("= -5", ("=", -5)),
        ("=x y", ("=", "x y")),
        ("'a or b'", ("=", "a or b")),
        ("error", ("=", "error")),
    ],
)
def test_effect(text: str, expected: tuple[str, object]) -> None:
    assert call(parse_effect, text, "oil") == (("oil", *expected), [])


def test_alternatives() -> None:
    assert call(parse_effect, "+0.2 or -0.1 or = 3", "oil") == (("oil", "+", 0.2, ("-", 0.1), ("=", 3)), [])
    assert call(parse_effect, "'a or b' or c", "oil") == (("oil", "=", "a or b", ("=", "c")), [])


@pytest.mark.parametrize("text", ["", "+", "-x", "+ five", "=", "+1 or ", "+1 or +", " or +1", "+'5'", "+true"])
def test_malformed_effect(text: str) -> None:
    assert call(parse_effect, text, "oil") == (None, ["602"])


@pytest.mark.parametrize(
    ("text", "expected", "codes"),
    [
        ("oil >= 2", ("oil", ">=", 2), []),
        ("oil_cans=1", ("oil_cans", "==", 1), []),
        ("lamp.lit != true", ("lamp.lit", "!=", True), []),
        ("at == 'the pier'", ("at", "==", "the pier"), []),
        ("oil > ${n}", ("oil", ">", "n"), []),
        ("The lamp is lit!", ("the_lamp_is_lit", "==", True), ["608"]),
        ("lamp_lit", ("lamp_lit", "==", True), ["608"]),
        ("oil >", None, ["601"]),
        ("!?", None, ["601"]),
    ],
)
def test_condition_item(text: str, expected: object, codes: list[str]) -> None:
    assert call(parse_condition_item, text, True) == (expected, codes)


@pytest.mark.parametrize(
    ("text", "expected", "codes"),
    [
        ("oil += 2", ("oil", "+", 2), []),
        ("oil-=0.5", ("oil", "-", 0.5), []),
        ("oil = -1", ("oil", "=", -1), []),
        ("at = 'the pier'", ("at", "=", "the pier"), []),
        ("Lamp: lit", ("lamp_lit", "=", True), ["608"]),
        ("oil += much", None, ["602"]),
        ("oil =", None, ["602"]),
        ("--", None, ["602"]),
    ],
)
def test_effect_item(text: str, expected: object, codes: list[str]) -> None:
    assert call(parse_effect_item, text) == (expected, codes)


def test_symbolic_fact() -> None:
    assert symbolic_fact("  The Guard's   asleep (2) ") == "the_guard_s_asleep_2"
    assert symbolic_fact("\u00c4 b") == "b"


def test_reasons() -> None:
    source = Source("+five")
    reporter = Reporter(source)
    parse_effect("+five", TextPlace(source), reporter, "oil")
    assert reporter.diagnostics[0].message == "the effect on 'oil' is malformed: '+' needs a number, not 'five'"
    reporter = Reporter(source)
    parse_condition(">", TextPlace(source), reporter, "oil")
    assert reporter.diagnostics[0].message == "the condition of 'oil' is malformed: nothing follows '>'"
