"""Value fields: literals, whole `${e}` and texts with `${}` inside (language reference 0.4)."""

from __future__ import annotations

from abml.diagnostics import Reporter
from abml.values import parse_number

from . import ast
from .expressions import MAX_DEPTH, TreeBuilder
from .lexer import find_close
from .places import Place

_BLANKS = " \t\r\n"
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_NUMBER_STARTS = frozenset("-0123456789")


def parse_value(text: str, place: Place, reporter: Reporter, max_depth: int = MAX_DEPTH) -> ast.Expr:
    """Read a string scalar of a value field.

    Args:
        text: the decoded text; numbers, booleans and nulls of YAML are not
            brought here.
        place: maps offsets to spans; its `style`, when it has one, decides
            whether blanks around a text belong to it.
        reporter: gets what is wrong with each `${}`.
        max_depth: most levels of nesting of an expression.

    Returns:
        The expression of a whole `${e}`; an `Interpolation` of a text with
        `${}` inside; else a `Literal`, with `raw` when the text was read as
        number, bool or null, and with `bare` when it is a text. After an error
        that was reported, a `Literal` of None.
    """
    if "${" not in text:
        return _plain(text, place)
    reader = TreeBuilder(text, place, reporter, max_depth)
    start, end = _trimmed(text)
    if text.startswith("${", start) and find_close(text, start + 2, end)[0] == end - 1:
        whole = read_braces(reader, start, end - 1)
        return whole if whole is not None else ast.Literal(reader.span(0, len(text)), None)
    if getattr(place, "style", None) != "folded":
        start, end = 0, len(text)
    return read_interpolation(reader, start, end, bare=True)


def _trimmed(text: str) -> tuple[int, int]:
    """The range of a text without the blanks around it."""
    start, end = 0, len(text)
    while end > start and text[end - 1] in _BLANKS:
        end -= 1
    while start < end and text[start] in _BLANKS:
        start += 1
    return start, end


def _plain(text: str, place: Place) -> ast.Expr:
    """A literal without any `${`: number, word or text."""
    span = place.place(0, len(text))
    trimmed = text.strip(_BLANKS)
    if trimmed:
        if trimmed[0] in _NUMBER_STARTS:
            number = parse_number(trimmed)
            if number is not None:
                return ast.Literal(span, number, text)
        elif len(trimmed) <= 5:
            lowered = trimmed.lower()
            if lowered in _WORDS:
                return ast.Literal(span, _WORDS[lowered], text)
    return ast.Literal(span, trimmed if getattr(place, "style", None) == "folded" else text, None, True)


def read_braces(reader: TreeBuilder, opening: int, closing: int) -> ast.Expr | None:
    """The expression of one `${ … }`, given the offsets of its `$` and its `}`."""
    if not reader.text[opening + 2 : closing].strip(_BLANKS):
        reader.error(132, reader.span(opening, closing + 1), what="expression")
        return None
    result: ast.Expr | None = reader.read("expression", opening + 2, closing)
    return result


def skip_unclosed(reader: TreeBuilder, opening: int, quote: int, end: int) -> int:
    """Report a `${` that is never closed; the offset after it where reading goes on, or `end`.

    Args:
        opening: offset of the `$`.
        quote: offset of a quote inside that is never closed, or -1.
    """
    plain_end = reader.text.find("}", opening, end)
    if quote < 0 or plain_end < 0:
        reader.error(131, reader.span(opening, opening + 2))
        return end
    # The quote swallowed the brace: say so, and go on behind the first brace.
    reader.failed = True
    reader.read("expression", opening + 2, max(plain_end, quote + 1))
    return max(plain_end, quote) + 1


def read_interpolation(reader: TreeBuilder, start: int, end: int, *, bare: bool = False) -> ast.Expr:
    """A text with `${}` inside; each is read, whatever is wrong with the others.

    Args:
        bare: mark a result without any expression as a literal of a value field.

    Returns:
        An `Interpolation`, or a `Literal` when the text holds only `$${` escapes
        (or, after an error, None).
    """
    text = reader.text
    parts: list[str | ast.Expr] = []
    sources: list[str | None] = []
    pending: list[str] = []
    failed = False
    at = start
    while at < end:
        opening = text.find("${", at, end)
        if opening < 0:
            pending.append(text[at:end])
            break
        if opening > at and text[opening - 1] == "$":
            pending.append(text[at : opening - 1])
            pending.append("${")
            at = opening + 2
            continue
        pending.append(text[at:opening])
        closing, quote = find_close(text, opening + 2, end)
        if closing < 0:
            failed = True
            at = skip_unclosed(reader, opening, quote, end)
            continue
        at = closing + 1
        node = read_braces(reader, opening, closing)
        if node is None:
            failed = True
            continue
        before = "".join(pending)
        pending.clear()
        if before:
            parts.append(before)
            sources.append(None)
        parts.append(node)
        sources.append(text[opening:at])
    span = reader.span(start, end)
    if failed:
        return ast.Literal(span, None)
    after = "".join(pending)
    if not parts:
        return ast.Literal(span, after, None, bare)
    if after:
        parts.append(after)
        sources.append(None)
    return ast.Interpolation(span, parts, None, sources)
