"""Source repairs R1 to R3."""

from __future__ import annotations

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax.cst import CstMapping, CstNode, CstScalar, read
from abml.syntax.repairs import repair


def repaired(text: str) -> str:
    return repair(Source(text)).text


def rules(text: str) -> list[str]:
    return [item.rule for item in repair(Source(text)).made]


def reading(text: str) -> tuple[CstNode, Reporter]:
    source = Source(text, "dock.yml")
    reporter = Reporter(source)
    node = read(source, reporter)
    assert node is not None, reporter.diagnostics
    return node, reporter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # R1: values and list items that begin with @.
        ("- wait_for: @crane.hooked\n", "- wait_for: '@crane.hooked'\n"),
        ("- @crane.hooked\n", "- '@crane.hooked'\n"),
        ("- - @a\n", "- - '@a'\n"),
        ("a: @b   # c\n", "a: '@b'   # c\n"),
        ("a: @b\r\n", "a: '@b'\r\n"),
        ("a: [@b.c, @d]\n", "a: ['@b.c', '@d']\n"),
        ("a: {any_of: [@b, x], c: @d}\n", "a: {any_of: ['@b', x], c: '@d'}\n"),
        ("[@b${c}.d, @{{ e }}]\n", "['@b${c}.d', '@{{ e }}']\n"),
        ("a: [\n  @b,\n  @c # d\n]\n", "a: [\n  '@b',\n  '@c' # d\n]\n"),
        ('"k": @b\n', "\"k\": '@b'\n"),
        ("if x == 'y: z': @b\n", "if x == 'y: z': @b\n"),
        # R2 in blocks: only what YAML would cut or reject.
        ("a: ${x ? 'l' : 's'}\n", "a: '${x ? ''l'' : ''s''}'\n"),
        ("a: ${x # y}\n", "a: '${x # y}'\n"),
        ("a: ${x}\n", "a: ${x}\n"),
        ("a: ${x} # note\n", "a: ${x} # note\n"),
        ("a: ${x ? 1 : 2} # note\n", "a: '${x ? 1 : 2}' # note\n"),
        ("a: ${x} and: ${y}\n", "a: '${x} and: ${y}'\n"),
        ("- ${x ? 1 : 2}\n", "- '${x ? 1 : 2}'\n"),
        ("- ${x}: 2\n", "- ${x}: 2\n"),
        ("a: ${x ?\n  1 : 2}\nb: 1\n", "a: '${x ?\n  1 : 2}'\nb: 1\n"),
        ("a: ${f('}: ')}\n", "a: '${f(''}: '')}'\n"),
        ("a: ${ {k: 1}.k }\n", "a: '${ {k: 1}.k }'\n"),
        # R2 in flow collections: always, up to the closing brace.
        ("[${a}, ${b.c}]\n", "['${a}', '${b.c}']\n"),
        ("{a: ${b}, c: 1}\n", "{a: '${b}', c: 1}\n"),
        ("{a: ${[1, 2]}, c: 1}\n", "{a: '${[1, 2]}', c: 1}\n"),
        ("{a: ${b ? 'x, y' : z}}\n", "{a: '${b ? ''x, y'' : z}'}\n"),
        ("{a: ${b} > 3, c: ${d}${e}}\n", "{a: '${b} > 3', c: '${d}${e}'}\n"),
        ("a: [x,\n  ${y}]\n", "a: [x,\n  '${y}']\n"),
        # R3.
        ("text: {{ boat.name }} docks\n", "text: '{{ boat.name }} docks'\n"),
        ("text: {% if a %}b: c{% endif %} # d\n", "text: '{% if a %}b: c{% endif %}' # d\n"),
        ("- {{ a }}\n", "- '{{ a }}'\n"),
        ("a: {{ b }}\n  goes on\nc: 1\n", "a: '{{ b }}\n  goes on'\nc: 1\n"),
        ("[{{ a }}, {{ b | join: ', ' }} c]\n", "['{{ a }}', '{{ b | join: '', '' }} c']\n"),
    ],
)
def test_repaired_text(text: str, expected: str) -> None:
    assert repaired(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'a: "${x ? 1 : 2}"\n',
        "a: '@b'\n",
        "a: |\n  @b\n  ${x : y}\n  k: {{ z }}\n",
        "a: >-\n  @b\n\n  - @c\nd: 1\n",
        "- |\n @b\n",
        "a:\n  - b: |\n      @c\n    d: 1\n",
        "a: 'one\n  @two'\n",
        'a: "one\n  - @two\n  x: ${y : z}"\n',
        "a: one\n  @two\n",
        "a: b@c\n",
        "# - @b\n",
        "a: 1 # x: @b\n",
        "a: {b: {c: 1}}\n",
        "a: [{b: [1, {c: 2}]}]\n",
        "a: x ${y ? 1 : 2}\n",
        "a: &b\n  c: 1\n",
        "--- |\n  @a\n",
    ],
)
def test_texts_that_stay_as_they_are(text: str) -> None:
    assert repaired(text) == text


