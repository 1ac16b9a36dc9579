"""What is said about malformed expressions: code, column, words, hint."""

from __future__ import annotations

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax.expressions import parse_expression
from abml.syntax.places import TextPlace

# text, column of the error, a part of what was found, a part of what was expected, a part of the hint
CASES = [
    ("oil >", 6, "the end", "a value", None),
    ("1 +", 4, "the end", "a value", None),
    ("a ? b", 6, "the end", "an operator or ':'", None),
    ("(a + b", 7, "the end", "an operator or ')'", "close the '(' of column 1"),
    ("a[1", 4, "the end", "an operator or ']'", "close the '[' of column 2"),
    ("{a: 1, b", 9, "the end", "':'", "close the '{' of column 1"),
    ("[1,,2]", 4, "','", "a value or ']'", None),
    ("f(a,)", 5, "')'", "a value", None),
    ("f(a b)", 5, "the name 'b'", "an operator, ',' or ')'", None),
    ("1 2", 3, "the number 2", "an operator or the end", None),
    ("a 'b'", 3, "the text 'b'", "an operator or the end", None),
    ("a 5s", 3, "the duration 5s", "an operator or the end", None),
    ("a | ", 4, "the end", "a function name", None),
    ("a.", 3, "the end", "a member name", None),
    ("a..b", 3, "'.b'", "a member name", None),
    ("'a'(1)", 4, "'('", "an operator", "only a function name"),
    ("a }", 3, "'}'", "an operator", "no '${' or '{' is open"),
    ("a )", 3, "')'", "an operator", "no '(' is open"),
    ("x = 5", 3, "'='", "an operator", "compare with '=='"),
    ("x == = 5", 6, "'='", "a value", "== != < <="),
    ("a === b", 5, "'='", "a value", "== != < <="),
    ("+1", 1, "'+'", "a value", "no unary plus"),
    ("a * +1", 5, "'+'", "a value", "no unary plus"),
    (".5", 1, "'.5'", "a value", "write 0.5"),
    ("5.", 3, "the end", "a member name", "leave out the point"),
    ("5. + 1", 4, "'+'", "a member name", "leave out the point"),
    ("a adn b", 3, "the name 'adn'", "an operator", "did you mean 'and'?"),
    ("a And b", 3, "the name 'And'", "an operator", "write 'and'"),
    ("a is b", 3, "the name 'is'", "an operator", "in"),
    ("a and and b", 7, "'and'", "a value", "written twice"),
    ("a & b", 3, "'&'", "an operator", "'&&'"),
    ("a <> b", 4, "'>'", "a value", "'!='"),
    ("a ** b", 4, "'*'", "a value", "pow(base, exponent)"),
    ("a == not b", 6, "'not'", "a value", "write '!' here"),
    ("'abc", 1, "a single quote", "a value", "close the text with another '"),
    ('f("x)', 3, "a double quote", "a value", 'close the text with another "'),
    ("1m30s", 1, "'1m30s'", "a value", "duration('1m30s')"),
    ("0x1F", 1, "'0x1F'", "a value", "decimal"),
    ("1_000", 1, "'1_000'", "a value", "leave the '_' out"),
    ("3px", 1, "'3px'", "a value", "operator between"),
    ("\u201ca\u201d", 1, "'\u201c'", "a value", "straight quotes"),
    ("a # b", 3, "'#'", "an operator", "no comments"),
    ("a; b", 2, "';'", "an operator", "without ';'"),
    ("a\u00a0+ b", 2, "U+00A0", "an operator", "no-break space"),
    ("lit ?[1] : [2]", 10, "':'", "an operator", "put a space between '?' and '['"),
    ("l | count + 1", 11, "'+'", "the end", "in parentheses"),
    ("${a} ${b}", 6, "'${'", "an operator or the end", None),
    ("a => b, c", 7, "','", "the end", None),
    ("null = 1", 6, "'='", "an operator", "compare with '=='"),
    ("f(a)(b)", 5, "'('", "an operator", "only a function name"),
    ("c.0(b)", 4, "'('", "an operator", "only a function name"),
]  # fmt: skip


