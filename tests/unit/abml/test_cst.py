"""The concrete syntax tree: nodes, the YAML profile, aliases, limits, errors."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abml.diagnostics import Reporter
from abml.environment import Limits
from abml.source import Source
from abml.syntax.cst import MAX_DEPTH, CstMapping, CstNode, CstScalar, CstSequence, plain_value, read


def reading(text: str, limits: Limits | None = None) -> tuple[CstNode | None, Reporter]:
    source = Source(text, "dock.yml")
    reporter = Reporter(source)
    return read(source, reporter, limits), reporter


def good(text: str) -> CstNode:
    """The root of a text that is read without a finding."""
    node, reporter = reading(text)
    assert not reporter.diagnostics
    assert node is not None
    return node


def value(node: CstNode) -> Any:
    """The tree as plain values; a mapping as a list of pairs when keys repeat."""
    if isinstance(node, CstScalar):
        return node.value
    if isinstance(node, CstSequence):
        return [value(item) for item in node]
    pairs = [(key.value, value(item)) for key, item in node]
    return dict(pairs) if len(dict(pairs)) == len(pairs) else pairs


def codes(text: str, limits: Limits | None = None) -> list[str]:
    return [diag.code for diag in reading(text, limits)[1].diagnostics]


def error(text: str) -> tuple[int, int, str]:
    """Line, column and message of the only error of a text."""
    (diag,) = reading(text)[1].diagnostics
    assert diag.severity == "error"
    return diag.span.line, diag.span.column, f"{diag.message} | {diag.help or ''}"


# --- values -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0), ("7", 7), ("-3", -3), ("2.50", 2.5), ("1e3", 1000.0), ("1.5E-2", 0.015),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("True", True), ("NULL", None), ("FALSE", False),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("tRue", "tRue"),
        ("+5", "+5"), (".5", ".5"), ("5.", "5."), ("012", "012"), ("0x1F", "0x1F"), ("0o17", "0o17"),
        (".inf", ".inf"), (".nan", ".nan"), ("1_000", "1_000"), ("08:00", "08:00"), ("1:30", "1:30"),
        ("2024-01-02", "2024-01-02"), ("-", "-"), ("--5", "--5"), ("5s", "5s"), ("٣", "٣"), ("1e", "1e"),
        ("9223372036854775808", 9223372036854775808.0),
    ],
)  # fmt: skip
def test_plain_values(text: str, expected: object) -> None:
    assert plain_value(text) == expected
    assert type(plain_value(text)) is type(expected)


def test_a_number_of_a_million_digits_is_read() -> None:
    assert plain_value("9" * 1_000_000) == float("inf")


@pytest.mark.parametrize("quoted", ['"7"', "'true'", '"null"', "!!str 7", "! 7"])
def test_quotes_and_the_string_tag_make_texts(quoted: str) -> None:
    assert isinstance(value(good(f"x: {quoted}\n"))["x"], str)


def test_all_styles() -> None:
    root = good("a: plain\nb: 'single'\nc: \"double\"\nd: |\n  literal\ne: >\n  folded\n")
    assert isinstance(root, CstMapping)
    styles = [item.style for _, item in root if isinstance(item, CstScalar)]
    assert styles == ["plain", "single", "double", "literal", "folded"]


def test_repeated_keys_are_kept_in_order() -> None:
    assert value(good("if: 1\nthen: 2\nif: 3\nthen: 4\n")) == [("if", 1), ("then", 2), ("if", 3), ("then", 4)]


def test_get_gives_the_first_entry() -> None:
    root = good("a: 1\nb: 2\na: 3\n")
    assert isinstance(root, CstMapping)
    found = root.get("a")
    assert found is not None and value(found) == 1
    assert root.get("c") is None


@pytest.mark.parametrize("text", ["", "# a comment\n", "---\n", "\n\n", "\ufeff"])
def test_an_empty_text_is_a_null_scalar(text: str) -> None:
    node = good(text)
    assert isinstance(node, CstScalar) and node.value is None


def test_merge_keys_are_ordinary_keys() -> None:
    assert value(good("a: &a {x: 1}\nb: {<<: *a}\n"))["b"] == {"<<": {"x": 1}}


def test_empty_collections() -> None:
    root = good("a: []\nb: {}\n")
    assert value(root) == {"a": [], "b": {}}
    assert isinstance(root, CstMapping)
    assert [(item.span.column, item.span.end_column) for _, item in root] == [(4, 6), (4, 6)]


def test_null_values() -> None:
    assert value(good("a:\nb: ~\nc: [~, ]\n")) == {"a": None, "b": None, "c": [None]}


# --- spans --------------------------------------------------------------------


def test_spans_of_blocks_end_with_their_last_value() -> None:
    root = good("a:\n  - 1\n  - x: 2   # note\n\n\n# more\nb: 3\n")
    assert isinstance(root, CstMapping)
    block = root.entries[0][1]
    assert tuple(block.span)[1:] == (2, 3, 3, 9)
    assert tuple(root.span)[1:] == (1, 1, 7, 5)


def test_spans_skip_anchors_and_tags() -> None:
    root = good("a: &x !!str 12\nb: &y [1]\nc: &z # k: w\n  k: v\n")
    assert isinstance(root, CstMapping)
    assert [(item.span.line, item.span.column) for _, item in root] == [(1, 13), (2, 7), (4, 3)]


def test_spans_of_an_alias_are_those_of_its_anchor() -> None:
    root = good("a: &x 5\nb: *x\n")
    assert isinstance(root, CstMapping)
    assert root.entries[0][1] is root.entries[1][1]


def test_the_span_of_a_block_scalar_has_no_trailing_lines() -> None:
    root = good("a: |\n  one\n  two\n\n\nb: 1\n")
    assert isinstance(root, CstMapping)
    assert tuple(root.entries[0][1].span)[1:] == (1, 4, 3, 6)


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_columns_count_code_points(line_break: str) -> None:
    root = good(line_break.join(["é: 1", "𝄞𝄞: {灯: x}", ""]))
    assert isinstance(root, CstMapping)
    inner = root.entries[1][1]
    assert isinstance(inner, CstMapping)
    assert tuple(inner.entries[0][1].span)[1:] == (2, 9, 2, 10)


@pytest.mark.parametrize("char", ["\x85", "\u2028", "\u2029"])
def test_characters_that_only_yaml_1_1_breaks_lines_at_are_kept(char: str) -> None:
    root = good(f"a: x{char}y\nb: 1\n")
    assert value(root) == {"a": f"x{char}y", "b": 1}
    assert isinstance(root, CstMapping)
    assert root.entries[1][0].span.line == 2


def test_a_byte_order_mark_does_not_shift_lines() -> None:
    root = good("\ufeffa: 1\nb: 2\n")
    assert isinstance(root, CstMapping)
    assert tuple(root.entries[1][0].span)[1:] == (2, 1, 2, 2)
    assert tuple(root.entries[0][0].span)[1:] == (1, 2, 1, 3)


# --- place --------------------------------------------------------------------


def scalar(text: str) -> CstScalar:
    """The value of the only key."""
    root = good(text)
    assert isinstance(root, CstMapping)
    node = root.entries[0][1]
    assert isinstance(node, CstScalar)
    return node


def placed(node: CstScalar, word: str) -> str:
    """What stands in the source where `place` says that the word is."""
    at = node.text.index(word)
    span = node.place(at, at + len(word))
    source = node.source
    return source.text[source.offset(span.line, span.column) : source.offset(span.end_line, span.end_column)]


@pytest.mark.parametrize(
    "text",
    [
        "a: one two three\n",
        "a: 'one two three'\n",
        'a: "one two three"\n',
        "a: 'it''s one two three'\n",
        'a: "\\t\\u00e9 one \\"two\\" three"\n',
        "a: one\n  two\n  three\n",
        "a: one\n\n\n  two three\n",
        "a: 'one\n\n  two   three'\n",
        'a: "one \\\n   two\n  three"\n',
        "a: |\n  one\n  two three\n",
        "a: |-\n\n    one\n     two\n\n    three\n",
        "a: |2\n   one\n  two three\n",
        "a: >\n  one\n  two\n\n  three\n",
        "a: >-\n  one\n    two\n  three\n",
        "a: >\n\n\n  one\n\n\n  two\n  three\n\n\n",
        "a: |\r\n  one\r\n  two three\r\n",
        "a: one\r\n  two three\r\n",
        "\ufeffa: one two three\n",
        "a: &x one two three\n",
        "a: !!str one two three\n",
    ],
)
def test_place_finds_words_in_every_style(text: str) -> None:
    node = scalar(text)
    for word in ("one", "two", "three", "hre"):
        assert placed(node, word) == word


def test_place_of_an_escape_is_the_whole_escape() -> None:
    assert placed(scalar('a: "x\\u00e9y"\n'), "é") == "\\u00e9"
    assert placed(scalar("a: 'x''y'\n"), "'") == "''"


def test_place_of_the_end_is_a_point_behind_the_text() -> None:
    node = scalar("a: 'one'\n")
    assert tuple(node.place(3, 3))[1:] == (1, 8, 1, 8)
    folded = scalar("a: >\n  one\n  two\n")
    end = folded.place(len(folded.text), len(folded.text))
    assert (end.line, end.column) == (3, 6)


# --- aliases and limits -------------------------------------------------------


def test_aliases_share_their_node() -> None:
    assert value(good("a: &x [1, 2]\nb: [*x, *x]\n")) == {"a": [1, 2], "b": [[1, 2], [1, 2]]}


def test_an_unknown_alias_is_an_error() -> None:
    line, column, message = error("a: *ghost\n")
    assert (line, column) == (1, 4) and "*ghost" in message


def test_a_recursive_alias_is_an_error() -> None:
    line, column, message = error("a: &x [1, *x]\n")
    assert (line, column) == (1, 11) and "inside its own anchor" in message


def bomb(levels: int) -> str:
    lines = ["x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    for level in range(1, levels):
        lines.append(f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 9)}]")
    return "\n".join(lines) + "\n"


def test_an_alias_bomb_is_refused_quickly() -> None:
    began = time.perf_counter()
    assert codes(bomb(40)) == ["ABML116"]
    assert time.perf_counter() - began < 1


def test_the_node_limit_counts_aliases_expanded() -> None:
    limits = Limits(max_nodes=1_000)
    assert codes(bomb(3), limits) == []
    assert codes(bomb(4), limits) == ["ABML116"]


def test_the_node_limit_is_exact() -> None:
    limits = Limits(max_nodes=1_000)
    assert codes("[" + "1, " * 999 + "]\n", limits) == []
    assert codes("[" + "1, " * 1_000 + "]\n", limits) == ["ABML116"]


def test_the_size_limit_counts_bytes() -> None:
    limits = Limits(max_document_bytes=64 * 1024)
    fits = "a: " + "é" * (32 * 1024 - 2)
    assert codes(fits, limits) == []
    assert codes(fits + "é", limits) == ["ABML116"]


def test_the_depth_limit_counts_aliases_expanded() -> None:
    assert codes("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert codes("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == ["ABML116"]
    chain = "x0: &x0 [1]\n" + "".join(f"x{i}: &x{i} [*x{i - 1}]\n" for i in range(1, MAX_DEPTH + 5))
    assert codes(chain) == ["ABML116"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "[" * 50_000 + "]" * 50_000,
        "[\n" * 50_000,
        "{a: " * 50_000,
        "- " * 50_000,
        "? " * 50_000,
        "[a, " * 50_000,
        "[${ " * 50_000,
        "a: ${ '\n" * 20_000,
        "- {{ a\n  b\n" * 20_000,
        '"' + "\\" * 500_000,
        "a:" * 500_000,
        "\r" * 500_000,
        " #" * 500_000,
        "&a " * 50_000,
        "!" * 100_000,
        "a: |\n" + "\n" * 500_000,
        "x: [${a ? 'b : c\n" * 20_000,
    ],
    ids=range(18),
)
def test_hostile_texts_take_no_time(text: str) -> None:
    began = time.perf_counter()
    reading(text)
    assert time.perf_counter() - began < 5


# --- errors -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("flows: [", (1, 9), "close all brackets"),
        ("a: [1, 2\nb: 3\n", (2, 2), "closing ']'"),
        ("a: {b: 1\nc: 3\n", (2, 2), "closing '}'"),
        ("a: tide: high\n", (1, 8), "': '"),
        ('a: "open\nb: 1\n', (2, 5), "never closed"),
        ("a:\n\t- b\n", (2, 1), "tab"),
        ("a:\n  b: 1\n\tc: 2\n", (3, 1), "tab"),
        ("a: `b`\n", (1, 4), "'`' needs quotes"),
        ("a: %b\n", (1, 4), "'%' needs quotes"),
        ("- a\nb: 1\n", (2, 1), "does not fit"),
        ("a: 1\n  b: 2\n", (2, 4), "': '"),
        ("a:\n   b: 1\n  c: 2\n", (3, 3), "does not fit"),
        ("a: b\nc\nd: 1\n", (2, 1), "without ':'"),
        ("a: *\n", (1, 5), "no name follows"),
        ('a: "\\q"\n', (1, 5), "'\\'"),
        ("a: 1\n---\nb: 2\n", (2, 1), "second document"),
        ("a: |x\n  b\n", (1, 5), "comment"),
        ("a: b\x01c\n", (1, 5), "U+0001"),
        ("é: b\x00c\n", (1, 5), "zero byte"),
        ("a: b\ud800c\n", (1, 5), "half of a pair"),
        ("%FOO bar\n", None, ""),
    ],
)
def test_yaml_errors_in_plain_words(text: str, place: tuple[int, int] | None, part: str) -> None:
    if place is None:
        reading(text)
        return
    line, column, message = error(text)
    assert part in message
    assert (line, column) == place


def test_a_line_without_a_colon_is_marked_whole() -> None:
    (diag,) = reading("a: b\nsome words\nd: 1\n")[1].diagnostics
    assert tuple(diag.span)[1:] == (2, 1, 2, 11)


@pytest.mark.parametrize(("text", "code"), [("a: !!int 3\n", "ABML110"), ("a: !thing {x: 1}\n", "ABML110")])
def test_other_tags_are_refused(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_collection_tags_that_say_nothing_new_are_read() -> None:
    assert value(good("a: !!map {x: 1}\nb: !!seq [1]\n")) == {"a": {"x": 1}, "b": [1]}


def test_a_key_must_be_a_scalar() -> None:
    node, reporter = reading("? [a, b]\n: 1\n{x: 1}: 2\n")
    assert [diag.code for diag in reporter.diagnostics] == ["ABML110", "ABML110"]
    assert isinstance(node, CstMapping)
    assert [key.text for key, _ in node] == ["[a, b]", "{x: 1}"]


# --- any text -----------------------------------------------------------------

_PIECES = st.sampled_from(
    ["a: ", "- ", "\n", "  ", "\t", "[", "]", "{", "}", ", ", ": ", "@b.c", "${x ? 1 : 2}", "${", "}", "{{ n }}", "{%",
     "'", '"', "\\", "|", ">", "|-\n", " #", "&a ", "*a", "!!str ", "!x ", "---\n", "...\n", "? ", "key", "7", "~",
     "\r", "\r\n", "\x85", "\u2028", "\ufeff", "é", "𝄞", "\x00", "\ud800", "%", "`", "<<: "]
)  # fmt: skip


def check_tree(text: str) -> None:
    """Whatever the text: no exception, spans inside the text, plain texts where their spans say."""
    source = Source(text)
    reporter = Reporter(source)
    root = read(source, reporter)
    for diag in reporter.diagnostics:
        assert str(diag)
        assert 1 <= diag.span.line <= text.count("\n") + 1
    if root is None:
        assert reporter.has_errors
        return
    todo: list[CstNode] = [root]
    while todo:
        node = todo.pop()
        assert 0 <= node.start <= node.end <= len(text)
        assert (node.span.line, node.span.column) == source.position(node.start)
        assert (node.span.end_line, node.span.end_column) == source.position(node.end)
        if isinstance(node, CstMapping):
            for key, item in node:
                todo += (key, item)
        elif isinstance(node, CstSequence):
            todo += node.items
        else:
            raw = text[node.start : node.end]
            if node.style == "plain" and not raw.startswith("*") and not set(raw) & set("\r\n\t"):
                assert raw == node.text
            for at in range(len(node.text) + 1):
                span = node.place(at, min(at + 2, len(node.text)))
                assert (node.span.line, node.span.column) <= (span.line, span.column)
                assert (span.end_line, span.end_column) <= (node.span.end_line, node.span.end_column)


@given(st.text())
def test_any_text(text: str) -> None:
    check_tree(text)


@given(st.lists(_PIECES, max_size=30).map("".join))
@example("[@{{ n }}a]")
@example("\ufeff\ufeffa: ")
@example("&a \x85")
@example("? ")
@example("a: &b # c\n  d: 1\n")
def test_any_mixture_of_yaml(text: str) -> None:
    check_tree(text)


_DOCUMENT = """\
version: "3.0"
metadata: {id: lamp, tags: [a, 'b']}
flows:
  main:
    - log: "oil ${oil}"   # note
    - when: ${calm ? 'low' : 'sharp'}
      wait_for: @crane.hooked
    - text: |
        {{ boat }}
          docks
    - [@a, ${b}, "c"]
"""


@given(st.lists(st.tuples(st.integers(0, len(_DOCUMENT)), st.integers(0, 3), _PIECES), max_size=3))
def test_any_change_of_a_document(changes: list[tuple[int, int, str]]) -> None:
    text = _DOCUMENT
    for at, removed, piece in changes:
        text = text[:at] + piece + text[at + removed :]
    check_tree(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), min_size=1))
def test_a_quoted_text_is_read_back(text: str) -> None:
    quoted = text.replace("'", "''")
    if any(0x7F <= ord(char) <= 0x9F for char in text):
        return
    node = scalar(f"a: '{quoted}'\n")
    assert node.text == text