def test_after_a_block_scalar_repairs_go_on() -> None:
    assert rules("a: |\n  @b\nc: @d\n") == ["R1"]
    assert rules("x:\n  - a: |\n      @b\n    c: @d\n") == ["R1"]


@pytest.mark.parametrize("quiet", ["a: 1\n", "- b\n", "# c\n", "\n", "k: 'x'\n", "- {a: [1, 'b']} # d\n"])
def test_lines_that_are_stepped_over_at_once_change_nothing(quiet: str) -> None:
    """Runs of simple lines are skipped by one match; the line after them is read as if they had not been."""
    for text in ("a: one\n  @two\n", "a: |\n  @b\n", "- k: @b\n", "a: 'x\n  @b'\n", "a: [\n  ${b}]\n"):
        assert rules(quiet * 3 + text) == rules(text)


def test_a_continuation_after_quiet_lines_is_no_value() -> None:
    assert rules("a: 1\nb: two\n  lines\n  @three\nc: @d\n") == ["R1"]
    assert rules("a:\n  b: two\n# note\nc: @d\n") == ["R1"]


def test_a_reference_with_a_colon_is_left_to_yaml() -> None:
    assert rules("- a: @b: c\n") == []


def test_each_repair_is_reported_with_a_fix_that_gives_the_same_tree() -> None:
    text = "a: @b\nc: [${d}, 'e']\nf: {{ g }}: it's\nh: ${i ? 'j' : k}\n"
    node, reporter = reading(text)
    assert [(diag.code, diag.severity) for diag in reporter.diagnostics] == [("ABML103", "info")] * 4
    source = Source(text)
    for diag in reversed(reporter.diagnostics):
        assert diag.fix is not None
        start = source.offset(diag.fix.span.line, diag.fix.span.column)
        end = source.offset(diag.fix.span.end_line, diag.fix.span.end_column)
        text = text[:start] + diag.fix.replacement + text[end:]
    mended, after = reading(text)
    assert not after.diagnostics
    assert isinstance(node, CstMapping) and isinstance(mended, CstMapping)
    assert [key.text for key, _ in node] == [key.text for key, _ in mended]
    for (_, one), (_, two) in zip(node, mended, strict=True):
        if isinstance(one, CstScalar):
            assert isinstance(two, CstScalar) and one.value == two.value


def test_columns_refer_to_the_text_as_written() -> None:
    node, reporter = reading("a: {b: ${x ? 'l' : 's'}, c: @d, e: last}\nf: 1\n")
    assert [(diag.span.column, diag.span.end_column) for diag in reporter.diagnostics] == [(8, 24), (29, 31)]
    assert isinstance(node, CstMapping)
    inner = node.entries[0][1]
    assert isinstance(inner, CstMapping)
    b, c, e = (item for _, item in inner)
    assert (b.span.column, c.span.column, e.span.column) == (8, 29, 36)
    assert isinstance(b, CstScalar)
    assert b.style == "plain" and b.text == "${x ? 'l' : 's'}"
    at = b.text.index("'s'")
    assert b.place(at, at + 3).column == 8 + at
    assert node.entries[1][0].span.line == 2


def test_a_repair_behind_a_byte_order_mark() -> None:
    _, reporter = reading("\ufeffa: @b\n")
    assert [(d.span.line, d.span.column, d.span.end_column) for d in reporter.diagnostics] == [(1, 5, 7)]


def test_errors_after_a_repair_are_at_their_place() -> None:
    source = Source("a: {b: ${x}, c: [}\n")
    reporter = Reporter(source)
    assert read(source, reporter) is None
    assert [(d.code, d.span.column) for d in reporter.diagnostics] == [("ABML103", 8), ("ABML100", 18)]