def report(text: str) -> Reporter:
    source = Source(text)
    reporter = Reporter(source)
    assert parse_expression(text, TextPlace(source), reporter) is None
    assert len(reporter.diagnostics) == 1
    return reporter


@pytest.mark.parametrize(("text", "column", "found", "expected", "hint"), CASES)
def test_syntax_error(text: str, column: int, found: str, expected: str, hint: str | None) -> None:
    (diag,) = report(text).diagnostics
    assert diag.code == "ABML130"
    assert diag.span.column == column
    said, _, wanted = diag.message.partition(", expected ")
    assert said.startswith(f"expression syntax: found {found}") or found in said
    assert f"at column {column}" in said
    assert wanted.startswith(expected)
    if hint is None:
        assert diag.help is None
    else:
        assert diag.help is not None and hint in diag.help


@pytest.mark.parametrize(("text", "column"), [("${a", 1), ("b + ${a", 5), ("${ (a", 1), ("${a + ${b}", 1)])
def test_unclosed(text: str, column: int) -> None:
    (diag,) = report(text).diagnostics
    assert (diag.code, diag.span.column) == ("ABML131", column)


@pytest.mark.parametrize(("text", "column"), [("", 1), ("  \n ", 1), ("${}", 1), ("a + ${ }", 5)])
def test_empty(text: str, column: int) -> None:
    (diag,) = report(text).diagnostics
    assert (diag.code, diag.span.column) == ("ABML132", column)


def test_empty_names_the_field() -> None:
    reporter = Reporter(None)
    assert parse_expression(" ", TextPlace(Source(" ")), reporter, what="condition") is None
    assert reporter.diagnostics[0].message == "the condition is empty"


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("1 < x < 5", "1 < x && x < 5"),
        ("a + 1 == b == c.d", "a + 1 == b && b == c.d"),
        ("a in b in c", "a in b && b in c"),
    ],
)
def test_chain_suggestion(text: str, suggestion: str) -> None:
    (diag,) = report(text).diagnostics
    assert diag.code == "ABML133"
    assert diag.help is not None and f"'{suggestion}'" in diag.help


def test_fix_of_negated_membership() -> None:
    source = Source("a && !k in bag")
    reporter = Reporter(source)
    assert parse_expression(source.text, TextPlace(source), reporter) is not None
    (diag,) = reporter.diagnostics
    assert diag.fix is not None
    assert diag.fix.replacement == "!(k in bag)"
    assert (diag.fix.span.column, diag.fix.span.end_column) == (6, 15)


def test_suggestion_for_coalescing() -> None:
    source = Source("hunger ?? 0 > 1")
    reporter = Reporter(source)
    assert parse_expression(source.text, TextPlace(source), reporter) is not None
    assert reporter.diagnostics[0].help is not None
    assert "'(hunger ?? 0) > 1'" in reporter.diagnostics[0].help


def test_lambda_is_marked() -> None:
    (diag,) = report("upper(x => x) + 1").diagnostics
    assert (diag.code, diag.span.column, diag.span.end_column) == ("ABML136", 7, 13)


@pytest.mark.parametrize("text", ["'\\ud800'", "'\\u{110000}'", "'\\udc00x'", "'\\ud800\\n'", "'a\\ud83d b'"])
def test_escapes_without_character(text: str) -> None:
    (diag,) = report(text).diagnostics
    assert diag.code == "ABML130"
    assert "names no character" in diag.message
    assert diag.span.column == text.index("\\") + 1


def test_number_without_literal() -> None:
    (diag,) = report("1 + 1e999").diagnostics
    assert (diag.code, diag.span.column) == ("ABML130", 5)
    assert "too large" in diag.message
